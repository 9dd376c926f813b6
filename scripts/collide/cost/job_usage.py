"""Usage of a job that calls models, read from its files whether it is finished or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collide.cost.usage import Price, RoleUsage, read_price
from collide.experiment.jobs import ModelJob
from collide.llm.journal_lines import read_records, read_reply
from collide.llm.request import Reply


@dataclass(frozen=True, slots=True)
class JobUsage:
    """Usage of a job by role. `finished` is True if its usage file exists and is complete."""

    finished: bool
    roles: dict[str, RoleUsage]


def read_job_usage(job: ModelJob) -> JobUsage:
    """Return the usage of a job from its usage file, or from its journal while it is not finished.

    A journal's replies count as one call each. A job without a journal has no usage. Raises InputError for a damaged journal.
    """
    prices = {role: read_price(model) for role, model in job.models.items()}
    reported = _read_usage_file(Path(job.usage), job.usage_part)
    roles = _sum_journal(Path(job.journal), prices) if reported is None else reported
    # Costs are computed anew, so that a price corrected in config.yaml also corrects the costs of finished jobs.
    for role, usage in roles.items():
        usage.set_cost(prices[role])
    return JobUsage(reported is not None, roles)


def _read_usage_file(path: Path, part: str) -> dict[str, RoleUsage] | None:
    """Return the usage by role, or None for a file that is missing, cut short or of another version of the workflow."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        # An optimization's file holds one report; that of an evaluation holds a report per job, by its name.
        return {role: RoleUsage(**counts) for role, counts in content.get(part, content)["roles"].items()}
    except (FileNotFoundError, ValueError, TypeError):
        # TypeError: another version counts other things. Its job is run again anyway, as its source files have changed.
        return None


def _sum_journal(path: Path, prices: Mapping[str, Price]) -> dict[str, RoleUsage]:
    roles = {role: RoleUsage() for role in prices}
    for record in read_records(path) if path.exists() else ():
        reply = read_reply(record)
        # A record without a reply is that of a call that the endpoint refused; it cost nothing.
        if isinstance(reply, Reply):
            usage = roles[record["role"]]
            usage.calls += 1
            usage.count_reply(reply, prices[record["role"]], sent=False, assumed_tokens=record.get("guess", (0, 0)))
    return roles
