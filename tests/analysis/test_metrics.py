from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import stats

from collide.analysis.bootstrap import draw_resamples
from collide.analysis.formulas.counts import MOST_CELLS, count_pairs
from collide.analysis.metrics import METRICS, ROLES, find_best_constant, name_metrics, note_metrics, select_metric
from collide.errors import InputError
from collide.experiment.config import check_config
from collide.experiment.gates import GATES
from collide.experiment.scales import Scale, build_scale, read_scales

CONFIG = Path(__file__).parents[2] / "config.yaml"
POINTS = Scale((1, 2, 3, 4, 5))
ANIMALS = build_scale({"classes": ["cat", "dog", "owl"]})


def close(value):
    return pytest.approx(value, abs=1e-9)


def test_spearman_with_ties_is_pearson_of_average_ranks():
    # Ranks: 1, 2.5, 2.5, 4, 5 against 2, 1, 3, 4.5, 4.5.
    a, b = [1, 2, 2, 3, 5], [2.0, 1.0, 3.0, 4.0, 4.0]
    assert METRICS["spearman"].from_values(a, b).value == close(
        stats.pearsonr([1, 2.5, 2.5, 4, 5], [2, 1, 3, 4.5, 4.5]).statistic
    )
    assert METRICS["spearman"].from_values([1, 2, 3], [1.0, 3.0, 2.0]).value == close(0.5)


def test_kendall_is_tau_b():
    # Of six pairs of items, 4 agree, 1 disagrees, 1 is tied in the first: (4 - 1) / sqrt(5 * 6).
    assert METRICS["kendall"].from_values([1, 1, 2, 3], [1.0, 2.0, 4.0, 3.0]).value == close(3 / 30**0.5)


def test_errors_by_hand():
    assert METRICS["mae"].from_values([1, 5, 3], [1.5, 4.0, 3.0]).value == close(0.5)
    assert METRICS["off_by_one"].from_values([1, 5, 3], [2.0, 3.9999, 1.0]).value == close(1 / 3)


@pytest.mark.parametrize("seed", range(20))
def test_spearman_has_the_last_digit_of_scipy(seed):
    draws = np.random.default_rng(seed)
    ratings, human = draws.integers(1, 6, 50 + seed).tolist(), (draws.integers(3, 16, 50 + seed) / 3).tolist()
    assert METRICS["spearman"].from_values(ratings, human).value == stats.spearmanr(ratings, human).statistic


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
    value = METRICS[metric].from_values(predicted, human)
    assert value.value is None
    assert value.note == reason


def test_missing_predictions_are_left_out_and_counted_never_scored():
    value = METRICS["mae"].from_values([None, 5, 3], [1.0, 4.0, 3.0])
    assert (value.value, value.n, value.note) == (close(0.5), 2, "1 missing")
    assert METRICS["mae"].from_values([None], [1.0]).value is None


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 predictions for 1 human scores"):
        METRICS["mae"].from_values([1, 2], [1.0])


@pytest.mark.parametrize(("metric", "allowed"), [("off_by_one", True), ("kendall", False), ("accuracy", False)])
def test_metrics_that_pick_instructions_are_those_of_the_registry_with_intervals(metric, allowed):
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config["cherrypick"]["metrics"] = [metric]
    if allowed:
        check_config(config)
    else:
        with pytest.raises(InputError, match=f"'{metric}'"):
            check_config(config)


def test_gates_read_metrics_of_the_registry():
    assert {gate.metric for gate in GATES.values()} - {None} <= set(METRICS)


def test_the_best_constant_judge_minimises_the_mean_absolute_error():
    assert find_best_constant([5.0, 5.0, 4.6667, 1.0], POINTS) == 5
    assert find_best_constant([1.0, 2.0, 3.0], POINTS) == 2
    assert find_best_constant([0.4, 0.4, 0.9], build_scale({"low": 0, "high": 1, "step": 0.5})) == 0.5
    # The most frequent class, although the one between the two is nearer to all; of equals the first.
    assert find_best_constant([2, 2, 2, 0, 0], ANIMALS) == 2
    assert find_best_constant([2, 1, 1, 2], ANIMALS) == 1


def metric(role, scale, predicted, human):
    found = select_metric(role, scale).from_values(predicted, human)
    return found.value if found.value is not None else found.note


def test_each_role_has_a_metric_for_classes_without_an_order_that_points_the_same_way():
    names = {role: select_metric(role, ANIMALS).name for role in METRICS}
    assert names == {"spearman": "kappa", "kendall": "macro_f1", "mae": "error_rate", "off_by_one": "accuracy"}
    for metrics in ROLES.values():
        assert len({metric.higher_is_better for metric in metrics}) == 1


# Confusion matrix, human by predicted: cat 2 1 0, dog 1 1 1, owl 0 0 2.
HUMAN = [0, 0, 0, 1, 1, 1, 2, 2]
PREDICTED = [0, 0, 1, 0, 1, 2, 2, 2]
# (case, kappa, macro-F1, error rate, accuracy)
CLASSES = [
    # 5 of 8 agree; by chance 3 x 3 + 3 x 2 + 2 x 3 = 21 of 64. F1: 4 of 6, 2 of 5, 4 of 5.
    (PREDICTED, HUMAN, (40 - 21) / (64 - 21), (4 / 6 + 2 / 5 + 4 / 5) / 3, 3 / 8, 5 / 8),
    # A class that only the judge gives counts in the mean, with an F1 of 0: (2 of 3, 2 of 4, 0 of 1).
    ([0, 1, 1, 2], [0, 0, 1, 1], (4 * 2 - (2 + 4)) / (16 - 6), (2 / 3 + 2 / 4 + 0) / 3, 2 / 4, 2 / 4),
    # A constant judge agrees by chance alone; the F1 of its class is 2 x 3 of 8 + 3.
    ([0] * 8, HUMAN, 0.0, (6 / 11 + 0 + 0) / 3, 5 / 8, 3 / 8),
    # Constant human scores: chance agreement, too.
    ([0, 1, 1], [1, 1, 1], 0.0, (4 / 5 + 0) / 2, 1 / 3, 2 / 3),
    # The opposite of every human score: the lowest kappa.
    ([0, 0, 1, 1], [1, 1, 0, 0], -1.0, 0.0, 1.0, 0.0),
    ([2, 2], [2, 2], "predictions and human scores are one class", 1.0, 0.0, 1.0),
    ([1], [0], "fewer than two predictions", 0.0, 1.0, 0.0),
]


@pytest.mark.parametrize(("predicted", "human", "kappa", "f1", "error", "accuracy"), CLASSES)
def test_metrics_of_classes_by_hand(predicted, human, kappa, f1, error, accuracy):
    """The answers are those of scikit-learn 1.9 (cohen_kappa_score, f1_score(average="macro"), accuracy_score).

    But scikit-learn gives a single pair a kappa of 0.
    """
    found = [metric(role, ANIMALS, predicted, human) for role in METRICS]
    assert found == [kappa if isinstance(kappa, str) else close(kappa), close(f1), close(error), close(accuracy)]


def test_missing_predictions_of_classes_are_left_out():
    found = select_metric("spearman", ANIMALS).from_values([*PREDICTED, None], [*HUMAN, 2])
    assert (found.value, found.n, found.note) == (close(19 / 43), 8, "1 missing")
    assert metric("kendall", ANIMALS, [None], [1]) == "no predictions; 1 missing"


@pytest.mark.parametrize("scale", [POINTS, ANIMALS, build_scale({"low": 0, "high": 2, "step": 0.5}), build_scale([0, 100])])
@pytest.mark.parametrize("role", [role for role in METRICS if role != "kendall"])
def test_counts_give_the_metric_of_the_values_in_every_resample(role, scale):
    draws = np.random.default_rng(5)
    documents = np.arange(60) // 3
    names = [f"{number:02}" for number in range(20)]
    ratings = draws.choice(scale.values, 60).astype(float)
    humans = draws.choice(scale.values, 60) if scale.is_nominal else draws.uniform(scale.low, scale.high, 60).round(2)
    weights = draw_resamples(names, 6, 0).weights
    chosen = select_metric(role, scale)
    for row, value in enumerate(chosen.from_counts(count_pairs(documents, ratings, humans, weights))):
        drawn = np.repeat(np.arange(60), weights[row, documents].astype(int))
        assert value == close(chosen.from_values(ratings[drawn].tolist(), humans[drawn].tolist()).value)


def test_a_large_grid_of_ratings_is_computed_in_blocks_of_resamples(monkeypatch):
    draws = np.random.default_rng(5)
    ratings, humans = draws.integers(0, 101, 200).astype(float), draws.uniform(0, 100, 200).round(1)
    counts = count_pairs(np.arange(200), ratings, humans, draw_resamples([f"{n:03}" for n in range(200)], 30, 0).weights)
    # Only combinations that occur are held.
    assert counts.table.shape == (31, 200)
    whole = METRICS["spearman"].from_counts(counts)
    monkeypatch.setattr("collide.analysis.formulas.counts.MOST_CELLS", len(counts.ratings) * len(counts.humans) * 7)
    assert (METRICS["spearman"].from_counts(counts) == whole).all()
    assert MOST_CELLS > 1001 * 5 * 13  # SummEval takes one block


def test_off_by_one_is_one_step_of_the_scale_and_accuracy_where_a_step_is_the_whole_scale():
    halves = build_scale({"low": 0, "high": 2, "step": 0.5})
    assert metric("off_by_one", halves, [0, 0.5, 2], [0.5, 1.5, 1.6]) == close(2 / 3)
    binary = build_scale([0, 1])
    assert select_metric("off_by_one", binary).name == "accuracy"
    # The nearest rating is right; a mean in the middle is near to both.
    assert metric("off_by_one", binary, [0, 1, 1, 0], [0.25, 0.25, 0.5, 1]) == close(2 / 4)


def test_errors_of_scales_of_different_widths_weigh_alike():
    scales = read_scales({"percent": [0, 100], "binary": [0, 1], "animal": {"classes": ["cat", "dog", "owl"]}})
    # A tenth of each scale; every second class is wrong.
    assert metric("mae", scales["percent"], [50, 70], [60.0, 60.0]) == close(0.1)
    assert metric("mae", scales["binary"], [0, 1], [0.1, 0.9]) == close(0.1)
    assert metric("mae", scales["animal"], [0, 2], [0, 1]) == close(0.5)
    points = read_scales({"percent": [0, 100], "other": [0, 100]})
    assert metric("mae", points["percent"], [50, 70], [60.0, 60.0]) == close(10)


def test_names_of_metrics_say_which_criteria_have_which():
    assert name_metrics("mae", {"a": POINTS, "b": POINTS}) == "mae"
    assert name_metrics("mae", {"a": ANIMALS}) == note_metrics("mae", {"a": ANIMALS}) == "error_rate"
    mixed = {"a": POINTS, "b": ANIMALS, "c": POINTS}
    assert name_metrics("spearman", mixed) == note_metrics("spearman", mixed) == "mean of spearman (a, c) and kappa (b)"
    assert note_metrics("mae", {"a": POINTS}) == ""
