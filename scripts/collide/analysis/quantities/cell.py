"""A cell, the runs of a (study, mode, gate): read from steps, predictions and ratings, Single-Task runs joined by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from collide.analysis.bootstrap import Resamples
from collide.analysis.prediction_groups import PredictionCounts, read_prediction_groups
from collide.analysis.quantities.agreement import Trajectory, join_single_task
from collide.analysis.quantities.diagnostics import RunRatings
from collide.analysis.quantities.run_dynamics import RunDynamics, join_dynamics, measure_dynamics
from collide.common.csv_json import read_csv, read_json_lines
from collide.experiment.runs import RunId


@dataclass(frozen=True, slots=True)
class Cell:
    """The runs of a cell, one entry per seed; `simulated` is true if any simulated reply went in, `note` is for the reader."""

    trajectories: list[Trajectory]
    dynamics: list[RunDynamics]
    simulated: bool
    note: str


def read_cell(runs: Sequence[tuple[Path, Path]], criteria: Sequence[str], resamples: Resamples) -> Cell:
    """Read the runs of one cell, given as (steps, predictions); the path of the steps names the run.

    Single-Task runs, one per criterion, are joined by seed. A seed without predictions of every criterion is left out, and the
    note names it.
    """
    by_seed: dict[int, list[tuple[Path, Path]]] = {}
    for steps, predictions in runs:
        by_seed.setdefault(RunId.parse(steps).seed, []).append((steps, predictions))
    trajectories, dynamics, left_out, simulated = [], [], [], False
    # Sorted, because runs are drawn by their index: cells must list the same seeds in the same order to be paired.
    for seed, files in sorted(by_seed.items()):
        parts = []
        for steps, predictions in files:
            counts = PredictionCounts(read_prediction_groups(predictions), resamples)
            # A file without rows is a run without predictions, which the note below reports.
            if counts:
                simulated |= counts.simulated
                parts.append(_read_run(seed, steps, counts))
        joined = join_single_task([trajectory for trajectory, _ in parts]) if parts else None
        if joined and set(joined.test[0]) == set(criteria):
            trajectories.append(joined)
            dynamics.append(join_dynamics([run for _, run in parts]))
        else:
            left_out.append(str(seed))
    note = f"seed {', '.join(left_out)} left out, no predictions of every criterion" if left_out else ""
    return Cell(trajectories, dynamics, simulated, note)


def read_ratings(path: Path) -> list[RunRatings]:
    """Read the ratings of a run, by criterion and diagnostic; the path names the run."""
    run = RunId.parse(path)
    scores: dict[tuple[str, str], list[int | None]] = {}
    for row in read_csv(path):
        # An empty field is a rating that the evaluator never gave.
        score = int(row["score"]) if row["score"] else None
        scores.setdefault((row["criterion"], row["diagnostic"]), []).append(score)
    return [
        RunRatings(run.study, run.shown_mode, run.gate, run.seed, criterion, diagnostic, tuple(rated))
        for (criterion, diagnostic), rated in scores.items()
    ]


def _read_run(seed: int, steps: Path, predictions: PredictionCounts) -> tuple[Trajectory, RunDynamics]:
    """Read the trajectory and the dynamics of one run."""
    records = read_json_lines(steps)
    test, validation = (
        [
            {name: predictions.count_group(record["prompt"], split, name) for name in record["instructions"]}
            for record in records
        ]
        for split in ("test", "validation")
    )
    return Trajectory(seed, test, validation), measure_dynamics(seed, records)
