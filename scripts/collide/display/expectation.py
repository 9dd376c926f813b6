"""Expected calls, cost and time of the jobs that are planned: the middle scenario of the forecast."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collide.corpus.pairs import Pair, read_pairs
from collide.cost.forecast import Forecast, ForecastedCalls
from collide.cost.forecast_time import minutes_left
from collide.cost.job_forecast import RoleForecast, forecast_job, forecast_role
from collide.cost.job_usage import JobUsage
from collide.cost.scenarios import SCENARIOS
from collide.cost.usage import read_price
from collide.display.state import ExpectedCalls
from collide.experiment.datasets import Dataset, collect_dataset, read_dataset
from collide.experiment.jobs import ModelJob
from collide.experiment.paths import dataset_split_file

SCENARIO = "middle"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Expected calls by the usage file of each job, and the minutes that all calls take at the limits of the endpoints."""

    calls: Mapping[str, ExpectedCalls]
    minutes: float


def expect_calls(
    jobs: Sequence[ModelJob],
    config: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    jobs_at_once: int,
) -> Expectation:
    """Return the expected calls of jobs that have yet to run.

    The prompts of the training pairs are measured. While the pairs of a data set are missing, the cost of its jobs is unknown
    if their models have a price. `endpoints` are the endpoints with the calls in flight of all jobs together.
    """
    prices = {id(job): {role: read_price(model) for role, model in job.models.items()} for job in jobs}
    priced = {id(job) for job in jobs if any(price.tokens_in or price.tokens_out for price in prices[id(job)].values())}
    files = {job.dataset: Path(dataset_split_file(job.dataset, "train", config["source"])) for job in jobs}
    measured = {name for name, file in files.items() if priced and file.exists()}
    datasets = {name: read_dataset(collect_dataset(config, name)) for name in files}
    # The number of calls depends on no text. One short pair in place of the data set is quick to render.
    pairs = {name: read_pairs(file) if name in measured else [_stand_in_pair(datasets[name])] for name, file in files.items()}
    rendered: dict[tuple[object, ...], list[ForecastedCalls]] = {}
    expected, rows = {}, []
    for job in jobs:
        parts = _forecast_once(
            job, datasets[job.dataset], pairs[job.dataset], config["datasets"][job.dataset]["split"], rendered
        )
        roles = [
            forecast_role(job, role, SCENARIO, [part for part in parts if part.role == role], JobUsage(False, {}), {})
            for role in dict.fromkeys(part.role for part in parts)
        ]
        rows += roles
        expected[job.usage] = ExpectedCalls(
            job.journal,
            math.fsum(role.calls for role in roles),
            None if id(job) in priced and job.dataset not in measured else math.fsum(role.cost for role in roles),
            math.fsum(role.seconds_left / _share_calls(endpoints, role, jobs_at_once) for role in roles),
            prices[id(job)] if id(job) in priced else {},
        )
    return Expectation(expected, minutes_left(rows, endpoints).get(SCENARIO, 0.0))


def _forecast_once(
    job: ModelJob,
    dataset: Dataset,
    pairs: Sequence[Pair],
    sizes: Mapping[str, int],
    rendered: dict[tuple[object, ...], list[ForecastedCalls]],
) -> list[ForecastedCalls]:
    """Return the calls of a job. Jobs that differ in their seed alone are forecast once; `rendered` remembers them."""
    steps = job.steps if Path(job.steps).is_file() else ""
    repeat_task = job.models.get("task", {}).get("repeat_task", False)
    key = (
        job.kind,
        job.dataset,
        job.study,
        job.mode,
        job.gate,
        job.split,
        steps,
        repeat_task,
        repr(job.variant),
        repr(job.protocol),
    )
    if key not in rendered:
        forecast = Forecast(SCENARIOS[SCENARIO], dataset, pairs, {}, job.protocol, repeat_task)
        rendered[key] = forecast_job(job, forecast, sizes)
    return rendered[key]


def _share_calls(endpoints: Mapping[str, Mapping[str, Any]], role: RoleForecast, jobs_at_once: int) -> float:
    """Return the calls in flight of one of the jobs that run at the same time."""
    return max(endpoints[role.endpoint]["max_in_flight"] / jobs_at_once, 1.0)


def _stand_in_pair(dataset: Dataset) -> Pair:
    human = {name: float(criterion.scale.low) for name, criterion in dataset.criteria.items()}
    return Pair("document/system", "document", "system", ("Text.",) * len(dataset.texts.inputs), "Text.", human)
