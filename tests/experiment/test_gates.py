import pytest

from collide.experiment.gates import GATES

LOW, HIGH = {"a": 0.2, "b": 0.4}, {"a": 0.4, "b": 0.4}


@pytest.mark.parametrize(
    ("gate", "current", "candidate", "accepted"),
    [
        ("none", {}, {}, True),
        ("mae", HIGH, LOW, True),
        ("mae", LOW, HIGH, False),
        ("mae", LOW, {"a": 0.4, "b": 0.2}, True),  # the same mean does not exceed
        ("mae", LOW, {"a": None, "b": 0.0}, False),
        ("mae", {"a": None, "b": 0.0}, LOW, True),
        ("off_by_one", LOW, HIGH, True),
        ("off_by_one", HIGH, LOW, False),
        ("spearman", HIGH, HIGH, True),
        ("spearman", LOW, {"a": 0.7, "b": None}, True),  # a constant judge counts as 0: 0.35 against 0.30
        ("spearman", HIGH, {"a": 0.7, "b": None}, False),
        # Two ways to add up 84 points of error over 100 pairs.
        ("mae", {"a": 0.8399999999999997}, {"a": 0.8399999999999999}, True),
        ("mae", {"a": 0.84}, {"a": 0.8400000000000001}, True),
        ("mae", {"a": 0.84}, {"a": 0.84 + 1 / 300}, False),
        ("off_by_one", {"a": 0.1 + 0.2}, {"a": 0.3}, True),
        ("off_by_one", {"a": 0.30}, {"a": 0.29}, False),
        ("spearman", {"a": 0.1 + 0.2}, {"a": 0.3}, True),
        ("spearman", {"a": 0.30}, {"a": 0.2999}, False),
    ],
)
def test_gate_decides_on_the_mean_over_criteria(gate, current, candidate, accepted):
    assert GATES[gate].decide(current, candidate, gate).accepted is accepted


def test_the_reason_gives_both_values_and_tells_what_was_undefined():
    assert GATES["mae"].decide(LOW, HIGH, "mae").reason == "mae 0.4000 against 0.3000"
    assert "counted as 0: b" in GATES["spearman"].decide(LOW, {"a": 0.7, "b": None}, "spearman").reason


def test_only_the_open_gate_needs_no_validation():
    assert [name for name, gate in GATES.items() if gate.metric is None] == ["none"]
