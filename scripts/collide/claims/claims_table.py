"""The checked claims as rows of a CSV file."""

from __future__ import annotations

from typing import Any

from collide.claims.page import find_exhibit
from collide.claims.verdicts import Verdict

COLUMNS = (
    "id", "places", "claim", "paper", "ours", "low", "high", "difference", "difference_low", "difference_high", "margin", "p",
    "p_adjusted", "verdict", "why", "contradicted_by_paper", "at_odds", "runs", "table",
)  # fmt: skip


def make_row(verdict: Verdict, source: str) -> dict[str, Any]:
    """Return the row of a claim; a statement has `holds` in place of a printed number."""
    claim, measured = verdict.claim, verdict.measured
    ours, difference = measured.ours, measured.difference
    return {
        "id": claim.id,
        "places": "; ".join(claim.places),
        "claim": claim.claim,
        "paper": claim.printed if claim.printed is not None else "holds",
        "ours": ours and ours.value,
        "low": ours and ours.low,
        "high": ours and ours.high,
        "difference": difference and difference.value,
        "difference_low": difference and difference.low,
        "difference_high": difference and difference.high,
        "margin": verdict.margin,
        "p": measured.p,
        "p_adjusted": verdict.p_adjusted,
        "verdict": verdict.verdict,
        "why": verdict.why,
        "contradicted_by_paper": "yes" if claim.contradicted else "no",
        "at_odds": claim.at_odds,
        "runs": measured.runs,
        "table": find_exhibit(claim, source) if measured.runs else "",
    }
