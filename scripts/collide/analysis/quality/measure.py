"""A measure of a judge on one criterion: its value in the sample and in every resample, with what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from collide.analysis.estimates import AVERAGE
from collide.analysis.formulas.counts import Floats, Indices, PairCounts, count_pairs
from collide.analysis.metrics import ROLES, note_metrics, select_metric
from collide.analysis.quality import levels, pooled
from collide.analysis.quality.rated_pairs import TestPairs
from collide.analysis.quantities.run_values import average_over_runs
from collide.experiment.scales import Scale

POOLED, DOCUMENT, SYSTEM = "pooled", "document", "system"
CORRELATIONS = ("spearman", "kendall", "pearson")
NO_ORDER, NO_SYSTEMS, NO_COMPARISONS = "classes have no order", "no systems", "each document has one pair"

# Level and name of a measure, such as ("document", "kendall").
Key = tuple[str, str]
# Criterion, level and name.
Name = tuple[str, str, str]
# Measures that compare ratings by their order or their distance, by level.
_ACCURACIES = ("pairwise_accuracy", "calibrated_accuracy", "tie_threshold")
_OF_ORDER: tuple[Key, ...] = (
    *((POOLED, name) for name in ("pearson", *_ACCURACIES, "bias", "weighted_kappa", "calibration_error")),
    *((SYSTEM, name) for name in (*CORRELATIONS, "pairwise_accuracy")),
    *((DOCUMENT, name) for name in (*CORRELATIONS, *_ACCURACIES)),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as rows: row 0 is the sample. `n` values are behind it, `missing` ratings and `undefined` parts are not.

    The undefined parts are documents at the level of documents, and judges (seeds, experts) at the other levels. `absent` is
    the reason why a measure has no meaning for a criterion or a corpus. `metric` is the metric that takes the role that the
    measure is named by, where it is not the role's own.
    """

    draws: Floats
    n: int = 0
    missing: int = 0
    undefined: int = 0
    note: str = ""
    absent: str = ""
    metric: str = ""


def make_absent(rows: int, reason: str) -> Measure:
    """Return a measure without a value."""
    return Measure(np.full(rows, np.nan), note=reason, absent=reason)


def measure_judge(pairs: TestPairs, scale: Scale, ratings: Floats, humans: Floats) -> dict[Key, Measure]:
    """Return all measures of one judge's ratings (nan where missing) against human scores, by level and name.

    Measures without a meaning for the scale or the corpus have no value, and say why.
    """
    rated = ~np.isnan(ratings)
    n, missing = int(rated.sum()), int((~rated).sum())
    documents, systems, ratings, humans = pairs.documents[rated], pairs.systems[rated], ratings[rated], humans[rated]
    counts = count_pairs(documents, ratings, humans, pairs.weights)
    found = _measure_classes(counts, scale) if scale.is_nominal else _measure_pooled(counts, scale)
    if not scale.is_nominal and pairs.has_systems:
        by_system = levels.measure_systems(documents, systems, ratings, humans, pairs.weights)
        found |= {(SYSTEM, name): values for name, values in by_system.items()}
    measures = {key: _fill_correlation(key, draws, n, missing) for key, draws in found.items()}
    for key in [key for key in measures if key[1] in ROLES]:
        measures[key] = replace(measures[key], metric=select_metric(key[1], scale).name)
    if not scale.is_nominal and pairs.has_comparisons():
        measures |= _measure_documents(pairs, scale, documents, ratings, humans, n, missing)
    for level, name in _OF_ORDER:
        reason = NO_ORDER if scale.is_nominal else {SYSTEM: NO_SYSTEMS, DOCUMENT: NO_COMPARISONS}.get(level, "")
        measures.setdefault((level, name), make_absent(len(pairs.weights), reason))
    return measures


def _measure_pooled(counts: PairCounts, scale: Scale) -> dict[Key, Floats]:
    unit = scale.error_unit
    thresholds, accuracies = pooled.list_thresholds(counts.ratings), counts.compute(pooled.accuracy_of_counts)
    return {
        (POOLED, "spearman"): select_metric("spearman", scale).from_counts(counts),
        (POOLED, "kendall"): counts.compute(pooled.kendall_of_counts),
        (POOLED, "pearson"): counts.compute(pooled.pearson_of_counts),
        **_choose_threshold(POOLED, thresholds / unit, accuracies),
        (POOLED, "mae"): select_metric("mae", scale).from_counts(counts),
        (POOLED, "bias"): counts.compute(pooled.bias_of_counts) / unit,
        (POOLED, "weighted_kappa"): counts.compute(lambda table: pooled.weighted_kappa_of_counts(table, scale)),
        (POOLED, "calibration_error"): counts.compute(pooled.calibration_error_of_counts) / unit,
    }


def _measure_classes(counts: PairCounts, scale: Scale) -> dict[Key, Floats]:
    """Return the metrics of classes without an order, by role; accuracy has no counterpart among the measures of ratings."""
    names = {"spearman": "spearman", "kendall": "kendall", "mae": "mae", "off_by_one": "accuracy"}
    return {(POOLED, name): select_metric(role, scale).from_counts(counts) for role, name in names.items()}


def _measure_documents(
    pairs: TestPairs, scale: Scale, documents: Indices, ratings: Floats, humans: Floats, n: int, missing: int
) -> dict[Key, Measure]:
    count = pairs.count_documents()
    measures = {
        (DOCUMENT, name): _fill_correlation(
            (DOCUMENT, name), values.average(pairs.weights), n, missing, undefined=values.undefined
        )
        for name, values in levels.correlate_documents(documents, ratings, humans, count).items()
    }
    thresholds, by_threshold = levels.measure_document_accuracy(documents, ratings, humans, count)
    accuracies = np.array([values.average(pairs.weights) for values in by_threshold])
    undefined = by_threshold[0].undefined
    return measures | {
        key: Measure(draws, n, missing, undefined)
        for key, draws in _choose_threshold(DOCUMENT, thresholds / scale.error_unit, accuracies).items()
    }


def _choose_threshold(level: str, thresholds: Floats, accuracies: Floats) -> dict[Key, Floats]:
    """Return the pairwise accuracy without and with tie calibration, and the calibrated threshold, which every draw chooses.

    The calibrated threshold is the one with the highest accuracy, the lower of equals. `accuracies` is thresholds x rows.
    """
    best = np.argmax(np.nan_to_num(accuracies, nan=-1.0), axis=0)
    return {
        (level, "pairwise_accuracy"): accuracies[0],
        (level, "calibrated_accuracy"): accuracies[best, np.arange(accuracies.shape[1])],
        (level, "tie_threshold"): np.where(np.isnan(accuracies[0]), np.nan, thresholds[best]),
    }


def _fill_correlation(key: Key, draws: Floats, n: int, missing: int, undefined: int | None = None) -> Measure:
    """Return a measure in which an undefined correlation counts as 0, as in the paper, unless there are no ratings at all."""
    gaps = np.isnan(draws)
    if key[1] in CORRELATIONS and n > 1:
        draws = np.where(gaps, 0.0, draws)
    return Measure(draws, n, missing, int(gaps[0]) if undefined is None else undefined)


def measure_calibration(pairs: TestPairs, scale: Scale, judges: Sequence[tuple[Floats, Floats]]) -> dict[Key, Measure]:
    """Return the mean human score of the pairs with each rating, over all judges together; nothing for classes without order.

    A judge is its ratings (nan where missing) and the human scores. Judges are not resampled: a rare rating may be one judge's.
    """
    if scale.is_nominal:
        return {}
    documents = np.tile(pairs.documents, len(judges))
    ratings, humans = (np.concatenate(parts) for parts in zip(*judges, strict=True))
    counts = count_pairs(documents, ratings, humans, pairs.weights)
    return {
        (POOLED, f"human_mean_{rating:g}"): Measure(draws, int((ratings == rating).sum()), counts.missing)
        for rating, draws in zip(counts.ratings, counts.compute(pooled.human_means_of_counts), strict=True)
    }


def average_judges(measures: Sequence[Measure], picks: Indices, parts: str) -> Measure:
    """Return the mean over judges, each row over those it drew. `parts` names in the note the undefined parts of a judge."""
    if measures[0].absent:
        return measures[0]
    draws = average_over_runs(np.array([measure.draws for measure in measures]), picks)
    undefined = sum(measure.undefined for measure in measures)
    note = f"{undefined} {parts}" if undefined else ""
    n, missing = sum(measure.n for measure in measures), sum(measure.missing for measure in measures)
    return Measure(draws, n, missing, undefined, note, metric=measures[0].metric)


def average_criteria(measures: Mapping[str, Measure], parts: str = "") -> Measure:
    """Return the mean over the criteria that have the measure; without a value, with the reason, where none has it.

    `parts` names in the note the undefined parts; without it there is no note on them.
    """
    defined = {name: measure for name, measure in measures.items() if not measure.absent}
    if not defined:
        return next(iter(measures.values()))
    undefined = sum(measure.undefined for measure in defined.values())
    notes = [f"{undefined} {parts}" if undefined and parts else ""]
    notes += [f"without {name}: {measure.absent}" for name, measure in measures.items() if measure.absent]
    return Measure(
        np.mean([measure.draws for measure in defined.values()], axis=0),
        sum(measure.n for measure in defined.values()),
        sum(measure.missing for measure in defined.values()),
        undefined,
        "; ".join(filter(None, notes)),
    )


def average_measures(
    by_criterion: Mapping[str, Sequence[Mapping[Key, Measure]]], scales: Mapping[str, Scale], picks: Mapping[str, Indices]
) -> Iterator[tuple[Name, Measure]]:
    """Yield (criterion, level, metric) and its mean over judges, for each criterion and the average of all.

    `picks` are the judges that each row draws, by criterion. A criterion's measure has the name of its own metric, the average
    that of the role.
    """
    for level, role in dict.fromkeys(key for judges in by_criterion.values() for key in judges[0]):
        parts = "documents undefined, left out" if level == DOCUMENT else "undefined, counted as 0"
        means = {
            name: average_judges([measures[level, role] for measures in judges], picks[name], parts)
            for name, judges in by_criterion.items()
            if (level, role) in judges[0]
        }
        yield from (((name, level, measure.metric or role), measure) for name, measure in means.items())
        # Nearly every average leaves documents out: their number has a column, and a note on each would bury the other notes.
        average = average_criteria(means, "" if level == DOCUMENT else parts)
        notes = [average.note, note_metrics(role, scales) if level == POOLED and role in ROLES else ""]
        lacking = [name for name in scales if name not in means]
        notes += [f"without {', '.join(lacking)}"] if lacking else []
        yield (AVERAGE, level, role), replace(average, note="; ".join(filter(None, notes)))
