"""Scores of a run by step, as lists that charts draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collide.analysis.estimates import AVERAGE
from collide.analysis.formulas.pair_values import Value
from collide.analysis.metrics import METRICS, ROLES, select_metric
from collide.analysis.scores import ScoredRun, average_criteria, make_scorer
from collide.browse.ratings import SPLITS
from collide.experiment.scales import Scale

DIGITS = 4
# Correlations over the few pairs of a batch are noise.
BATCH_ROLES = ("mae", "off_by_one")

# By split (or `batch`), role of the metric, and criterion or `average`: the score at each step, None where undefined.
Trajectories = dict[str, dict[str, dict[str, list[float | None]]]]


def describe_roles(scales: Mapping[str, Scale]) -> dict[str, dict[str, Any]]:
    """Return, for each role of a metric, its label on these criteria and whether a higher value is better."""
    found = {}
    for role in ROLES:
        metrics = [select_metric(role, scale) for scale in scales.values()] or [METRICS[role]]
        # The metrics that take one role on different scales all go the same way.
        label = " / ".join(dict.fromkeys(metric.label for metric in metrics))
        found[role] = {"label": label, "higher_is_better": metrics[0].higher_is_better}
    return found


def score_run(run: ScoredRun, scales: Mapping[str, Scale]) -> Trajectories:
    """Return the scores of the prompt in force at each step on the test and validation pairs."""
    scorer = make_scorer(run, scales)
    return {
        split: {
            role: _collect_lists([scorer(step, split, role) for step in range(len(run.prompts))], scales) for role in METRICS
        }
        for split in SPLITS
    }


def explain_gaps(run: ScoredRun, scales: Mapping[str, Scale]) -> list[str]:
    """Return, for each step, why its mean Spearman correlation on the test pairs is undefined; empty where it has one."""
    scorer = make_scorer(run, scales)
    averages = [average_criteria(scorer(step, "test", "spearman"), list(scales)) for step in range(len(run.prompts))]
    return [average.note if average.value is None else "" for average in averages]


def score_batches(steps: Sequence[Mapping[str, Any]], scales: Mapping[str, Scale]) -> dict[str, dict[str, list[float | None]]]:
    """Return the errors of the prompt before each step on the pairs of its batch; step 0 has none."""
    return {role: _collect_lists([_score_batch(step, role, scales) for step in steps], scales) for role in BATCH_ROLES}


def _score_batch(step: Mapping[str, Any], role: str, scales: Mapping[str, Scale]) -> dict[str, Value]:
    rated = step.get("predictions", [])
    if not rated:
        return {}
    found = {}
    for name, scale in scales.items():
        ratings = [(entry["scores"] or {}).get(name) for entry in rated]
        found[name] = select_metric(role, scale).from_values(ratings, [entry["human"][name] for entry in rated])
    return found


def _collect_lists(steps: Sequence[Mapping[str, Value]], scales: Mapping[str, Scale]) -> dict[str, list[float | None]]:
    values = {name: [_round(step[name].value) if name in step else None for step in steps] for name in scales}
    averages = [_round(average_criteria(step, list(scales)).value) for step in steps]
    return {AVERAGE: averages} | values


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
