"""Scores of a study: agreement of every prompt in force with the human scores, by step, criterion and metric."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collide.analysis.estimates import AVERAGE, CONSTANT
from collide.analysis.metrics import METRICS, Value, best_constant
from collide.experiment.modes import SINGLE_TASK

COLUMNS = ("study", "mode", "gate", "seed", "step", "split", "criterion", "metric", "value", "n", "note")

Table = Mapping[tuple[str, str, str], tuple[Sequence[float | None], Sequence[float]]]
"""Predictions and human scores of each (prompt, split, criterion)."""


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """A run's prompt in force at each step, and its predictions."""

    study: str
    mode: str
    gate: str
    seed: int
    prompts: list[str]
    table: Table

    @property
    def group(self) -> str:
        """The mode that the tables know: Single-Task runs are one mode, each giving one criterion."""
        return SINGLE_TASK if self.mode.startswith(SINGLE_TASK) else self.mode


def score_runs(runs: Sequence[ScoredRun], criteria: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows of the scores, in the order of the runs, with the averages over the criteria of each step.

    An average is undefined where a criterion is, or has no predictions (no run, or none of that step); its note says which.
    """
    cells: dict[tuple[str, str, str, int], list[ScoredRun]] = {}
    for run in runs:
        cells.setdefault((run.study, run.group, run.gate, run.seed), []).append(run)
    for (study, mode, gate, seed), members in cells.items():
        names = {"study": study, "mode": mode, "gate": gate, "seed": seed}
        scored = [_scorer(member) for member in members]
        for step in range(max(len(member.prompts) for member in members)):
            for split in ("test", "validation"):
                for metric in METRICS:
                    values = {name: value for score in scored for name, value in score(step, split, metric).items()}
                    values = {name: values[name] for name in criteria if name in values}
                    place = names | {"step": step, "split": split, "metric": metric}
                    yield from (_row(place, name, value) for name, value in values.items())
                    yield _row(place, AVERAGE, average(values, criteria))


def average(values: Mapping[str, Value], criteria: Sequence[str]) -> Value:
    """The mean over the criteria; undefined, with the reason, unless every one is there and defined."""
    lacking = [f"no predictions of {name}" for name in criteria if name not in values]
    lacking += [f"{name}: {value.note}" for name, value in values.items() if value.value is None]
    count = sum(value.n for value in values.values())
    if lacking:
        return Value(None, count, "; ".join(lacking))
    defined = [value.value for value in values.values() if value.value is not None]
    return Value(sum(defined) / len(defined), count)


def constant_judge(study: str, humans: Mapping[str, Sequence[float]], scales: Mapping[str, tuple[int, int]]) -> list[dict]:
    """Errors on the test pairs of the best constant rating of each criterion: what an MAE gate can be drawn to."""
    rows = []
    for name, human in humans.items():
        rating = best_constant(human, scales[name])
        place = {"study": study, "mode": CONSTANT, "gate": "", "seed": "", "step": "", "split": "test"}
        for metric in ("mae", "off_by_one"):
            value = METRICS[metric]([rating] * len(human), human)
            rows.append(_row(place | {"metric": metric}, name, Value(value.value, value.n, f"always {rating}")))
    return rows


def _scorer(run: ScoredRun) -> Callable[[int, str, str], dict[str, Value]]:
    known: dict[tuple[str, str, str], dict[str, Value]] = {}

    def score(step: int, split: str, metric: str) -> dict[str, Value]:
        """By criterion; a prompt in force over several steps is scored once."""
        if step >= len(run.prompts):
            return {}
        key = (run.prompts[step], split, metric)
        if key not in known:
            known[key] = {
                criterion: METRICS[metric](*columns)
                for (prompt, part, criterion), columns in run.table.items()
                if (prompt, part) == key[:2]
            }
        return known[key]

    return score


def _row(place: Mapping[str, Any], criterion: str, value: Value) -> dict[str, Any]:
    return {**place, "criterion": criterion, "value": value.value, "n": value.n, "note": value.note}
