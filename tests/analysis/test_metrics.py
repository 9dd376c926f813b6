import pytest
from scipy import stats

from collide.analysis.metrics import METRICS, best_constant, hypervolume, kendall, mae, off_by_one, spearman


def close(value):
    return pytest.approx(value, abs=1e-9)


def test_spearman_with_ties_is_pearson_of_average_ranks():
    # Ranks: 1, 2.5, 2.5, 4, 5 against 2, 1, 3, 4.5, 4.5.
    a, b = [1, 2, 2, 3, 5], [2.0, 1.0, 3.0, 4.0, 4.0]
    assert spearman(a, b).value == close(stats.pearsonr([1, 2.5, 2.5, 4, 5], [2, 1, 3, 4.5, 4.5]).statistic)
    assert spearman([1, 2, 3], [1.0, 3.0, 2.0]).value == close(0.5)


def test_kendall_is_tau_b():
    # Of six pairs of items, 4 agree, 1 disagrees, 1 is tied in the first: (4 - 1) / sqrt(5 * 6).
    assert kendall([1, 1, 2, 3], [1.0, 2.0, 4.0, 3.0]).value == close(3 / 30**0.5)


def test_errors_by_hand():
    assert mae([1, 5, 3], [1.5, 4.0, 3.0]).value == close(0.5)
    assert off_by_one([1, 5, 3], [2.0, 3.9999, 1.0]).value == close(1 / 3)


@pytest.mark.parametrize("metric", ["spearman", "kendall"])
@pytest.mark.parametrize(
    ("predicted", "human", "reason"),
    [
        ([3, 3, 3], [1.0, 2.0, 3.0], "constant predictions"),
        ([1, 2, 3], [5.0, 5.0, 5.0], "constant human scores"),
        ([4], [4.0], "fewer than two predictions"),
        ([None, None], [4.0, 5.0], "fewer than two predictions; 2 missing"),
    ],
)
def test_a_correlation_without_spread_is_undefined_with_its_reason(metric, predicted, human, reason):
    value = METRICS[metric](predicted, human)
    assert value.value is None
    assert value.note == reason


def test_missing_predictions_are_left_out_and_counted_never_scored():
    assert mae([None, 5, 3], [1.0, 4.0, 3.0]) == METRICS["mae"]([None, 5, 3], [1.0, 4.0, 3.0])
    value = mae([None, 5, 3], [1.0, 4.0, 3.0])
    assert (value.value, value.n, value.note) == (close(0.5), 2, "1 missing")
    assert mae([None], [1.0]).value is None


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 predictions for 1 human scores"):
        mae([1, 2], [1.0])


def test_hypervolume_by_hand():
    assert hypervolume([[0.285] * 4]) == close(2.726544000625)
    # Two boxes of 1.5 x 1 and 1 x 1.2 above (-1, -1) share 1 x 1.
    assert hypervolume([[0.5, 0.0], [0.0, 0.2]]) == close(1.5 + 1.2 - 1.0)
    assert hypervolume([[0.5, 0.5], [0.1, 0.1]]) == close(2.25)


def test_the_best_constant_judge_minimises_the_mean_absolute_error():
    assert best_constant([5.0, 5.0, 4.6667, 1.0], (1, 5)) == 5
    assert best_constant([1.0, 2.0, 3.0], (1, 5)) == 2
