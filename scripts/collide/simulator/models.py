"""The simulated models and the properties in which weak and strong ones differ."""

from __future__ import annotations

from dataclasses import dataclass

from collide.llm.transport.errors import FatalError

# `misreading` is in points of a five-point scale, which is four points long.
FIVE_POINT_LENGTH = 4


@dataclass(frozen=True, slots=True)
class SimulatedModel:
    """Properties of a simulated model.

    insight: share of its knowledge of a criterion that it uses without an instruction.
    misreading: standard deviation, in points of a five-point scale, of its fixed error on a pair and criterion;
        as a share of its scale, an evaluator's ratings have the same error.
    attention: words of instructions that it can follow without losing some of them.
    breadth: relevant sentences that it can write in one text about criteria.
    care: share of suggestions that it carries out, and the probability of adding one to the right instruction.
    """

    name: str
    insight: float
    misreading: float
    attention: int
    breadth: int
    care: float


# Set by hand. Each model is better than the one before in every property, as larger models tend to be.
_MODELS = (
    SimulatedModel("simulated/small", insight=0.30, misreading=0.65, attention=300, breadth=4, care=0.60),
    SimulatedModel("simulated/medium", insight=0.45, misreading=0.55, attention=500, breadth=5, care=0.70),
    SimulatedModel("simulated/large", insight=0.55, misreading=0.45, attention=700, breadth=6, care=0.80),
    SimulatedModel("simulated/xlarge", insight=0.65, misreading=0.40, attention=900, breadth=7, care=0.90),
)
SIMULATED_MODELS = {model.name: model for model in _MODELS}


def find_model(name: str) -> SimulatedModel:
    """Return the model of this name. Raises FatalError if there is none."""
    if name not in SIMULATED_MODELS:
        raise FatalError(f"the simulator has no model {name!r}; it has {', '.join(SIMULATED_MODELS)}")
    return SIMULATED_MODELS[name]
