"""What making everything will cost: the configuration, the corpus and the journals in; calls, tokens, money and time out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from collide.common.csv_json import read_json_lines
from collide.common.script_context import script_context
from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX
from collide.corpus.pairs import Pair, read_pairs
from collide.cost.forecast import SCENARIOS, Forecast, Part
from collide.cost.job_usage import Account, account_of
from collide.cost.usage import Price, RoleUsage
from collide.experiment.criteria import read_criteria
from collide.experiment.modes import Mode, parse_mode

ENOUGH = 30
"""Replies of a role whose mean length is taken for that of all."""
SIMULATED_SECONDS = 0.0009
"""Processor time of a simulated call with all that hangs on it, on the machine of the README's figures."""
SECONDS, SECONDS_PER_TOKEN = 1.0, 0.02
"""Time that an endpoint is assumed to take: for a reply, and for each of its tokens."""
AMOUNTS = ["calls", "tokens_in", "tokens_out", "cost", "calls_left", "cost_left", "seconds_left"]


def parts_of(work: Mapping[str, Any], forecast: Forecast, mode: Mode, pairs: Mapping[str, int]) -> list[Part]:
    """The calls of one job. An evaluation whose steps are there knows how many prompts it has."""
    study = work["settings"]
    match work["kind"]:
        case "optimize":
            made = forecast.optimize(mode, work["gate"], study["steps"], study["batch_size"], pairs["validation"])
        case "evaluate":
            steps = Path(work["steps"])
            known = len({record["prompt"] for record in read_json_lines(steps)}) if steps.exists() else 0
            prompts = known or forecast.prompts(mode, work["gate"], study["steps"])
            made = forecast.evaluate(mode, work["gate"], prompts, pairs["test"], pairs["validation"])
        case "initial":
            made = forecast.evaluate_initial(mode, pairs[work["split"]])
        case "diagnose":
            made = forecast.diagnose(mode, work["gate"], study["steps"], study["batch_size"])
        case _:
            made = forecast.variant(mode, work["variant"]["gates"], study["steps"], work["variant"]["together"], pairs["test"])
    return list(made)


def needs(
    jobs: Sequence[Mapping[str, Any]], config: Mapping[str, Any], train: Sequence[Pair], pairs: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    """What each job needs of each role under each scenario: calls, tokens, US dollars, and what is left of them to do.

    A finished job counts as what it came to; of others, what their journals hold is taken off what they need. `seconds_left`
    adds up the time that single calls take.
    """
    criteria = read_criteria(config["criteria"])
    accounts = [account_of(work) for work in jobs]
    measured = mean_tokens(zip(jobs, accounts, strict=True))
    for work, account in zip(jobs, accounts, strict=True):
        mode, usage, done = parse_mode(work["mode"], list(criteria)), account.roles, account.finished
        for name, scenario in SCENARIOS.items():
            forecast = Forecast(scenario, criteria, train, measured.get((work["study"], work["mode"]), {}))
            parts = came_to(usage) if done else parts_of(work, forecast, mode, pairs)
            for role in dict.fromkeys(part.role for part in parts):
                needed = total([part for part in parts if part.role == role])
                held = usage[role].replies if role in usage else 0
                left = max(1 - held / needed.calls, 0.0) if needed.calls and not done else 0.0
                model = work["models"][role]
                cost = Price(model["price_in"], model["price_out"]).of_tokens(needed.tokens_in, needed.tokens_out)
                seconds = needed.calls * SECONDS + needed.tokens_out * SECONDS_PER_TOKEN
                if not model["base_url"]:
                    seconds = needed.calls * SIMULATED_SECONDS
                amounts = (needed.calls, needed.tokens_in, needed.tokens_out, cost)
                still = (left * needed.calls, left * cost, left * seconds)
                facts = {"study": work["study"], "role": role, "model": model["name"], "endpoint": model["endpoint"]}
                yield facts | {"scenario": name} | dict(zip(AMOUNTS, (*amounts, *still), strict=True))


def mean_tokens(
    jobs: Iterable[tuple[Mapping[str, Any], Account]],
) -> dict[tuple[str, str], dict[str, tuple[float, float]]]:
    """By study and mode, mean tokens in and out of the roles of which enough replies are there. Jobs that are not at their end
    hold the shorter prompts of their first steps, and are not asked."""
    sums: dict[tuple[str, str], dict[str, RoleUsage]] = {}
    for work, account in jobs:
        of_mode = sums.setdefault((work["study"], work["mode"]), {})
        for role, usage in account.roles.items() if account.finished else ():
            into = of_mode.setdefault(role, RoleUsage())
            into.replies += usage.replies
            into.tokens_in += usage.tokens_in
            into.tokens_out += usage.tokens_out
    return {
        mode: {role: (u.tokens_in / u.replies, u.tokens_out / u.replies) for role, u in roles.items() if u.replies >= ENOUGH}
        for mode, roles in sums.items()
    }


def came_to(usages: Mapping[str, RoleUsage]) -> list[Part]:
    """What a finished job came to, as calls that were made."""
    return [
        Part(role, usage.replies, usage.tokens_in / max(usage.replies, 1), usage.tokens_out / max(usage.replies, 1))
        for role, usage in usages.items()
    ]


def total(parts: Sequence[Part]) -> Part:
    """Parts of one role added up: the tokens are those of all calls, not of one."""
    return Part(
        parts[0].role,
        sum(part.calls for part in parts),
        sum(part.calls * part.tokens_in for part in parts),
        sum(part.calls * part.tokens_out for part in parts),
    )


def minutes(rows: pd.DataFrame, endpoints: Mapping[str, Mapping[str, float]]) -> pd.Series:
    """Minutes to do what is left, by scenario: at each endpoint as long as its slots, or its limits a minute, make it take."""

    def longest(endpoint: str, of: pd.DataFrame) -> pd.Series:
        limits = endpoints[endpoint]
        sums = of.groupby("scenario", sort=False)[["calls", "calls_left", "tokens_in", "tokens_out", "seconds_left"]].sum()
        tokens = (sums.tokens_in + sums.tokens_out) * sums.calls_left / sums.calls
        bounds = [sums.seconds_left / 60 / limits["max_in_flight"]]
        bounds += [sums.calls_left / limits["requests_per_minute"]] if limits.get("requests_per_minute") else []
        bounds += [tokens / limits["tokens_per_minute"]] if limits.get("tokens_per_minute") else []
        return pd.concat(bounds, axis=1).max(axis=1)

    return pd.concat([longest(name, of) for name, of in rows.groupby("endpoint")], axis=1).max(axis=1)


def told(table: pd.DataFrame, time: pd.Series) -> str:
    """The estimate as text: a line for each study and role, the sum, and the time."""
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
    low, likely, high = (f"{time[name]:,.0f}" for name in SCENARIOS)
    return f"{shown.to_string()}\n\nTime for what is left, all slots in use: about {likely} minutes, from {low} to {high}."


def estimate_cost(jobs: Sequence[Mapping[str, Any]], config: Mapping[str, Any], split: Mapping[str, Path], table: Path) -> str:
    """Write the estimate to `table`; returns it as text."""
    sizes = {name: pq.read_metadata(path).num_rows for name, path in split.items()}
    rows = pd.DataFrame(needs(jobs, config, read_pairs(split["train"]), sizes))
    wide = rows.groupby(["study", "role", "model", "scenario"], sort=False)[AMOUNTS].sum().unstack("scenario")
    wide.loc["all", "", ""] = wide.sum()
    wide.columns.names = ["", "scenario"]
    flat = wide.drop(columns="seconds_left", level=0)
    flat.columns = [f"{amount}_{scenario}" for amount, scenario in flat.columns]
    flat = flat.assign(source="simulated" if rows["model"].str.startswith(SIMULATED_MODEL_PREFIX).any() else "live")
    table.parent.mkdir(parents=True, exist_ok=True)
    flat.round(4).to_csv(table)
    return told(wide, minutes(rows, config["endpoint_limits"]))


if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]):
        print(
            estimate_cost(
                snakemake.params.jobs,
                snakemake.config | {"endpoint_limits": snakemake.params.limits},
                {name: Path(snakemake.input[name]) for name in ("train", "validation", "test")},
                Path(snakemake.params.table),
            ),
            file=terminal,
            flush=True,
        )
