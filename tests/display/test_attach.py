"""Facts that the display reads from Snakemake's jobs and from the configuration."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from collide.display.attach import attach_display, find_shown_table, list_targets, list_unpriced, plan_jobs
from collide.display.expectation import expect_calls
from collide.experiment.jobs import list_model_jobs
from collide.llm.transport.shared_limits import limit_endpoints, share_limits

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config():
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config["active_studies"] = ["deepseek"]
    return config


def make_rule(stage):
    return SimpleNamespace(snakefile=f"/project/rules/{stage}.smk")


def make_job(number, rule, output=(), norun=False):
    return SimpleNamespace(jobid=number, rule=rule, output=list(output), log=[f"logs/{number}.log"], is_norun=norun)


def test_jobs_are_planned_in_the_order_of_the_rules_files():
    first, second = make_rule("corpus"), make_rule("report")
    jobs = plan_jobs([make_job(7, second), make_job(3, first)], [first, second])
    assert [(job.number, job.stage, job.log) for job in jobs] == [(3, "corpus", "logs/3.log"), (7, "report", "logs/7.log")]


def test_the_targets_are_files_or_the_files_of_the_jobs_before_a_target_without_files():
    rule = make_rule("report")
    table, total, alone = make_job(1, rule, ["t.csv", "t.tex"]), make_job(2, rule, norun=True), make_job(3, rule, ["a.csv"])
    dag = SimpleNamespace(targetjobs=[total, alone], dependencies=_Lookup({2: [table]}))
    assert list_targets(dag) == ["a.csv", "t.csv", "t.tex"]


class _Lookup:
    def __init__(self, values):
        self._values = values

    def __getitem__(self, job):
        return self._values[job.jobid]


def test_live_models_without_a_price_are_named(config):
    jobs = list_model_jobs(config, "live")
    assert list_unpriced(config, "live", jobs) == []
    for model in ("deepseek-flash", "qwen3-8b"):
        del config["models"][model]["live"]["price_in"]
    # The active study does not call the other one.
    assert list_unpriced(config, "live", jobs) == ["deepseek-flash"]
    assert list_unpriced(config, "live", []) == list_unpriced(config, "simulated", jobs) == []


def test_the_expected_calls_need_no_corpus_and_the_cost_does(config, tmp_path):
    for source in ("simulated", "live"):
        jobs = list_model_jobs(config, source)
        endpoints = limit_endpoints(share_limits(config["endpoints"]), 8, 2)
        expected = expect_calls(jobs, config, endpoints, 8)
        assert set(expected.calls) == {job.usage for job in jobs}
        assert {part.cost for part in expected.calls.values()} == {0.0 if source == "simulated" else None}
        assert 50_000 < sum(part.calls for part in expected.calls.values()) < 150_000
        assert expected.minutes > 0


@pytest.mark.parametrize("asked", ["dryrun", "verbose", "debug_dag", "printshellcmds", "show_failed_logs"])
def test_no_display_where_the_user_asks_for_other_output(monkeypatch, asked):
    settings = dict.fromkeys(["dryrun", "verbose", "debug_dag", "printshellcmds", "show_failed_logs"], False)
    workflow = SimpleNamespace(
        output_settings=SimpleNamespace(quiet=set(), **(settings | {asked: True})), is_main_process=True, touch=False
    )
    monkeypatch.setattr("collide.display.attach.logger", None)  # touching it would fail
    attach_display(workflow)


def test_the_table_at_the_end_is_the_first_one_among_the_targets(config):
    own = ("Study gradient-swap", Path("results/live/tables/gradient-swap-optimization.csv"))
    both = config | {"active_studies": ["gradient-swap", "main"]}
    assert find_shown_table(both, "live", []) == ("Table 1", Path("results/live/tables/table1.csv"))
    assert find_shown_table(both, "live", [str(own[1])]) == own
    assert find_shown_table(config | {"active_studies": ["gradient-swap"]}, "live", []) == own
