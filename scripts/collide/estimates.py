"""Estimates: every quantity that a table, figure or claim shows, with its bootstrap draws, under one five-part name.

The name is (study, mode, gate, criterion, quantity). All draws rest on the same resamples of documents and seeds
(`bootstrap`), so the difference of two quantities' draws is the paired bootstrap of their difference.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from collide.bootstrap import METRICS, Counts, Floats, Resamples, count
from collide.metrics import best_constant

AVERAGE = "average"
PER_TASK, CROSS_TASK = "per-task", "cross-task"
GROUPS = {PER_TASK: ("single", "SSS", "SSC"), CROSS_TASK: ("SCC", "CCC")}
ALL_GATES = "all"
CONSTANT = "constant"


class Name(NamedTuple):
    """What an estimate is of."""

    study: str
    mode: str
    gate: str
    criterion: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity under all resamples (row 0: the sample itself), how many runs and values it rests on, and what to know."""

    name: Name
    draws: Floats
    runs: int
    n: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A run's counts on the test and the validation pairs, by step, then criterion. Single-Task runs of a seed are joined."""

    seed: int
    test: list[dict[str, Counts]]
    validation: list[dict[str, Counts]] = field(default_factory=list)


def filled(values: Floats) -> Floats:
    """Undefined correlations count as 0 in averages (a constant judge), as in the paper."""
    return np.nan_to_num(values, nan=0.0)


def trajectory_estimates(
    study: str, mode: str, gate: str, trajectories: Sequence[Trajectory], resamples: Resamples
) -> Iterator[Estimate]:
    """All Spearman quantities of a cell (study, mode, gate): by step, initial, best, chosen on validation, gain, HVI.

    The best step is the one whose mean over seeds of the test average is highest (the earlier of equals); it is chosen on
    the sample and kept in all draws. HVI is left out for Single-Task, as in the paper.
    """
    runs = len(trajectories)
    criteria = list(trajectories[0].test[0])
    steps = min(len(trajectory.test) for trajectory in trajectories)
    by_run = np.stack([_correlations(trajectory.test[:steps], criteria) for trajectory in trajectories])
    undefined = np.isnan(by_run[..., 0])
    missing = np.array([[[step[name].missing for name in criteria] for step in t.test[:steps]] for t in trajectories])
    values = filled(by_run)  # runs x steps x criteria x rows
    mean = _over_seeds(values, resamples)  # steps x criteria x rows
    columns = {name: mean[:, place] for place, name in enumerate(criteria)} | {AVERAGE: mean.mean(axis=1)}
    best = int(np.argmax(columns[AVERAGE][:, 0].round(12)))
    steps_of_quantities = {"initial": 0, "best": best, "final": steps - 1} | {f"step{step}": step for step in range(steps)}
    chosen = _chosen_on_validation(trajectories, steps, criteria)
    if chosen is not None:
        steps_of_quantities["by_validation"] = chosen

    def made(criterion: str, quantity: str, draws: Floats, note: str = "") -> Estimate:
        return Estimate(Name(study, mode, gate, criterion, quantity), draws, runs, runs, note)

    for criterion, series in columns.items():
        for quantity, step in steps_of_quantities.items():
            place = slice(None) if criterion == AVERAGE else criteria.index(criterion)
            yield made(criterion, quantity, series[step], _note(undefined[:, step, place], missing[:, step, place]))
        yield made(criterion, "gain", series[best] - series[0])
        by_seed = values.mean(axis=2) if criterion == AVERAGE else values[:, :, criteria.index(criterion)]
        for quantity, step in steps_of_quantities.items():
            yield made(criterion, f"{quantity}_sd", _deviation(by_seed[:, step], resamples))
    rows = values.shape[-1]
    yield made(AVERAGE, "best_step", np.full(rows, float(best)))
    if chosen is not None:
        yield made(AVERAGE, "by_validation_step", np.full(rows, float(chosen)))
    if mode != "single":
        for step, volume in enumerate(hypervolumes(mean)):
            yield made(AVERAGE, f"hvi_step{step}", volume)
        yield made(AVERAGE, "hvi", volume)


def hypervolumes(mean: Floats) -> list[Floats]:
    """HVI after each step: the volume above -1 that the archive of the criteria's values so far dominates, per row.

    `mean` is steps x criteria x rows, the Spearman correlation averaged over seeds.
    """
    import moocore

    steps, criteria, rows = mean.shape
    reference = np.full(criteria, -1.0)
    volumes = np.empty((steps, rows))
    for row, step in itertools.product(range(rows), range(steps)):
        archive = np.ascontiguousarray(mean[: step + 1, :, row])
        volumes[step, row] = moocore.hypervolume(archive, ref=reference, maximise=True)
    return list(volumes)


def variant_estimates(
    variant: str, gate: str, counts: Sequence[Mapping[str, Counts]], resamples: Resamples
) -> Iterator[Estimate]:
    """Spearman, off-by-one and MAE of a cherry-picked variant over its seeds, by criterion and on average."""
    runs = len(counts)
    criteria = list(counts[0])
    for metric, function in METRICS.items():
        by_run = np.stack([[function(run[name]) for name in criteria] for run in counts])
        values = filled(by_run) if metric == "spearman" else by_run
        mean = _over_seeds(values, resamples)
        for criterion in (*criteria, AVERAGE):
            place = slice(None) if criterion == AVERAGE else slice(criteria.index(criterion), criteria.index(criterion) + 1)
            series = mean[place].mean(axis=0)
            missing = np.array([[run[name].missing for name in criteria[place]] for run in counts])
            note = _note(np.isnan(by_run[:, place, 0]), missing)
            yield Estimate(Name("cherrypick", variant, gate, criterion, metric), series, runs, runs, note)


def constant_estimates(
    documents: Sequence[str], humans: Mapping[str, Floats], scales: Mapping[str, tuple[int, int]], resamples: Resamples
) -> Iterator[Estimate]:
    """Mean absolute error of the best constant rating of each criterion: what an MAE gate can be drawn to."""
    for criterion, human in humans.items():
        rating = best_constant(human.tolist(), scales[criterion])
        counts = count(list(documents), np.full(len(human), float(rating)), human, resamples)
        name = Name("corpus", CONSTANT, ALL_GATES, criterion, "mae")
        yield Estimate(name, METRICS["mae"](counts), 1, len(human), f"always {rating}")


def difference_estimates(estimates: Sequence[Estimate]) -> Iterator[Estimate]:
    """Paired differences: SCC less SSC in each study, and each cherry-picked variant less Single-Task at its best step.

    A difference stands under the mode `a-b` and the quantity of its first part.
    """
    known = {estimate.name: estimate for estimate in estimates}
    for name, estimate in known.items():
        if name.mode == "SCC" and name.quantity in ("best", "final", "specificity", "adherence"):
            other = known.get(name._replace(mode="SSC"))
        elif name.study == "cherrypick" and name.quantity == "spearman":
            other = known.get(Name("main", "single", name.gate, name.criterion, "best"))
        else:
            continue
        if other is not None:
            mode = f"{name.mode}-{other.name.mode}"
            yield Estimate(name._replace(mode=mode), estimate.draws - other.draws, min(estimate.runs, other.runs), estimate.n)


def length_estimates(variant: str, gate: str, tokens: Mapping[str, int], resamples: Resamples) -> Iterator[Estimate]:
    """Length of each picked instruction of a variant, in tokens (words and punctuation marks): a count without a spread."""
    for criterion, length in tokens.items():
        draws = np.full(len(resamples.weights), float(length))
        yield Estimate(Name("cherrypick", variant, gate, criterion, "tokens"), draws, 1, 1)


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


def diagnostic_estimates(ratings: Sequence[Ratings], resamples: Resamples) -> Iterator[Estimate]:
    """Mean, standard deviation, minimum and maximum of each diagnostic over all ratings of a cell, runs resampled.

    Cells are (mode or group of modes) x (gate or all) x (criterion or average).
    """
    cells: dict[Name, list[Ratings]] = {}
    for rating in ratings:
        groups = [group for group, modes in GROUPS.items() if rating.mode in modes]
        for mode, gate, criterion in itertools.product(
            (rating.mode, *groups), (rating.gate, ALL_GATES), (rating.criterion, AVERAGE)
        ):
            cells.setdefault(Name(rating.study, mode, gate, criterion, rating.diagnostic), []).append(rating)
    for name, members in cells.items():
        yield from _cell_estimates(name, members, resamples)


def _cell_estimates(name: Name, members: Iterable[Ratings], resamples: Resamples) -> Iterator[Estimate]:
    """A Single-Task run holds one criterion, other runs all of them; what is drawn with replacement is the run."""
    by_run: dict[tuple, list[int]] = {}
    missing = 0
    for member in members:
        run = (member.mode, member.gate, member.seed, member.criterion if member.mode == "single" else "")
        by_run.setdefault(run, []).extend(score for score in member.scores if score is not None)
        missing += sum(score is None for score in member.scores)
    scored = [np.array(scores, dtype=np.float64) for scores in by_run.values() if scores]
    if not scored:
        return
    picks = resamples.picks(len(scored))
    size, total, square, low, high = (
        np.array([function(scores) for scores in scored])[picks]
        for function in (len, np.sum, lambda scores: np.sum(scores**2), np.min, np.max)
    )
    count, mean = size.sum(axis=1), total.sum(axis=1) / size.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(count > 1, (square.sum(axis=1) - count * mean**2) / (count - 1), np.nan)
    note = f"{missing} missing" if missing else ""
    for suffix, draws in {
        "": mean,
        "_sd": np.sqrt(np.maximum(variance, 0.0)),
        "_min": low.min(axis=1),
        "_max": high.max(axis=1),
    }.items():
        quantity = name._replace(quantity=name.quantity + suffix)
        yield Estimate(quantity, draws, len(scored), int(count[0]), note)


def _correlations(steps: Sequence[Mapping[str, Counts]], criteria: Sequence[str]) -> Floats:
    """steps x criteria x rows; steps with the same prompt share their counts, which are worked out once."""
    known: dict[int, Floats] = {}

    def correlation(counts: Counts) -> Floats:
        if id(counts) not in known:
            known[id(counts)] = METRICS["spearman"](counts)
        return known[id(counts)]

    return np.stack([[correlation(step[name]) for name in criteria] for step in steps])


def _over_seeds(values: Floats, resamples: Resamples) -> Floats:
    """Mean over runs (axis 0), each row over the runs that it drew (last axis)."""
    picks = resamples.picks(len(values))
    rows = np.arange(values.shape[-1])
    drawn = [values[picks[:, place], ..., rows] for place in range(picks.shape[1])]
    return np.moveaxis(np.mean(drawn, axis=0), 0, -1)


def _deviation(values: Floats, resamples: Resamples) -> Floats:
    """Sample standard deviation (ddof 1) over runs (axis 0), each row over the runs that it drew; nan for one run."""
    if len(values) < 2:
        return np.full(values.shape[-1], np.nan)
    picks = resamples.picks(len(values))
    return np.std(values[picks.T, np.arange(values.shape[-1])], axis=0, ddof=1)


def _chosen_on_validation(trajectories: Sequence[Trajectory], steps: int, criteria: Sequence[str]) -> int | None:
    if any(len(trajectory.validation) < steps for trajectory in trajectories):
        return None
    scores = [filled(_correlations(t.validation[:steps], criteria))[..., 0].mean(axis=1) for t in trajectories]
    return int(np.argmax(np.mean(scores, axis=0).round(12)))


def _note(undefined: np.ndarray, missing: np.ndarray) -> str:
    """What a reader must know of a cell: correlations that were undefined, and predictions that are missing."""
    told = [f"{int(undefined.sum())} of {undefined.size} undefined, counted as 0"] if undefined.any() else []
    told += [f"{int(missing.sum())} predictions missing"] if missing.any() else []
    return "; ".join(told)
