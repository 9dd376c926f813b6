"""The simulated models: what sets a weak one apart from a strong one."""

from __future__ import annotations

from dataclasses import dataclass

from collide.llm.transport.errors import FatalError


@dataclass(frozen=True, slots=True)
class Strength:
    """Properties of a simulated model.

    insight: share of what it knows of a criterion that it uses without being told.
    misreading: spread, in points of a five-point scale, of its fixed error on a pair and criterion.
    attention: tokens of instructions that it can follow without losing some of them.
    breadth: sentences that it can say to the point in one text about criteria.
    care: share of suggestions that it carries out, and the odds of putting one where it belongs.
    """

    insight: float
    misreading: float
    attention: int
    breadth: int
    care: float


STRENGTHS = {
    "simulated/small": Strength(insight=0.30, misreading=0.65, attention=300, breadth=4, care=0.60),
    "simulated/medium": Strength(insight=0.45, misreading=0.55, attention=500, breadth=5, care=0.70),
    "simulated/large": Strength(insight=0.55, misreading=0.45, attention=700, breadth=6, care=0.80),
    "simulated/xlarge": Strength(insight=0.65, misreading=0.40, attention=900, breadth=7, care=0.90),
}


def strength_of(model: str) -> Strength:
    """The properties of a model. Raises FatalError for a name that is none."""
    if model not in STRENGTHS:
        raise FatalError(f"the simulator has no model {model!r}; it has {', '.join(STRENGTHS)}")
    return STRENGTHS[model]
