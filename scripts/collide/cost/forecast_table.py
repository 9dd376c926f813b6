"""Forecast table: calls, tokens and cost of all jobs by study, role and model, in three scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from collide.common.csv_json import write_csv
from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX
from collide.cost.job_forecast import RoleForecast
from collide.cost.scenarios import SCENARIOS

NAMES = ["study", "role", "model"]
AMOUNTS = ["calls", "tokens_in", "tokens_out", "cost", "calls_left", "cost_left"]


def sum_forecasts(forecasts: Sequence[RoleForecast]) -> pd.DataFrame:
    """Return the sums by study, role and model, with a last row `total`; columns are (amount, scenario)."""
    rows = pd.DataFrame(forecasts)
    # Not sorted: studies keep the order in which their jobs can run.
    table = rows.pivot_table(AMOUNTS, NAMES, "scenario", aggfunc="sum", sort=False)
    table.loc["total", "", ""] = table.sum()
    table.columns.names = ["", "scenario"]
    return table


def write_forecast(path: Path, table: pd.DataFrame) -> None:
    """Write the table as CSV, with a column <amount>_<scenario> for each amount and scenario."""
    # Further digits would claim a precision that a forecast does not have.
    flat = table.round(4)
    flat.columns = ["_".join(column) for column in table.columns]
    flat = flat.reset_index()
    path.parent.mkdir(parents=True, exist_ok=True)
    simulated = bool(flat["model"].str.startswith(SIMULATED_MODEL_PREFIX).any())
    columns = list(flat.columns)
    rows = (dict(zip(columns, row, strict=True)) for row in flat.itertuples(index=False))
    write_csv(path, columns, rows, simulated)


def describe_forecast(table: pd.DataFrame, minutes: Mapping[str, float]) -> str:
    """Return the forecast as text: a line for each study and role, their sum, and the remaining time in minutes."""
    middle = table.xs("middle", axis=1, level="scenario")
    shown = pd.DataFrame(
        {
            "calls": middle.calls.map("{:,.0f}".format),
            "tokens in": middle.tokens_in.map("{:,.0f}".format),
            "tokens out": middle.tokens_out.map("{:,.0f}".format),
            "$": middle.cost.map("{:,.2f}".format),
            "calls left": middle.calls_left.map("{:,.0f}".format),
            "$ left": middle.cost_left.map("{:,.2f}".format),
            "$ left, from": table["cost_left", "low"].map("{:,.2f}".format),
            "to": table["cost_left", "high"].map("{:,.2f}".format),
        }
    )
    low, middle_time, high = (f"{minutes[name]:,.0f}" for name in SCENARIOS)
    return (
        f"{shown.to_string()}\n\nRemaining time, with as many calls in flight as the limits allow:"
        f" about {middle_time} minutes (between {low} and {high})."
    )
