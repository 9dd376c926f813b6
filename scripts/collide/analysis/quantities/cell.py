"""A cell, the runs of a (study, mode, gate): read from steps, predictions and ratings, Single-Task runs joined by seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

    Single-Task runs, one per criterion, are joined by seed. A seed without predictions of every criterion is left out, and so
    is one with a run that its steps mark as left out, as it ended early. The note names them.
    """
    by_seed: dict[int, list[tuple[Path, Path]]] = {}
    for steps, predictions in runs:
        by_seed.setdefault(RunId.parse(steps).seed, []).append((steps, predictions))
    trajectories, dynamics, simulated = [], [], False
    left_out: dict[str, list[str]] = {}
    # Sorted, because runs are drawn by their index: cells must list the same seeds in the same order to be paired.
    for seed, files in sorted(by_seed.items()):
        parts, reasons = [], []
        for steps, predictions in files:
            counts, records = PredictionCounts(read_prediction_groups(predictions), resamples), read_json_lines(steps)
            if reason := find_reason(records):
                reasons.append(reason)
            # A file without rows is a run without predictions, which the note below reports.
            elif counts:
                simulated |= counts.simulated
                parts.append(_read_run(seed, records, counts))
        joined = join_single_task([trajectory for trajectory, _ in parts]) if parts else None
        if joined and set(joined.test[0]) == set(criteria):
            trajectories.append(joined)
            dynamics.append(join_dynamics([run for _, run in parts]))
        else:
            reason = ", ".join(reasons) or "no predictions of every criterion"
            left_out.setdefault(reason, []).append(str(seed))
    note = "; ".join(f"seed {', '.join(seeds)} left out, {reason}" for reason, seeds in left_out.items())
    return Cell(trajectories, dynamics, simulated, note)


def find_reason(records: Sequence[Mapping[str, Any]]) -> str:
    """Return why a run is no part of averages, from the records of its steps; empty if it is one."""
    return records[0].get("left_out", "") if records else ""


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


def _read_run(seed: int, records: Sequence[Mapping[str, Any]], predictions: PredictionCounts) -> tuple[Trajectory, RunDynamics]:
    """Return the trajectory and the dynamics of one run; imported runs have no predictions of validation pairs."""
    splits = predictions.list_splits()
    test, validation = (
        [
            {name: predictions.count_group(record["prompt"], split, name) for name in record["instructions"]}
            for record in records
            if split in splits
        ]
        for split in ("test", "validation")
    )
    return Trajectory(seed, test, validation), measure_dynamics(seed, records)
