"""Decomposition modes (paper, section 3): a mode says how each stage groups the criteria, and nothing else.

The three letters stand for the loss, gradient and optimizer stages; S (separate) makes one group per criterion, C
(combined) one group of all. Single-Task is any mode over one criterion: both letters then make the same group.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from collide.errors import InputError

Group = tuple[str, ...]

SINGLE = "single"
"""The study's word for one independent run per criterion, whose modes are named single-<criterion>."""

TOGETHER = "together"
"""The word for a prompt of all criteria, where the mode that it is optimized in does not matter."""

MODES = ("SSS", "SSC", "SCC", "CCC")


@dataclass(frozen=True, slots=True)
class Mode:
    """The criteria of a run and, for each stage, the groups that share one call."""

    name: str
    criteria: Group
    loss: tuple[Group, ...]
    gradient: tuple[Group, ...]
    optimizer: tuple[Group, ...]


def run_modes(modes: Sequence[str], criteria: Sequence[str]) -> list[str]:
    """The modes of a study's runs: `single` becomes one mode per criterion.

    >>> run_modes(["single", "SSC"], ["fluency", "relevance"])
    ['single-fluency', 'single-relevance', 'SSC']
    """
    return [run for mode in modes for run in ([f"single-{c}" for c in criteria] if mode == SINGLE else [mode])]


def parse_mode(name: str, criteria: Sequence[str]) -> Mode:
    """The grouping that a mode's name stands for. Raises InputError for a name that is none.

    >>> parse_mode("SCC", ["fluency", "relevance"]).gradient
    (('fluency', 'relevance'),)
    """
    single = re.fullmatch(rf"{SINGLE}-(.+)", name)
    if single and single[1] in criteria:
        return _grouped(name, "SSS", (single[1],))
    if not re.fullmatch("S*C*", name) or len(name) != 3:
        raise InputError(
            f"mode {name!r} is unknown: expected one of {', '.join(MODES)} (once a stage is combined every later one is)"
            f" or single-<criterion> with a criterion out of {', '.join(criteria)}"
        )
    return _grouped(name, name, tuple(criteria))


def judged_by(mode: str) -> str:
    """What the prompts of a run are about: its one criterion, as its mode names it, or all criteria together.

    >>> judged_by("single-fluency"), judged_by("SSC")
    ('single-fluency', 'together')
    """
    return mode if mode.startswith(SINGLE) else TOGETHER


def covering(groups: Sequence[Group], group: Group) -> list[Group]:
    """Those of an earlier stage's groups that speak of a criterion of `group`."""
    return [other for other in groups if set(other) & set(group)]


def _grouped(name: str, letters: str, criteria: Group) -> Mode:
    loss, gradient, optimizer = (tuple((c,) for c in criteria) if letter == "S" else (criteria,) for letter in letters)
    return Mode(name, criteria, loss, gradient, optimizer)
