"""Validation gates (paper, section 3): decide if the candidate prompt replaces the prompt in force. Equal values are accepted.

To add a gate, add an entry to GATES, with a new class if needed. The name in GATES is the gate's name in config.yaml, in
folders and in files; everything else that depends on gates (schema, wildcards, labels) reads GATES.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from collide.common.comparison import average_values, is_above

# Values of a metric by criterion; None where the metric is undefined.
ByCriterion = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision of a gate, and its reason for the step record."""

    accepted: bool
    reason: str


class Gate(Protocol):
    """A validation gate.

    `label` is its name in tables and figures. `metric` is the role of the validation metric that it reads; None for a gate that
    needs no validation.
    """

    @property
    def label(self) -> str: ...

    @property
    def metric(self) -> str | None: ...

    def decide(self, current: ByCriterion, candidate: ByCriterion, name: str) -> Decision:
        """Compare the metric of the prompt in force with that of the candidate, by criterion.

        `name` is the metric's name in the reason: that of `metric`, or of those that take its role on the criteria's scales.
        """


@dataclass(frozen=True, slots=True)
class AcceptAlways:
    """Accepts every candidate without validation."""

    label: str
    metric: str | None = None

    def decide(self, current: ByCriterion, candidate: ByCriterion, name: str) -> Decision:
        return Decision(True, "no validation")


@dataclass(frozen=True, slots=True)
class ErrorNotHigher:
    """Accepts a candidate whose error, averaged over the criteria, is not above that of the prompt in force.

    Where scales differ in width, the errors are parts of the width, so that no criterion outweighs another.
    """

    label: str
    metric: str

    def decide(self, current: ByCriterion, candidate: ByCriterion, name: str) -> Decision:
        if None in candidate.values():
            return Decision(False, f"{name} of the candidate is undefined")
        if None in current.values():
            return Decision(True, f"{name} of the prompt in force is undefined")
        old, new = _average(current), _average(candidate)
        return Decision(not is_above(new, old), f"{name} {new:.4f} against {old:.4f}")


@dataclass(frozen=True, slots=True)
class AgreementNotLower:
    """Accepts a candidate whose agreement, averaged over the criteria, is not below that of the prompt in force.

    A correlation is undefined for a judge that rates every pair alike. It counts as 0, as in the paper's averages. An undefined
    kappa does so, too.
    """

    label: str
    metric: str

    def decide(self, current: ByCriterion, candidate: ByCriterion, name: str) -> Decision:
        old, new = _average(current), _average(candidate)
        undefined = [criterion for criterion, value in candidate.items() if value is None]
        note = f" (undefined, counted as 0: {', '.join(undefined)})" if undefined else ""
        return Decision(not is_above(old, new), f"{name} {new:.4f} against {old:.4f}{note}")


GATES: dict[str, Gate] = {
    "none": AcceptAlways("No validation"),
    "mae": ErrorNotHigher("MAE validation", "mae"),
    "off_by_one": AgreementNotLower("Off-by-one validation", "off_by_one"),
    "spearman": AgreementNotLower("Spearman validation", "spearman"),
}


def _average(values: ByCriterion) -> float:
    return average_values(value or 0.0 for value in values.values())
