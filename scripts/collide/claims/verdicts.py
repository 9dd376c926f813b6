"""Checks of claims against the estimates. The page of claims (page.html.jinja) explains the rules to its readers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collide.analysis.bootstrap import Floats, percentile_interval
from collide.analysis.estimates import EstimateName
from collide.claims.claim_reader import Claim, list_names
from collide.claims.evidence import Evidence
from collide.claims.expressions import compute_expression

VERDICTS = ("reproduced", "same direction", "not reproduced", "undecided", "not run")

# Numbers whose sign is part of the claim: a printed gain is not reproduced by an interval that also allows a loss.
SIGNED_QUANTITIES = {"gain"}
SIGNED_EXPRESSIONS = {"difference", "drop"}

# Counts do not vary over runs, so one run is enough to check them.
COUNTS = {"tokens"}

# Lowest and highest ratings. Few draws contain the one extreme rating, so an interval would miss it.
EXTREMES = ("_min", "_max")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a check. For a statement, `value` is the margin by which it holds, and [low, high] its interval."""

    claim: Claim
    verdict: str
    why: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """A value with its interval, [low, high], and the interval from the variation of its runs alone."""

    value: float
    low: float
    high: float
    runs_low: float
    runs_high: float
    runs: int

    def describe_missing_runs(self) -> str:
        """Return how many more runs per cell would move the interval off zero, as the end of a sentence.

        The part of the interval that comes from runs shrinks with the root of their number. The part that comes from documents
        does not.
        """
        if not self.value:
            return "; the value is 0, so more runs cannot decide it"
        of_runs = (self.runs_high - self.runs_low) / 2
        of_documents = math.sqrt(max(((self.high - self.low) / 2) ** 2 - of_runs**2, 0.0))
        if of_documents >= abs(self.value):
            return "; only more test pairs can decide it"
        needed = math.ceil(self.runs * of_runs**2 / (self.value**2 - of_documents**2))
        more = max(needed - self.runs, 1)
        return f"; about {more} more run{'s' * (more != 1)} per cell would decide it"


def check_claims(claims: Sequence[Claim], evidence: Evidence) -> list[Verdict]:
    """Return the verdicts on claims, in their order."""
    return [check_claim(claim, evidence) for claim in claims]


def check_claim(claim: Claim, evidence: Evidence) -> Verdict:
    """Return the verdict on one claim."""
    names = list_names(claim.expression)
    if why := _explain_not_run(names, evidence):
        return Verdict(claim, "not run", why)
    draws = compute_expression(claim.expression, evidence.draws)
    runs = min(evidence.runs[name] for name in names)
    value, (low, high) = float(draws[0]), percentile_interval(draws, evidence.level)
    difference = value - float(claim.printed) if claim.printed is not None else None
    facts = (value, low, high, difference, runs)
    if math.isnan(value):
        return Verdict(claim, "undecided", "undefined in these runs", runs=runs)
    if runs < 2 and not all(name.quantity in COUNTS for name in names):
        return Verdict(claim, "undecided", "only one run per cell; at least 2 are needed", *facts)
    if claim.printed is None and all(name.quantity.endswith(EXTREMES) for name in names):
        seen = "reproduced" if value > 0 else "not reproduced"
        return Verdict(claim, seen, "by the ratings that were seen", *facts)
    if low is None or high is None:
        return Verdict(claim, "undecided", "undefined in all draws", *facts)
    runs_low, runs_high = percentile_interval(compute_expression(claim.expression, evidence.run_draws), evidence.level)
    spread = Spread(value, low, high, runs_low or 0.0, runs_high or 0.0, runs)
    found = _check_number(claim, claim.printed, spread) if claim.printed is not None else _check_statement(draws, spread)
    return Verdict(claim, found[0], found[1], *facts)


def _explain_not_run(names: Sequence[EstimateName], evidence: Evidence) -> str:
    """Return the reason why the estimates are missing or incomplete; empty where they are not."""
    absent = [name for name in names if name not in evidence.draws]
    if absent:
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
        return f"no estimate of {'/'.join(absent[0])}{more}"
    partial = [name for name in names if name in evidence.partial]
    return f"{'/'.join(partial[0])} lacks modes of its group" if partial else ""


def _check_number(claim: Claim, text: str, found: Spread) -> tuple[str, str]:
    """Return verdict and reason for a number that the paper prints as `text`."""
    printed, signed = float(text), _is_signed(claim.expression)
    # Half a unit of the last digit, as the paper rounds; a little more, as binary fractions cannot hold decimal ones exactly.
    unit = 0.5 * 10.0 ** -len(text.partition(".")[2]) + 1e-9
    if found.low - unit <= printed <= found.high + unit:
        if signed and printed and found.low < 0 < found.high:
            return "undecided", f"the interval covers {text}, and zero as well{found.describe_missing_runs()}"
        return "reproduced", f"the interval covers {text}"
    if signed and printed and found.value * printed > 0 and found.low * found.high > 0:
        return "same direction", f"on the same side of zero, but the interval does not cover {text}"
    return "not reproduced", f"the interval does not cover {text}"


def _check_statement(margin: Floats, found: Spread) -> tuple[str, str]:
    """Return verdict and reason for a statement with a margin in the sample and all draws."""
    share = f"holds in {float(np.mean(margin[1:] > 0)):.1%} of the draws"
    if found.low > 0:
        return "reproduced", share
    if found.high <= 0:
        return "not reproduced", share
    return "undecided", share + found.describe_missing_runs()


def _is_signed(expression: Any) -> bool:
    if isinstance(expression, str):
        return EstimateName(*expression.split("/")).quantity in SIGNED_QUANTITIES
    return next(iter(expression)) in SIGNED_EXPRESSIONS


def count_verdicts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return the number of verdicts of each kind, in the order of VERDICTS."""
    return {kind: sum(verdict.verdict == kind for verdict in verdicts) for kind in VERDICTS}
