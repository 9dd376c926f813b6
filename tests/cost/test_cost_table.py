"""Cost table and usage of single jobs."""

import dataclasses
import json
from pathlib import Path

from collide.common.csv_json import is_simulated
from collide.cost.cost_table import describe_costs, sum_costs, write_cost_table
from collide.cost.job_usage import read_job_usage
from collide.cost.usage import RoleUsage
from collide.experiment.jobs import ModelJob
from collide.llm.journal import Journal
from collide.llm.request import CallOrigin, Reply

PRICES = {"name": "model/a", "price_in": 1e6, "price_out": 2e6}


def usage(tokens, replies=1):
    """A role's usage, its cost at a price that was corrected since."""
    return dataclasses.asdict(RoleUsage(calls=1, replies=replies, tokens_in=tokens, cost=0.01, models={"model/a": replies}))


def make_job(folder, study, kind, *roles):
    return ModelJob(
        kind=kind,
        study=study,
        dataset="summeval",
        mode="SSS",
        usage_part=kind,
        settings={},
        models=dict.fromkeys(roles, PRICES),
        usage=str(folder / f"{study}-{kind}.json"),
        journal=str(folder / f"{study}-{kind}.journal"),
    )


def finish(job, content):
    Path(job.usage).write_text(json.dumps(content))


def test_costs_are_summed_by_study_and_role_with_the_total_last(tmp_path):
    jobs = [
        make_job(tmp_path, "main", "optimize", "task", "loss"),
        make_job(tmp_path, "main", "evaluate", "task"),
        make_job(tmp_path, "main", "diagnose", "evaluator"),
        make_job(tmp_path, "cherrypick", "evaluate", "task"),
    ]
    optimized = {"roles": {"task": usage(1), "loss": usage(5)}}
    finish(jobs[0], optimized)
    finish(jobs[1], {"optimize": optimized, "evaluate": {"roles": {"task": usage(2, replies=0)}}})
    finish(jobs[2], {"diagnose": {"roles": {"evaluator": usage(8)}}})
    finish(jobs[3], {"evaluate": {"roles": {"task": usage(4)}}})
    rows = list(sum_costs(jobs))
    assert [(row["study"], row["role"], row["jobs"], row["cost"]) for row in rows] == [
        ("main", "task", 2, 3.0),
        ("main", "loss", 1, 5.0),
        ("main", "evaluator", 1, 8.0),
        ("cherrypick", "task", 1, 4.0),
        ("total", "", 4, 20.0),
    ]
    assert (rows[-1]["calls"], rows[-1]["replies"], rows[-1]["models"]) == (5, 4, "model/a 4")
    assert rows[-1]["unfinished"] == 0


def test_a_stopped_job_counts_with_its_journal_and_a_job_not_started_with_nothing(tmp_path):
    stopped, waiting = make_job(tmp_path, "main", "optimize", "task", "loss"), make_job(tmp_path, "main", "evaluate", "task")
    with Journal(tmp_path / "main-optimize.journal") as journal:
        journal.append("0" * 32, Reply("4", "model/b", "stop", 10, 2), "task", CallOrigin(), 1)
        journal.append("1" * 32, "the prompt is too long", "task", CallOrigin(), 1)
        journal.append("2" * 32, Reply("Too high.", "model/c", "stop", 20, None), "loss", CallOrigin(), 1)
    rows = list(sum_costs([stopped, waiting]))
    assert [
        (row["role"], row["jobs"], row["unfinished"], row["replies"], row["cost"], row["without_token_counts"]) for row in rows
    ] == [
        ("task", 2, 2, 1, 14.0, 0),
        ("loss", 1, 1, 1, 20.0, 1),
        ("", 2, 2, 2, 34.0, 1),
    ]
    assert describe_costs(rows).endswith(
        "0 of 2 jobs are finished; `snakemake forecast` prints the remaining calls and their cost."
    )


def test_a_usage_file_that_was_cut_short_is_that_of_a_job_not_finished(tmp_path):
    (job,) = jobs = [make_job(tmp_path, "main", "optimize", "task")]
    with Journal(tmp_path / "main-optimize.journal") as journal:
        journal.append("0" * 32, Reply("4", "model/b", "stop", 10, 2), "task", CallOrigin(), 1)
        journal.append("1" * 32, Reply("4", "model/b"), "task", CallOrigin(), 1, assumed_tokens=(5, 1))
    (tmp_path / "main-optimize.json").write_text('{"roles": {"ta')
    row = next(sum_costs(jobs))
    assert (row["unfinished"], row["replies"], row["without_token_counts"]) == (1, 2, 1)
    # Unreported tokens are assumed from the length of the texts.
    assert (row["tokens_in"], row["tokens_out"], row["cost"]) == (15, 3, 15.0 + 2 * 3)
    assert not read_job_usage(job).finished


def test_a_usage_file_of_another_version_is_that_of_a_job_not_finished(tmp_path):
    job = make_job(tmp_path, "main", "optimize", "task")
    finish(job, {"roles": {"task": usage(1) | {"count_of_an_earlier_version": 3}}})
    assert not read_job_usage(job).finished


def test_costs_of_simulated_replies_say_so_whatever_the_source(tmp_path):
    (job,) = jobs = [make_job(tmp_path, "main", "optimize", "task")]
    for model, marked in (("simulated/small", True), ("model/a", False)):
        finish(job, {"roles": {"task": usage(1) | {"models": {model: 1}}}})
        write_cost_table(jobs, tmp_path / "cost.csv")
        assert is_simulated(tmp_path / "cost.csv") == marked


def test_costs_before_the_first_simulated_reply_say_so_too(tmp_path):
    job = make_job(tmp_path, "main", "optimize", "task")
    job.models["task"] = PRICES | {"name": "simulated/small"}
    rows = write_cost_table([job], tmp_path / "cost.csv")
    assert rows[-1]["replies"] == 0
    assert is_simulated(tmp_path / "cost.csv")
