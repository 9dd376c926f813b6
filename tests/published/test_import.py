"""The import of a run: the authors' files in, this project's files out. Each trap of their format has a test."""

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from collide.analysis.bootstrap import draw_resamples
from collide.analysis.quantities.cell import read_cell
from collide.analysis.scores import read_scored_run, score_runs
from collide.common.csv_json import read_csv, read_json_lines
from collide.experiment.runs import RunId
from collide.experiment.scales import read_scales
from collide.published.folders import find_runs
from collide.published.logs import read_evaluation, read_number
from collide.published.pairs import name_pairs
from published.import_run import import_run

from .made import CRITERIA, TRACEBACK, make_log, make_rows, write_evaluation, write_log, write_ratings, write_run

SCALES = read_scales({name: [1, 5] for name in CRITERIA})
FILES = {"steps": "steps.jsonl", "optimize": "optimize.json", "predictions": "predictions.parquet", "usage": "usage.json"}


def import_all(base: Path, target: Path) -> dict[RunId, dict[str, Path]]:
    """Import all runs of a base below `target`."""
    found = find_runs(base, CRITERIA)
    imported = {}
    for folder in found.list_runs():
        run = RunId("main", folder.mode, folder.gate, folder.number)
        home = target / "results" / "published" / "runs" / run.path
        rated = target / "results" / "published" / "diagnostics" / f"{run.path}.csv"
        for path in (home, rated.parent):
            path.mkdir(parents=True, exist_ok=True)
        files = {name: home / file for name, file in FILES.items()}
        files |= {"ratings": rated, "ratings_usage": rated.with_suffix(".usage.json")}
        import_run(run, folder, CRITERIA, found.find_ratings(), files)
        imported[run] = files
    return imported


def import_one(base: Path, target: Path) -> dict[str, Path]:
    (files,) = import_all(base, target).values()
    return files


def score(imported):
    """Return the scores of imported runs by mode, seed, step, criterion and metric."""
    rows = score_runs([read_scored_run(files["steps"], files["predictions"]) for files in imported.values()], SCALES)
    return {(r["mode"], r["gate"], r["seed"], r["step"], r["criterion"], r["metric"]): r for r in rows if r["split"] == "test"}


def name(parts="SSS-val=mae", number=1):
    return f"TextGrad-SummEval-02Apr2026-{parts}-run_{number}"


def test_names_with_an_equals_sign_add_no_column(tmp_path):
    run = write_run(tmp_path, name())
    assert not [column for column in pq.read_table(run / "eval_step_0.parquet").column_names if column.startswith("pair")]
    evaluation = read_evaluation(run / "eval_step_0.parquet", list(CRITERIA))
    assert len(evaluation.pairs) == 12


def test_sample_ids_name_no_pair_so_that_pairs_are_named_by_their_texts(tmp_path):
    run = write_run(tmp_path, name())
    first, second = (read_evaluation(run / f"eval_step_{step}.parquet", list(CRITERIA)).pairs for step in (0, 1))
    assert [rated.pair.id for rated in first] != [rated.pair.id for rated in second]
    assert {rated.pair.id for rated in first} == {rated.pair.id for rated in second}
    assert len({rated.pair.document for rated in first}) == 4


def test_the_same_texts_with_other_human_scores_are_another_row():
    gold = dict.fromkeys(CRITERIA, 3.0)
    rows = [
        ("A  b", "c", gold),
        ("A b", "c", gold | {"fluency": 4.0}),
        ("A b", "c ", gold),
        ("A", "c", gold | {"fluency": None}),
    ]
    first, other, again, missing = name_pairs(rows)
    assert first.document == other.document == again.document
    assert first.id != other.id
    assert again.id == f"{first.id}/2"
    assert missing is None


@pytest.mark.parametrize("whole", [True, False])
def test_human_scores_are_those_of_the_files_whole_or_fractional(tmp_path, whole):
    gold = (lambda d, s, c: 1 + (d + s + c) % 5) if whole else (lambda d, s, c: 1 + (d + s + c) % 4 + 1 / 3)
    run = write_run(tmp_path, name(), rows=make_rows(gold=gold))
    evaluation = read_evaluation(run / "eval_step_0.parquet", list(CRITERIA))
    assert evaluation.whole_gold is whole
    humans = pq.read_table(import_one(tmp_path, tmp_path)["predictions"])["human"].to_pylist()
    assert {human % 1 == 0 for human in humans} == {whole}


def test_the_test_set_is_judged_anew_at_every_step_also_after_a_rejection(tmp_path):
    write_run(tmp_path, name(), gate="mae", accepted=(False, True))
    files = import_one(tmp_path, tmp_path)
    records = read_json_lines(files["steps"])
    assert records[0]["instructions"] == records[1]["instructions"]
    assert len({record["prompt"] for record in records}) == 3
    prompts = pq.read_table(files["predictions"])["prompt"].to_pylist()
    assert set(prompts) == {record["prompt"] for record in records}
    assert len(prompts) == 3 * 12 * 4


def test_scores_of_the_gate_are_negated_only_for_an_error(tmp_path):
    write_run(tmp_path, name(), gate="mae", accepted=(False, True))
    write_run(tmp_path, name("SSS-val=spearman"), gate="spearman")
    by_gate = {run.gate: read_json_lines(files["steps"]) for run, files in import_all(tmp_path, tmp_path).items()}
    step = by_gate["mae"][1]
    assert step["gate"] == {"name": "mae", "accepted": False, "reason": "mae 0.8000 against 0.9000"}
    assert step["validation"]["current"] == {"n": 8, "missing": None, "average": {"mae": 0.9}}
    assert by_gate["spearman"][1]["validation"]["candidate"]["average"] == {"spearman": -0.8}


def test_a_text_over_all_criteria_stands_once(tmp_path):
    write_run(tmp_path, name("SCC-val=none"), "SCC")
    record = read_json_lines(import_one(tmp_path, tmp_path)["steps"])[1]
    assert len(record["critiques"]) == 3 * 4
    assert [part["criteria"] for part in record["gradients"]] == [list(CRITERIA)] * 3
    assert {part["pair"] for part in record["gradients"]} == set(record["batch"])
    assert [rewrite["criteria"] for rewrite in record["rewrites"]] == [list(CRITERIA)]


def test_instructions_are_those_in_force_and_hold_their_line_breaks(tmp_path):
    write_run(tmp_path, name(), gate="mae", accepted=(True, False))
    records = read_json_lines(import_one(tmp_path, tmp_path)["steps"])
    assert records[0]["instructions"]["fluency"] == "Rate from 1 to 5."
    assert records[1]["instructions"]["fluency"] == "Rate fluency, version 1.\n- A line."
    assert records[2]["instructions"] == records[1]["instructions"]
    assert records[2]["candidate"]["fluency"].startswith("Rate fluency, version 2.")


def test_the_form_of_the_reply_is_missing_after_the_first_accepted_rewrite(tmp_path):
    write_run(tmp_path, name(), gate="mae", accepted=(False, True))
    records = read_json_lines(import_one(tmp_path, tmp_path)["steps"])
    assert [record["output_format"] for record in records] == [True, True, False]


def test_an_unparsed_reply_is_missing_without_its_traceback(tmp_path):
    run = write_run(tmp_path, name(), steps=1, accepted=(True,))
    write_evaluation(run / "eval_step_1.parquet", 1, make_rows(), failed=(0, 5))
    files = import_one(tmp_path, tmp_path / "out")
    rows = pq.read_table(files["predictions"]).to_pylist()
    assert {row["reason"] for row in rows if row["score"] is None} == {"the reply was not parsed"}
    assert sum(row["score"] is None for row in rows) == 2 * 4
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or (TRACEBACK.encode() not in path.read_bytes() and b"/home/" not in path.read_bytes())


def test_a_score_is_any_number_and_nothing_else(tmp_path):
    run = write_run(tmp_path, name(), steps=1, accepted=(True,))
    write_evaluation(run / "eval_step_1.parquet", 1, make_rows(), rate=lambda *_: 4.5)
    rows = pq.read_table(import_one(tmp_path, tmp_path)["predictions"]).to_pylist()
    assert {row["score"] for row in rows if row["score"] % 1} == {4.5}
    assert [read_number(value) for value in (10, "5", "n/a", True, None, float("nan"))] == [10, 5, None, None, None, None]


def test_a_criterion_without_a_column_is_missing(tmp_path):
    run = write_run(tmp_path, name(), steps=1, accepted=(True,))
    write_evaluation(run / "eval_step_1.parquet", 1, make_rows(), criteria=CRITERIA[:3])
    rows = pq.read_table(import_one(tmp_path, tmp_path)["predictions"]).to_pylist()
    missing = [row for row in rows if row["score"] is None]
    assert {(row["criterion"], row["reason"]) for row in missing} == {
        ("consistency", "the reply has no number for the criterion")
    }
    assert len(missing) == 12


def test_a_single_task_run_has_its_criterion_alone(tmp_path):
    write_run(tmp_path, name("CCC-val=mae-task=coherence"), "CCC", "mae", ["coherence"])
    (run,) = imported = import_all(tmp_path, tmp_path)
    assert run.mode == "single-coherence"
    files = imported[run]
    assert set(pq.read_table(files["predictions"])["criterion"].to_pylist()) == {"coherence"}
    assert read_json_lines(files["steps"])[1]["critiques"][0]["criteria"] == ["coherence"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"summary": {"completed_at": None, "error": "x", "error_step": 3}}, "failed at step 3"),
        ({"summary": {"completed_at": None}}, "stopped after step 2"),
        ({"first_step": 0}, "no test predictions of step 0"),
        ({"evaluations": [0, 2]}, "no test predictions of step 1"),
    ],
)
def test_a_run_with_a_gap_has_scores_but_no_part_in_averages(tmp_path, options, reason):
    write_run(tmp_path, name(number=1), gate="mae")
    write_run(tmp_path, name(number=2), gate="mae", **options)
    imported = import_all(tmp_path, tmp_path)
    scores = score(imported)
    assert scores["SSS", "mae", 2, 2, "fluency", "mae"]["value"] is not None
    table = pq.read_table(next(iter(imported.values()))["predictions"])
    resamples = draw_resamples(sorted(set(table["document"].to_pylist())), 20, 0)
    runs = [(files["steps"], files["predictions"]) for files in imported.values()]
    cell = read_cell(runs, list(CRITERIA), resamples)
    assert [trajectory.seed for trajectory in cell.trajectories] == [1]
    assert cell.trajectories[0].validation == []
    assert cell.note == f"seed 2 left out, {reason}"


def test_a_run_that_began_at_step_0_has_lost_its_baseline(tmp_path):
    write_run(tmp_path, name(), gate="mae", first_step=0)
    scores = score(imported := import_all(tmp_path, tmp_path))
    (files,) = imported.values()
    assert [record["step"] for record in read_json_lines(files["steps"])] == [0, 1, 2]
    assert scores["SSS", "mae", 1, 0, "average", "mae"]["value"] is None
    assert "no predictions of fluency" in scores["SSS", "mae", 1, 0, "average", "mae"]["note"]


def test_an_evaluation_without_a_log_is_no_step(tmp_path):
    run = write_run(tmp_path, name(), summary={"completed_at": None})
    (run / "run_logs" / "step_0002.parquet").unlink()
    records = read_json_lines(import_one(tmp_path, tmp_path)["steps"])
    assert [record["step"] for record in records] == [0, 1]


def test_a_run_that_was_killed_before_its_first_log_has_the_initial_prompt(tmp_path):
    run = write_run(tmp_path, name(), summary={"completed_at": None})
    for path in (run / "run_logs").iterdir():
        path.unlink()
    (record,) = read_json_lines(import_one(tmp_path, tmp_path)["steps"])
    assert record["instructions"] == dict.fromkeys(CRITERIA, "Rate from 1 to 5.")
    assert record["left_out"] == "stopped after step 2"


def test_old_runs_have_all_logs_in_one_file(tmp_path):
    run = write_run(tmp_path, name())
    before = read_json_lines(import_one(tmp_path, tmp_path / "a")["steps"])
    files = sorted((run / "run_logs").iterdir())
    pq.write_table(
        __import__("pyarrow").concat_tables([pq.ParquetFile(path).read() for path in files]), run / "run_logs.parquet"
    )
    for path in files:
        path.unlink()
    assert read_json_lines(import_one(tmp_path, tmp_path / "b")["steps"]) == before


def test_ratings_are_by_run_and_a_missing_one_is_empty(tmp_path):
    write_run(tmp_path, name())
    write_ratings(tmp_path, [name(), name(number=2)])
    rows = read_csv(import_one(tmp_path, tmp_path)["ratings"])
    assert [(row["criterion"], row["diagnostic"], row["score"]) for row in rows[:3]] == [
        ("fluency", "specificity", ""),
        ("fluency", "adherence", ""),
        ("relevance", "specificity", "7"),
    ]
    assert rows[0]["reason"] == "no number in the reply"
    assert len(rows) == 8
    assert {row["source"] for row in rows} == {"published"}


def test_a_cherry_picked_prompt_has_its_texts_as_json(tmp_path):
    rows = make_rows(1, 2)
    path = tmp_path / "eval_cherrypick.parquet"
    write_evaluation(tmp_path / "plain.parquet", 0, rows)
    table = pq.ParquetFile(tmp_path / "plain.parquet").read().drop_columns(["step", "parser_error"])
    place = table.column_names.index("inputs")
    texts = [json.dumps(value) for value in table["inputs"].to_pylist()]
    pq.write_table(table.set_column(place, "inputs", [texts]), path)
    named = name_pairs(rows)
    assert [rated.pair.id for rated in read_evaluation(path, list(CRITERIA)).pairs] == [pair.id for pair in named]


def test_numbers_that_are_not_defined_are_null_in_the_steps(tmp_path):
    rows = make_rows()
    rows[0][2]["fluency"] = float("nan")
    write_run(tmp_path, name(), gate="mae", rows=rows, rate=lambda *_: 3)
    log = make_log(1, rows, "SSS", gate="mae", scores=(float("nan"), -0.5))
    write_log(tmp_path / name() / "run" / "run_logs" / "step_0001.parquet", log)
    text = import_one(tmp_path, tmp_path)["steps"].read_text()
    assert "NaN" not in text
    record = json.loads(text.split("\n")[1])
    assert record["gate"]["reason"] == "mae 0.5000 against undefined"
    assert (record["batch"][0], record["predictions"][0]["human"]["fluency"]) == ("no human score", None)


def test_usage_is_without_calls_and_says_why(tmp_path):
    write_run(tmp_path, name())
    usage = json.loads(import_one(tmp_path, tmp_path)["usage"].read_text())
    assert usage["evaluate"] == {
        "total": {"calls": 0},
        "roles": {},
        "note": "the authors' logs hold no tokens, no costs and no names of models",
    }


def test_the_folder_that_is_read_stays_as_it_is(tmp_path):
    base = tmp_path / "base"
    write_run(base, name())
    write_ratings(base, [name()])
    before = digest_tree(base)
    import_all(base, tmp_path / "out")
    assert digest_tree(base) == before


def digest_tree(folder):
    """Return checksum and time of change of each file of a folder."""
    return {
        path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
