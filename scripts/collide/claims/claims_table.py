"""The checked claims as rows of a CSV file."""

from __future__ import annotations

from typing import Any

from collide.claims.page import find_exhibit
from collide.claims.verdicts import Verdict

COLUMNS = (
    "id", "place", "claim", "paper", "ours", "low", "high", "difference", "verdict", "why", "at_odds", "runs", "table",
)  # fmt: skip


def make_row(verdict: Verdict, source: str) -> dict[str, Any]:
    """Return the row of a claim; a statement has `holds` in place of a printed number."""
    claim = verdict.claim
    return {
        "id": claim.id,
        "place": claim.place,
        "claim": claim.claim,
        "paper": claim.printed if claim.printed is not None else "holds",
        "ours": verdict.value,
        "low": verdict.low,
        "high": verdict.high,
        "difference": verdict.difference,
        "verdict": verdict.verdict,
        "why": verdict.why,
        "at_odds": claim.at_odds,
        "runs": verdict.runs,
        "table": find_exhibit(claim, source) if verdict.runs else "",
    }
