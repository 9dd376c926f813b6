import numpy as np
import pytest
from scipy import stats

from collide.analysis.bootstrap import draw_resamples, percentile_interval
from collide.analysis.formulas.counts import count_pairs, lacks_pairs
from collide.analysis.metrics import METRICS

DOCUMENTS = [f"d{i // 4}" for i in range(80)]
NAMES = sorted(set(DOCUMENTS))
RANDOM = np.random.default_rng(7)
HUMANS = RANDOM.integers(3, 16, 80) / 3
RATINGS = np.clip(np.round(HUMANS + RANDOM.normal(0, 1.2, 80)), 1, 5)
RESAMPLES = draw_resamples(DOCUMENTS, draws=200, seed=3)


def count(ratings):
    return count_pairs(RESAMPLES.locate_documents(DOCUMENTS), ratings, HUMANS, RESAMPLES.weights)


def expanded(row):
    """Indices of the pairs of a resample, each document as often as it was drawn."""
    weights = RESAMPLES.weights[row].astype(int)
    return [i for i, name in enumerate(DOCUMENTS) for _ in range(weights[RESAMPLES.documents[name]])]


@pytest.mark.parametrize("row", [0, 1, 57, 200])
def test_each_row_is_the_metric_of_the_resampled_pairs(row):
    counts = count(RATINGS)
    drawn = expanded(row)
    assert METRICS["spearman"].from_counts(counts)[row] == pytest.approx(
        stats.spearmanr(RATINGS[drawn], HUMANS[drawn]).statistic, abs=1e-12
    )
    errors = np.abs(RATINGS[drawn] - HUMANS[drawn])
    assert METRICS["mae"].from_counts(counts)[row] == pytest.approx(errors.mean(), abs=1e-12)
    assert METRICS["off_by_one"].from_counts(counts)[row] == pytest.approx((errors <= 1 + 1e-9).mean(), abs=1e-12)


def test_missing_ratings_are_left_out():
    holed = RATINGS.copy()
    holed[:10] = np.nan
    expected = stats.spearmanr(RATINGS[10:], HUMANS[10:]).statistic
    assert METRICS["spearman"].from_counts(count(holed))[0] == pytest.approx(expected, abs=1e-12)


def test_a_constant_judge_has_no_correlation_in_any_row_but_an_error():
    counts = count(np.full(80, 4.0))
    assert np.isnan(METRICS["spearman"].from_counts(counts)).all()
    assert METRICS["mae"].from_counts(counts)[0] == pytest.approx(np.abs(4 - HUMANS).mean())
    assert percentile_interval(METRICS["spearman"].from_counts(counts), 0.95) == (None, None)


def test_draws_are_those_of_the_seed_and_keep_the_number_of_documents():
    again = draw_resamples(NAMES, draws=200, seed=3)
    assert (again.weights == RESAMPLES.weights).all()
    assert (RESAMPLES.weights.sum(axis=1) == len(NAMES)).all()
    assert not (draw_resamples(NAMES, draws=200, seed=4).weights == RESAMPLES.weights).all()
    assert (RESAMPLES.run_picker.pick_runs([4, 5, 6])[0] == [0, 1, 2]).all()


def test_what_the_sample_does_not_define_has_no_interval():
    assert percentile_interval(np.array([np.nan, 1.0, 2.0]), 0.9) == (None, None)


def test_the_interval_covers_the_middle_of_the_draws():
    low, high = percentile_interval(np.concatenate([[99.0], np.arange(101.0)]), 0.9)
    assert (low, high) == pytest.approx((5.0, 95.0))


def test_runs_of_the_same_names_are_drawn_alike_and_others_for_themselves():
    assert (RESAMPLES.run_picker.pick_runs([0, 1, 2]) == RESAMPLES.run_picker.pick_runs([0, 1, 2])).all()
    assert not (RESAMPLES.run_picker.pick_runs([0, 1, 2]) == RESAMPLES.run_picker.pick_runs([0, 1, 3])).all()


def test_ratings_that_are_all_missing_have_no_correlation_and_no_error():
    counts = count(np.full(80, np.nan))
    assert np.isnan(METRICS["spearman"].from_counts(counts)).all()
    assert np.isnan(METRICS["mae"].from_counts(counts)).all()
    assert lacks_pairs(counts).all()
    assert not lacks_pairs(count(RATINGS)).any()
