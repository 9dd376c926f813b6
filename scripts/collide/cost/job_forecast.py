"""Forecast of all jobs: calls, tokens and cost by job, role and scenario, and how much of them remains."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

from collide.common.csv_json import read_json_lines
from collide.corpus.pairs import Pair
from collide.cost.forecast import Forecast, ForecastedCalls
from collide.cost.forecast_time import CallKind, call_seconds, mean_reply_seconds
from collide.cost.job_usage import JobUsage, read_job_usage
from collide.cost.scenarios import SCENARIOS
from collide.cost.usage import RoleUsage, read_price
from collide.experiment.datasets import Dataset
from collide.experiment.jobs import ModelJob
from collide.experiment.modes import parse_mode

# Replies of a role before their mean length replaces the assumption; fewer may all belong to one unusual job.
MIN_REPLIES = 30

# Mean tokens in and out of a role's replies; None where they say nothing about the calls that are left.
MeanTokens = tuple[float | None, float | None]

# Roles whose replies are as long in the first steps of a run as in the last ones. Rewrites grow with the instructions.
STEADY_ROLES = ("task", "loss", "gradient", "evaluator")


@dataclass(frozen=True, slots=True)
class RoleForecast:
    """Forecast of one role of one job under one scenario: all its calls, and what is left of them (US dollars, seconds)."""

    study: str
    role: str
    model: str
    endpoint: str
    scenario: str
    calls: float
    tokens_in: float
    tokens_out: float
    cost: float
    calls_left: float
    cost_left: float
    seconds_left: float


def forecast_jobs(
    jobs: Sequence[ModelJob],
    datasets: Mapping[str, Dataset],
    train: Mapping[str, Sequence[Pair]],
    pair_counts: Mapping[str, Mapping[str, int]],
) -> Iterator[RoleForecast]:
    """Yield the forecast of every job, role and scenario.

    A finished job counts with the calls that it made. For any other job, the replies in its journal are subtracted from what
    is left. By data set, `train` are the pairs whose prompts are measured, and `pair_counts` the sizes of the splits.
    """
    usages = [read_job_usage(job) for job in jobs]
    measured = mean_reply_tokens(jobs, usages)
    seconds = mean_reply_seconds(jobs, [usage.roles for usage in usages], MIN_REPLIES)
    for job, usage in zip(jobs, usages, strict=True):
        for name, scenario in SCENARIOS.items():
            repeat_task = job.models.get("task", {}).get("repeat_task", False)
            means = measured.get((job.study, job.mode), {})
            forecast = Forecast(scenario, datasets[job.dataset], train[job.dataset], means, job.protocol, repeat_task)
            calls = list_made_calls(usage.roles) if usage.finished else forecast_job(job, forecast, pair_counts[job.dataset])
            for role in dict.fromkeys(part.role for part in calls):
                yield forecast_role(job, role, name, [part for part in calls if part.role == role], usage, seconds)


def forecast_job(job: ModelJob, forecast: Forecast, pair_counts: Mapping[str, int]) -> list[ForecastedCalls]:
    """Return the calls of one job that is not finished."""
    mode = parse_mode(job.mode, list(forecast.criteria))
    test, validation = pair_counts["test"], pair_counts["validation"]
    if job.kind in ("initial", "retest"):
        return list(forecast.forecast_initial_evaluation(mode, pair_counts[job.split]))
    steps, batch_size = job.settings["steps"], job.settings["batch_size"]
    match job.kind:
        case "optimize":
            calls = forecast.forecast_optimization(mode, job.gate, steps, batch_size, validation)
        case "evaluate":
            # A finished optimization has fixed the prompts of its evaluation.
            prompts = _count_prompts(Path(job.steps)) or forecast.expect_prompts(mode, job.gate, steps)
            calls = forecast.forecast_evaluation(mode, job.gate, prompts, test, validation)
        case "diagnose":
            calls = forecast.forecast_diagnostics(mode, job.gate, steps, batch_size, job.rubrics)
        case "variant":
            calls = forecast.forecast_variant(mode, job.variant["gates"], steps, job.variant["together"], test)
        case _:
            raise ValueError(f"job kind {job.kind!r} has no forecast")
    return list(calls)


def list_made_calls(roles: Mapping[str, RoleUsage]) -> list[ForecastedCalls]:
    """Return the calls that a finished job made, in the form of a forecast."""
    return [
        ForecastedCalls(role, usage.replies, usage.tokens_in / max(usage.replies, 1), usage.tokens_out / max(usage.replies, 1))
        for role, usage in roles.items()
    ]


def mean_reply_tokens(jobs: Sequence[ModelJob], usages: Sequence[JobUsage]) -> dict[tuple[str, str], dict[str, MeanTokens]]:
    """Return the mean tokens in and out of each role with at least MIN_REPLIES replies, by study and mode.

    Finished jobs tell both. Where there is none, journals of unfinished jobs tell the length of the replies alone: they hold
    the first steps, whose prompts are shorter than those of later steps.
    """
    started = _sum_replies(jobs, usages)
    ended = [usage.finished for usage in usages]
    finished = _sum_replies(list(compress(jobs, ended)), list(compress(usages, ended)))
    means: dict[tuple[str, str], dict[str, MeanTokens]] = {}
    for (study, mode, role), total in started.items():
        if role in STEADY_ROLES:
            means.setdefault((study, mode), {})[role] = (None, total.tokens_out / total.replies)
    for (study, mode, role), total in finished.items():
        means.setdefault((study, mode), {})[role] = (total.tokens_in / total.replies, total.tokens_out / total.replies)
    return means


def _sum_replies(jobs: Sequence[ModelJob], usages: Sequence[JobUsage]) -> dict[tuple[str, str, str], RoleUsage]:
    """Return the sums by study, mode and role of which there are enough replies."""
    sums: dict[tuple[str, str, str], RoleUsage] = {}
    for job, usage in zip(jobs, usages, strict=True):
        for role, reported in usage.roles.items():
            total = sums.setdefault((job.study, job.mode, role), RoleUsage())
            total.replies += reported.replies
            total.tokens_in += reported.tokens_in
            total.tokens_out += reported.tokens_out
    return {key: total for key, total in sums.items() if total.replies >= MIN_REPLIES}


def forecast_role(
    job: ModelJob,
    role: str,
    scenario: str,
    parts: Sequence[ForecastedCalls],
    usage: JobUsage,
    seconds: Mapping[CallKind, float],
) -> RoleForecast:
    """Return the forecast of one role of a job from its expected calls (`parts`) and from what it has used so far.

    `seconds` is the mean time of earlier replies by kind of call, where it is known.
    """
    model = job.models[role]
    measured = seconds.get((model["endpoint"], model["name"], role))
    calls = math.fsum(part.calls for part in parts)
    tokens_in = math.fsum(part.calls * part.tokens_in for part in parts)
    tokens_out = math.fsum(part.calls * part.tokens_out for part in parts)
    used = usage.roles.get(role, RoleUsage())
    # A finished job knows how much the provider's cache saved. For any other job a saving is not counted on.
    cost = used.cost if usage.finished else read_price(model).price_tokens(tokens_in, tokens_out)
    replies = used.replies
    # A job may make more calls than forecast; then nothing is left, not less than nothing.
    left = max(1 - replies / calls, 0.0) if calls and not usage.finished else 0.0
    return RoleForecast(
        study=job.study,
        role=role,
        model=model["name"],
        endpoint=model["endpoint"],
        scenario=scenario,
        calls=calls,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost=cost,
        calls_left=left * calls,
        cost_left=left * cost,
        seconds_left=left * call_seconds(calls, tokens_out, not model["base_url"], measured),
    )


def _count_prompts(steps: Path) -> int:
    """Return the number of different prompts in force during a run, 0 if the run has no steps file yet."""
    return len({record["prompt"] for record in read_json_lines(steps)}) if steps.exists() else 0
