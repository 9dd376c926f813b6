"""Run dynamics, from the step records alone: decisions of the gate, lengths of instructions, and form of the gradients."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collide.analysis.bootstrap import RunPicker
from collide.analysis.estimates import AVERAGE, Estimate, EstimateName
from collide.analysis.instructions.tokens import count_tokens
from collide.common.comparison import is_above

# Function that combines the values of several runs.
COMBINE_RUNS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "validation_mae_rise": max,
    "rejected": statistics.fmean,
    "tokens_initial": statistics.fmean,
    "tokens_final": statistics.fmean,
    "three_paragraphs": statistics.fmean,
}
# Paragraphs of a textual gradient (paper, section 3).
PARAGRAPHS = 3


@dataclass(frozen=True, slots=True)
class RunDynamics:
    """Quantities of a run by name; those of a gate only where the run has validation. Single-Task runs of a seed are joined.

    `validation_mae_rise` is the largest rise, from a step to the next, of the mean absolute error on the validation pairs of
    the prompt in force, averaged over the criteria; 0 where it never rises. `rejected` is the share of steps whose candidate
    the gate rejected; a step with an unchanged candidate counts as accepted. `tokens_initial` and `tokens_final` are the mean
    length of the instructions in force. `three_paragraphs` is the share of the textual gradients that have three paragraphs,
    as the prompt asks; a run without gradients has no share.
    """

    seed: int
    values: Mapping[str, float]


def measure_dynamics(seed: int, records: Sequence[Mapping[str, Any]]) -> RunDynamics:
    """Return the dynamics of one run, from the records of its steps."""
    values = {
        quantity: statistics.fmean(map(count_tokens, record["instructions"].values()))
        for quantity, record in (("tokens_initial", records[0]), ("tokens_final", records[-1]))
    }
    paragraphs = [part["paragraphs"] for record in records for part in record.get("gradients", []) if part["text"] is not None]
    if paragraphs:
        values["three_paragraphs"] = statistics.fmean(count == PARAGRAPHS for count in paragraphs)
    maes = [mae for record in records if (mae := _read_mae_in_force(record)) is not None]
    if maes:
        # No undefined MAE is above another one. The 0 is for runs whose MAE never rises.
        rises = [new - old for old, new in itertools.pairwise(maes) if is_above(new, old)]
        values["validation_mae_rise"] = max([0.0, *rises])
    if records[0]["validation"]["current"] is not None:
        values["rejected"] = statistics.fmean(not record["gate"]["accepted"] for record in records[1:])
    return RunDynamics(seed, values)


def join_dynamics(runs: Sequence[RunDynamics]) -> RunDynamics:
    """Return the Single-Task runs of one seed as one; quantities that one of them lacks are left out."""
    names = [name for name in runs[0].values if all(name in run.values for run in runs)]
    return RunDynamics(runs[0].seed, {name: COMBINE_RUNS[name]([run.values[name] for run in runs]) for name in names})


def estimate_dynamics(
    study: str, mode: str, gate: str, runs: Sequence[RunDynamics], run_picker: RunPicker
) -> Iterator[Estimate]:
    """Yield the quantities of a cell's runs, which are drawn with replacement."""
    picks = run_picker.pick_runs([run.seed for run in runs])
    for quantity in join_dynamics(runs).values:
        values = np.array([run.values[quantity] for run in runs])[picks]
        draws = values.max(axis=1) if COMBINE_RUNS[quantity] is max else values.mean(axis=1)
        yield Estimate(EstimateName(study, mode, gate, AVERAGE, quantity), draws, draws, len(runs), len(runs))


def _read_mae_in_force(record: Mapping[str, Any]) -> float | None:
    """Return the mean absolute error on the validation pairs of the prompt in force after a step; None without validation."""
    validation = record["validation"]
    accepted = record.get("gate", {}).get("accepted", False)
    shown = validation["candidate" if accepted else "current"]
    if shown is None:
        return None
    # The authors' logs hold the average over the criteria alone, and no other metric than the gate's.
    if "average" in shown:
        average = shown["average"]
        return math.nan if average.get("mae", 0) is None else average.get("mae")
    errors = list(shown["mae"].values())
    return math.nan if None in errors else statistics.fmean(errors)
