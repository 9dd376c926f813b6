"""Values of claims in these runs, with the intervals and p values that decide them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import stats

from collide.analysis.bootstrap import Floats, percentile_interval
from collide.analysis.estimates import EstimateName
from collide.claims.claim_reader import Claim, list_names, list_tests
from collide.claims.comparison.margins import Rules, is_seen
from collide.claims.comparison.sampling_error import draw_errors
from collide.claims.evidence import Evidence
from collide.claims.expressions import compute_expression, compute_parts
from collide.claims.labels import label_estimate
from collide.published.absence import explain_unlogged

# Quantities whose draws are made with Student's t already (analysis/quantities/validation_gain.py).
WIDENED = {"validation_gain", "validation_gain_p"}

# Less than any difference between two estimates.
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its interval, [low, high]. `of_runs` is half the width that our runs alone give it."""

    value: float
    low: float
    high: float
    of_runs: float

    @property
    def half(self) -> float:
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Measurement:
    """The value of a claim in these runs.

    For a statement, `ours` is the amount by which its deciding part holds and `difference` is None. For a number, `difference`
    is ours less the paper's, with the sampling error of both. `p` is the p value of the statement, or of equality with the
    printed number; None where there is no interval. `stop` is the reason why nothing more can be said, and
    `was_run` is False where estimates are missing.
    """

    claim: Claim
    runs: int = 0
    ours: Interval | None = None
    difference: Interval | None = None
    p: float | None = None
    draws: int = 0
    stop: str = ""
    was_run: bool = True


def measure_claim(claim: Claim, evidence: Evidence, rules: Rules) -> Measurement:
    """Return the value of a claim in these runs."""
    names = list_names(claim.expression)
    if why := _explain_not_run(names, evidence):
        return Measurement(claim, stop=why, was_run=False)
    draws = compute_expression(claim.expression, evidence.draws)
    runs = min(evidence.runs[name] for name in names)
    if math.isnan(draws[0]):
        return Measurement(claim, runs, stop="undefined in these runs")
    exact = Interval(float(draws[0]), float(draws[0]), float(draws[0]), 0.0)
    if all(map(is_seen, names)):
        return Measurement(claim, runs, exact, _subtract(exact, claim))
    if runs < 2:
        return Measurement(claim, runs, exact, stop="only one run per cell; at least 2 are needed")
    if np.isnan(draws[1:]).all():
        return Measurement(claim, runs, exact, stop="undefined in all draws")
    return _measure_statement(claim, evidence, runs) if claim.printed is None else _measure_number(claim, evidence, runs, rules)


def _measure_number(claim: Claim, evidence: Evidence, runs: int, rules: Rules) -> Measurement:
    draws, run_draws = (compute_expression(claim.expression, drawn) for drawn in (evidence.draws, evidence.run_draws))
    errors = draw_errors(draws, run_draws, runs, rules.paper_runs)
    text = claim.printed or ""
    margin = rules.find_margin(claim.expression)
    ours = np.clip(draws[0] + errors.ours, *margin.bounds)
    differences = np.clip(draws[0] + errors.ours - errors.papers, *margin.bounds) - float(text)
    # The smaller side, twice, as the difference may go either way.
    p = 2 * min(share_at_most(differences, slack := margin.compute_rounding(text)), share_at_most(-differences, slack))
    bound = partial(_bound, of_runs=errors.of_runs, level=evidence.level)
    return Measurement(claim, runs, bound(ours), bound(differences), min(1.0, p), len(draws) - 1)


def _measure_statement(claim: Claim, evidence: Evidence, runs: int) -> Measurement:
    """Return the interval of the part that decides a statement, and the statement's p value.

    The statement holds if all of its parts do, so the p value for it is the largest of its parts and of the tests of its gains
    (intersection-union test). It does not hold if one part does not, so the p value against it is the smallest of its parts
    times their number (Bonferroni). The smaller of the two counts, each doubled, as the statement may be decided either way.
    The minimum over parts is not bootstrapped: its draws lie lower than the truth.
    """
    drawn, run_drawn = (compute_parts(claim.expression, draws) for draws in (evidence.draws, evidence.run_draws))
    if all(name.quantity in WIDENED for name in list_names(claim.expression)):
        parts, of_runs = list(drawn), list(run_drawn - run_drawn[:, :1])
    else:
        errors = [draw_errors(*part, runs, runs) for part in zip(drawn, run_drawn, strict=True)]
        parts, of_runs = [part[0] + e.ours for part, e in zip(drawn, errors, strict=True)], [e.of_runs for e in errors]
    # Draws of a range or an archive may all lie on the other side of 0 than the sample, which then decides nothing.
    holds = [2 * share_at_most(part, 0.0) if part[0] > 0 else 1.0 for part in parts]
    # 0 in all draws: a prompt is compared with itself, as where validation chooses the initial one. That decides nothing.
    fails = [2 * len(parts) * share_at_most(-part, -TINY) if part[0] <= 0 and np.any(part) else 1.0 for part in parts]
    p_holds = max([*holds, *(_read_p(name, evidence) for name in list_tests(claim.expression))])
    # Of parts with equal p values, the one with the lowest amount.
    order = fails if min(fails) < p_holds else [-p for p in holds]
    decides = min(range(len(parts)), key=lambda part: (order[part], parts[part][0]))
    ours = _bound(parts[decides], of_runs[decides], evidence.level)
    return Measurement(claim, runs, ours, None, min(1.0, p_holds, *fails), len(parts[0]) - 1)


def share_at_most(draws: Floats, most: float) -> float:
    """Return the share of draws that are at most `most`, with 1 added to the count, so that no p value is 0."""
    defined = draws[1:][~np.isnan(draws[1:])]
    return (1 + int((defined <= most).sum())) / (1 + len(defined))


def adjust_p_values(measurements: Sequence[Measurement]) -> list[float | None]:
    """Return the p values adjusted by Benjamini and Hochberg's false discovery rate, numbers and statements apart."""
    adjusted: list[float | None] = [None] * len(measurements)
    for are_numbers in (True, False):
        family = [
            (place, m.p)
            for place, m in enumerate(measurements)
            if m.p is not None and (m.claim.printed is not None) == are_numbers
        ]
        values = stats.false_discovery_control([p for _, p in family]) if family else []
        for (place, _), value in zip(family, values, strict=True):
            adjusted[place] = float(value)
    return adjusted


def _bound(draws: Floats, of_runs: Floats, level: float) -> Interval:
    """Return the interval of draws; without any defined draw, that of the sample alone."""
    low, high = percentile_interval(draws, level)
    runs_low, runs_high = percentile_interval(of_runs, level)
    value = float(draws[0])
    return Interval(
        value, value if low is None else low, value if high is None else high, ((runs_high or 0.0) - (runs_low or 0.0)) / 2
    )


def _subtract(exact: Interval, claim: Claim) -> Interval | None:
    if claim.printed is None:
        return None
    difference = exact.value - float(claim.printed)
    return Interval(difference, difference, difference, 0.0)


def _read_p(name: EstimateName, evidence: Evidence) -> float:
    """Return the p value of a gain; 1 where it is undefined."""
    value = float(evidence.draws[name][0])
    return 1.0 if math.isnan(value) else value


def _explain_not_run(names: Sequence[EstimateName], evidence: Evidence) -> str:
    """Return the reason why the estimates are missing or incomplete; empty where they are not."""
    absent = [name for name in names if name not in evidence.draws]
    if absent:
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
        why = f"; {explain_unlogged(absent[0])}" if evidence.published else ""
        return f"not estimated: {label_estimate(absent[0])}{more}{why}"
    partial = [name for name in names if name in evidence.partial]
    return f"modes of the group were not run: {label_estimate(partial[0])}" if partial else ""
