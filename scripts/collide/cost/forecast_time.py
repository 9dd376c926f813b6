"""Forecast of the time that remaining calls take, from the limits of their endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from collide.cost.usage import RoleUsage
from collide.experiment.jobs import ModelJob

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


def minutes_left(rows: pd.DataFrame, endpoints: Mapping[str, Mapping[str, float]]) -> pd.Series:
    """Return the minutes that all remaining calls take, by scenario, when every endpoint is used to its limits.

    `rows` are RoleForecast records. The slowest endpoint counts, as all endpoints work at the same time.
    """
    times = [_endpoint_minutes(endpoints[str(name)], part) for name, part in rows.groupby("endpoint")]
    return pd.concat(times, axis=1).max(axis=1)


def _endpoint_minutes(limits: Mapping[str, float], rows: pd.DataFrame) -> pd.Series:
    """Return the minutes by scenario under the tightest of an endpoint's limits."""
    sums = rows.groupby("scenario", sort=False)[["calls", "calls_left", "tokens_in", "tokens_out", "seconds_left"]].sum()
    bounds = [sums.seconds_left / 60 / limits["max_in_flight"]]
    if limits.get("requests_per_minute"):
        bounds.append(sums.calls_left / limits["requests_per_minute"])
    if limits.get("tokens_per_minute"):
        tokens_left = (sums.tokens_in + sums.tokens_out) * sums.calls_left / sums.calls
        bounds.append(tokens_left / limits["tokens_per_minute"])
    return pd.concat(bounds, axis=1).max(axis=1)
