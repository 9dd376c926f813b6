"""A changed setting reruns the jobs whose results it shapes, and no others."""

import pytest
import yaml

from .conftest import planned

TARGETS = ("runs", "scores", "diagnostics", "cherrypick")


@pytest.fixture
def planned_after(finished, tmp_path):
    """Return a function that gives the jobs planned in the finished project after a change of the configuration."""

    def plan(change):
        config = tmp_path / "change.yaml"
        config.write_text(yaml.safe_dump(change), encoding="utf-8")
        jobs = planned(finished, *TARGETS, configs=[config])
        return {name: count for name, count in jobs.items() if name not in TARGETS}

    return plan


def count_runs(finished, study):
    return len(list((finished / f"results/simulated/runs/{study}").rglob("steps.jsonl")))


@pytest.mark.parametrize(
    "change",
    [
        {"endpoints": {"simulator": {"concurrency": 3}}},
        {"budget": {"total": 100}},
        {"models": {"qwen3-8b": {"simulated": {"price_in": 0.3}}}},
    ],
    ids=["concurrency", "budget", "price"],
)
def test_a_limit_or_a_price_reruns_nothing(planned_after, change):
    assert planned_after(change) == {}


def test_a_raised_budget_lets_unfinished_runs_go_on(finished, planned_after):
    """Work that is missing is planned together with the change of a setting that reruns nothing."""
    path = next((finished / "results/simulated/runs").rglob("steps.jsonl"))
    hidden = path.rename(path.with_suffix(".hidden"))
    try:
        assert planned_after({"budget": {"total": 100}})["optimize"] == 1
    finally:
        hidden.rename(path)


def test_a_temperature_of_the_evaluator_reruns_the_diagnostics_alone(finished, planned_after):
    jobs = planned_after({"roles": {"evaluator": {"temperature": 0.5}}})
    assert jobs == {"diagnose": count_runs(finished, ".")}


def test_a_temperature_of_the_task_model_reruns_all_that_rates_pairs(finished, planned_after):
    jobs = planned_after({"roles": {"task": {"temperature": 0.7}}})
    runs = count_runs(finished, ".")
    initial = len(list((finished / "results/simulated/initial").rglob("*.parquet")))
    assert (jobs["optimize"], jobs["evaluate"], jobs["evaluate_initial"]) == (runs, runs, initial)
    assert "evaluate_variant" in jobs
    assert not {"write_initial_prompt", "split_corpus"} & set(jobs)


def test_another_name_of_a_model_reruns_the_runs_that_call_it(finished, planned_after):
    """deepseek-pro writes gradients in gradient-swap, and all feedback and rewrites in deepseek; it rates no pair."""
    jobs = planned_after({"models": {"deepseek-pro": {"simulated": {"name": "simulated/large"}}}})
    affected = count_runs(finished, "deepseek") + count_runs(finished, "gradient-swap")
    assert jobs["optimize"] == jobs["evaluate"] == jobs["diagnose"] == affected
    assert not {"evaluate_initial", "evaluate_variant"} & set(jobs)


def test_a_number_inside_braces_on_the_command_line_is_a_number(finished):
    jobs = planned(finished, "runs", "--config", "studies={gradient-swap: {seeds: [0, 1]}}")
    assert jobs["optimize"] == count_runs(finished, "gradient-swap")
