"""Estimates: every quantity that a table, figure or claim shows, with its bootstrap draws, under one five-part name.

The name is (study, mode, gate, criterion, quantity). All draws rest on the same resamples of documents and seeds
(`bootstrap`), so the difference of two quantities' draws is the paired bootstrap of their difference.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from collide.analysis.bootstrap import METRICS, Counts, Floats, Resamples, count, few
from collide.analysis.metrics import best_constant, hypervolume
from collide.experiment.modes import SINGLE_TASK

Metric = Callable[[Counts], Floats]
Picks = NDArray[np.int64]
"""Which runs each row averages over: rows x runs."""

AVERAGE = "average"
PER_TASK, CROSS_TASK = "per-task", "cross-task"
GROUPS = {PER_TASK: ("single", "SSS", "SSC"), CROSS_TASK: ("SCC", "CCC")}
ALL_GATES = "all"
CONSTANT = "constant"


class EstimateName(NamedTuple):
    """What an estimate is of."""

    study: str
    mode: str
    gate: str
    criterion: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity under all resamples (row 0: the sample itself), how many runs and values it rests on, and what to know.

    `run_draws` draws the runs alone, every document once: how much of the spread more runs would take away.
    """

    name: EstimateName
    draws: Floats
    run_draws: Floats
    runs: int
    n: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A run's counts on the test and the validation pairs, by step, then criterion. Single-Task runs of a seed are joined."""

    seed: int
    test: list[dict[str, Counts]]
    validation: list[dict[str, Counts]] = field(default_factory=list)


def trajectory_estimates(
    study: str, mode: str, gate: str, trajectories: Sequence[Trajectory], resamples: Resamples, note: str = ""
) -> Iterator[Estimate]:
    """All Spearman quantities of a cell (study, mode, gate): by step, initial, best, chosen on validation, gain, HVI.

    The best step is the one whose mean over seeds of the test average is highest (the earlier of equals). Every draw chooses
    it anew, so that the intervals of best and gain tell of the choice, too; the step chosen on validation, on other pairs,
    is kept. HVI is left out for Single-Task, as in the paper. `note` is told of every quantity.
    """
    runs = len(trajectories)
    criteria = list(trajectories[0].test[0])
    steps = min(len(trajectory.test) for trajectory in trajectories)
    cells = [_cells(trajectory.test[:steps], criteria) for trajectory in trajectories]
    undefined = np.stack([cell[1] for cell in cells])  # runs x steps x criteria
    missing = np.stack([cell[2] for cell in cells])  # likewise
    values = np.stack([cell[0] for cell in cells])  # runs x steps x criteria x rows
    picks = resamples.picks([trajectory.seed for trajectory in trajectories])
    chosen = _chosen_on_validation(trajectories, steps, criteria)
    drawn = _quantities(values, picks, criteria, chosen, mode != SINGLE_TASK)
    # Few seeds are drawn in few ways, each of which is worked out once; the sample stays in row 0.
    ways, way = np.unique(picks, axis=0, return_inverse=True)
    ways = np.vstack([picks[:1], ways])
    sample = np.broadcast_to(values[..., :1], (*values.shape[:-1], len(ways)))
    by_ways = dict(_quantities(sample, ways, criteria, chosen, mode != SINGLE_TASK))
    best = int(by_ways[AVERAGE, "best_step"][0])
    shown = {"initial": 0, "best": best, "final": steps - 1, "by_validation": chosen}
    shown |= {f"step{step}": step for step in range(steps)}
    for (criterion, quantity), draws in drawn:
        told = [note] if note else []
        step = shown.get(quantity)
        if step is not None:
            place = slice(None) if criterion == AVERAGE else criteria.index(criterion)
            told += _told(undefined[:, step, place], missing[:, step, place])
        name = EstimateName(study, mode, gate, criterion, quantity)
        yield Estimate(name, draws, by_ways[criterion, quantity][way + 1], runs, runs, "; ".join(told))


def _quantities(
    values: Floats, picks: Picks, criteria: Sequence[str], chosen: int | None, volumes: bool
) -> Iterator[tuple[tuple[str, str], Floats]]:
    """Draws of each (criterion, quantity) out of runs x steps x criteria x rows."""
    steps, rows = values.shape[1], np.arange(values.shape[-1])
    mean = _over_runs(values, picks)  # steps x criteria x rows
    columns = {name: (mean[:, place], values[:, :, place]) for place, name in enumerate(criteria)}
    columns[AVERAGE] = (mean.mean(axis=1), values.mean(axis=2))
    best = np.argmax(np.nan_to_num(columns[AVERAGE][0], nan=-np.inf).round(12), axis=0)
    at: dict[str, int | NDArray[np.int64]] = {"initial": 0, "best": best, "final": steps - 1}
    at |= {f"step{step}": step for step in range(steps)} | ({} if chosen is None else {"by_validation": chosen})
    for criterion, (series, by_run) in columns.items():
        for quantity, step in at.items():
            yield (criterion, quantity), series[step, rows]
            # The spread over seeds is that of the step which the sample has.
            yield (criterion, f"{quantity}_sd"), _deviation(by_run[:, step if isinstance(step, int) else step[0]], picks)
        yield (criterion, "gain"), series[best, rows] - series[0]
    yield (AVERAGE, "best_step"), best.astype(np.float64)
    if chosen is not None:
        yield (AVERAGE, "by_validation_step"), np.full(len(rows), float(chosen))
    if volumes:
        by_step = hypervolumes(mean)
        yield from (((AVERAGE, f"hvi_step{step}"), volume) for step, volume in enumerate(by_step))
        yield (AVERAGE, "hvi"), by_step[-1]


def hypervolumes(mean: Floats) -> list[Floats]:
    """HVI after each step: the volume above -1 that the archive of the criteria's values so far dominates, per row.

    `mean` is steps x criteria x rows, the Spearman correlation averaged over seeds. A step with an undefined value does not
    join the archive.
    """
    steps, _, rows = mean.shape
    volumes = np.full((steps, rows), np.nan)
    for row, step in itertools.product(range(rows), range(steps)):
        archive = mean[: step + 1, :, row]
        defined = archive[~np.isnan(archive).any(axis=1)]
        if len(defined):
            volumes[step, row] = hypervolume(defined)
    return list(volumes)


def variant_estimates(
    variant: str, gate: str, counts: Mapping[int, Mapping[str, Counts]], resamples: Resamples
) -> Iterator[Estimate]:
    """Spearman, off-by-one and MAE of a cherry-picked variant, by criterion and on average, out of counts by seed."""
    counts = dict(sorted(counts.items()))  # in the order of other cells, so that they draw the same seeds
    criteria = list(next(iter(counts.values())))
    picks = resamples.picks(list(counts))
    for metric, function in METRICS.items():
        cells = [_cells([run], criteria, function) for run in counts.values()]
        values = np.stack([cell[0][0] for cell in cells])  # runs x criteria x rows
        undefined, missing = np.stack([cell[1][0] for cell in cells]), np.stack([cell[2][0] for cell in cells])
        drawn = _over_runs(values, picks)  # criteria x rows
        by_runs = _over_runs(np.broadcast_to(values[..., :1], values.shape), picks)
        for criterion in (*criteria, AVERAGE):
            place = slice(None) if criterion == AVERAGE else slice(criteria.index(criterion), criteria.index(criterion) + 1)
            name = EstimateName("cherrypick", variant, gate, criterion, metric)
            note = "; ".join(_told(undefined[:, place], missing[:, place]))
            yield Estimate(name, drawn[place].mean(axis=0), by_runs[place].mean(axis=0), len(counts), len(counts), note)


def constant_estimates(
    documents: Sequence[str], humans: Mapping[str, Floats], scales: Mapping[str, tuple[int, int]], resamples: Resamples
) -> Iterator[Estimate]:
    """Mean absolute error of the best constant rating of each criterion: what an MAE gate can be drawn to."""
    for criterion, human in humans.items():
        rating = best_constant(human.tolist(), scales[criterion])
        counts = count(list(documents), np.full(len(human), float(rating)), human, resamples)
        name, draws = EstimateName("corpus", CONSTANT, ALL_GATES, criterion, "mae"), METRICS["mae"](counts)
        yield Estimate(name, draws, np.full(len(draws), draws[0]), 1, len(human), f"always {rating}")


def difference_estimates(estimates: Sequence[Estimate]) -> Iterator[Estimate]:
    """Paired differences: SCC less SSC in each study, and each cherry-picked variant less Single-Task at its best step.

    A difference stands under the mode `a-b` and the quantity of its first part.
    """
    known = {estimate.name: estimate for estimate in estimates}
    for name, estimate in known.items():
        if name.mode == "SCC" and name.quantity in ("best", "final", "specificity", "adherence"):
            other = known.get(name._replace(mode="SSC"))
        elif name.study == "cherrypick" and name.quantity == "spearman":
            other = known.get(EstimateName("main", "single", name.gate, name.criterion, "best"))
        else:
            continue
        if other is not None:
            draws, run_draws = estimate.draws - other.draws, estimate.run_draws - other.run_draws
            runs = min(estimate.runs, other.runs)
            yield Estimate(name._replace(mode=f"{name.mode}-{other.name.mode}"), draws, run_draws, runs, estimate.n)


def length_estimates(variant: str, gate: str, tokens: Mapping[str, int], resamples: Resamples) -> Iterator[Estimate]:
    """Length of each picked instruction of a variant, in tokens (words and punctuation marks): a count without a spread."""
    for criterion, length in tokens.items():
        draws = np.full(len(resamples.weights), float(length))
        yield Estimate(EstimateName("cherrypick", variant, gate, criterion, "tokens"), draws, draws, 1, 1)


def _cells(
    steps: Sequence[Mapping[str, Counts]], criteria: Sequence[str], metric: Metric = METRICS["spearman"]
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
    """A metric of one run, steps x criteria x rows; whether the sample's was undefined; and how many predictions are missing.

    An undefined correlation counts as 0, as in the paper, where a judge is constant. It stays undefined where there are too
    few predictions to tell. Steps with the same prompt share their counts, which are worked out once.
    """
    known: dict[int, tuple[Floats, bool]] = {}

    def values_of(counts: Counts) -> tuple[Floats, bool]:
        if id(counts) not in known:
            values, untold = metric(counts), few(counts)
            constant = np.isnan(values) & ~untold
            known[id(counts)] = np.where(constant, 0.0, values), bool(constant[0])
        return known[id(counts)]

    found = [[values_of(step[name]) for name in criteria] for step in steps]
    return (
        np.stack([[values for values, _ in row] for row in found]),
        np.array([[constant for _, constant in row] for row in found]),
        np.array([[step[name].missing for name in criteria] for step in steps]),
    )


def _over_runs(values: Floats, picks: Picks) -> Floats:
    """Mean over runs (axis 0), each row over the runs that it drew (last axis)."""
    rows = np.arange(values.shape[-1])
    drawn = [values[picks[:, place], ..., rows] for place in range(picks.shape[1])]
    return np.moveaxis(np.mean(drawn, axis=0), 0, -1)


def _deviation(values: Floats, picks: Picks) -> Floats:
    """Sample standard deviation (ddof 1) over runs (axis 0), each row over the runs that it drew; nan for one run."""
    if len(values) < 2:
        return np.full(values.shape[-1], np.nan)
    return np.std(values[picks.T, np.arange(values.shape[-1])], axis=0, ddof=1)


def _chosen_on_validation(trajectories: Sequence[Trajectory], steps: int, criteria: Sequence[str]) -> int | None:
    if any(len(trajectory.validation) < steps for trajectory in trajectories):
        return None
    scores = [_cells(t.validation[:steps], criteria)[0][..., 0].mean(axis=1) for t in trajectories]
    return int(np.argmax(np.nan_to_num(np.mean(scores, axis=0), nan=-np.inf).round(12)))


def _told(undefined: NDArray[np.bool_], missing: NDArray[np.int64]) -> list[str]:
    """What a reader must know of a cell: correlations that were undefined, and predictions that are missing."""
    told = [f"{int(undefined.sum())} of {undefined.size} undefined, counted as 0"] if undefined.any() else []
    return told + ([f"{int(missing.sum())} predictions missing"] if missing.any() else [])
