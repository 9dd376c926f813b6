"""Diagnostics: mean, deviation and extremes of the evaluator's ratings, by cell and by group of modes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from collide.analysis.bootstrap import RunPicker
from collide.analysis.estimates import ALL_GATES, AVERAGE, GRADIENT_GROUPS, Estimate, EstimateName
from collide.experiment.modes import SINGLE_TASK
from collide.optimize.rated_texts import JOINED, name_specificity

# First word of the note of a group of modes that names the modes without a run.
PARTIAL = "without"


@dataclass(frozen=True, slots=True)
class RunRatings:
    """The evaluator's ratings of one run, criterion and diagnostic; None where missing."""

    study: str
    mode: str
    gate: str
    seed: int
    criterion: str
    diagnostic: str
    scores: tuple[int | None, ...]

    @property
    def run(self) -> tuple[str, str, int, str]:
        """Return the run. A Single-Task run has one criterion, other runs have all of them."""
        return self.mode, self.gate, self.seed, self.criterion if self.mode == SINGLE_TASK else ""


def estimate_cell_diagnostics(ratings: Sequence[RunRatings], run_picker: RunPicker) -> Iterator[Estimate]:
    """Yield the diagnostics of each cell (study, mode, gate), by criterion and on average.

    A diagnostic has four quantities over all ratings: mean, standard deviation, minimum and maximum. Runs are resampled; one
    run alone has no interval.
    """
    return _estimate_by_key(ratings, lambda rating: [(rating.mode, rating.gate)], run_picker)


def estimate_study_diagnostics(ratings: Sequence[RunRatings], run_picker: RunPicker) -> Iterator[Estimate]:
    """Yield the diagnostics of whole studies: of each mode over all gates, and of each group of modes by gate and over all."""

    def list_keys(rating: RunRatings) -> list[tuple[str, str]]:
        groups = [group for group, modes in GRADIENT_GROUPS.items() if rating.mode in modes]
        return [(rating.mode, ALL_GATES), *itertools.product(groups, (rating.gate, ALL_GATES))]

    return _estimate_by_key(ratings, list_keys, run_picker)


def _estimate_by_key(
    ratings: Sequence[RunRatings], list_keys: Callable[[RunRatings], list[tuple[str, str]]], run_picker: RunPicker
) -> Iterator[Estimate]:
    """Yield the diagnostics of the (mode, gate) that each rating counts for."""
    members: dict[EstimateName, list[RunRatings]] = {}
    for rating in ratings:
        for (mode, gate), criterion in itertools.product(list_keys(rating), (rating.criterion, AVERAGE)):
            members.setdefault(EstimateName(rating.study, mode, gate, criterion, rating.diagnostic), []).append(rating)
    for name, rated in members.items():
        yield from _estimate_ratings(name, rated, run_picker)


def _estimate_ratings(name: EstimateName, ratings: Sequence[RunRatings], run_picker: RunPicker) -> Iterator[Estimate]:
    by_run: dict[tuple, list[int]] = {}
    for rating in ratings:
        by_run.setdefault(rating.run, []).extend(score for score in rating.scores if score is not None)
    scored = {run: np.array(scores, dtype=np.float64) for run, scores in by_run.items() if scores}
    if not scored:
        return
    # Named without the mode: two modes whose runs have the same gates and seeds draw the same ones, so their difference is
    # paired.
    picks = run_picker.pick_runs([run[1:] for run in scored])
    size, total, square, low, high = (
        np.array([function(scores) for scores in scored.values()])[picks]
        for function in (len, np.sum, lambda scores: np.sum(scores**2), np.min, np.max)
    )
    count, mean = size.sum(axis=1), total.sum(axis=1) / size.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(count > 1, (square.sum(axis=1) - count * mean**2) / (count - 1), np.nan)
    for suffix, draws in {
        "": mean,
        # Rounding may leave the variance of equal ratings just below zero.
        "_sd": np.sqrt(np.maximum(variance, 0.0)),
        "_min": low.min(axis=1),
        "_max": high.max(axis=1),
    }.items():
        if len(scored) < 2:
            draws = np.concatenate([draws[:1], np.full(len(draws) - 1, np.nan)])
        quantity = name._replace(quantity=name.quantity + suffix)
        yield Estimate(quantity, draws, draws, len(scored), int(count[0]), _describe_ratings(name, ratings))


def _describe_ratings(name: EstimateName, ratings: Sequence[RunRatings]) -> str:
    """Return a note on missing ratings and on the modes that a group lacks."""
    missing = sum(score is None for rating in ratings for score in rating.scores)
    present = {rating.mode for rating in ratings}
    # Single-Task runs have one criterion, so there is nothing to join, and nothing is lacking.
    joined = name.quantity.startswith(name_specificity(JOINED))
    rated = [mode for mode in GRADIENT_GROUPS.get(name.mode, ()) if not (joined and mode == SINGLE_TASK)]
    absent = [mode for mode in rated if mode not in present]
    notes = [f"{missing} missing"] if missing else []
    return "; ".join([*notes, *([f"{PARTIAL} {', '.join(absent)}"] if absent else [])])
