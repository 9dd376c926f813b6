"""Verdicts on claims. The page of claims (page.html.jinja) explains the rules to its readers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from collide.analysis.estimates import EstimateName
from collide.claims.claim_reader import Claim
from collide.claims.comparability import Difference, explain_incomparable
from collide.claims.comparison.margins import Margin, Rules
from collide.claims.comparison.measurements import Interval, Measurement, adjust_p_values, measure_claim
from collide.claims.evidence import Evidence

AGREES, COMPATIBLE, SAME_DIRECTION = "agrees", "compatible", "same direction"
CONTRADICTED, UNDECIDED, NOT_COMPARABLE, NOT_RUN = "contradicted", "undecided", "not comparable", "not run"
VERDICTS = (AGREES, COMPATIBLE, SAME_DIRECTION, CONTRADICTED, UNDECIDED, NOT_COMPARABLE, NOT_RUN)

# Numbers whose sign is part of the claim: an interval that also allows a loss does not support a printed gain.
SIGNED_QUANTITIES = {"gain"}
SIGNED_EXPRESSIONS = {"difference", "drop"}

# A larger number of runs per cell is not worth telling.
MOST_RUNS = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a check. `margin` is the margin of a number, and `p_adjusted` the adjusted p value."""

    measured: Measurement
    verdict: str
    why: str
    margin: float | None = None
    p_adjusted: float | None = None

    @property
    def claim(self) -> Claim:
        return self.measured.claim


@dataclass(frozen=True, slots=True)
class _Test:
    """A measurement with its p value after adjustment, and the highest p value that decides anything."""

    measured: Measurement
    adjusted: float
    highest: float

    @property
    def survives(self) -> bool:
        return self.adjusted <= self.highest

    def describe_missing_runs(self, found: Interval, distance: float) -> str:
        """Return how many more runs per cell would make half the interval less than `distance`, as the end of a sentence.

        Only the part of the interval that comes from our runs shrinks: with the root of their number, and with Student's t.
        """
        if distance <= 0:
            return "; more runs cannot decide it, as the value lies on the boundary"
        rest = math.sqrt(max(found.half**2 - found.of_runs**2, 0.0))
        if rest >= distance:
            others = "documents" if self.measured.claim.printed is None else "documents or the paper's runs"
            return f"; more runs alone cannot decide it, as {others} make the interval too wide"
        runs = self.measured.runs
        numbers = np.arange(runs, MOST_RUNS + 1)
        widths = stats.t.isf(self.highest / 2, numbers - 1) / np.sqrt(numbers)
        narrower = widths / widths[0]
        enough = numbers[np.hypot(rest, found.of_runs * narrower) < distance]
        if not len(enough):
            return f"; more than {MOST_RUNS} runs per cell would be needed"
        more = max(int(enough[0]) - runs, 1)
        return f"; about {more} more run{'s' * (more != 1)} per cell would decide it"

    def describe_lost(self, found: Interval, distance: float) -> str:
        """Return why a p value that is low by itself does not survive the adjustment, as the end of a sentence."""
        p = self.measured.p or 0.0
        lost = f"; p = {p:.3f} does not survive the adjustment ({self.adjusted:.3f})"
        if p <= 2 / (1 + self.measured.draws):
            return f"{lost}, and no draw speaks against it: more draws (bootstrap.resamples) can decide it"
        # The p value that would be enough, from the factor of the adjustment; the interval must reach as far as its quantile.
        enough = self.highest * p / self.adjusted
        wider = float(stats.norm.isf(enough / 2) / stats.norm.isf(self.highest / 2))
        widened = Interval(
            found.value, found.value - wider * found.half, found.value + wider * found.half, wider * found.of_runs
        )
        return lost + self.describe_missing_runs(widened, distance)


def check_claims(
    claims: Sequence[Claim], evidence: Evidence, rules: Rules, differences: Mapping[str, Sequence[Difference]]
) -> list[Verdict]:
    """Return the verdicts on distinct claims, in their order; the p values are adjusted over those that can be compared.

    `differences` are those of each study from the paper's experiment.
    """
    reasons = [explain_incomparable(claim, differences) for claim in claims]
    measured = [
        # The value is shown, without a comparison.
        replace(measure_claim(claim, evidence, rules), difference=None, p=None)
        if why
        else measure_claim(claim, evidence, rules)
        for claim, why in zip(claims, reasons, strict=True)
    ]
    return [
        Verdict(facts, NOT_COMPARABLE, why) if why else _decide(facts, adjusted, evidence.level, rules)
        for facts, adjusted, why in zip(measured, adjust_p_values(measured), reasons, strict=True)
    ]


def count_verdicts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return the number of verdicts of each kind, in the order of VERDICTS."""
    return {kind: sum(verdict.verdict == kind for verdict in verdicts) for kind in VERDICTS}


def _decide(measured: Measurement, adjusted: float | None, level: float, rules: Rules) -> Verdict:
    printed = measured.claim.printed
    margin = None if printed is None else rules.find_margin(measured.claim.expression)
    width = margin.compute_width(float(printed)) if margin and printed else None
    if measured.stop:
        return Verdict(measured, UNDECIDED if measured.was_run else NOT_RUN, measured.stop, width)
    if measured.p is None or adjusted is None:
        return Verdict(measured, *_decide_seen(measured, width), width)
    # Rounded, as 1 - 0.95 is a little more than 0.05.
    test = _Test(measured, adjusted, round(1 - level, 6))
    if margin is None or width is None:
        found = _decide_statement(test)
    else:
        found = _decide_number(test, margin, width, rules.widest_share)
    return Verdict(measured, *found, width, adjusted)


def _decide_seen(measured: Measurement, width: float | None) -> tuple[str, str]:
    """Return verdict and reason for what is read off these runs, without an interval."""
    if measured.difference is not None and width is not None:
        within = abs(measured.difference.value) <= width
        return (AGREES if within else CONTRADICTED), f"by the count in these runs, {'' if within else 'not '}within the margin"
    assert measured.ours is not None
    return (AGREES if measured.ours.value > 0 else CONTRADICTED), "by what was seen in these runs, without an interval"


def _decide_statement(test: _Test) -> tuple[str, str]:
    """Return verdict and reason for a statement: it holds where its amount is above 0."""
    found = test.measured.ours
    assert found is not None
    holds = found.value > 0
    if found.value == found.low == found.high == 0:
        return UNDECIDED, "no difference in any draw, as of a prompt that is compared with itself"
    if found.low <= 0 if holds else found.high > 0:
        missing = test.describe_missing_runs(found, abs(found.value))
        return UNDECIDED, f"the value and its interval are not on one side of 0{missing}"
    where = f"the interval lies {'above' if holds else 'at or below'} 0"
    if not test.survives:
        return UNDECIDED, where + test.describe_lost(found, abs(found.value))
    return (AGREES if holds else CONTRADICTED), where


def _decide_number(test: _Test, margin: Margin, width: float, widest_share: float) -> tuple[str, str]:
    """Return verdict and reason for a printed number."""
    ours, difference, text = test.measured.ours, test.measured.difference, test.measured.claim.printed
    assert ours is not None
    assert difference is not None
    assert text is not None
    printed, unit = float(text), margin.compute_rounding(text)
    if margin.span and ours.high - ours.low > widest_share * margin.span:
        missing = test.describe_missing_runs(ours, widest_share * margin.span / 2)
        return UNDECIDED, f"the interval covers more than {widest_share:.0%} of all possible values{missing}"
    if -width - unit <= difference.low and difference.high <= width + unit:
        return AGREES, "the whole interval of the difference is within the margin"
    signed = _is_signed(test.measured.claim.expression) and printed
    if difference.low - unit <= 0 <= difference.high + unit:
        if signed and ours.low < 0 < ours.high:
            return UNDECIDED, f"our interval covers {text} and 0{test.describe_missing_runs(ours, abs(ours.value))}"
        return COMPATIBLE, "the interval of the difference covers 0 and is wider than the margin"
    outside = "the interval of the difference does not cover 0"
    if not test.survives:
        return UNDECIDED, outside + test.describe_lost(difference, abs(difference.value) - unit)
    if signed and ours.value * printed > 0 and ours.low * ours.high > 0:
        return SAME_DIRECTION, f"on the same side of 0, but {outside}"
    return CONTRADICTED, outside


def _is_signed(expression: Any) -> bool:
    if isinstance(expression, Mapping):
        return next(iter(expression)) in SIGNED_EXPRESSIONS
    return EstimateName(*expression.split("/")).quantity in SIGNED_QUANTITIES
