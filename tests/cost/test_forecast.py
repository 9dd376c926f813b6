"""Forecast of calls, tokens and cost."""

import asyncio
import dataclasses
import json

import pandas as pd
import pytest

from collide.corpus.pairs import Pair
from collide.cost.forecast import Forecast
from collide.cost.forecast_table import describe_forecast, sum_forecasts, write_forecast
from collide.cost.forecast_time import mean_reply_seconds
from collide.cost.job_forecast import MIN_REPLIES, forecast_jobs
from collide.cost.job_usage import read_job_usage
from collide.cost.scenarios import SCENARIOS
from collide.cost.usage import RoleUsage
from collide.experiment.jobs import ModelJob
from collide.experiment.modes import parse_mode
from collide.llm.journal import Journal
from collide.llm.request import Answer, CallOrigin, Reply
from collide.optimize.diagnostics import list_diagnostics, rate_steps
from collide.optimize.loop.run_settings import Settings, count_expected_calls
from collide.optimize.prompts import JudgePrompt, Skeleton
from tests.dataset import TEXT_NAMES, make_criterion, make_dataset

NAMES = ("fluency", "relevance", "coherence")
CRITERIA = {
    name: make_criterion(name, f"What {name} is.", [1, 5], "Rate it.") for name in ("fluency", "relevance", "coherence")
}
PAIRS = [Pair(f"d{n}/M", f"d{n}", "M", ("An article. " * 50,), "A summary.", dict.fromkeys(CRITERIA, 4.0)) for n in range(9)]
ALL = SCENARIOS["high"]
SIZES = {"train": 9, "validation": 6, "test": 7}
DATASETS, TRAIN, COUNTS = {"summeval": make_dataset(CRITERIA)}, {"summeval": PAIRS}, {"summeval": SIZES}
MODEL = {"name": "a", "endpoint": "here", "base_url": "", "price_in": 1e6, "price_out": 0.0}
STUDY = {"steps": 4, "batch_size": 3}


def forecast(scenario=ALL, measured=None, **protocol):
    return Forecast(scenario, make_dataset(CRITERIA), PAIRS, measured or {}, protocol)


@pytest.mark.parametrize("name", ["SSS", "SSC", "SCC", "CCC", "single-fluency"])
@pytest.mark.parametrize("gate", ["mae", "none"])
@pytest.mark.parametrize("protocol", [{}, {"gradients": "batch"}, {"ratings": "each_step"}], ids=str)
def test_a_run_whose_every_candidate_is_new_makes_the_calls_that_the_optimizer_counts(name, gate, protocol):
    mode = parse_mode(name, list(CRITERIA))
    calls = forecast(**protocol).forecast_optimization(mode, gate, 4, 3, 6)
    assert sum(part.calls for part in calls) == count_expected_calls(Settings(mode, gate, 0, 4, 3, 0.05, **protocol), 6)


def test_the_protocol_shapes_the_lengths_of_requests():
    mode = parse_mode("SSS", list(CRITERIA))

    def measure(role, **protocol):
        parts = forecast(**protocol).forecast_optimization(mode, "none", 4, 3, 6)
        return next(part.tokens_in for part in parts if part.role == role)

    assert measure("task", examples=2) > measure("task") + 2 * len(PAIRS[0].inputs[0]) / 4
    assert measure("loss", loss_sees="scores") < measure("loss") - len(PAIRS[0].inputs[0]) / 4
    assert measure("gradient", gradients="batch") > measure("gradient") + 2 * len(PAIRS[0].inputs[0]) / 4


def test_where_each_step_has_ratings_of_its_own_every_step_is_evaluated():
    mode, each_step = parse_mode("SSS", list(CRITERIA)), forecast(ratings="each_step")
    prompts = each_step.expect_prompts(mode, "mae", 4)
    assert prompts == 5
    assert next(each_step.forecast_evaluation(mode, "mae", prompts, 7, 6)).calls == 5 * 7


@pytest.mark.parametrize("name", ["SSS", "SSC", "SCC", "CCC", "single-fluency"])
@pytest.mark.parametrize("rubrics", [["paper"], ["paper", "topics"]])
def test_the_diagnostics_of_a_run_with_all_texts_make_the_forecasted_calls(name, rubrics):
    mode = parse_mode(name, list(CRITERIA))
    text = " ".join(f"On {criterion}, be strict." for criterion in CRITERIA)
    step = {
        "step": 1,
        "instructions": dict.fromkeys(mode.criteria, "Rate it."),
        "gradients": [{"criteria": group, "text": text} for group in mode.gradient],
        "rewrites": [{"criteria": group, "instructions": dict.fromkeys(group, "Rate.")} for group in mode.optimizer],
    }
    calls = []

    class Evaluator:
        async def answer_call(self, call, parse):
            calls.append(call)
            return Answer(7, "7", 1, "m", "", 10, 1)

    records = [step, step, step]
    asyncio.run(rate_steps(Evaluator(), records, CRITERIA, list_diagnostics(mode, rubrics), seed=0))
    expected = list(forecast().forecast_diagnostics(mode, "mae", 2, 3, rubrics))
    assert sum(part.calls for part in expected) == len(calls) > 0


def test_a_control_of_separate_gradients_is_longer_than_one_and_a_part_of_a_joint_one_shorter():
    def tokens(name):
        parts = forecast().forecast_diagnostics(parse_mode(name, list(CRITERIA)), "mae", 2, 3, ["paper"])
        return [part.tokens_in for part in parts][:2]

    gradient, joined = tokens("SSC")
    joint, part = tokens("CCC")
    assert gradient < joint < joined
    assert part < joint


def test_a_rating_is_as_long_as_its_prompt():
    mode = parse_mode("single-fluency", list(CRITERIA))
    (part,) = forecast().forecast_initial_evaluation(mode, 13)
    messages = JudgePrompt([CRITERIA["fluency"]], {"fluency": "Rate it."}, Skeleton(TEXT_NAMES)).render_pair(PAIRS[0])
    assert part.tokens_in == sum(len(message["content"]) for message in messages) / 4
    assert part.calls == 13


def test_a_repeated_task_makes_ratings_longer():
    mode = parse_mode("single-fluency", list(CRITERIA))
    plain, repeated = (
        next(Forecast(ALL, make_dataset(CRITERIA), PAIRS, {}, repeat_task=repeat).forecast_initial_evaluation(mode, 13))
        for repeat in (False, True)
    )
    assert plain.tokens_in + 20 < repeated.tokens_in


def test_an_evaluation_makes_no_calls_with_the_initial_prompt():
    mode = parse_mode("SSS", list(CRITERIA))
    calls = [
        next(forecast().forecast_evaluation(mode, gate, prompts, 7, 6)).calls for gate in ("none", "mae") for prompts in (1, 3)
    ]
    assert calls == [0, 26, 0, 14]


def test_measured_lengths_replace_assumed_ones():
    mode = parse_mode("CCC", list(CRITERIA))
    parts = {
        part.role: part for part in forecast(measured={"gradient": (111.0, 22.0)}).forecast_optimization(mode, "mae", 2, 3, 6)
    }
    assert (parts["gradient"].tokens_in, parts["gradient"].tokens_out) == (111.0, 22.0)
    assert parts["loss"].tokens_out > 100


def test_later_steps_bring_fewer_new_prompts():
    single, middle = parse_mode("single-fluency", list(CRITERIA)), forecast(SCENARIOS["middle"])

    def new(gate):
        prompts = [middle.expect_prompts(single, gate, steps) for steps in (1, 2, 3, 12)]
        return [later - earlier for earlier, later in zip([1, *prompts[:-1]], prompts, strict=True)]

    first, second, third, rest = new("mae")
    assert 1 > first > second > third > rest / 9 > 0
    first, second, third, rest = new("none")
    assert 1 == first > second > third > rest / 9 > 0.5


def test_prompts_grow_with_accepted_rewrites_up_to_the_settled_instructions():
    mode, middle = parse_mode("SSS", list(CRITERIA)), forecast(SCENARIOS["middle"])
    lengths = [next(middle.forecast_evaluation(mode, "none", prompts, 7, 6)).tokens_in for prompts in (2, 3, 4, 1000)]
    assert lengths == sorted(lengths)
    initial = next(middle.forecast_initial_evaluation(mode, 7)).tokens_in
    assert lengths[-1] - initial == pytest.approx(3 * SCENARIOS["middle"].instruction_tokens, rel=0.02)


def make_job(folder, kind):
    return ModelJob(
        kind=kind,
        study="main",
        dataset="summeval",
        mode="SSS",
        gate="none",
        usage_part=kind,
        settings=STUDY,
        models=dict.fromkeys(["task", "loss", "gradient", "optimizer"], MODEL),
        steps=str(folder / "steps.jsonl"),
        journal=str(folder / f"{kind}.journal"),
        usage=str(folder / f"{kind}.json"),
    )


def forecast_rows(folder, kind="evaluate"):
    """Rows of one job by role and scenario."""
    return {(row.role, row.scenario): row for row in forecast_jobs([make_job(folder, kind)], DATASETS, TRAIN, COUNTS)}


def test_replies_in_the_journal_are_subtracted_from_what_is_left(tmp_path):
    before = forecast_rows(tmp_path)["task", "high"]
    assert before.calls == before.calls_left == 4 * 13
    with Journal(tmp_path / "evaluate.journal") as journal:
        for n in range(13):
            journal.append(f"{n:032}", Reply("4", "a", "stop", 10, 2), "task", CallOrigin(), 1)
    after = forecast_rows(tmp_path)["task", "high"]
    assert after.calls_left == pytest.approx(3 * 13)
    assert after.cost_left == pytest.approx(after.cost * 3 / 4)


def test_an_unfinished_journal_tells_time_and_length_of_replies(tmp_path):
    before = forecast_rows(tmp_path)["task", "high"]
    with Journal(tmp_path / "evaluate.journal") as journal:
        for n in range(MIN_REPLIES):
            reply = Reply("4", "a", "stop", 10, 1000, seconds=20.0)
            journal.append(f"{n:032}", reply, "task", CallOrigin(), 1)
    jobs = [dataclasses.replace(make_job(tmp_path, "evaluate"), models={"task": MODEL | {"base_url": "http://127.0.0.1/v1"}})]
    after = {row.scenario: row for row in forecast_jobs(jobs, DATASETS, TRAIN, COUNTS)}["high"]
    # Later prompts are longer than those of the first replies.
    assert after.tokens_in == before.tokens_in
    assert after.tokens_out == pytest.approx(1000 * after.calls)
    assert after.seconds_left == pytest.approx(20.0 * after.calls_left)


def test_too_few_replies_tell_no_time(tmp_path):
    with Journal(tmp_path / "evaluate.journal") as journal:
        for n in range(MIN_REPLIES - 1):
            journal.append(f"{n:032}", Reply("4", "a", "stop", 10, 2, seconds=20.0), "task", CallOrigin(), 1)
    job = make_job(tmp_path, "evaluate")
    assert mean_reply_seconds([job], [read_job_usage(job).roles], MIN_REPLIES) == {}


def test_a_finished_job_counts_with_the_calls_that_it_made(tmp_path):
    usage = {"roles": {"task": dataclasses.asdict(RoleUsage(calls=15, replies=13, tokens_in=130, tokens_out=26))}}
    (tmp_path / "evaluate.json").write_text(json.dumps({"evaluate": usage}))
    done = forecast_rows(tmp_path)["task", "high"]
    assert (done.calls, done.calls_left, done.cost) == (13, 0, 130.0)


def test_an_evaluation_after_its_optimization_counts_the_prompts_of_the_steps(tmp_path):
    prompts = ["a", "b", "b", "a"]
    (tmp_path / "steps.jsonl").write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in prompts))
    assert {row.calls for row in forecast_rows(tmp_path).values()} == {13}


def test_the_scenarios_are_in_order_of_cost(tmp_path):
    for job in ("optimize", "evaluate"):
        rows = forecast_rows(tmp_path, job)
        for role in {role for role, _ in rows}:
            costs = [rows[role, scenario].cost for scenario in ("low", "middle", "high")]
            assert costs == sorted(costs)
            assert costs[0] > 0


def test_the_table_sums_all_jobs_and_says_what_is_simulated(tmp_path):
    jobs = [make_job(tmp_path, kind) for kind in ("optimize", "evaluate")]
    for name, source in {"a": "live", "simulated/small": "simulated"}.items():
        named = [dataclasses.replace(job, models=dict.fromkeys(job.models, MODEL | {"name": name})) for job in jobs]
        table = sum_forecasts(list(forecast_jobs(named, DATASETS, TRAIN, COUNTS)))
        write_forecast(tmp_path / "forecast.csv", table)
        rows = pd.read_csv(tmp_path / "forecast.csv").set_index("role")
        # All rows but the last one, which is their sum and names no role.
        assert rows["study"].iloc[-1] == "total"
        assert rows["calls_middle"].iloc[-1] == pytest.approx(rows["calls_middle"].iloc[:-1].sum())
        assert rows.columns[-1] == "source"
        assert set(rows["source"]) == {source}


def test_the_text_gives_the_middle_scenario_and_the_range_of_time(tmp_path):
    table = sum_forecasts(list(forecast_jobs([make_job(tmp_path, "optimize")], DATASETS, TRAIN, COUNTS)))
    text = describe_forecast(table, {"low": 1.2, "middle": 90.0, "high": 1234.5})
    assert text.endswith("about 90 minutes (between 1 and 1,234).")
    assert f"{table['cost', 'middle'].iloc[-1]:,.2f}" in text
