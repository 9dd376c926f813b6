"""Scores of runs made by hand."""

import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.score_study import score_study
from collide.common.csv_json import is_simulated, read_csv
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.experiment.scales import build_scale
from collide.optimize.predictions import SCHEMA

SCALES = dict.fromkeys(["fluency", "relevance"], build_scale([1, 5]))
HUMAN = [1.0, 2.0, 3.0, 4.0]
RIGHT, WRONG, CONSTANT = [1, 2, 3, 4], [4, 3, 2, 1], [3, 3, 3, 3]


def write_run(folder, prompts, steps, simulated=True, limit=0.5):
    """A run whose prompts are given as prompt -> criterion -> ratings of four pairs, in force as `steps` says."""
    folder.mkdir(parents=True)
    lines = [json.dumps({"step": i, "prompt": p, "instructions": {}}) for i, p in enumerate(steps)]
    (folder / "steps.jsonl").write_text("\n".join(lines) + "\n")
    rows = [
        (prompt, split, f"d{i}/M0", f"d{i}", "M0", criterion, score, HUMAN[i], 1, "" if score else "cut")
        for prompt, criteria in prompts.items()
        for split in ("test", "validation")
        for criterion, scores in criteria.items()
        for i, score in enumerate(scores)
    ]
    metadata = {"max_missing_share": str(limit)} | ({"simulated": SIMULATED_NOTICE} if simulated else {})
    schema = SCHEMA.with_metadata(metadata)
    arrays = [pa.array(c, type=f.type) for c, f in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), folder / "predictions.parquet")
    return folder / "steps.jsonl", folder / "predictions.parquet"


def scores(tmp_path, runs):
    out = tmp_path / "main.csv"
    score_study(runs, "main", SCALES, out)
    return out, read_csv(out)


def value(rows, **where):
    found = [row for row in rows if all(row[key] == str(wanted) for key, wanted in where.items())]
    assert len(found) == 1, found
    return float(found[0]["value"]) if found[0]["value"] else found[0]["note"]


@pytest.fixture
def runs(tmp_path):
    both = {"a": {"fluency": RIGHT, "relevance": WRONG}, "b": {"fluency": RIGHT, "relevance": [1, 2, None, 4]}}
    base = tmp_path / "main"
    return [
        write_run(base / "SSS" / "mae" / "seed0", both, ["a", "a", "b"]),
        write_run(base / "single-fluency" / "mae" / "seed0", {"c": {"fluency": CONSTANT}}, ["c"]),
        write_run(base / "single-relevance" / "mae" / "seed0", {"d": {"relevance": RIGHT}}, ["d"]),
    ]


def test_each_step_has_the_scores_of_the_prompt_in_force(tmp_path, runs):
    _, rows = scores(tmp_path, runs)
    common = {"mode": "SSS", "split": "test", "metric": "spearman"}
    assert value(rows, step=1, criterion="relevance", **common) == pytest.approx(-1)
    assert value(rows, step=1, criterion="average", **common) == pytest.approx(0)
    assert value(rows, step=2, criterion="average", **common) == pytest.approx(1)
    assert value(rows, mode="SSS", split="test", step=0, criterion="relevance", metric="mae") == pytest.approx(2)


def test_single_task_runs_are_one_mode_and_undefined_stays_undefined(tmp_path, runs):
    _, rows = scores(tmp_path, runs)
    common = {"mode": "single", "split": "test", "step": 0, "metric": "spearman"}
    assert value(rows, criterion="relevance", **common) == pytest.approx(1)
    assert value(rows, criterion="fluency", **common) == "constant predictions"
    assert value(rows, criterion="average", **common) == "fluency: constant predictions"
    assert value(rows, mode="single", split="test", step=0, criterion="average", metric="mae") == pytest.approx(0.5)


def test_a_missing_prediction_is_left_out_and_counted(tmp_path, runs):
    _, rows = scores(tmp_path, runs)
    (row,) = [
        r
        for r in rows
        if (r["mode"], r["step"], r["criterion"], r["metric"], r["split"]) == ("SSS", "2", "relevance", "mae", "test")
    ]
    assert (row["n"], row["note"], float(row["value"])) == ("3", "1 missing", 0.0)


def test_a_prompt_with_too_many_missing_predictions_has_no_score_but_a_reason(tmp_path):
    bad = {"fluency": [1, None, None, None], "relevance": [None, None, None, None]}
    prompts = {"a": {"fluency": RIGHT, "relevance": RIGHT}, "bad": bad}
    files = write_run(tmp_path / "main" / "SSS" / "none" / "seed0", prompts, ["a", "bad"])
    _, rows = scores(tmp_path, [files])
    for metric in ("spearman", "mae", "off_by_one"):
        place = {"split": "test", "metric": metric, "step": 1, "mode": "SSS"}
        assert value(rows, criterion="fluency", **place) == "3 of 4 predictions missing, more than the allowed share of 0.5"
        assert "relevance: 4 of 4" in value(rows, criterion="average", **place)
    (row,) = [r for r in rows if (r["step"], r["criterion"], r["metric"], r["split"]) == ("1", "fluency", "mae", "test")]
    assert row["n"] == "1"


def test_a_criterion_without_a_run_leaves_the_average_undefined(tmp_path, runs):
    _, rows = scores(tmp_path, runs[:2])
    place = {"mode": "single", "split": "test", "criterion": "average", "metric": "mae"}
    assert value(rows, step=0, **place) == "no predictions of relevance"


def test_a_step_without_predictions_keeps_its_row_and_says_so(tmp_path):
    folder = tmp_path / "main" / "SSS" / "mae" / "seed0"
    run = write_run(folder, {"a": {"fluency": RIGHT, "relevance": RIGHT}}, ["a", "not evaluated"])
    _, rows = scores(tmp_path, [run])
    place = {"mode": "SSS", "split": "test", "criterion": "average", "metric": "spearman"}
    assert value(rows, step=0, **place) == pytest.approx(1)
    assert value(rows, step=1, **place) == "no predictions of fluency; no predictions of relevance"


def test_a_run_with_fewer_steps_leaves_the_average_of_the_others_undefined(tmp_path):
    base = tmp_path / "main"
    short = write_run(base / "single-fluency" / "mae" / "seed0", {"c": {"fluency": RIGHT}}, ["c"])
    long = write_run(base / "single-relevance" / "mae" / "seed0", {"d": {"relevance": RIGHT}}, ["d", "d"])
    _, rows = scores(tmp_path, [short, long])
    place = {"mode": "single", "split": "test", "step": 1, "metric": "spearman"}
    assert value(rows, criterion="relevance", **place) == pytest.approx(1)
    assert value(rows, criterion="average", **place) == "no predictions of fluency"


def test_the_best_constant_judge_is_listed_with_its_errors(tmp_path, runs):
    _, rows = scores(tmp_path, runs)
    assert value(rows, mode="constant", criterion="fluency", metric="mae") == pytest.approx(1.0)


def test_the_mark_of_simulated_replies_follows_the_predictions(tmp_path, runs):
    marked, _ = scores(tmp_path, runs)
    assert is_simulated(marked)
    real = [write_run(tmp_path / "real" / "SSS" / "mae" / "seed0", {"a": {"fluency": RIGHT}}, ["a"], simulated=False)]
    score_study(real, "real", SCALES, tmp_path / "real.csv")
    assert not is_simulated(tmp_path / "real.csv")


def test_no_row_is_repeated(tmp_path, runs):
    _, rows = scores(tmp_path, runs)
    keys = Counter(tuple(row[k] for k in ("mode", "gate", "seed", "step", "split", "criterion", "metric")) for row in rows)
    assert max(keys.values()) == 1
