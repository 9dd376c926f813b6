"""Replies behind the results: models asked for and served, providers, calls, tokens, cost and times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collide.cost.cost_table import sum_costs
from collide.cost.job_usage import read_job_usage
from collide.experiment.jobs import ModelJob
from collide.llm.journal_lines import read_records

# Fields of a role's usage that are the same whether its replies were sent or replayed.
USAGE_FIELDS = ("calls", "missing", "replies", "tokens_in", "tokens_out", "cost", "cost_reported")
# Micro-dollars; further digits are those of floating point sums.
COST_DIGITS = 6


@dataclass(slots=True)
class JournalFacts:
    """Facts that only a journal holds: providers by role, and the time of its first and last reply (seconds since 1970).

    `untimed` counts the replies that record no time, such as all of the simulator in the process.
    """

    providers: dict[str, Counter] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None
    untimed: int = 0


def read_journal_facts(path: Path) -> JournalFacts:
    """Return the facts of a journal; a job without calls has none. Raises InputError for a damaged journal."""
    facts = JournalFacts()
    for record in read_records(path) if path.exists() else ():
        facts.providers.setdefault(record["role"], Counter())[record.get("provider", "")] += 1
        received = record.get("received")
        if received is None:
            facts.untimed += 1
            continue
        facts.first = received if facts.first is None else min(facts.first, received)
        facts.last = received if facts.last is None else max(facts.last, received)
    return facts


def describe_jobs(jobs: Sequence[ModelJob], facts: Mapping[str, JournalFacts]) -> list[dict[str, Any]]:
    """Return each job with its journal, its usage file, and by role the model asked for, those served, and the usage."""
    return [
        {
            "journal": job.journal,
            "usage": job.usage,
            "kind": job.kind,
            "study": job.study,
            "roles": [
                {
                    "role": role,
                    "asked": job.models[role]["name"],
                    "endpoint": job.models[role]["endpoint"],
                    "served": dict(sorted(usage.models.items())),
                    "providers": _name_providers(facts[job.journal].providers.get(role, Counter())),
                    **{name: _round_cost(getattr(usage, name)) for name in USAGE_FIELDS},
                }
                for role, usage in sorted(read_job_usage(job).roles.items())
            ],
        }
        for job in jobs
    ]


def describe_models(jobs: Sequence[ModelJob], described: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each model that jobs call: its name when asked for, its endpoint, and roles, models served and providers.

    `described` are the same jobs as `describe_jobs` returns them.
    """
    addresses: dict[tuple[str, str], str] = {}
    roles: dict[tuple[str, str], set[str]] = {}
    for job in jobs:
        for role, model in job.models.items():
            key = model["endpoint"], model["name"]
            addresses[key] = model["base_url"]
            roles.setdefault(key, set()).add(role)
    counts: dict[tuple[tuple[str, str], str], Counter] = {}
    for entry in (entry for job in described for entry in job["roles"]):
        for kind in ("served", "providers"):
            counts.setdefault(((entry["endpoint"], entry["asked"]), kind), Counter()).update(entry[kind])
    return [
        {
            "asked": key[1],
            "endpoint": key[0],
            "base_url": address,
            "roles": sorted(roles[key]),
            **{kind: dict(sorted(counts.get((key, kind), Counter()).items())) for kind in ("served", "providers")},
        }
        for key, address in sorted(addresses.items())
    ]


def sum_usage(jobs: Sequence[ModelJob]) -> list[dict[str, Any]]:
    """Return calls, tokens and cost by study and role, and last the row `total`; US dollars at the prices of config.yaml."""
    columns = ("study", "role", "jobs", "unfinished", *USAGE_FIELDS)
    return [{column: row[column] for column in columns} for row in sum_costs(jobs)]


def describe_times(facts: Iterable[JournalFacts]) -> dict[str, Any]:
    """Return the times of the first and the last reply of all journals in UTC, None where no reply records its time."""
    facts = list(facts)
    first = min((one.first for one in facts if one.first is not None), default=None)
    last = max((one.last for one in facts if one.last is not None), default=None)
    return {
        "first_reply": format_time(first),
        "last_reply": format_time(last),
        "replies_without_time": sum(one.untimed for one in facts),
    }


def format_time(seconds: float | None) -> str | None:
    """Return a time in seconds since 1970 as ISO 8601 in UTC.

    >>> format_time(0)
    '1970-01-01T00:00:00Z'
    """
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name_providers(providers: Counter) -> dict[str, int]:
    """Return the replies by provider, without those whose endpoint names none."""
    return {name: count for name, count in sorted(providers.items()) if name}


def _round_cost(value: float) -> float:
    return round(value, COST_DIGITS) if isinstance(value, float) else value
