"""A measure of a judge on one criterion: its value in the sample and in every resample, with what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from collide.analysis.bootstrap import Indices, count_pairs
from collide.analysis.estimates import AVERAGE
from collide.analysis.metrics import Floats, mae_of_counts, spearman_of_counts
from collide.analysis.quality import levels, pooled
from collide.analysis.quality.rated_pairs import TestPairs
from collide.analysis.quantities.run_values import average_over_runs

POOLED, DOCUMENT, SYSTEM = "pooled", "document", "system"
CORRELATIONS = ("spearman", "kendall", "pearson")

# Level and name of a measure, such as ("document", "kendall").
Key = tuple[str, str]
# Criterion, level and name.
Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as rows: row 0 is the sample. `n` values are behind it, `missing` ratings and `undefined` parts are not.

    The undefined parts are documents at the level of documents, and judges (seeds, experts) at the other levels.
    """

    draws: Floats
    n: int = 0
    missing: int = 0
    undefined: int = 0
    note: str = ""


def measure_judge(pairs: TestPairs, ratings: Floats, humans: Floats) -> dict[Key, Measure]:
    """Return all measures of one judge's ratings (nan where missing) against human scores, by level and name."""
    rated = ~np.isnan(ratings)
    n, missing = int(rated.sum()), int((~rated).sum())
    documents, systems, ratings, humans = pairs.documents[rated], pairs.systems[rated], ratings[rated], humans[rated]
    counts = count_pairs(documents, ratings, humans, pairs.weights)
    thresholds, accuracies = pooled.accuracy_of_counts(counts)
    found: dict[Key, Floats] = {
        (POOLED, "spearman"): spearman_of_counts(counts),
        (POOLED, "kendall"): pooled.kendall_of_counts(counts),
        (POOLED, "pearson"): pooled.pearson_of_counts(counts),
        **_choose_threshold(POOLED, thresholds, accuracies),
        (POOLED, "mae"): mae_of_counts(counts),
        (POOLED, "bias"): pooled.bias_of_counts(counts),
        (POOLED, "weighted_kappa"): pooled.weighted_kappa_of_counts(counts),
        (POOLED, "calibration_error"): pooled.calibration_error_of_counts(counts),
    }
    systems_found = levels.measure_systems(documents, systems, ratings, humans, pairs.weights)
    found |= {(SYSTEM, name): values for name, values in systems_found.items()}
    measures = {key: _fill_correlation(key, draws, n, missing) for key, draws in found.items()}
    return measures | _measure_documents(pairs, documents, ratings, humans, n, missing)


def _measure_documents(
    pairs: TestPairs, documents: Indices, ratings: Floats, humans: Floats, n: int, missing: int
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
        key: Measure(draws, n, missing, undefined) for key, draws in _choose_threshold(DOCUMENT, thresholds, accuracies).items()
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


def measure_calibration(pairs: TestPairs, judges: Sequence[tuple[Floats, Floats]]) -> dict[Key, Measure]:
    """Return the mean human score of the pairs with each rating, over all judges together.

    A judge is its ratings (nan where missing) and the human scores. Judges are not resampled: a rare rating may be one judge's.
    """
    documents = np.tile(pairs.documents, len(judges))
    ratings, humans = (np.concatenate(parts) for parts in zip(*judges, strict=True))
    counts = count_pairs(documents, ratings, humans, pairs.weights)
    return {
        (POOLED, f"human_mean_{rating:g}"): Measure(draws, int((ratings == rating).sum()), counts.missing)
        for rating, draws in zip(counts.ratings, pooled.human_means_of_counts(counts), strict=True)
    }


def average_judges(measures: Sequence[Measure], picks: Indices, parts: str) -> Measure:
    """Return the mean over judges, each row over those it drew. `parts` names in the note the undefined parts of a judge."""
    draws = average_over_runs(np.array([measure.draws for measure in measures]), picks)
    undefined = sum(measure.undefined for measure in measures)
    note = f"{undefined} {parts}" if undefined else ""
    return Measure(draws, sum(m.n for m in measures), sum(m.missing for m in measures), undefined, note)


def average_criteria(measures: Sequence[Measure], parts: str = "") -> Measure:
    """Return the mean over the criteria. `parts` names in the note the undefined parts; without it there is no note."""
    undefined = sum(measure.undefined for measure in measures)
    return Measure(
        np.mean([measure.draws for measure in measures], axis=0),
        sum(measure.n for measure in measures),
        sum(measure.missing for measure in measures),
        undefined,
        f"{undefined} {parts}" if undefined and parts else "",
    )


def average_measures(
    by_criterion: Mapping[str, Sequence[Mapping[Key, Measure]]], picks: Indices
) -> Iterator[tuple[Name, Measure]]:
    """Yield (criterion, level, metric) and its mean over judges, for each criterion and the average of all."""
    judges = next(iter(by_criterion.values()))
    for level, metric in judges[0]:
        parts = "documents undefined, left out" if level == DOCUMENT else "undefined, counted as 0"
        means = {
            name: average_judges([measures[level, metric] for measures in found], picks, parts)
            for name, found in by_criterion.items()
        }
        yield from (((name, level, metric), measure) for name, measure in means.items())
        # Nearly every average leaves documents out: their number has a column, and a note on each would bury the other notes.
        yield (AVERAGE, level, metric), average_criteria(list(means.values()), "" if level == DOCUMENT else parts)
