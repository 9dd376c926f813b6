"""Estimates of the diagnostics: mean, spread and extremes of the evaluator's ratings, by cell and group of modes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from collide.analysis.bootstrap import Resamples
from collide.analysis.estimates import ALL_GATES, AVERAGE, GROUPS, Estimate, EstimateName
from collide.experiment.modes import SINGLE_TASK


@dataclass(frozen=True, slots=True)
class Ratings:
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
        """The run. A Single-Task run holds one criterion, other runs all of them."""
        return self.mode, self.gate, self.seed, self.criterion if self.mode == SINGLE_TASK else ""


def diagnostic_estimates(ratings: Sequence[Ratings], resamples: Resamples) -> Iterator[Estimate]:
    """Mean, standard deviation, minimum and maximum of each diagnostic over all ratings of a cell, runs resampled.

    Cells are (mode or group of modes) x (gate or all) x (criterion or average). One run has no interval.
    """
    cells: dict[EstimateName, list[Ratings]] = {}
    for rating in ratings:
        groups = [group for group, modes in GROUPS.items() if rating.mode in modes]
        for mode, gate, criterion in itertools.product(
            (rating.mode, *groups), (rating.gate, ALL_GATES), (rating.criterion, AVERAGE)
        ):
            cells.setdefault(EstimateName(rating.study, mode, gate, criterion, rating.diagnostic), []).append(rating)
    for name, members in cells.items():
        yield from _cell_estimates(name, members, resamples)


def _cell_estimates(name: EstimateName, members: Sequence[Ratings], resamples: Resamples) -> Iterator[Estimate]:
    by_run: dict[tuple, list[int]] = {}
    for member in members:
        by_run.setdefault(member.run, []).extend(score for score in member.scores if score is not None)
    scored = {run: np.array(scores, dtype=np.float64) for run, scores in by_run.items() if scores}
    if not scored:
        return
    # Two modes whose runs have the same gates and seeds draw the same ones: their difference is paired.
    picks = resamples.picks([run[1:] for run in scored])
    size, total, square, low, high = (
        np.array([function(scores) for scores in scored.values()])[picks]
        for function in (len, np.sum, lambda scores: np.sum(scores**2), np.min, np.max)
    )
    count, mean = size.sum(axis=1), total.sum(axis=1) / size.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(count > 1, (square.sum(axis=1) - count * mean**2) / (count - 1), np.nan)
    for suffix, draws in {
        "": mean,
        "_sd": np.sqrt(np.maximum(variance, 0.0)),
        "_min": low.min(axis=1),
        "_max": high.max(axis=1),
    }.items():
        if len(scored) < 2:
            draws = np.concatenate([draws[:1], np.full(len(draws) - 1, np.nan)])
        quantity = name._replace(quantity=name.quantity + suffix)
        yield Estimate(quantity, draws, draws, len(scored), int(count[0]), _note(name, members))


def _note(name: EstimateName, members: Sequence[Ratings]) -> str:
    """What a reader must know of a cell: ratings that are missing, and modes of its group that are."""
    missing = sum(score is None for member in members for score in member.scores)
    there = {member.mode for member in members}
    lacking = [mode for mode in GROUPS.get(name.mode, ()) if mode not in there]
    told = [f"{missing} missing"] if missing else []
    return "; ".join([*told, *([f"{PARTIAL} {', '.join(lacking)}"] if lacking else [])])


PARTIAL = "without"
"""How the note of a group begins to tell of the modes that it lacks."""
