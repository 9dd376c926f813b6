"""Forecast of the time that remaining calls take, from the limits of their endpoints."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from collide.cost.usage import RoleUsage
from collide.experiment.jobs import ModelJob

if TYPE_CHECKING:
    from collide.cost.job_forecast import RoleForecast

# Processor time of a simulated call and everything done with its reply, measured on two cores of a 2024 server.
SIMULATED_SECONDS = 0.0009

# Assumed time of a live call: 1 s until the first token, and 50 tokens per second, common for hosted models of this size.
SECONDS_PER_CALL, SECONDS_PER_TOKEN = 1.0, 0.02


# Endpoint, name of the model there, and role: calls of one kind, which take about the same time.
CallKind = tuple[str, str, str]


def call_seconds(calls: float, tokens_out: float, simulated: bool, measured: float | None = None) -> float:
    """Return the time of these calls made one after another, in seconds. `measured` is the mean time of earlier replies."""
    if simulated:
        return calls * SIMULATED_SECONDS
    return calls * SECONDS_PER_CALL + tokens_out * SECONDS_PER_TOKEN if measured is None else calls * measured


def mean_reply_seconds(
    jobs: Sequence[ModelJob], usages: Sequence[Mapping[str, RoleUsage]], least: int
) -> dict[CallKind, float]:
    """Return the mean time in seconds of each kind of call with at least `least` replies whose time is known.

    `usages` are those of the jobs by role. Replies of unfinished jobs count, too: first and last steps take about as long.
    """
    sums: dict[CallKind, RoleUsage] = {}
    for job, usage in zip(jobs, usages, strict=True):
        for role, counted in usage.items():
            model = job.models[role]
            total = sums.setdefault((model["endpoint"], model["name"], role), RoleUsage())
            total.timed += counted.timed
            total.seconds += counted.seconds
    return {kind: total.seconds / total.timed for kind, total in sums.items() if total.timed >= least}


def minutes_left(rows: Iterable[RoleForecast], endpoints: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the minutes that all remaining calls take, by scenario, when every endpoint is used to its limits.

    The slowest endpoint counts, as all endpoints work at the same time.
    """
    groups: dict[tuple[str, str], list[RoleForecast]] = {}
    for row in rows:
        groups.setdefault((row.scenario, row.endpoint), []).append(row)
    minutes: dict[str, float] = {}
    for (scenario, endpoint), part in groups.items():
        minutes[scenario] = max(minutes.get(scenario, 0.0), _endpoint_minutes(endpoints[endpoint], part))
    return minutes


def _endpoint_minutes(limits: Mapping[str, float], rows: Sequence[RoleForecast]) -> float:
    """Return the minutes of one scenario under the tightest of an endpoint's limits."""
    calls_left = math.fsum(row.calls_left for row in rows)
    bounds = [math.fsum(row.seconds_left for row in rows) / 60 / limits["max_in_flight"]]
    if limits.get("requests_per_minute"):
        bounds.append(calls_left / limits["requests_per_minute"])
    if limits.get("tokens_per_minute"):
        calls = math.fsum(row.calls for row in rows)
        tokens = math.fsum(row.tokens_in + row.tokens_out for row in rows)
        bounds.append(tokens * calls_left / max(calls, 1.0) / limits["tokens_per_minute"])
    return max(bounds)
