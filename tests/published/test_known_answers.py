"""The authors' code gave known values for 33 of its run folders; skipped where these folders are absent."""

import csv
import hashlib
import tarfile
from pathlib import Path

import pytest

from collide.analysis.bootstrap import RunPicker, draw_resamples
from collide.analysis.metrics import METRICS
from collide.analysis.prediction_groups import read_prediction_groups
from collide.analysis.quantities.agreement import estimate_agreement
from collide.analysis.quantities.cell import read_cell, read_ratings
from collide.analysis.quantities.diagnostics import estimate_cell_diagnostics
from collide.analysis.scores import score_group
from collide.common.csv_json import read_json_lines
from collide.published.files import write_predictions
from collide.published.folders import find_runs
from collide.published.logs import read_evaluation

from .made import CRITERIA
from .test_import import SCALES, import_all, score

pytestmark = pytest.mark.slow

ARCHIVE = Path(__file__).parents[3] / "shared" / "authors" / "run-folders.tar.xz"
ROLES = {"SpearmanCorrelation": "spearman", "KendallTau": "kendall", "MAE": "mae", "OffByOne": "off_by_one"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    if not ARCHIVE.is_file():
        pytest.skip("the run folders with known values are absent")
    folder = tmp_path_factory.mktemp("authors")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def imported(folders, tmp_path_factory):
    return import_all(folders / "fixture", tmp_path_factory.mktemp("imported"))


def read_known(folders, name):
    with (folders / "known_fixture" / name).open(newline="") as stream:
        return list(csv.DictReader(stream))


def name_mode(row):
    single = row["mode"] == "Single" or "-task=" in row.get("run_name", "")
    return "single" if single else row["mode"]


def select_cell(imported, row):
    return {run: files for run, files in imported.items() if (run.shown_mode, run.gate) == (name_mode(row), row["val"])}


def close(value):
    return pytest.approx(float(value), abs=1e-9)


def test_every_score_of_33_runs_is_that_of_the_authors_functions(folders, imported):
    assert len(imported) == 33
    scores, compared = score(imported), 0
    for row in read_known(folders, "known_per_run_step_criterion.csv"):
        for theirs, ours in ROLES.items():
            key = (name_mode(row), row["val"], int(row["run"]), int(row["step"]), row["task"], ours)
            value = scores[key]["value"]
            # Their code gives an undefined correlation the value 0.
            assert (0.0 if value is None else value) == close(row[theirs])
            compared += 1
    assert compared == 4 * 336


def test_every_cell_of_the_tables_is_that_of_the_authors_functions(folders, imported):
    known, cells = read_known(folders, "known_table_cells.csv"), {}
    for row in known:
        key = (name_mode(row), row["val"])
        if key not in cells:
            runs = [(files["steps"], files["predictions"]) for files in select_cell(imported, row).values()]
            documents = {d for _, path in runs for g in read_prediction_groups(path).groups.values() for d in g.documents}
            resamples = draw_resamples(sorted(documents), 2, 0)
            cell = read_cell(runs, list(CRITERIA), resamples)
            assert not cell.note
            found = estimate_agreement("main", *key, cell.trajectories, resamples, SCALES)
            cells[key] = {(e.name.criterion, e.name.quantity): (e.draws[0], e.runs) for e in found}
        step, estimates = f"step{row['step']}", cells[key]
        for criterion in (*CRITERIA, "average"):
            column = "avg" if criterion == "average" else criterion
            assert estimates[criterion, step][0] == close(row[f"{column}_spearman_mean"])
            assert estimates[criterion, f"{step}_sd"][0] == close(row[f"{column}_spearman_std"])
        assert estimates["average", step][1] == len(row["runs"].split())
        if row["HVI_spearman"]:
            assert estimates["average", f"hvi_{step}"][0] == close(row["HVI_spearman"])
        if row["is_best"] == "True":
            assert estimates["average", "best_step"][0] == int(row["step"])
    assert len(known) == 40


def test_every_step_has_their_decision_instructions_and_form_of_the_reply(folders, imported):
    records = {run: read_json_lines(files["steps"]) for run, files in imported.items()}
    known = read_known(folders, "known_steps.csv")
    base = {folder.path.name: folder for folder in find_runs(folders / "fixture", CRITERIA).list_runs()}
    for row in known:
        folder = base[row["run_name"]]
        (run,) = [run for run in records if (run.mode, run.gate, run.seed) == (folder.mode, folder.gate, folder.number)]
        record = records[run][int(row["step"])]
        assert str(record["gate"]["accepted"]) == row["accepted"]
        assert str(record["output_format"]) == row["output_format_in_force"]
        for part, texts in (("in_force", record["instructions"]), ("candidate", record["candidate"])):
            for criterion, text in texts.items():
                assert hashlib.sha1(text.encode()).hexdigest()[:16] == row[f"{part}_{criterion}_sha1"]
    assert len(known) == 99


def test_every_cherry_picked_prompt_has_their_scores(folders, tmp_path):
    groups, compared = {}, 0
    for pick in find_runs(folders / "fixture", CRITERIA).list_cherrypicks():
        path = tmp_path / f"{pick.path.name}.parquet"
        write_predictions(path, {"prompt": read_evaluation(pick.files / "eval_cherrypick.parquet", list(CRITERIA)).pairs})
        found = read_prediction_groups(path).groups
        groups[pick.path.name] = {key.criterion: group for key, group in found.items()}
    for row in read_known(folders, "known_cherrypick.csv"):
        if row["metric"] in ROLES and row["task"] in CRITERIA:
            value = score_group(groups[row["variant"]][row["task"]], METRICS[ROLES[row["metric"]]]).value
            assert (0.0 if value is None else value) == close(row["value"])
            compared += 1
    assert compared == 6 * 4 * 3


def test_every_mean_of_the_diagnostics_is_theirs(folders, imported):
    known = read_known(folders, "known_diagnostics.csv")
    for row in known:
        ratings = [rating for files in select_cell(imported, row).values() for rating in read_ratings(files["ratings"])]
        quantity = {"gradient_specificity": "specificity", "feedback_adherence": "adherence"}[row["diagnostic"]]
        found = {(e.name.criterion, e.name.quantity): e for e in estimate_cell_diagnostics(ratings, RunPicker(2, 0))}
        assert found["average", quantity].draws[0] == close(row["mean"])
        assert found["average", f"{quantity}_sd"].draws[0] == close(row["std"])
        assert found["average", quantity].n == int(row["count"])
    assert len(known) == 20
