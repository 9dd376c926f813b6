"""Cost table: calls, tokens, US dollars and waiting time so far, by study and role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from collide.common.csv_json import write_csv
from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX
from collide.cost.job_usage import read_job_usage
from collide.cost.usage import RoleUsage, compare_costs
from collide.experiment.jobs import ModelJob
from collide.experiment.sources import NOT_LOGGED

# Fields of RoleUsage that add up.
SUMMED = (
    *("calls", "missing", "replies", "batched", "retries", "tokens_in", "tokens_cached", "tokens_out", "cut"),
    *("without_token_counts", "cost", "spent", "with_cost", "cost_reported", "timed", "seconds"),
)
COLUMNS = ("study", "role", "jobs", "unfinished", *SUMMED, "cost_apart", "models", "note")


def sum_costs(jobs: Sequence[ModelJob]) -> Iterator[dict[str, Any]]:
    """Yield a row per study and role, studies in order of first appearance, and last a row `total`.

    `jobs` counts the jobs that call the role's model, `unfinished` those of them without a complete usage file. `cost` is
    the price of all replies in the jobs' own journals, `spent` the part of it that each job's last start paid (US dollars),
    `cost_apart` the share by which the cost that endpoints report exceeds it, None where none does. Without a job, as in source
    `published`, nothing is known, and the note of the total says why.
    """
    if not jobs:
        yield dict.fromkeys(COLUMNS) | {
            "study": "total",
            "role": "",
            "jobs": 0,
            "unfinished": 0,
            "models": "",
            "note": NOT_LOGGED,
        }
        return
    sums: dict[tuple[str, str], Counter] = {}
    usages: dict[tuple[str, str], list[RoleUsage]] = {}
    models: dict[tuple[str, str], Counter] = {}
    for job in jobs:
        job_usage = read_job_usage(job)
        counted = {"jobs": 1, "unfinished": int(not job_usage.finished)}
        for role in job.models:
            usage = job_usage.roles.get(role, RoleUsage())
            # The total counts a job once, although the job has a row for each of its roles.
            for key, once in (((job.study, role), counted), (("total", ""), {})):
                sums.setdefault(key, Counter()).update({name: getattr(usage, name) for name in SUMMED} | once)
                models.setdefault(key, Counter()).update(usage.models)
                usages.setdefault(key, []).append(usage)
        sums["total", ""].update(counted)
    studies = [*dict.fromkeys(study for study, _ in sums if study != "total"), "total"]
    for key in sorted(sums, key=lambda key: studies.index(key[0])):
        served = "; ".join(f"{model} {count}" for model, count in sorted(models[key].items()))
        # Micro-dollars; further digits are those of floating point sums.
        amounts = {name: round(sums[key][name], 6) for name in ("jobs", "unfinished", *SUMMED)}
        yield {
            "study": key[0],
            "role": key[1],
            **amounts,
            "cost_apart": compare_costs(usages[key]),
            "models": served,
            "note": "",
        }


def write_cost_table(jobs: Sequence[ModelJob], table: Path) -> list[dict[str, Any]]:
    """Write the costs of these jobs as CSV and return the rows."""
    rows = list(sum_costs(jobs))
    # The requested models count, too: before the first reply, no model has served any.
    requested = {model["name"] for job in jobs for model in job.models.values()}
    served_simulated = SIMULATED_MODEL_PREFIX in rows[-1]["models"]
    simulated = served_simulated or any(name.startswith(SIMULATED_MODEL_PREFIX) for name in requested)
    table.parent.mkdir(parents=True, exist_ok=True)
    write_csv(table, COLUMNS, rows, simulated)
    return rows


def describe_costs(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows of `sum_costs` as text, followed by the number of finished jobs and the cost that endpoints report."""
    if rows[-1]["note"]:
        return f"No costs: {rows[-1]['note']}."
    line = "{:<14}  {:<10}{:>6}{:>12}{:>12}{:>16}{:>14}{:>12}".format
    lines = [line("study", "role", "jobs", "unfinished", "replies", "tokens in", "tokens out", "$")]
    for row in rows:
        counts = (f"{row[name]:,}" for name in ("jobs", "unfinished", "replies", "tokens_in", "tokens_out"))
        lines.append(line(row["study"], row["role"], *counts, f"{row['cost']:,.2f}"))
    jobs, unfinished = rows[-1]["jobs"], rows[-1]["unfinished"]
    hint = "; `snakemake forecast` prints the remaining calls and their cost" if unfinished else ""
    reported = describe_reported(rows[-1])
    return "\n".join([*lines, "", f"{jobs - unfinished} of {jobs} jobs are finished{hint}.", *([reported] if reported else [])])


def describe_reported(total: Mapping[str, Any]) -> str:
    """Return a sentence on the cost that endpoints report, from the row `total` or the same as text; empty if none does."""
    replies = int(total["with_cost"])
    if not replies:
        return ""
    known = total["cost_apart"] not in (None, "")
    gap = f", {float(total['cost_apart']):+.1%} from the cost at the configured prices" if known else ""
    return f"Endpoints report {float(total['cost_reported']):,.2f} US dollars for {replies:,} replies{gap}."
