"""Agreement of a cell's prompts with the human scores: Spearman correlation by step and criterion, best step, gain and HVI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from collide.analysis.bootstrap import Resamples
from collide.analysis.estimates import AVERAGE, Estimate, EstimateName
from collide.analysis.formulas.counts import Floats, Indices, PairCounts
from collide.analysis.metrics import name_metrics
from collide.analysis.quantities.hypervolume import compute_archive_volumes, describe_precision
from collide.analysis.quantities.run_values import average_over_runs, compute_sd_over_runs, describe_gaps, stack_metric
from collide.analysis.quantities.validation_gain import measure_gain
from collide.common.comparison import TOLERANCE
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.scales import Scale, select_scales


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Counts of a run on the test and the validation pairs, by step, then criterion. Single-Task runs of a seed are joined."""

    seed: int
    test: list[dict[str, PairCounts]]
    validation: list[dict[str, PairCounts]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _CellShape:
    """The criteria of a cell, the step chosen on validation (None without validation), and whether HVI is defined."""

    scales: Mapping[str, Scale]
    validation_step: int | None
    has_volumes: bool


def estimate_agreement(
    study: str,
    mode: str,
    gate: str,
    trajectories: Sequence[Trajectory],
    resamples: Resamples,
    scales: Mapping[str, Scale],
    note: str = "",
) -> Iterator[Estimate]:
    """Yield all Spearman quantities of a cell: by step, initial, best, chosen on validation, final, gains and HVI.

    A criterion on a nominal scale has Cohen's kappa in place of Spearman's correlation, as `scales` say.

    The best step is the one whose mean over seeds of the test average is highest (the earlier of equals). Every draw chooses it
    anew, so the intervals of best and gain include that choice; they are no test of improvement, because the best of equal
    prompts lies above the first, too. The step chosen on validation pairs is the same in all draws, and `validation_gain` tests
    its gain.
    HVI is left out for Single-Task, as in the paper. `note` is added to every quantity.
    """
    runs, criteria = len(trajectories), list(trajectories[0].test[0])
    steps = min(len(trajectory.test) for trajectory in trajectories)
    scales = select_scales(scales, criteria)
    values, undefined, missing = stack_metric([trajectory.test[:steps] for trajectory in trajectories], scales, "spearman")
    picks = resamples.run_picker.pick_runs([trajectory.seed for trajectory in trajectories])
    shape = _CellShape(scales, _choose_validation_step(trajectories, steps, scales), mode != SINGLE_TASK)
    run_draws = _draw_runs_alone(values, picks, shape)
    if shape.validation_step is not None:
        yield from _test_validation_gain((study, mode, gate), values, picks, shape, len(resamples.documents), note)
    best = int(run_draws[AVERAGE, "best_step"][0])
    shown = {"initial": 0, "best": best, "final": steps - 1, "by_validation": shape.validation_step}
    shown |= {f"step{step}": step for step in range(steps)}
    for (criterion, quantity), draws in _draw_quantities(values, picks, shape):
        notes = [note] if note else []
        step = shown.get(quantity)
        if step is not None:
            # A gap in one criterion is a gap in the average.
            index = slice(None) if criterion == AVERAGE else criteria.index(criterion)
            notes += describe_gaps(undefined[:, step, index], missing[:, step, index])
        if quantity.startswith("hvi"):
            notes += describe_precision(steps, len(criteria))
        name, metric = EstimateName(study, mode, gate, criterion, quantity), _name_metric(criterion, scales)
        yield Estimate(name, draws, run_draws[criterion, quantity], runs, runs, "; ".join(notes), metric)


def _name_metric(criterion: str, scales: Mapping[str, Scale]) -> str:
    return name_metrics("spearman", scales if criterion == AVERAGE else select_scales(scales, [criterion]))


def _test_validation_gain(
    cell: tuple[str, str, str], values: Floats, picks: Indices, shape: _CellShape, documents: int, note: str
) -> Iterator[Estimate]:
    """Yield the gain at the step chosen on validation and its p value, by criterion and on average (`validation_gain`)."""
    step, runs = shape.validation_step, len(values)
    gains = values[:, step] - values[:, 0]  # runs x criteria x rows
    columns = {name: gains[:, index] for index, name in enumerate(shape.scales)} | {AVERAGE: gains.mean(axis=1)}
    for criterion, by_run in columns.items():
        tests = measure_gain(by_run, documents)
        drawn = [
            test.spread_draws(average_over_runs(rows, picks))
            for test, rows in zip(tests, (by_run, np.broadcast_to(by_run[:, :1], by_run.shape)), strict=True)
        ]
        metric = _name_metric(criterion, shape.scales)
        yield Estimate(EstimateName(*cell, criterion, "validation_gain"), drawn[0], drawn[1], runs, runs, note, metric)
        p_values = np.full(by_run.shape[1], tests[0].p_value)
        yield Estimate(EstimateName(*cell, criterion, "validation_gain_p"), p_values, p_values, runs, runs, note, metric)


def _draw_runs_alone(values: Floats, picks: Indices, shape: _CellShape) -> dict[tuple[str, str], Floats]:
    """Return the draws of every quantity when only the runs are resampled."""
    # Three seeds can be drawn in 27 ways only: each way is computed once and copied to the rows that drew it. The sample
    # is put first, because the step that the deviations over seeds refer to is read from row 0.
    ways, way_of_row = np.unique(picks, axis=0, return_inverse=True)
    ways = np.vstack([picks[:1], ways])
    sample = np.broadcast_to(values[..., :1], (*values.shape[:-1], len(ways)))
    return {key: draws[way_of_row + 1] for key, draws in _draw_quantities(sample, ways, shape)}


def _draw_quantities(values: Floats, picks: Indices, shape: _CellShape) -> Iterator[tuple[tuple[str, str], Floats]]:
    """Yield (criterion, quantity) and its draws, from values of runs x steps x criteria x rows."""
    steps, rows = values.shape[1], np.arange(values.shape[-1])
    mean = average_over_runs(values, picks)  # steps x criteria x rows
    columns = {name: (mean[:, index], values[:, :, index]) for index, name in enumerate(shape.scales)}
    columns[AVERAGE] = (mean.mean(axis=1), values.mean(axis=2))
    best = _find_best_step(columns[AVERAGE][0])
    at: dict[str, int | Indices] = {"initial": 0, "best": best, "final": steps - 1}
    at |= {f"step{step}": step for step in range(steps)}
    at |= {} if shape.validation_step is None else {"by_validation": shape.validation_step}
    for criterion, (series, by_run) in columns.items():
        for quantity, step in at.items():
            yield (criterion, quantity), series[step, rows]
            # The deviation over seeds uses the step chosen in the sample: it describes that one prompt, not the choice.
            shown_step = step if isinstance(step, int) else step[0]
            yield (criterion, f"{quantity}_sd"), compute_sd_over_runs(by_run[:, shown_step], picks)
        yield (criterion, "gain"), series[best, rows] - series[0]
    yield (AVERAGE, "best_step"), best.astype(np.float64)
    if shape.validation_step is not None:
        yield (AVERAGE, "by_validation_step"), np.full(len(rows), float(shape.validation_step))
    if shape.has_volumes:
        volumes = compute_archive_volumes(mean)
        yield from (((AVERAGE, f"hvi_step{step}"), volume) for step, volume in enumerate(volumes))
        yield (AVERAGE, "hvi"), volumes[-1]


def _find_best_step(average: Floats) -> NDArray[np.int64]:
    """Return the first step with the highest value, per row of steps x rows; undefined values never win."""
    defined = np.nan_to_num(average, nan=-np.inf)
    return np.argmax(defined >= defined.max(axis=0) - TOLERANCE, axis=0)


def _choose_validation_step(trajectories: Sequence[Trajectory], steps: int, scales: Mapping[str, Scale]) -> int | None:
    """Return the step with the highest mean over seeds and criteria on the validation pairs; None without validation."""
    if any(len(trajectory.validation) < steps for trajectory in trajectories):
        return None
    values, _, _ = stack_metric([trajectory.validation[:steps] for trajectory in trajectories], scales, "spearman")
    return int(_find_best_step(np.mean(values[..., :1].mean(axis=2), axis=0))[0])


def join_single_task(trajectories: Sequence[Trajectory]) -> Trajectory:
    """Return the Single-Task runs of one seed, one per criterion, as one trajectory over all criteria."""
    steps = min(len(part.test) for part in trajectories)

    def merge_steps(splits: Sequence[Sequence[Mapping[str, PairCounts]]]) -> list[dict[str, PairCounts]]:
        # Imported runs have no validation pairs.
        if not all(splits):
            return []
        return [{name: counts for split in splits for name, counts in split[step].items()} for step in range(steps)]

    return Trajectory(
        trajectories[0].seed,
        merge_steps([part.test for part in trajectories]),
        merge_steps([part.validation for part in trajectories]),
    )
