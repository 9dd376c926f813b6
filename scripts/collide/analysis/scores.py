"""Scores of a study: agreement of every prompt in force with the human scores, by step, criterion and metric, no resampling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from collide.analysis.estimates import AVERAGE, CONSTANT
from collide.analysis.formulas.pair_values import Value
from collide.analysis.metrics import METRICS, Metric, find_best_constant, note_metrics, select_metric
from collide.analysis.prediction_groups import Group, PredictionGroups, read_prediction_groups
from collide.common.comparison import average_values
from collide.common.csv_json import read_json_lines
from collide.experiment.runs import RunId
from collide.experiment.scales import Scale

COLUMNS = ("study", "mode", "gate", "seed", "step", "split", "criterion", "metric", "value", "n", "note")
# Roles of the metrics of the constant judge; its correlations are undefined.
CONSTANT_ROLES = ("mae", "off_by_one")


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """A run: its prompt in force at each step, and its predictions."""

    run: RunId
    prompts: list[str]
    predictions: PredictionGroups


def read_scored_run(steps: Path, predictions: Path) -> ScoredRun:
    """Read a run from its steps and predictions; the path of the steps names the run."""
    prompts = [record["prompt"] for record in read_json_lines(steps)]
    return ScoredRun(RunId.parse(steps), prompts, read_prediction_groups(predictions))


def score_runs(runs: Sequence[ScoredRun], scales: Mapping[str, Scale]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the scores, in the order of the runs, with the averages over the criteria of each step.

    `scales` are those of all criteria. A criterion's row has the name of the metric that takes the role on its scale, an
    average that of the role; its note says which metrics it is the mean of, where one is not the role's own.
    An average is undefined where a criterion is undefined or has no predictions (no run, or none of that step). Its note names
    these criteria.
    """
    cells: dict[tuple[str, str, str, int], list[ScoredRun]] = {}
    for scored in runs:
        run = scored.run
        cells.setdefault((run.study, run.shown_mode, run.gate, run.seed), []).append(scored)
    for (study, mode, gate, seed), members in cells.items():
        names = {"study": study, "mode": mode, "gate": gate, "seed": seed}
        scorers = [make_scorer(member, scales) for member in members]
        for step in range(max(len(member.prompts) for member in members)):
            # Validation scores are for choosing a step without the test pairs; the paper reports test scores only.
            for split in ("test", "validation"):
                for role in METRICS:
                    values = {name: value for score in scorers for name, value in score(step, split, role).items()}
                    values = {name: values[name] for name in scales if name in values}
                    key = names | {"step": step, "split": split}
                    for name, value in values.items():
                        yield _format_row(key | {"metric": select_metric(role, scales[name]).name}, name, value)
                    average = average_criteria(values, list(scales))
                    note = "; ".join(filter(None, [average.note, note_metrics(role, scales)]))
                    yield _format_row(key | {"metric": role}, AVERAGE, replace(average, note=note))


def average_criteria(values: Mapping[str, Value], criteria: Sequence[str]) -> Value:
    """Return the mean over the criteria; undefined, with the reason, unless every criterion is present and defined."""
    lacking = [f"no predictions of {name}" for name in criteria if name not in values]
    lacking += [f"{name}: {value.note}" for name, value in values.items() if value.value is None]
    count = sum(value.n for value in values.values())
    if lacking:
        return Value(None, count, "; ".join(lacking))
    defined = [value.value for value in values.values() if value.value is not None]
    return Value(average_values(defined), count)


def score_constant_judge(
    study: str, humans: Mapping[str, Sequence[float]], scales: Mapping[str, Scale]
) -> Iterator[dict[str, Any]]:
    """Yield the errors on the test pairs of the best constant rating of each criterion, which an MAE gate can favour."""
    for name, human in humans.items():
        scale = scales[name]
        rating = find_best_constant(human, scale)
        key = {"study": study, "mode": CONSTANT, "gate": "", "seed": "", "step": "", "split": "test"}
        for metric in [select_metric(role, scale) for role in CONSTANT_ROLES]:
            value = metric.from_values([rating] * len(human), human)
            yield _format_row(key | {"metric": metric.name}, name, replace(value, note=f"always {scale.show(rating)}"))


def list_human_scores(runs: Iterable[ScoredRun], criteria: Sequence[str]) -> dict[str, list[float]]:
    """Return the human scores of the test pairs by criterion, from the predictions of the runs."""
    found = {
        key.criterion: group.humans.tolist()
        for run in runs
        for key, group in run.predictions.groups.items()
        if key.split == "test"
    }
    return {name: found[name] for name in criteria if name in found}


def score_group(group: Group, metric: Metric) -> Value:
    """Return a metric of one prompt's ratings on one criterion; undefined if too many are missing."""
    if group.refused:
        return Value(None, len(group.ratings) - group.missing, group.refused)
    return metric.from_values(group.list_ratings(), group.humans.tolist())


def make_scorer(run: ScoredRun, scales: Mapping[str, Scale]) -> Callable[[int, str, str], dict[str, Value]]:
    """Return a function of step, split and role of a metric that scores the prompt in force, by criterion.

    Its result is empty after the last step. A prompt in force over several steps is scored once.
    """
    known: dict[tuple[str, str, str], dict[str, Value]] = {}

    def score_step(step: int, split: str, role: str) -> dict[str, Value]:
        if step >= len(run.prompts):
            return {}
        key = (run.prompts[step], split, role)
        if key not in known:
            known[key] = {
                group_key.criterion: score_group(group, select_metric(role, scales[group_key.criterion]))
                for group_key, group in run.predictions.groups.items()
                if (group_key.prompt, group_key.split) == key[:2]
            }
        return known[key]

    return score_step


def _format_row(key: Mapping[str, Any], criterion: str, value: Value) -> dict[str, Any]:
    return {**key, "criterion": criterion, "value": value.value, "n": value.n, "note": value.note}
