"""What jobs that call models have come to so far, finished or not.

A job is what the rules tell of it: `usage`, the file that it writes at its end, `part`, its part of that file where others
have parts in it, `journal`, the file of its replies, and `models`, the model of each role with its prices.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collide.cost.usage import Price, RoleUsage
from collide.llm.journal import read_records
from collide.llm.request import Reply


@dataclass(frozen=True, slots=True)
class Account:
    """What a job came to by role, and whether it has come to its end: its usage file is there, and whole."""

    finished: bool
    roles: dict[str, RoleUsage]


def account_of(work: Mapping[str, Any]) -> Account:
    """What a job came to: as its usage file tells, or, where it is not finished, what its journal holds.

    A journal's replies count as one call each; it does not tell of waiting, retries and borrowed replies. Raises InputError
    for a journal that is damaged.
    """
    prices = {role: Price(model["price_in"], model["price_out"]) for role, model in work["models"].items()}
    told = _told(Path(work["usage"]), work["usage_part"])
    if told is not None:
        # At today's prices: a price that was corrected in config.yaml corrects what finished jobs cost.
        for role, usage in told.items():
            usage.cost = prices[role].of_tokens(usage.tokens_in, usage.tokens_out)
        return Account(True, told)
    journal, held = Path(work["journal"]), {role: RoleUsage() for role in work["models"]}
    for record in read_records(journal) if journal.exists() else ():
        if isinstance(record["reply"], list):
            role = record["role"]
            held[role].calls += 1
            held[role].count(Reply(*record["reply"]), prices[role], sent=False, guess=record.get("guess", (0, 0)))
    return Account(False, held)


def _told(path: Path, part: str) -> dict[str, RoleUsage] | None:
    """What a usage file tells of a job; None where it is not there, or was cut short."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return {role: RoleUsage(**facts) for role, facts in content.get(part, content)["roles"].items()}
