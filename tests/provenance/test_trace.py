"""Traces of the default design; a run that a trace names is one that the design has."""

import pytest

from collide.claims.claim_reader import read_claims
from collide.experiment.jobs import list_model_jobs
from collide.experiment.runs import list_study_runs
from collide.provenance.trace import trace_claims, trace_exhibits, trace_picked, trace_runs
from tests.handmade import CONFIG

RUNS = {run.path for run in list_study_runs(CONFIG, CONFIG["active_studies"])}


@pytest.fixture(scope="module")
def exhibits():
    return {entry["exhibit"]: entry for entry in trace_exhibits(CONFIG, "live")}


def test_each_run_has_its_files_and_its_journals_and_no_journal_is_left_out():
    runs = {entry["run"]: entry for entry in trace_runs(CONFIG, "live")}
    assert set(runs) == RUNS
    assert "results/live/runs/main/SSS/mae/seed0/steps.jsonl" in runs["main/SSS/mae/seed0"]["files"]
    assert "results/live/initial/summeval/paper/qwen3-8b/together/seed0/test.parquet" in runs["main/SSS/mae/seed0"]["files"]
    journals = {path for entry in (*runs.values(), *trace_picked(CONFIG, "live")) for path in entry["journals"]}
    shared = {job.journal for job in list_model_jobs(CONFIG, "live") if job.kind in ("initial", "retest")}
    assert journals | shared == {job.journal for job in list_model_jobs(CONFIG, "live")}


def test_exhibits_trace_to_the_runs_of_their_cells(exhibits):
    assert exhibits["table6"]["runs"] and all(run.startswith("deepseek/") for run in exhibits["table6"]["runs"])
    assert set(exhibits["table1"]["runs"]) == {run for run in RUNS if run.startswith("main/")}
    assert exhibits["figure1"]["runs"] == []
    assert "results/live/tables/table1.csv" in exhibits["table1"]["files"]
    for entry in exhibits.values():
        assert set(entry["runs"]) <= RUNS


def test_a_cherry_picked_prompt_traces_to_the_runs_that_it_was_picked_from(exhibits):
    picked = {entry["picked"]: entry for entry in trace_picked(CONFIG, "live")}
    assert set(exhibits["table5"]["picked"]) <= set(picked)
    assert "main/none-mae" in exhibits["table5"]["picked"]
    assert len(picked["main/none-mae"]["runs"]) == 4 * 3
    assert all("/none/" in run for run in picked["main/none-mae"]["runs"])


def test_every_claim_traces_to_runs_or_picked_prompts():
    claims = trace_claims(CONFIG)
    assert [entry["claim"] for entry in claims] == [claim.id for claim in read_claims()]
    assert not [entry for entry in claims if not entry["runs"] and not entry["picked"]]
    (first,) = [entry for entry in claims if entry["claim"] == "Table 1: main/SSS/mae/average/best"]
    assert first["runs"] == [f"main/SSS/mae/seed{seed}" for seed in (0, 1, 2)]


def test_a_claim_of_an_inactive_study_has_no_runs():
    claims = trace_claims({**CONFIG, "active_studies": ["deepseek"]})
    assert not [run for entry in claims for run in entry["runs"] if not run.startswith("deepseek/")]
