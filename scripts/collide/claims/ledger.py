"""Claims as data (`claims.yaml`) and their verdicts.

**A number** is *reproduced* when our interval covers what the paper prints, give or take half a unit of its last digit. A
number with a sign (a gain, a difference, a drop) is *undecided* when our interval covers it and zero, too; when the interval
does not cover it, *same direction* if it lies on the printed side of zero as a whole. Otherwise it is *not reproduced*.

**A statement** is *reproduced* when the interval of the margin by which it holds is clear of zero, *not reproduced* when the
interval lies at or below zero as a whole, and *undecided* in between. What is said of the lowest and highest ratings that were
seen is decided by these.

**A cell with one run** is *undecided*, except for counts. *Undecided* says how many more runs a cell would take: the part of
the interval that comes from the runs shrinks with the root of their number, the part that comes from the documents does not.
*Not run*: a quantity is not among the estimates, or is that of a group of modes that is not whole.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from collide.analysis.bootstrap import percentile_interval
from collide.analysis.estimates import EstimateName
from collide.analysis.metrics import Floats

CLAIMS = Path(__file__).with_name("claims.yaml")
VERDICTS = ("reproduced", "same direction", "not reproduced", "undecided", "not run")
SIGNED_QUANTITIES = {"gain"}
SIGNED_EXPRESSIONS = {"difference", "drop"}
COUNTS = {"tokens"}
"""Quantities that have no spread over runs."""
EXTREMES = ("_min", "_max")
ZERO = 0.0005
"""A gain that prints as +0.000."""
ROUNDING = 1e-9
"""What stands still may differ by this: a hypervolume is a sum of many volumes."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something checkable that the paper says. `printed` is None for a statement; `expression` is what it is about."""

    id: str
    place: str
    claim: str
    printed: str | None
    expression: Any
    shows: str
    at_odds: str = ""
    contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim against these runs. For a statement `value` is by how much it holds, and [low, high] its interval."""

    claim: Claim
    verdict: str
    why: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Estimates by name: draws of documents and runs, and of runs alone, with the sample in row 0; and the number of runs.
    `partial` are groups of modes that lack one."""

    draws: Mapping[EstimateName, Floats]
    run_draws: Mapping[EstimateName, Floats]
    runs: Mapping[EstimateName, int]
    level: float
    partial: Collection[EstimateName] = ()


def read_claims(path: Path = CLAIMS) -> list[Claim]:
    """All claims, in the order of the file."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    sentences = [
        Claim(
            id=f"{facts['place']} ({number})",
            place=facts["place"],
            claim=facts["claim"],
            printed=facts.get("printed"),
            expression=written_out(facts["number"] if "number" in facts else facts["holds"]),
            shows=facts["shows"],
            at_odds=facts.get("at_odds", ""),
            contradicted=facts.get("contradicted", False),
        )
        for number, facts in enumerate(data["sentences"], start=1)
    ]
    return [*(claim for table in data["tables"] for claim in _cells(table)), *sentences]


def not_checkable(path: Path = CLAIMS) -> list[dict[str, str]]:
    """What the paper says that no run bears out: place, claim and reason."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))["not_checkable"]


def _cells(table: Mapping[str, Any]) -> Iterator[Claim]:
    """A claim per printed cell of a table."""
    columns, across = table["columns"], table.get("across", "quantity")
    for row in table["rows"]:
        parts = dict(table["fixed"])
        parts |= {column: cell for column, cell in zip(columns, row, strict=True) if column in EstimateName._fields}
        for column, printed in zip(columns, row, strict=True):
            if column in EstimateName._fields or printed is None:
                continue
            name = EstimateName(**(parts if column == "value" else parts | {across: column}))
            path = "/".join(name)
            text = ", ".join(part for part in name if part not in ("main", "average", "all"))
            yield Claim(
                f"{table['place']}: {path}",
                table["place"],
                text,
                printed,
                path,
                table["shows"],
                table.get("at_odds", {}).get(path, ""),
            )


def written_out(expression: Any) -> Any:
    """An expression with its braces written out, a list for each: a/{b,c} is [a/b, a/c], and step{0..2} three steps."""
    if isinstance(expression, Mapping):
        return {kind: written_out(parts) for kind, parts in expression.items()}
    if isinstance(expression, list):
        return [written_out(part) for part in expression]
    found = re.search(r"\{(.*?)\}", expression) if isinstance(expression, str) else None
    if found is None:
        return expression
    first, dots, last = found[1].partition("..")
    choices = map(str, range(int(first), int(last) + 1)) if dots else found[1].split(",")
    return [written_out(expression[: found.start()] + choice + expression[found.end() :]) for choice in choices]


def names_in(expression: Any) -> list[EstimateName]:
    """The quantities that an expression or statement is about."""
    if isinstance(expression, int | float):
        return []
    if isinstance(expression, str):
        return [EstimateName(*expression.split("/"))]
    parts = expression.values() if isinstance(expression, Mapping) else expression
    return list(dict.fromkeys(name for part in parts for name in names_in(part)))


def evaluate(expression: Any, draws: Mapping[EstimateName, Floats]) -> Floats:
    """An expression's value, or a statement's margin (positive where it holds), in the sample and in all draws.

    A list gives its parts' values, stacked; the draws are always the last axis.
    """
    if isinstance(expression, str):
        return draws[EstimateName(*expression.split("/"))]
    if isinstance(expression, int | float):
        return np.full(len(next(iter(draws.values()))), float(expression))
    if isinstance(expression, list):
        return np.stack([evaluate(part, draws) for part in expression])
    ((kind, parts),) = expression.items()
    if kind == "above":
        return (evaluate(parts[0], draws) - _flat(evaluate(parts[1], draws))).min(axis=0)
    if kind == "below":
        return (evaluate(parts[1], draws) - _flat(evaluate(parts[0], draws))).min(axis=0)
    return _KINDS[kind](evaluate(parts, draws))


def _flat(values: Floats) -> Floats:
    """All values of a list of lists in one list."""
    return values.reshape(-1, values.shape[-1])


def _undominated(values: Floats) -> Floats:
    """How far the later steps' vectors (criteria x steps x draws) stay from dominating the first: the least, over the steps
    with another vector, of the largest fall of a criterion; 2, the most there can be, where no step has another."""
    falls = values[:, :1] - values[:, 1:]
    return np.where((falls == 0).all(axis=0), 2.0, falls.max(axis=0)).min(axis=0)


_KINDS: dict[str, Any] = {
    "difference": lambda v: v[0] - v[1],
    "drop": lambda v: 100 * (v[0] - v[1]) / v[0],
    "mean": lambda v: _flat(v).mean(axis=0),
    "min": lambda v: _flat(v).min(axis=0),
    "max": lambda v: _flat(v).max(axis=0),
    "zeros": lambda v: (np.abs(_flat(v)) < ZERO).sum(axis=0).astype(np.float64),
    "range": lambda v: _flat(np.ptp(v, axis=-2)).mean(axis=0),
    "ascending": lambda v: np.diff(v, axis=0).min(axis=0) - ROUNDING,
    "each_above": lambda v: _flat(v[0] - v[1]).min(axis=0) - ROUNDING,
    "comparable": lambda v: 2 * v.min(axis=0) - v.max(axis=0),
    "undominated": _undominated,
    "positive": lambda v: _flat(v).min(axis=0),
    "zero": lambda v: ZERO - np.abs(_flat(v)).max(axis=0),
    "all": lambda v: v.min(axis=0),
}


def judge(claim: Claim, evidence: Evidence) -> Verdict:
    """The verdict on one claim."""
    names = names_in(claim.expression)
    absent = [name for name in names if name not in evidence.draws]
    if absent:
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
        return Verdict(claim, "not run", f"no estimate of {'/'.join(absent[0])}{more}")
    if partial := [name for name in names if name in evidence.partial]:
        return Verdict(claim, "not run", f"{'/'.join(partial[0])} lacks modes of its group")
    draws, run_draws = evaluate(claim.expression, evidence.draws), evaluate(claim.expression, evidence.run_draws)
    runs = min(evidence.runs[name] for name in names)
    value, (low, high) = float(draws[0]), percentile_interval(draws, evidence.level)
    difference = value - float(claim.printed) if claim.printed is not None else None
    facts = (value, low, high, difference, runs)
    if math.isnan(value):
        return Verdict(claim, "undecided", "undefined in these runs", runs=runs)
    if runs < 2 and not all(name.quantity in COUNTS for name in names):
        return Verdict(claim, "undecided", "one run a cell; at least 1 more would tell their spread", *facts)
    if claim.printed is None and all(name.quantity.endswith(EXTREMES) for name in names):
        seen = "reproduced" if value > 0 else "not reproduced"
        return Verdict(claim, seen, "by the ratings that were seen", *facts)
    if low is None or high is None:
        return Verdict(claim, "undecided", "undefined in all draws", *facts)
    of_runs = percentile_interval(run_draws, evidence.level)
    spread = Spread(value, low, high, of_runs[0] or 0.0, of_runs[1] or 0.0, runs)
    found = _number(claim, spread) if claim.printed is not None else _statement(draws, spread)
    return Verdict(claim, found[0], found[1], *facts)


@dataclass(frozen=True, slots=True)
class Spread:
    """A value with its interval, [low, high], and the interval that its runs alone would give it."""

    value: float
    low: float
    high: float
    runs_low: float
    runs_high: float
    runs: int

    def more(self) -> str:
        """How many more runs a cell would take for the interval to clear zero."""
        if not self.value:
            return "; no number of runs would clear a value of zero"
        of_runs = (self.runs_high - self.runs_low) / 2
        of_documents = math.sqrt(max(((self.high - self.low) / 2) ** 2 - of_runs**2, 0.0))
        if of_documents >= abs(self.value):
            return "; more runs alone would not tell, it takes more test pairs"
        needed = math.ceil(self.runs * of_runs**2 / (self.value**2 - of_documents**2))
        return f"; about {max(needed - self.runs, 1)} more runs a cell would tell"


def _number(claim: Claim, found: Spread) -> tuple[str, str]:
    printed = float(claim.printed or "nan")
    # Rounding that binary fractions cannot hold exactly is allowed for.
    unit = 0.5 * 10.0 ** -len((claim.printed or "").partition(".")[2]) + 1e-9
    signed = _is_signed(claim.expression)
    if found.low - unit <= printed <= found.high + unit:
        if signed and printed and found.low < 0 < found.high:
            return "undecided", f"the interval covers {claim.printed}, and zero as well{found.more()}"
        return "reproduced", f"the interval covers {claim.printed}"
    if signed and printed and found.value * printed > 0 and found.low * found.high > 0:
        return "same direction", f"on the same side of zero, but the interval does not cover {claim.printed}"
    return "not reproduced", f"the interval does not cover {claim.printed}"


def _statement(margin: Floats, found: Spread) -> tuple[str, str]:
    told = f"holds in {float(np.mean(margin[1:] > 0)):.1%} of the draws"
    if found.low > 0:
        return "reproduced", told
    if found.high <= 0:
        return "not reproduced", told
    return "undecided", told + found.more()


def _is_signed(expression: Any) -> bool:
    if isinstance(expression, str):
        return EstimateName(*expression.split("/")).quantity in SIGNED_QUANTITIES
    return next(iter(expression)) in SIGNED_EXPRESSIONS


def judge_all(claims: Sequence[Claim], evidence: Evidence) -> list[Verdict]:
    """Verdicts on all claims, in their order."""
    return [judge(claim, evidence) for claim in claims]


def tally(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many verdicts of each kind there are, in a fixed order."""
    return {kind: sum(verdict.verdict == kind for verdict in verdicts) for kind in VERDICTS}
