"""Estimates: steps, predictions and ratings of all runs in; every quantity of the paper with its interval and draws out."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of the package collide


from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from collide.analysis.bootstrap import Counts, Resamples, count, interval, resample
from collide.analysis.diagnostic_estimates import Ratings, diagnostic_estimates
from collide.analysis.estimates import (
    Estimate,
    Trajectory,
    constant_estimates,
    difference_estimates,
    length_estimates,
    trajectory_estimates,
    variant_estimates,
)
from collide.analysis.run_dynamics import Course, course, course_estimates, joined
from collide.common.csv_json import is_simulated, read_csv, read_json_lines, write_csv
from collide.common.script_context import script_context
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.errors import InputError
from collide.experiment.modes import SINGLE_TASK

COLUMNS = ("study", "mode", "gate", "criterion", "quantity", "value", "low", "high", "runs", "n", "note")


class RunPath(NamedTuple):
    """What the path .../<study>/<mode>/<gate>/seed<seed>/<file> says."""

    study: str
    mode: str
    gate: str
    seed: int


def run_path(path: Path) -> RunPath:
    """Read a run's names from the path of one of its files, or of its ratings (.../seed<seed>.csv)."""
    parts = path.with_suffix("").parts if path.suffix == ".csv" else path.parts[:-1]
    return RunPath(parts[-4], parts[-3], parts[-2], int(parts[-1].removeprefix("seed")))


def read_test(test: Path, criteria: Sequence[str]) -> tuple[list[str], dict[str, np.ndarray]]:
    """The document of each test pair, and the human scores by criterion."""
    table = pq.read_table(test, columns=["document", *(f"human_{name}" for name in criteria)])
    return table["document"].to_pylist(), {name: table[f"human_{name}"].to_numpy() for name in criteria}


class Predictions:
    """A predictions file, counted by prompt, split and criterion; `simulated` tells whether it carries the mark."""

    def __init__(self, path: Path, resamples: Resamples) -> None:
        table = pq.read_table(path)
        self._path = path
        self.simulated = b"simulated" in (table.schema.metadata or {})
        frame = table.to_pandas()
        self._frame = frame
        self._rows = frame.groupby(["prompt", "split", "criterion"], sort=False).indices
        documents = {name: place for place, name in enumerate(sorted(set(frame["document"])))}
        sample = Resamples(documents, np.ones((1, len(documents))), resamples.seed)
        self._resamples = {"test": resamples, "validation": sample}
        self._known: dict[tuple[str, str, str], Counts] = {}

    def __bool__(self) -> bool:
        return len(self._frame) > 0

    def rated(self) -> list[tuple[str, str]]:
        """Prompts, each with the criteria that it rates, in order of appearance."""
        return list(dict.fromkeys((prompt, criterion) for prompt, _, criterion in self._rows))

    def counts(self, prompt: str, split: str, criterion: str) -> Counts:
        """The counts of one prompt; worked out once."""
        key = (prompt, split, criterion)
        if key not in self._rows:
            raise InputError(
                f"{self._path}: no {split} predictions of prompt {prompt} on {criterion}, which a step of its run has in force;"
                " make the predictions again, they are not those of these steps"
            )
        if key not in self._known:
            rows = self._frame.iloc[self._rows[key]]
            scores = rows["score"].to_numpy(dtype=np.float64, na_value=np.nan)
            self._known[key] = count(rows["document"].tolist(), scores, rows["human"].to_numpy(), self._resamples[split])
        return self._known[key]


def trajectory(records: Sequence[Mapping[str, Any]], predictions: Predictions, seed: int) -> Trajectory:
    """A run's counts by step, from its steps and predictions."""

    def by_step(split: str) -> list[dict[str, Counts]]:
        return [
            {name: predictions.counts(record["prompt"], split, name) for name in record["instructions"]} for record in records
        ]

    return Trajectory(seed, by_step("test"), by_step("validation"))


def join_single(trajectories: Sequence[Trajectory]) -> Trajectory:
    """The Single-Task runs of one seed, one per criterion, as one trajectory over all criteria."""
    steps = min(len(part.test) for part in trajectories)

    def merged(split: str) -> list[dict[str, Counts]]:
        return [{k: v for part in trajectories for k, v in getattr(part, split)[step].items()} for step in range(steps)]

    return Trajectory(trajectories[0].seed, merged("test"), merged("validation"))


class Cell(NamedTuple):
    """The runs of a (study, mode, gate), whether simulated replies went into them, and what to know of them."""

    name: tuple[str, str, str]
    trajectories: list[Trajectory]
    courses: list[Course]
    simulated: bool
    note: str


def cells(runs: Iterable[tuple[RunPath, Path, Path]], criteria: Sequence[str], resamples: Resamples) -> Iterator[Cell]:
    """The cells of these runs, Single-Task joined by seed. A seed without predictions of every criterion is left out."""
    grouped: dict[tuple[str, str, str], dict[int, list[tuple[Path, Path]]]] = {}
    for run, steps, predictions in runs:
        mode = SINGLE_TASK if run.mode.startswith(SINGLE_TASK) else run.mode
        grouped.setdefault((run.study, mode, run.gate), {}).setdefault(run.seed, []).append((steps, predictions))
    for cell, seeds in grouped.items():
        found, courses, left_out, simulated = [], [], [], False
        for seed, files in sorted(seeds.items()):
            parts, parts_courses = [], []
            for steps, path in files:
                if predictions := Predictions(path, resamples):
                    simulated |= predictions.simulated
                    records = read_json_lines(steps)
                    parts.append(trajectory(records, predictions, seed))
                    parts_courses.append(course(seed, records))
            whole = join_single(parts) if parts else None
            if whole and set(whole.test[0]) == set(criteria):
                found.append(whole)
                courses.append(joined(parts_courses))
            else:
                left_out.append(str(seed))
        if found:
            note = f"seed {', '.join(left_out)} left out, no predictions of every criterion" if left_out else ""
            yield Cell(cell, found, courses, simulated, note)


def read_ratings(path: Path) -> list[Ratings]:
    """The ratings of a run, by criterion and diagnostic."""
    run = run_path(path)
    mode = SINGLE_TASK if run.mode.startswith(SINGLE_TASK) else run.mode
    grouped: dict[tuple[str, str], list[int | None]] = {}
    for row in read_csv(path):
        score = int(row["score"]) if row["score"] else None
        grouped.setdefault((row["criterion"], row["diagnostic"]), []).append(score)
    return [
        Ratings(run.study, mode, run.gate, run.seed, criterion, diagnostic, tuple(scores))
        for (criterion, diagnostic), scores in grouped.items()
    ]


def variant_counts(predictions: Predictions) -> dict[str, Counts]:
    """Counts of a cherry-picked variant's predictions of one seed, by criterion."""
    return {name: predictions.counts(prompt, "test", name) for prompt, name in predictions.rated()}


def write_estimates(estimates: Sequence[Estimate], level: float, table: Path, draws: Path, simulated: bool) -> None:
    """Write value and interval of each estimate as CSV, and all draws as Parquet."""
    rows = []
    for estimate in estimates:
        low, high = interval(estimate.draws, level)
        value = None if np.isnan(estimate.draws[0]) else float(estimate.draws[0])
        facts = {
            "value": value,
            "low": low,
            "high": high,
            "runs": estimate.runs,
            "n": estimate.n,
            "note": estimate.note,
        }
        rows.append(estimate.name._asdict() | facts)
    write_csv(table, COLUMNS, rows, simulated)
    columns = {part: [getattr(estimate.name, part) for estimate in estimates] for part in COLUMNS[:5]}
    columns["draws"] = [estimate.draws[1:].astype(np.float32) for estimate in estimates]
    columns["run_draws"] = [estimate.run_draws[1:].astype(np.float32) for estimate in estimates]
    mark = {"simulated": SIMULATED_NOTICE} if simulated else None
    pq.write_table(pa.table(columns).replace_schema_metadata(mark), draws, compression="zstd")


def estimate(
    test: Path,
    runs: Sequence[tuple[Path, Path]],
    ratings: Sequence[Path],
    variants: Sequence[tuple[str, str, Sequence[Path], Path]],
    settings: Mapping[str, Any],
    scales: Mapping[str, tuple[int, int]],
    table: Path,
    draws: Path,
) -> None:
    """Estimate everything and write `table` and `draws`.

    `scales` are the criteria with their lowest and highest rating. `runs` are (steps, predictions); `variants` are (name,
    gate, predictions of each seed, picked instructions); `settings` is the config's section `bootstrap`.
    """
    documents, humans = read_test(test, list(scales))
    resamples = resample(sorted(set(documents)), settings["resamples"], settings["seed"])
    named = [(run_path(steps), steps, predictions) for steps, predictions in runs]
    found: list[Estimate] = []
    simulated = False
    for cell in cells(named, list(scales), resamples):
        print(": ".join(filter(None, [f"{' '.join(cell.name)}: {len(cell.trajectories)} runs", cell.note])), flush=True)
        found += trajectory_estimates(*cell.name, cell.trajectories, resamples, cell.note)
        found += course_estimates(*cell.name, cell.courses, resamples)
        simulated |= cell.simulated
    for name, gate, paths, picked in variants:
        read = {int(path.parts[-2].removeprefix("seed")): Predictions(path, resamples) for path in paths}
        counted = {seed: variant_counts(predictions) for seed, predictions in read.items() if predictions}
        print(f"cherry-pick {name} {gate}: {len(counted)} of {len(paths)} seeds", flush=True)
        if counted:
            found += variant_estimates(name, gate, counted, resamples)
            found += length_estimates(name, gate, {r["criterion"]: int(r["tokens"]) for r in read_csv(picked)}, resamples)
        simulated |= any(predictions.simulated for predictions in read.values())
    found += diagnostic_estimates([rating for path in ratings for rating in read_ratings(path)], resamples)
    simulated |= any(map(is_simulated, ratings))
    found += difference_estimates(found)
    found += constant_estimates(documents, humans, scales, resamples)
    write_estimates(found, settings["level"], table, draws, simulated)


if __name__ == "__main__":
    with script_context(snakemake.log[0]):
        predictions = [Path(path) for path in snakemake.input.variants]
        estimate(
            Path(snakemake.input.test),
            [(Path(s), Path(p)) for s, p in zip(snakemake.input.steps, snakemake.input.predictions, strict=True)],
            [Path(path) for path in snakemake.input.ratings],
            [
                (
                    facts["label"],
                    facts["gate"],
                    [path for path in predictions if path.parts[-3] == folder],
                    next(path for path in map(Path, snakemake.input.picked) if path.parts[-2] == folder),
                )
                for folder, facts in snakemake.params.variants.items()
            ],
            snakemake.params.bootstrap,
            snakemake.params.scales,
            Path(snakemake.output.table),
            Path(snakemake.output.draws),
        )
