"""Source `published`: a folder of made-up logs becomes tables and claims, and stays as it is."""

import pytest

from collide.common.csv_json import read_csv

from ..published.made import CRITERIA, write_ratings, write_run
from ..published.test_import import digest_tree, name
from .conftest import planned, snakemake, succeed

pytestmark = pytest.mark.slow

TABLES = ("tables/table1.csv", "tables/table4.csv", "claims.csv", "checks.csv", "cost.csv", "inventory.csv", "quality/main.csv")


@pytest.fixture
def logs(tmp_path):
    base = tmp_path / "authors"
    for number in (1, 2):
        write_run(base, name(number=number), "SSS", "mae")
    write_run(base, name(number=3), "SSS", "mae", summary={"completed_at": None, "error": "x", "error_step": 3})
    for criterion in CRITERIA:
        write_run(base, name(f"CCC-val=mae-task={criterion}"), "CCC", "mae", [criterion])
    write_ratings(base, [name(number=1), name(number=2)])
    (base / "textgrad_mode_plots").mkdir()
    return base


def test_only_found_runs_are_planned_and_no_call(logs, tmp_path):
    jobs = planned(tmp_path, "all", "--config", "source=published", f"published={logs}")
    assert jobs["import_run"] == 7
    assert not {"optimize", "evaluate", "evaluate_initial", "diagnose", "read_corpus", "split_corpus"} & set(jobs)


def test_a_missing_folder_is_one_sentence(tmp_path):
    done = snakemake(tmp_path, "all", "--config", "source=published", "published=nowhere")
    assert done.returncode != 0
    assert "nowhere: no folder; expected the authors' published logs" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_the_workflow_writes_to_is_refused(logs, tmp_path):
    done = snakemake(tmp_path, "all", "--config", "source=published", f"published={tmp_path}")
    assert done.returncode != 0
    assert "holds or lies in the folder results" in done.stderr
    assert logs.is_dir()


def test_a_target_about_calls_has_nothing_to_do(logs, tmp_path):
    done = snakemake(tmp_path, "check_endpoints", "--config", "source=published", f"published={logs}")
    assert done.returncode != 0
    assert "source published calls no model, so that there is nothing to do for check_endpoints" in done.stderr


def test_tables_and_claims_come_from_the_logs_which_stay_as_they_are(logs, tmp_path):
    before = digest_tree(logs)
    results = tmp_path / "results" / "published"
    targets = [f"results/published/{table}" for table in TABLES]
    succeed(tmp_path, *targets, "--config", "source=published", f"published={logs}")
    assert digest_tree(logs) == before
    for table in TABLES:
        assert {row["source"] for row in read_csv(results / table)} == {"published"}
    cells = {(row["row"], row["column"]): row for row in read_csv(results / "tables/table1.csv") if "MAE" in row["group"]}
    assert cells["SSS", "Initial"]["value"]
    assert "seed 3 left out, failed at step 3" in cells["SSS", "Initial"]["note"]
    assert cells["SSS", "Val. gain"]["value"] == ""
    assert cells["SSS", "Val. gain"]["note"] == "the logs hold no ratings of validation pairs"
    (cost,) = read_csv(results / "cost.csv")
    assert (cost["calls"], cost["cost"]) == ("", "")
    assert cost["note"].startswith("the authors' logs hold no tokens")
    problems = {row["folder"]: row["problem"] for row in read_csv(results / "inventory.csv")}
    assert problems["textgrad_mode_plots"] == "not a folder of a run"
    assert "Checks of the authors" in (results / "claims.html").read_text(encoding="utf-8")
