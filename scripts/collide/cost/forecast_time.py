"""Forecast of the time that remaining calls take, from the limits of their endpoints."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

# Processor time of a simulated call and everything done with its reply, measured on two cores of a 2024 server.
SIMULATED_SECONDS = 0.0009

# Assumed time of a live call: 1 s until the first token, and 50 tokens per second, common for hosted models of this size.
SECONDS_PER_CALL, SECONDS_PER_TOKEN = 1.0, 0.02


def call_seconds(calls: float, tokens_out: float, simulated: bool) -> float:
    """Return the time of these calls made one after another, in seconds."""
    return calls * SIMULATED_SECONDS if simulated else calls * SECONDS_PER_CALL + tokens_out * SECONDS_PER_TOKEN


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
