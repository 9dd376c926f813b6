"""Forecast before any call, and costs of finished and stopped jobs."""

import subprocess

import yaml
from tools.journal import read_config

from collide.common.csv_json import read_csv
from collide.experiment.jobs import list_model_jobs

from ..patience import PATIENCE
from .conftest import ROOT, SMALL, command, snakemake, succeed
from .test_live import KEY, count


def last(path, *names):
    """The numbers of a table's last line, which is the sum of all others."""
    row = read_csv(path)[-1]
    return [float(row[name]) for name in names]


def test_a_forecast_made_before_any_call_is_near_the_calls_of_the_finished_project(finished, tmp_path):
    cores = ("--cores", "2")
    plain = [word for word in command(tmp_path, "forecast") if word not in cores]
    done = subprocess.run(plain, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.rglob("*.journal"))
    amounts = ("calls", "tokens_in", "tokens_out")
    made = last(finished / "results/simulated/cost.csv", "replies", "tokens_in", "tokens_out")
    forecast = tmp_path / "results/simulated/forecast.csv"
    for name, truth in zip(amounts, made, strict=True):
        low, middle, high = last(forecast, *(f"{name}_{scenario}" for scenario in ("low", "middle", "high")))
        assert abs(middle / truth - 1) < 0.15, name
        assert low < truth < high, name


def test_a_forecast_of_live_models_needs_no_key(finished, tmp_path):
    corpus = finished / "results/simulated/corpus/summeval/embedded.jsonl"
    done = succeed(tmp_path, "forecast", "--config", "source=live", f"corpus={corpus}", env={"OPENROUTER_API_KEY": ""})
    assert "qwen/qwen3-8b" in done.stdout
    assert last(tmp_path / "results/live/forecast.csv", "cost_middle")[0] > 0


def test_the_listed_jobs_have_the_journals_and_usage_files_that_the_rules_write(finished):
    jobs = list_model_jobs(read_config([SMALL]), "simulated")
    results = finished / "results/simulated"
    usages = [*results.rglob("*usage.json"), *results.rglob("optimize.json")]
    assert {job.journal for job in jobs} == {str(path.relative_to(finished)) for path in results.rglob("*.journal")}
    assert {job.usage for job in jobs} == {str(path.relative_to(finished)) for path in usages}


def test_costs_of_a_finished_project_equal_those_that_all_wrote(finished):
    printed = succeed(finished, "costs").stdout
    files, amounts = ("cost-so-far.csv", "cost.csv"), ("jobs", "unfinished", "replies", "tokens_in", "tokens_out")
    so_far, made = (last(finished / "results/simulated" / name, *amounts) for name in files)
    assert so_far == made
    assert made[1] == 0
    assert "remaining calls" not in printed


def test_a_run_that_a_limit_stopped_prints_its_costs_without_a_call(tmp_path, serve, live):
    server = serve()
    config, limit = live(server.url, concurrency=4), tmp_path / "limit.yaml"
    priced = {name: {"live": {"price_in": 10.0, "price_out": 10.0}} for name in ("qwen3-8b", "qwen3-235b")}
    limit.write_text(yaml.safe_dump({"active_studies": ["main"], "budget": {"run": 0.5}, "models": priced}))
    # All that this run needs besides is the initial prompt on the validation pairs, another run, which stays below the limit.
    target = "results/live/runs/main/SSS/mae/seed0/optimize.json"
    stopped = snakemake(tmp_path, target, configs=[config, limit], env=KEY)
    assert stopped.returncode != 0
    assert "the spending limit of $0.5 (budget.run in config.yaml) is reached" in stopped.stderr
    assert "results/live/cost-so-far.csv" in stopped.stderr
    asked = count(server)
    table = tmp_path / "results/live/cost-so-far.csv"
    replies, cost, jobs, unfinished = last(table, "replies", "cost", "jobs", "unfinished")
    assert replies == asked
    # Four calls are in flight when the limit is reached, none of which costs three times the mean.
    spent = sum(float(row["cost"]) for row in read_csv(table) if row["study"] == "main")
    assert 0.5 <= spent < 0.5 + 4 * 3 * cost / replies
    assert jobs > unfinished > jobs / 2
    before = table.read_bytes()
    printed = succeed(tmp_path, "costs", configs=[config, limit], env=dict.fromkeys(KEY, "")).stdout
    assert f"{jobs - unfinished:g} of {jobs:g} jobs are finished" in printed
    assert "`snakemake forecast` prints the remaining calls" in printed
    assert table.read_bytes() == before
    assert count(server) == asked
