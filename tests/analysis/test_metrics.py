from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import stats

from collide.analysis.metrics import (
    METRICS,
    find_best_constant,
    kendall_of_values,
    mae_of_values,
    off_by_one_of_values,
    spearman_of_values,
)
from collide.errors import InputError
from collide.experiment.config import check_config
from collide.experiment.gates import GATES
from collide.experiment.scales import build_scale

CONFIG = Path(__file__).parents[2] / "config.yaml"


def close(value):
    return pytest.approx(value, abs=1e-9)


def test_spearman_with_ties_is_pearson_of_average_ranks():
    # Ranks: 1, 2.5, 2.5, 4, 5 against 2, 1, 3, 4.5, 4.5.
    a, b = [1, 2, 2, 3, 5], [2.0, 1.0, 3.0, 4.0, 4.0]
    assert spearman_of_values(a, b).value == close(stats.pearsonr([1, 2.5, 2.5, 4, 5], [2, 1, 3, 4.5, 4.5]).statistic)
    assert spearman_of_values([1, 2, 3], [1.0, 3.0, 2.0]).value == close(0.5)


def test_kendall_is_tau_b():
    # Of six pairs of items, 4 agree, 1 disagrees, 1 is tied in the first: (4 - 1) / sqrt(5 * 6).
    assert kendall_of_values([1, 1, 2, 3], [1.0, 2.0, 4.0, 3.0]).value == close(3 / 30**0.5)


def test_errors_by_hand():
    assert mae_of_values([1, 5, 3], [1.5, 4.0, 3.0]).value == close(0.5)
    assert off_by_one_of_values([1, 5, 3], [2.0, 3.9999, 1.0]).value == close(1 / 3)


@pytest.mark.parametrize("seed", range(20))
def test_spearman_has_the_last_digit_of_scipy(seed):
    draws = np.random.default_rng(seed)
    ratings, human = draws.integers(1, 6, 50 + seed).tolist(), (draws.integers(3, 16, 50 + seed) / 3).tolist()
    assert spearman_of_values(ratings, human).value == stats.spearmanr(ratings, human).statistic


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
    assert mae_of_values([None, 5, 3], [1.0, 4.0, 3.0]) == METRICS["mae"].from_values([None, 5, 3], [1.0, 4.0, 3.0])
    value = mae_of_values([None, 5, 3], [1.0, 4.0, 3.0])
    assert (value.value, value.n, value.note) == (close(0.5), 2, "1 missing")
    assert mae_of_values([None], [1.0]).value is None


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 predictions for 1 human scores"):
        mae_of_values([1, 2], [1.0])


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
    assert find_best_constant([5.0, 5.0, 4.6667, 1.0], build_scale([1, 5])) == 5
    assert find_best_constant([1.0, 2.0, 3.0], build_scale([1, 5])) == 2
