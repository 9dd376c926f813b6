"""Gate decisions and instruction lengths of steps written by hand."""

import pytest

from collide.analysis.bootstrap import RunPicker
from collide.analysis.quantities.run_dynamics import RunDynamics, estimate_dynamics, join_dynamics, measure_dynamics

RUN_PICKER = RunPicker(draws=30, seed=0)


def step(number, current, candidate=None, accepted=None, words=2):
    record = {
        "step": number,
        "instructions": {"fluency": "word " * words, "relevance": "word"},
        "validation": {
            place: None if error is None else {"mae": {"fluency": error, "relevance": error + 0.2}}
            for place, error in (("current", current), ("candidate", candidate))
        },
    }
    return record | ({} if accepted is None else {"gate": {"accepted": accepted}})


def test_errors_are_those_of_the_prompt_in_force():
    records = [step(0, 0.5), step(1, 0.5, 0.9, False), step(2, 0.5, 0.4, True), step(3, 0.4, 0.45, True, words=9)]
    values = measure_dynamics(0, records).values
    assert values == pytest.approx({"validation_mae_rise": 0.05, "rejected": 1 / 3, "tokens_initial": 1.5, "tokens_final": 5.0})


def test_an_error_that_never_rises_has_a_rise_of_nothing():
    assert measure_dynamics(0, [step(0, 0.5), step(1, 0.5, 0.4, True)]).values["validation_mae_rise"] == 0


def test_an_error_that_rises_by_rounding_alone_has_a_rise_of_nothing():
    assert measure_dynamics(0, [step(0, 0.3), step(1, 0.3, 0.1 + 0.2, True)]).values["validation_mae_rise"] == 0


def test_without_validation_only_lengths_are_measured():
    records = [step(0, None), step(1, None, None, True)]
    assert set(measure_dynamics(0, records).values) == {"tokens_initial", "tokens_final"}


def test_the_share_of_gradients_with_three_paragraphs_leaves_out_missing_ones():
    def gradients(*counts):
        return {"gradients": [{"text": None if count is None else "text", "paragraphs": count} for count in counts]}

    records = [step(0, None), step(1, None) | gradients(3, 1, None), step(2, None) | gradients(3, 3)]
    assert measure_dynamics(0, records).values["three_paragraphs"] == 0.75
    assert "three_paragraphs" not in measure_dynamics(0, [step(0, None), step(1, None) | gradients(None)]).values


def test_single_task_runs_are_joined_by_the_worst_rise_and_the_mean_of_the_rest():
    parts = [RunDynamics(1, {"validation_mae_rise": rise, "rejected": rise}) for rise in (0.0, 0.1)]
    assert join_dynamics(parts) == RunDynamics(1, {"validation_mae_rise": 0.1, "rejected": 0.05})


def test_a_cell_is_the_worst_rise_and_the_mean_share_of_its_runs():
    runs = [RunDynamics(seed, {"validation_mae_rise": rise, "rejected": rise}) for seed, rise in enumerate((0.0, 0.3))]
    found = {e.name.quantity: e for e in estimate_dynamics("main", "SSS", "mae", runs, RUN_PICKER)}
    assert found["validation_mae_rise"].draws[0] == 0.3
    assert found["rejected"].draws[0] == pytest.approx(0.15)
    assert set(found["rejected"].draws.round(9)) == {0.0, 0.15, 0.3}
