"""Scenarios of a forecast: assumptions about what cannot be known before a run, for its middle and its range."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scenario:
    """Assumptions about the unknowns of a run.

    A gate accepts a new candidate of step s with chance `acceptance` / s. A rewrite of a settled instruction brings a new
    wording with chance `new_wording`. Tokens are those of one settled instruction, and of what a critique and a gradient say
    about one criterion.
    """

    acceptance: float
    new_wording: float
    instruction_tokens: int
    critique_tokens: int
    gradient_tokens: int


# "middle" is close to the default design on the simulator: its gates accepted 127 of the candidates that differ from the prompt
# in force, and 1 / s summed over these candidates is 166, a ratio of 0.76. "low" and "high" cover other models; "high" has
# gates that accept everything.
SCENARIOS = {
    "low": Scenario(acceptance=0.3, new_wording=0.3, instruction_tokens=100, critique_tokens=20, gradient_tokens=60),
    "middle": Scenario(acceptance=0.71, new_wording=0.5, instruction_tokens=185, critique_tokens=32, gradient_tokens=95),
    "high": Scenario(acceptance=math.inf, new_wording=1.0, instruction_tokens=400, critique_tokens=150, gradient_tokens=300),
}
