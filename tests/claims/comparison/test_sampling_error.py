"""The errors that decide the claims have the size that they claim, for few runs and for many."""

import numpy as np
import pytest
from scipy import stats

from collide.claims.comparison.measurements import share_at_most
from collide.claims.comparison.sampling_error import draw_errors

DRAWS, STUDIES = 400, 1500


def simulate(runs, documents, random):
    """Return a number's bootstrap draws, with the runs alone varied and with both; the truth is 0, a run's deviation is 1."""
    found = random.standard_normal(runs)
    picked = found[random.integers(0, runs, (DRAWS, runs))].mean(axis=1)
    value = found.mean() + documents * random.standard_normal()
    errors = picked - found.mean()
    both = errors + documents * random.standard_normal(DRAWS)
    return tuple(np.concatenate([[value], value + drawn]) for drawn in (both, errors))


@pytest.mark.parametrize("runs", [2, 3, 10, 30])
@pytest.mark.parametrize("documents", [0.0, 2.0])
def test_at_most_5_per_cent_of_true_numbers_and_statements_are_called_false(runs, documents):
    random = np.random.default_rng(runs)
    wrong = np.zeros(2)
    for _ in range(STUDIES):
        draws, run_draws = simulate(runs, documents, random)
        papers = random.standard_normal(3).mean() + documents * random.standard_normal()
        errors = draw_errors(draws, run_draws, runs, 3)
        for place, values in enumerate((draws[0] + errors.ours - errors.papers - papers, draws[0] + errors.ours)):
            wrong[place] += 2 * min(share_at_most(values, 0.0), share_at_most(-values, 0.0)) <= 0.05
    # Three standard errors of the share.
    assert wrong.max() / STUDIES < 0.05 + 3 * np.sqrt(0.05 * 0.95 / STUDIES)


def test_the_interval_of_three_runs_is_students():
    """Equal to mean +- 4.30 s / sqrt(3), where bootstrap deviations are normal."""
    random = np.random.default_rng(0)
    errors = np.concatenate([[0.0], random.standard_normal(100_000)])
    # Three values of sample deviation 1 have a bootstrap deviation of sqrt(2) / 3.
    found = draw_errors(errors * np.sqrt(2) / 3, errors * np.sqrt(2) / 3, 3, 3)
    assert np.quantile(found.ours[1:], 0.975) == pytest.approx(4.303 / np.sqrt(3), rel=0.03)
    assert np.allclose(found.ours, found.of_runs)
    assert np.quantile(found.papers[1:], 0.975) == pytest.approx(4.303 / np.sqrt(3), rel=0.03)
    assert abs(stats.spearmanr(found.ours[1:], found.papers[1:]).statistic) < 0.02


def test_documents_are_no_matter_of_runs():
    draws = np.concatenate([[1.0], 1 + np.random.default_rng(0).standard_normal(1000)])
    found = draw_errors(draws, np.ones(1001), 3, 3)
    assert np.allclose(found.ours, draws - 1)
    assert np.allclose(np.sort(found.papers), np.sort(found.ours))
    assert not found.of_runs.any()


def test_a_number_without_any_spread_has_no_error():
    found = draw_errors(np.ones(11), np.ones(11), 3, 3)
    assert not np.concatenate([found.ours, found.of_runs, found.papers]).any()
