"""Criteria: the dimensions of quality that a judge rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Criterion:
    """One dimension of quality; `scale` holds the lowest and the highest rating."""

    name: str
    description: str
    scale: tuple[int, int]
    initial_instruction: str


def read_criteria(config: Mapping[str, Mapping]) -> dict[str, Criterion]:
    """Return the criteria of config.yaml's section `criteria`, in its order."""
    return {
        name: Criterion(name, facts["description"], (facts["scale"][0], facts["scale"][1]), facts["initial_instruction"])
        for name, facts in config.items()
    }
