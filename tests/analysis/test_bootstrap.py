import numpy as np
import pytest
from scipy import stats

from collide.analysis.bootstrap import count, few, interval, mae, off_by_one, resample, spearman

DOCUMENTS = [f"d{i // 4}" for i in range(80)]
NAMES = sorted(set(DOCUMENTS))
RANDOM = np.random.default_rng(7)
HUMANS = RANDOM.integers(3, 16, 80) / 3
RATINGS = np.clip(np.round(HUMANS + RANDOM.normal(0, 1.2, 80)), 1, 5)
RESAMPLES = resample(NAMES, draws=200, seed=3)


def expanded(row):
    """Indices of the pairs of a resample, each document as often as it was drawn."""
    weights = RESAMPLES.weights[row].astype(int)
    return [i for i, name in enumerate(DOCUMENTS) for _ in range(weights[RESAMPLES.documents[name]])]


@pytest.mark.parametrize("row", [0, 1, 57, 200])
def test_each_row_is_the_metric_of_the_resampled_pairs(row):
    counts = count(DOCUMENTS, RATINGS, HUMANS, RESAMPLES)
    drawn = expanded(row)
    assert spearman(counts)[row] == pytest.approx(stats.spearmanr(RATINGS[drawn], HUMANS[drawn]).statistic, abs=1e-12)
    errors = np.abs(RATINGS[drawn] - HUMANS[drawn])
    assert mae(counts)[row] == pytest.approx(errors.mean(), abs=1e-12)
    assert off_by_one(counts)[row] == pytest.approx((errors <= 1 + 1e-9).mean(), abs=1e-12)


def test_missing_ratings_are_left_out():
    holed = RATINGS.copy()
    holed[:10] = np.nan
    expected = stats.spearmanr(RATINGS[10:], HUMANS[10:]).statistic
    assert spearman(count(DOCUMENTS, holed, HUMANS, RESAMPLES))[0] == pytest.approx(expected, abs=1e-12)


def test_a_constant_judge_has_no_correlation_in_any_row_but_an_error():
    counts = count(DOCUMENTS, np.full(80, 4.0), HUMANS, RESAMPLES)
    assert np.isnan(spearman(counts)).all()
    assert mae(counts)[0] == pytest.approx(np.abs(4 - HUMANS).mean())
    assert interval(spearman(counts), 0.95) == (None, None)


def test_draws_are_those_of_the_seed_and_keep_the_number_of_documents():
    again = resample(NAMES, draws=200, seed=3)
    assert (again.weights == RESAMPLES.weights).all()
    assert (RESAMPLES.weights.sum(axis=1) == len(NAMES)).all()
    assert not (resample(NAMES, draws=200, seed=4).weights == RESAMPLES.weights).all()
    assert (RESAMPLES.picks([4, 5, 6])[0] == [0, 1, 2]).all()


def test_what_the_sample_does_not_define_has_no_interval():
    assert interval(np.array([np.nan, 1.0, 2.0]), 0.9) == (None, None)


def test_the_interval_covers_the_middle_of_the_draws():
    low, high = interval(np.concatenate([[99.0], np.arange(101.0)]), 0.9)
    assert (low, high) == pytest.approx((5.0, 95.0))


def test_runs_of_the_same_names_are_drawn_alike_and_others_for_themselves():
    assert (RESAMPLES.picks([0, 1, 2]) == RESAMPLES.picks([0, 1, 2])).all()
    assert not (RESAMPLES.picks([0, 1, 2]) == RESAMPLES.picks([0, 1, 3])).all()


def test_ratings_that_are_all_missing_have_no_correlation_and_no_error():
    counts = count(DOCUMENTS, np.full(80, np.nan), HUMANS, RESAMPLES)
    assert np.isnan(spearman(counts)).all()
    assert np.isnan(mae(counts)).all()
    assert few(counts).all()
    assert not few(count(DOCUMENTS, RATINGS, HUMANS, RESAMPLES)).any()
