"""Picking as a script: what is written where there is nothing to pick."""

import pytest

from cherrypick.pick_instructions import pick_instructions
from collide.analysis.agreement import COLUMNS
from collide.common.csv_json import read_csv, read_json_lines, write_csv, write_json_lines

VARIANT = {"name": "mae-spearman", "metric": "spearman", "gates": ["mae"], "ratio": None, "together": True, "solver_seconds": 5}


@pytest.fixture
def runs(tmp_path):
    """Single-Task runs of two criteria; nothing is defined for relevance."""
    steps, rows = [], []
    for criterion in ("fluency", "relevance"):
        path = tmp_path / "runs" / "main" / f"single-{criterion}" / "mae" / "seed0" / "steps.jsonl"
        path.parent.mkdir(parents=True)
        write_json_lines(path, [{"step": 0, "instructions": {criterion: "Rate\u2028it."}}])
        steps.append(path)
        place = {"study": "main", "mode": "single", "gate": "mae", "seed": 0, "step": 0, "split": "test"}
        value = 0.5 if criterion == "fluency" else None
        rows.append(place | {"criterion": criterion, "metric": "spearman", "value": value, "n": 9, "note": ""})
    write_csv(tmp_path / "main.csv", COLUMNS, rows, simulated=False)
    return tmp_path, steps


def picked(runs, criteria, **changes):
    folder, steps = runs
    pick_instructions(folder / "main.csv", steps, VARIANT | changes, criteria, folder / "picked.csv", folder / "prompts.jsonl")
    return read_csv(folder / "picked.csv"), read_json_lines(folder / "prompts.jsonl")


def test_the_pick_and_its_prompt_are_written(runs):
    rows, prompts = picked(runs, ["fluency"])
    assert [(row["criterion"], row["step"], row["value"]) for row in rows] == [("fluency", "0", "0.5")]
    assert prompts == [{"instructions": {"fluency": "Rate\u2028it."}}]


@pytest.mark.parametrize("ratio", [None, 2])
def test_where_a_criterion_has_no_candidate_nothing_is_picked_and_the_reason_stands_there(runs, ratio):
    rows, prompts = picked(runs, ["fluency", "relevance"], ratio=ratio)
    assert prompts == []
    assert [row["criterion"] for row in rows] == [""]
    assert rows[0]["rule"] == "nothing picked: no Single-Task instruction has a defined spearman for relevance"
