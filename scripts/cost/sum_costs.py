"""Costs so far: the jobs that call models in; calls, tokens, money and waiting by study and role out.

Asked for at any time, it reads what is there and needs no job to be finished: a finished job tells of itself in its usage
file, one that was stopped by a limit or killed is read from its journal, and one that was not begun counts as nothing.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collide.common.csv_json import write_csv
from collide.common.script_context import script_context
from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX
from collide.cost.job_usage import account_of
from collide.cost.usage import RoleUsage

SUMMED = (
    *("calls", "missing", "replies", "borrowed", "retries", "tokens_in", "tokens_out", "untold"),
    *("cost", "spent", "seconds"),
)
COLUMNS = ("study", "role", "jobs", "unfinished", *SUMMED, "models")


def costs(jobs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each study and role, studies in order of first appearance, and one of all (`total`) at the end.

    `jobs` call the role's model, and `unfinished` of them are not at their end. `cost` is what the replies of a job's own
    journal cost, `spent` the part of it that its last start paid, both in US dollars; `borrowed` replies were paid for by
    another job.
    """
    sums: dict[tuple[str, str], Counter] = {}
    models: dict[tuple[str, str], Counter] = {}
    for work in jobs:
        account = account_of(work)
        counted = {"jobs": 1, "unfinished": int(not account.finished)}
        for role in work["models"]:
            usage = account.roles.get(role, RoleUsage())
            for key, once in (((work["study"], role), counted), (("total", ""), {})):
                sums.setdefault(key, Counter()).update({name: getattr(usage, name) for name in SUMMED} | once)
                models.setdefault(key, Counter()).update(usage.models)
        sums["total", ""].update(counted)
    studies = [*dict.fromkeys(study for study, _ in sums if study != "total"), "total"]
    for key in sorted(sums, key=lambda key: studies.index(key[0])):
        served = "; ".join(f"{model} {count}" for model, count in sorted(models[key].items()))
        amounts = {name: round(sums[key][name], 6) for name in ("jobs", "unfinished", *SUMMED)}
        yield {"study": key[0], "role": key[1], **amounts, "models": served}


def told(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as text, and how many jobs are not finished."""
    line = "{:<14}  {:<10}{:>6}{:>12}{:>12}{:>16}{:>14}{:>12}".format
    lines = [line("study", "role", "jobs", "unfinished", "replies", "tokens in", "tokens out", "$")]
    for row in rows:
        counts = (f"{row[name]:,}" for name in ("jobs", "unfinished", "replies", "tokens_in", "tokens_out"))
        lines.append(line(row["study"], row["role"], *counts, f"{row['cost']:,.2f}"))
    jobs, unfinished = rows[-1]["jobs"], rows[-1]["unfinished"]
    left = "; `snakemake estimate` says what is left and what it would cost" if unfinished else ""
    return "\n".join([*lines, "", f"{jobs - unfinished} of {jobs} jobs are finished{left}."])


def sum_costs(jobs: Sequence[Mapping[str, Any]], table: Path) -> str:
    """Write what the jobs came to so far to `table`; returns it as text."""
    rows = list(costs(jobs))
    table.parent.mkdir(parents=True, exist_ok=True)
    write_csv(table, COLUMNS, rows, simulated=SIMULATED_MODEL_PREFIX in rows[-1]["models"])
    return told(rows)


if __name__ == "__main__":
    terminal = sys.stdout
    with script_context(snakemake.log[0]) as log:
        text = sum_costs(snakemake.params.jobs, Path(snakemake.params.table))
        # Asked for by itself it tells the user; on the way to all, its log.
        print(text, file=log if snakemake.output else terminal, flush=True)
