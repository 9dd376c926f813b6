"""Validation gates (paper, section 3): may the candidate prompt replace the one in force?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

ByCriterion = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a gate decided, and why, for the record."""

    accepted: bool
    reason: str


class Gate(Protocol):
    """`metric` names the validation metric that the gate reads, or None when it needs no validation."""

    @property
    def metric(self) -> str | None: ...

    def decide(self, current: ByCriterion, candidate: ByCriterion) -> Decision:
        """Compare the metric's values per criterion; None stands for undefined."""


@dataclass(frozen=True, slots=True)
class AcceptAlways:
    """No validation: every candidate is accepted."""

    metric: str | None = None

    def decide(self, current: ByCriterion, candidate: ByCriterion) -> Decision:
        return Decision(True, "no validation")


@dataclass(frozen=True, slots=True)
class ErrorNotHigher:
    """Accepts when the metric, averaged over the criteria, does not exceed that of the prompt in force."""

    metric: str

    def decide(self, current: ByCriterion, candidate: ByCriterion) -> Decision:
        if None in candidate.values():
            return Decision(False, f"{self.metric} of the candidate is undefined")
        if None in current.values():
            return Decision(True, f"{self.metric} of the prompt in force is undefined")
        old, new = _mean(current), _mean(candidate)
        return Decision(new <= old, f"{self.metric} {new:.4f} against {old:.4f}")


@dataclass(frozen=True, slots=True)
class AgreementNotLower:
    """Accepts when the metric, averaged over the criteria, does not fall; an undefined value (a constant judge) counts as 0."""

    metric: str

    def decide(self, current: ByCriterion, candidate: ByCriterion) -> Decision:
        old, new = _mean(current), _mean(candidate)
        undefined = [name for name, value in candidate.items() if value is None]
        note = f" (undefined, counted as 0: {', '.join(undefined)})" if undefined else ""
        return Decision(new >= old, f"{self.metric} {new:.4f} against {old:.4f}{note}")


GATES: dict[str, Gate] = {
    "none": AcceptAlways(),
    "mae": ErrorNotHigher("mae"),
    "off_by_one": AgreementNotLower("off_by_one"),
    "spearman": AgreementNotLower("spearman"),
}


def _mean(values: ByCriterion) -> float:
    return sum(value or 0.0 for value in values.values()) / len(values)
