"""Decomposition modes (paper, section 3): how each stage groups the criteria.

A mode is three letters, for the loss, gradient and optimizer stages. S (separate) makes one group per criterion, C (combined)
one group of all criteria; one group is one model call. Once a stage is combined, every later stage is combined, too.
Single-Task is an independent run over one criterion, for which both letters make the same group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collide.errors import InputError
from collide.experiment.criteria import identify_criteria, identify_criterion

Group = tuple[str, ...]

MODES = ("SSS", "SSC", "SCC", "CCC")

# config.yaml's word for one independent run per criterion. The runs have the modes single-<identifier of the criterion>.
SINGLE_TASK = "single"

# The modes that a study may list.
STUDY_MODES = (SINGLE_TASK, *MODES)
MODE_LABELS = {SINGLE_TASK: "Single-Task"} | {mode: mode for mode in MODES}

# The scope of a prompt over all criteria. It names folders of initial prompts and their journals, so it must not change.
ALL_CRITERIA = "together"


@dataclass(frozen=True, slots=True)
class Mode:
    """The criteria of a run and, for each stage, the groups of criteria that share one call."""

    name: str
    criteria: Group
    loss: tuple[Group, ...]
    gradient: tuple[Group, ...]
    optimizer: tuple[Group, ...]


def expand_modes(modes: Sequence[str], criteria: Sequence[str]) -> list[str]:
    """Return the modes of a study's runs: `single` becomes one mode per criterion.

    >>> expand_modes(["single", "SSC"], ["fluency", "relevance"])
    ['single-fluency', 'single-relevance', 'SSC']
    """
    single = [name_single_mode(name) for name in criteria]
    return [run for mode in modes for run in (single if mode == SINGLE_TASK else [mode])]


def name_single_mode(criterion: str) -> str:
    """Return the mode of the Single-Task run of a criterion.

    >>> name_single_mode("fluency")
    'single-fluency'
    """
    return f"{SINGLE_TASK}-{identify_criterion(criterion)}"


def parse_mode(name: str, criteria: Sequence[str]) -> Mode:
    """Return the groups that a mode's name stands for. Raises InputError for an unknown name.

    >>> parse_mode("SCC", ["fluency", "relevance"]).gradient
    (('fluency', 'relevance'),)
    """
    identifiers, single = identify_criteria(criteria), re.fullmatch(rf"{SINGLE_TASK}-(.+)", name)
    if single and single[1] in identifiers:
        return _group_criteria(name, "SSS", (identifiers[single[1]],))
    if not re.fullmatch("S*C*", name) or len(name) != 3:
        raise InputError(
            f"mode {name!r} is unknown: expected one of {', '.join(MODES)} (once a stage is combined every later one is)"
            f" or single-<criterion> with a criterion out of {', '.join(identifiers)}"
        )
    return _group_criteria(name, name, tuple(criteria))


def criteria_scope(mode: str) -> str:
    """Return the scope of a run's prompts: its mode for a Single-Task run, ALL_CRITERIA for every other run.

    >>> criteria_scope("single-fluency"), criteria_scope("SSC")
    ('single-fluency', 'together')
    """
    return mode if mode.startswith(SINGLE_TASK) else ALL_CRITERIA


def select_scope(criteria: Iterable[str], scope: str) -> list[str]:
    """Return the criteria that a scope covers.

    >>> select_scope(["fluency", "relevance"], "single-relevance")
    ['relevance']
    """
    return [name for name in criteria if scope in (ALL_CRITERIA, name_single_mode(name))]


def overlapping_groups(groups: Sequence[Group], group: Group) -> list[Group]:
    """Return the groups of an earlier stage that share a criterion with `group`."""
    return [other for other in groups if set(other) & set(group)]


def _group_criteria(name: str, letters: str, criteria: Group) -> Mode:
    loss, gradient, optimizer = (tuple((c,) for c in criteria) if letter == "S" else (criteria,) for letter in letters)
    return Mode(name, criteria, loss, gradient, optimizer)
