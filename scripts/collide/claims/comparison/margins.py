"""Margins of agreement, read from claims.yaml: the largest difference from the paper's number that still counts as the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from collide.analysis.estimates import EstimateName
from collide.claims.claim_reader import CLAIMS, list_names

TINY = 1e-9

# Expressions whose number is of another kind than the estimates that they use.
KINDS_OF_EXPRESSIONS = {"drop": "per cent", "zeros": "count"}


@dataclass(frozen=True, slots=True)
class Margin:
    """A margin of one kind of number, with its reason.

    Either `value` is given, in the number's unit, or `share`, a share of the paper's number. `span` is the width of the range
    of possible values; None where it has none. `bounds` are the lowest and the highest value of a step, count or rating.
    `exact` numbers are printed without rounding. `quantities` are patterns of the quantities of this kind.
    """

    kind: str
    reason: str
    quantities: tuple[str, ...] = ()
    value: float | None = None
    share: float | None = None
    span: float | None = None
    bounds: tuple[float, float] = (-math.inf, math.inf)
    exact: bool = False

    def compute_width(self, printed: float) -> float:
        """Return the margin about a number."""
        return self.value if self.value is not None else (self.share or 0.0) * abs(printed)

    def compute_rounding(self, printed: str) -> float:
        """Return half a unit of the last printed digit, by which rounding may have changed a number."""
        # A little more, as binary fractions cannot hold decimal ones exactly.
        return TINY if self.exact else 0.5 * 10.0 ** -len(printed.partition(".")[2]) + TINY


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings of the check.

    `paper_runs` is the number of runs behind each number of the paper. An interval wider than `widest_share` of all possible
    values decides nothing.
    """

    margins: tuple[Margin, ...]
    paper_runs: int
    widest_share: float

    def find_margin(self, expression: Any) -> Margin:
        """Return the margin of a number. Raises LookupError where no margin names its quantity."""
        kind = KINDS_OF_EXPRESSIONS.get(next(iter(expression))) if isinstance(expression, Mapping) else None
        quantity = list_names(expression)[0].quantity
        for margin in self.margins:
            if margin.kind == kind or (kind is None and any(fnmatchcase(quantity, part) for part in margin.quantities)):
                return margin
        raise LookupError(f"no margin for {kind or quantity}")


def read_rules(path: Path = CLAIMS) -> Rules:
    """Return the settings of the check that stand in the file of claims."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))["check"]
    margins = tuple(Margin(**_freeze_lists({"kind": kind} | facts)) for kind, facts in data["margins"].items())
    return Rules(margins, data["paper_runs"], data["widest_share"])


def _freeze_lists(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}


def is_seen(name: EstimateName) -> bool:
    """Return True for a quantity that is read off these runs and has no interval.

    These are lengths of picked instructions, lowest and highest ratings, and decisions of the gate. Few draws contain the one
    extreme rating, so an interval would miss it.
    """
    return name.quantity in {"tokens", "validation_mae_rise", "rejected"} or name.quantity.endswith(("_min", "_max"))
