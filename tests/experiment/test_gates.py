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
    ],
)
def test_gate_decides_on_the_mean_over_criteria(gate, current, candidate, accepted):
    assert GATES[gate].decide(current, candidate).accepted is accepted


def test_the_reason_gives_both_values_and_tells_what_was_undefined():
    assert GATES["mae"].decide(LOW, HIGH).reason == "mae 0.4000 against 0.3000"
    assert "counted as 0: b" in GATES["spearman"].decide(LOW, {"a": 0.7, "b": None}).reason


def test_only_the_open_gate_needs_no_validation():
    assert [name for name, gate in GATES.items() if gate.metric is None] == ["none"]
