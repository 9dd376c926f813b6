"""The prediction-powered mean: known answers, limits, and coverage in simulations."""

from __future__ import annotations

import numpy as np
import pytest

from collide.annotation.ppi import Stratum, average_evaluator, choose_tuning, estimate_mean

EVALUATOR = np.array([7.0, 8, 6, 9, 7, 5, 8, 6, 7, 9, 4, 6])
HUMAN = np.array([5.0, 7, np.nan, 8, np.nan, 4, np.nan, np.nan, 6, np.nan, 2, np.nan])
RUNS = np.repeat(np.arange(3), 4)
STRATUM = Stratum(RUNS, EVALUATOR, HUMAN)


def test_without_weight_the_estimate_is_the_mean_of_the_human_ratings():
    found = estimate_mean([STRATUM], 0.0, 0.95)
    # Runs: 5, 7, 8 | 4 | 6, 2, with mean 16 / 3. Deviations of the runs' sums: 4, -4/3, -8/3; each / 6. Student t of 2 degrees.
    assert found.value == pytest.approx(16 / 3, abs=1e-12)
    deviation = np.sqrt(3 / 2 * (4**2 + (4 / 3) ** 2 + (8 / 3) ** 2) / 36)
    assert found.high == pytest.approx(min(10, 16 / 3 + 4.302652729911275 * deviation), abs=1e-9)
    assert found.low == pytest.approx(max(1, 16 / 3 - 4.302652729911275 * deviation), abs=1e-9)


def test_with_full_weight_the_estimate_is_the_evaluators_mean_less_its_bias():
    # The evaluator's mean is 82 / 12; on the rated items it is higher than the person by 2, 1, 1, 1, 1 and 2.
    assert estimate_mean([STRATUM], 1.0, 0.95).value == pytest.approx(82 / 12 - 8 / 6, abs=1e-12)


# Half of the ratings are human. ppi-python weighs the evaluator's ratings of the other half, and we weigh those of all items:
# its weight 0.5 is our 1. The weight that it chooses has the covariance with n in place of n - 1.
HALF = Stratum(RUNS, EVALUATOR, np.array([5.0, 7, np.nan, 8, np.nan, 6, np.nan, np.nan, 6, np.nan, 5, np.nan]))


@pytest.mark.parametrize(
    ("theirs", "tuning", "expected"), [(0.5, 1.0, 6.333333333333334), (None, choose_tuning([HALF]) * 5 / 6, 6.265873015873017)]
)
def test_tuning_and_estimate_are_those_of_ppi_python(theirs, tuning, expected):
    assert estimate_mean([HALF], tuning, 0.95).value == pytest.approx(expected, abs=1e-9)
    package = pytest.importorskip("ppi_py", reason="ppi-python is not installed; its answers are above")
    ratings = HALF.human[HALF.rated], EVALUATOR[HALF.rated], EVALUATOR[~HALF.rated]
    assert float(np.squeeze(package.ppi_mean_pointestimate(*ratings, lam=theirs))) == pytest.approx(expected, abs=1e-9)


def test_a_stratum_counts_by_its_number_of_items():
    small = Stratum(np.array([0, 1]), np.array([2.0, 3.0]), np.array([2.0, 3.0]))
    both = estimate_mean([STRATUM, small], 0.0, 0.95)
    assert both.value == pytest.approx((12 * 16 / 3 + 2 * 2.5) / 14, abs=1e-12)


@pytest.mark.parametrize(
    ("human", "note"),
    [
        ([np.nan] * 4, "no rated item"),
        ([5.0, 6.0, np.nan, np.nan], "fewer than two runs"),
        ([5.0, 6.0, 5.0, 6.0], "no difference between runs"),
    ],
)
def test_too_few_ratings_give_no_interval_and_say_why(human, note):
    found = estimate_mean([Stratum(np.array([0, 0, 1, 1]), np.full(4, 7.0), np.array(human))], 0.0, 0.95)
    assert (found.low, found.high) == (None, None)
    assert note in found.note


def test_intervals_stay_within_the_scale():
    stratum = Stratum(np.array([0, 1]), np.array([10.0, 9.0]), np.array([10.0, 8.0]))
    found = estimate_mean([stratum], 1.0, 0.95)
    assert (found.low, found.high) == (1, 10)


def test_an_evaluator_that_tells_nothing_gets_no_weight():
    equal = Stratum(RUNS, np.full(12, 7.0), HUMAN)
    opposed = Stratum(RUNS, 10 - EVALUATOR, HUMAN)
    assert choose_tuning([equal]) == choose_tuning([opposed]) == 0.0
    assert choose_tuning([STRATUM]) == 1.0


def test_the_evaluators_own_mean_has_an_interval_over_runs():
    found = average_evaluator([STRATUM], 0.95)
    # Means of the runs: 7.5, 6.5, 6.5.
    assert found.value == pytest.approx(82 / 12, abs=1e-12)
    assert found.high - found.value == pytest.approx(4.302652729911275 * np.std([7.5, 6.5, 6.5], ddof=1) / np.sqrt(3), abs=1e-9)


def draw_cell(random, runs, items, rated, spread_evenly):
    """Return a cell whose evaluator is 1.2 too high on average and by another amount in each run."""
    quality = 6 + random.normal(0, 0.5, (runs, 1)) + random.normal(0, 1.5, (runs, items))
    human = np.clip(np.round(quality + random.normal(0, 1, (runs, items))), 1, 10)
    bias = 1.2 + random.normal(0, 0.4, (runs, 1))
    evaluator = np.clip(np.round(quality + bias + random.normal(0, 0.8, (runs, items))), 1, 10)
    chosen = np.zeros((runs, items), dtype=bool)
    if spread_evenly:
        for place in range(rated):
            run = place % runs
            chosen[run, random.choice(np.flatnonzero(~chosen[run]))] = True
    else:
        chosen.ravel()[random.choice(chosen.size, rated, replace=False)] = True
    return Stratum(np.repeat(np.arange(runs), items), evaluator.ravel(), np.where(chosen, human, np.nan).ravel())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runs", "items", "rated", "spread_evenly", "gates"),
    [
        (3, 48, 6, True, 1),
        (3, 48, 12, True, 1),
        (3, 48, 12, True, 2),
        (12, 12, 12, True, 1),
        (10, 48, 20, True, 1),
        (10, 48, 20, False, 1),
    ],
)
def test_intervals_cover_the_mean_human_rating_in_95_of_100_studies(runs, items, rated, spread_evenly, gates):
    random = np.random.default_rng(7)
    quality = 6 + random.normal(0, np.sqrt(0.5**2 + 1.5**2 + 1), 2_000_000)
    truth = np.clip(np.round(quality), 1, 10).mean()
    covered, plain = [], []
    for _ in range(1000):
        cells = [draw_cell(random, runs, items, rated, spread_evenly) for _ in range(8)]
        found = estimate_mean(cells[:gates], choose_tuning(cells), 0.95)
        covered.append(found.low <= truth <= found.high)
        evaluator = average_evaluator(cells[:gates], 0.95)
        plain.append(evaluator.low <= truth <= evaluator.high)
    print(f"runs {runs}, rated {rated}, gates {gates}: PPI {np.mean(covered):.3f}, evaluator alone {np.mean(plain):.3f}")
    assert 0.92 <= np.mean(covered) <= 0.98
    assert np.mean(plain) < 0.7
