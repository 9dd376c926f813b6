"""The course of optimization runs, from their steps alone: what the gate let pass, and how long the instructions became."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collide.analysis.bootstrap import Resamples
from collide.analysis.cherrypick import count_tokens
from collide.analysis.estimates import AVERAGE, Estimate, EstimateName

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Course:
    """Of a run (the Single-Task runs of a seed joined): its quantities by name, those of a gate only where there is one.

    `validation_mae_rise` is the largest rise, from a step to the next, of the mean absolute error on the validation pairs of
    the prompt in force, averaged over the criteria; 0 where it never rises. `rejected` is the share of steps whose candidate
    the gate refused. `tokens_initial` and `tokens_final` are the mean length of the instructions in force.
    """

    seed: int
    values: Values


FOLDS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "validation_mae_rise": max,
    "rejected": statistics.fmean,
    "tokens_initial": statistics.fmean,
    "tokens_final": statistics.fmean,
}
"""How a quantity's value over several runs comes from theirs."""


def course(seed: int, records: Sequence[Mapping[str, Any]]) -> Course:
    """The course of one run, from the records of its steps."""
    values = {
        f"tokens_{place}": statistics.fmean(map(count_tokens, record["instructions"].values()))
        for place, record in (("initial", records[0]), ("final", records[-1]))
    }
    errors = [error for record in records if (error := _error_in_force(record)) is not None]
    if errors:
        rises = [new - old for old, new in itertools.pairwise(errors)]
        values["validation_mae_rise"] = max([0.0, *(rise for rise in rises if not math.isnan(rise))])
        values["rejected"] = statistics.fmean(not record["gate"]["accepted"] for record in records[1:])
    return Course(seed, values)


def joined(courses: Sequence[Course]) -> Course:
    """The Single-Task runs of one seed as one."""
    names = [name for name in courses[0].values if all(name in course.values for course in courses)]
    return Course(courses[0].seed, {name: FOLDS[name]([course.values[name] for course in courses]) for name in names})


def course_estimates(study: str, mode: str, gate: str, courses: Sequence[Course], resamples: Resamples) -> Iterator[Estimate]:
    """The quantities of a cell's runs, which are drawn with replacement."""
    picks = resamples.picks([course.seed for course in courses])
    for quantity in joined(courses).values:
        values = np.array([course.values[quantity] for course in courses])[picks]
        draws = values.max(axis=1) if FOLDS[quantity] is max else values.mean(axis=1)
        yield Estimate(EstimateName(study, mode, gate, AVERAGE, quantity), draws, draws, len(courses), len(courses))


def _error_in_force(record: Mapping[str, Any]) -> float | None:
    """Mean absolute error on the validation pairs of the prompt in force after a step; None without validation."""
    validation = record["validation"]
    accepted = record.get("gate", {}).get("accepted", False)
    shown = validation["candidate" if accepted else "current"]
    if shown is None:
        return None
    errors = list(shown["mae"].values())
    return math.nan if None in errors else statistics.fmean(errors)
