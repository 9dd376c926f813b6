"""Values of claims in these runs, with the intervals and p values that decide them.

The paper's numbers are means of few runs over test documents, as ours are. Their sampling error is therefore taken to be that
of our own runs, scaled to the paper's number of runs, and independent of ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from collide.analysis.bootstrap import Floats, percentile_interval
from collide.analysis.estimates import EstimateName
from collide.claims.claim_reader import Claim, list_names, list_tests
from collide.claims.evidence import Evidence
from collide.claims.expressions import compute_expression, compute_parts
from collide.claims.labels import label_estimate
from collide.claims.margins import is_seen

# Less than any difference between two estimates.
TINY = 1e-12

# Of the permutation that makes the paper's error independent of ours.
SEED = 0


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


def measure_claim(claim: Claim, evidence: Evidence, paper_runs: int) -> Measurement:
    """Return the value of a claim in these runs."""
    names = list_names(claim.expression)
    if why := _explain_not_run(names, evidence):
        return Measurement(claim, stop=why, was_run=False)
    draws = compute_expression(claim.expression, evidence.draws)
    run_draws = compute_expression(claim.expression, evidence.run_draws)
    runs = min(evidence.runs[name] for name in names)
    if math.isnan(draws[0]):
        return Measurement(claim, runs, stop="undefined in these runs")
    ours = _bound(draws, run_draws, evidence.level)
    if all(map(is_seen, names)) or ours is None:
        exact = Interval(float(draws[0]), float(draws[0]), float(draws[0]), 0.0)
        return Measurement(claim, runs, exact, _subtract(exact, claim), stop="" if ours else "undefined in all draws")
    if runs < 2:
        return Measurement(claim, runs, ours, stop="only one run per cell; at least 2 are needed")
    if claim.printed is None:
        return _measure_statement(claim, evidence, runs)
    differences = draws - float(claim.printed) - draw_paper_error(draws, run_draws, runs, paper_runs)
    # The smaller side, twice, as the difference may go either way.
    p = 2 * min(share_at_most(differences, slack := rounding_unit(claim.printed)), share_at_most(-differences, slack))
    return Measurement(claim, runs, ours, _bound(differences, run_draws, evidence.level), min(1.0, p), len(draws) - 1)


def _measure_statement(claim: Claim, evidence: Evidence, runs: int) -> Measurement:
    """Return the interval of the part that decides a statement, and the statement's p value.

    The statement holds if all of its parts do, so the p value for it is the largest of its parts and of the tests of its gains
    (intersection-union test). It does not hold if one part does not, so the p value against it is the smallest of its parts
    times their number (Bonferroni). The smaller of the two counts, each doubled, as the statement may be decided either way.
    The minimum over parts is not bootstrapped: its draws lie lower than the truth.
    """
    parts, run_parts = (compute_parts(claim.expression, draws) for draws in (evidence.draws, evidence.run_draws))
    # Draws of a range or an archive may all lie on the other side of 0 than the sample, which then decides nothing.
    holds = [2 * share_at_most(part, 0.0) if part[0] > 0 else 1.0 for part in parts]
    # An amount of exactly 0 does not hold.
    fails = [2 * len(parts) * share_at_most(-part, -TINY) if part[0] <= 0 else 1.0 for part in parts]
    p_holds = max([*holds, *(_read_p(name, evidence) for name in list_tests(claim.expression))])
    # Of parts with equal p values, the one with the lowest amount.
    order = fails if min(fails) < p_holds else [-p for p in holds]
    decides = min(range(len(parts)), key=lambda part: (order[part], parts[part, 0]))
    ours = _bound(parts[decides], run_parts[decides], evidence.level)
    if ours is None:
        return Measurement(claim, runs, stop="undefined in all draws")
    return Measurement(claim, runs, ours, None, min(1.0, p_holds, *fails), parts.shape[1] - 1)


def draw_paper_error(draws: Floats, run_draws: Floats, runs: int, paper_runs: int) -> Floats:
    """Return draws of the paper's sampling error; row 0 is 0.

    The variance of our draws has a part from runs, which is scaled from our number of runs to the paper's, and a part from test
    documents, which is kept. The draws are in another order than ours, so that the two errors are independent. Errors are
    taken about the sample's value: the upward error of a best step is in both numbers, and cancels.
    """
    total, of_runs = float(np.nanvar(draws[1:])), float(np.nanvar(run_draws[1:]))
    of_documents = max(total - of_runs, 0.0)
    scale = math.sqrt((of_documents + of_runs * runs / paper_runs) / total) if total else 0.0
    order = np.random.default_rng(SEED).permutation(len(draws) - 1)
    return np.concatenate([[0.0], scale * (draws[1:][order] - draws[0])])


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


def rounding_unit(printed: str) -> float:
    """Return half a unit of the last printed digit, a little more, as binary fractions cannot hold decimal ones exactly."""
    return 0.5 * 10.0 ** -len(printed.partition(".")[2]) + 1e-9


def _bound(draws: Floats, run_draws: Floats, level: float) -> Interval | None:
    """Return the interval of draws, or None where every draw is undefined."""
    low, high = percentile_interval(draws, level)
    if low is None or high is None:
        return None
    runs_low, runs_high = percentile_interval(run_draws, level)
    return Interval(float(draws[0]), low, high, ((runs_high or 0.0) - (runs_low or 0.0)) / 2)


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
        return f"not estimated: {label_estimate(absent[0])}{more}"
    partial = [name for name in names if name in evidence.partial]
    return f"modes of the group were not run: {label_estimate(partial[0])}" if partial else ""
