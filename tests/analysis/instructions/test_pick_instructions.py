"""The files that picking writes, also where there is nothing to pick."""

import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cherrypick.pick_instructions import pick_instructions
from collide.common.csv_json import read_csv, read_json_lines, write_json_lines
from collide.experiment.scales import build_scale

VARIANT = {"name": "mae-spearman", "metric": "spearman", "gates": ["mae"], "ratio": None, "together": True, "solver_seconds": 5}


@pytest.fixture
def runs(tmp_path):
    """Single-Task runs of two criteria; the judge of relevance is constant, so its correlation is undefined."""
    files = []
    for criterion, ratings in (("fluency", [1, 3, 2]), ("relevance", [3, 3, 3])):
        folder = tmp_path / "runs" / "main" / f"single-{criterion}" / "mae" / "seed0"
        folder.mkdir(parents=True)
        write_json_lines(folder / "steps.jsonl", [{"step": 0, "prompt": "p", "instructions": {criterion: "Rate\u2028it."}}])
        columns = {"prompt": ["p"] * 3, "split": ["test"] * 3, "criterion": [criterion] * 3, "document": list("abc")}
        columns |= {"score": ratings, "human": [1.0, 2.0, 3.0]}
        pq.write_table(pa.table(columns), folder / "predictions.parquet")
        files.append((folder / "steps.jsonl", folder / "predictions.parquet"))
    return tmp_path, files


def picked(runs, criteria, **changes):
    folder, files = runs
    scales = dict.fromkeys(criteria, build_scale([1, 5]))
    files = [paths for paths in files if paths[0].parts[-4].removeprefix("single-") in criteria]
    pick_instructions(files, VARIANT | changes, scales, folder / "picked.csv", folder / "prompts.jsonl")
    return read_csv(folder / "picked.csv"), read_json_lines(folder / "prompts.jsonl")


def test_the_pick_and_its_prompt_are_written(runs):
    rows, prompts = picked(runs, ["fluency"])
    assert [(row["criterion"], row["step"], row["value"]) for row in rows] == [("fluency", "0", "0.5")]
    assert prompts == [{"instructions": {"fluency": "Rate\u2028it."}}]


@pytest.mark.parametrize("ratio", [None, 2, math.inf])
def test_where_a_criterion_has_no_candidate_nothing_is_picked_and_the_reason_is_written(runs, ratio):
    rows, prompts = picked(runs, ["fluency", "relevance"], ratio=ratio)
    assert prompts == []
    assert [row["criterion"] for row in rows] == [""]
    assert rows[0]["rule"] == "nothing picked: no Single-Task instruction has a defined spearman for relevance"


@pytest.mark.parametrize("metric", ["spearman", "mae", "off_by_one"])
def test_an_instruction_with_too_few_predictions_is_never_picked(tmp_path, metric):
    folder = tmp_path / "runs" / "main" / "single-fluency" / "none" / "seed0"
    folder.mkdir(parents=True)
    ratings = {"usual": [1, 3, 2], "bad": [1, 2, None], "worse": [None] * 3}
    steps = [{"step": step, "prompt": name, "instructions": {"fluency": name}} for step, name in enumerate(ratings)]
    write_json_lines(folder / "steps.jsonl", steps)
    rows = [
        (name, "test", "fluency", f"d{i}", score, 1.0 + i) for name, scores in ratings.items() for i, score in enumerate(scores)
    ]
    names = ("prompt", "split", "criterion", "document", "score", "human")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    pq.write_table(table.replace_schema_metadata({"max_missing_share": "0.05"}), folder / "predictions.parquet")
    files = [(folder / "steps.jsonl", folder / "predictions.parquet")]
    found, prompts = picked((tmp_path, files), ["fluency"], metric=metric)
    assert found[0]["step"] == "0"
    assert prompts == [{"instructions": {"fluency": "usual"}}]
