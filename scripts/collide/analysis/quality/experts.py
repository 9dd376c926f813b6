"""Rows of the experts: each expert as a judge of the mean of the others, their halo, and their agreement."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from collide.analysis.estimates import ALL_GATES, AVERAGE, HUMANS
from collide.analysis.formulas.counts import Floats, Indices
from collide.analysis.quality.halo import measure_halo
from collide.analysis.quality.measure import (
    POOLED,
    Measure,
    average_criteria,
    average_measures,
    make_absent,
    measure_calibration,
    measure_judge,
)
from collide.analysis.quality.pooled import round_to_scale
from collide.analysis.quality.quality_table import EXPERT, Row, RowName
from collide.analysis.quality.rated_pairs import TestPairs
from collide.experiment.scales import Scale

NO_EXPERTS = "the corpus has no single ratings of experts"


def measure_experts(pairs: TestPairs) -> Iterator[Row]:
    """Yield the rows of the experts.

    Without single ratings, the halo is that of the human scores, rounded to ratings of the scale. The correlation
    and the agreement of experts then have a row without a value, with the reason.
    """
    if not pairs.experts:
        yield from _describe_missing_experts(pairs)
        return
    scales, rows = pairs.scales, len(pairs.weights)
    # Criteria may have different numbers of raters.
    numbers = {name: len(ratings) for name, ratings in pairs.experts.items()}
    number = min(numbers.values())
    numbers[AVERAGE] = number
    picks = {name: _pick_all(len(ratings), rows) for name, ratings in pairs.experts.items()}
    as_judges = {name: list(list_experts(ratings, scales[name])) for name, ratings in pairs.experts.items()}
    by_criterion = {name: [measure_judge(pairs, scales[name], *judge) for judge in found] for name, found in as_judges.items()}
    for name, measure in average_measures(by_criterion, scales, picks):
        yield Row(_name_row(*name), measure, numbers[name[0]])
    for criterion, found in as_judges.items():
        for key, measure in measure_calibration(pairs, scales[criterion], found).items():
            yield Row(_name_row(criterion, *key), measure, numbers[criterion])
    rated = [[pairs.experts[criterion][expert] for criterion in pairs.humans] for expert in range(number)]
    for name, measure in measure_halo(pairs, rated, _pick_all(number, rows)):
        yield Row(_name_row(*name), measure, number)
    alphas = {
        name: Measure(measure_alpha(pairs.documents, ratings, pairs.weights, scales[name]), ratings.size)
        for name, ratings in pairs.experts.items()
    }
    for criterion, measure in (alphas | {AVERAGE: average_criteria(alphas)}).items():
        yield Row(_name_row(criterion, POOLED, "krippendorff_alpha"), measure, numbers[criterion])


def _describe_missing_experts(pairs: TestPairs) -> Iterator[Row]:
    rounded = [[round_to_scale(scores, pairs.scales[name]) for name, scores in pairs.humans.items()]]
    for name, measure in measure_halo(pairs, rounded, _pick_all(1, len(pairs.weights))):
        note = measure.absent or f"rounded means: {NO_EXPERTS}"
        yield Row(_name_row(*name), Measure(measure.draws, measure.n, note=note), 0)
    absent = make_absent(len(pairs.weights), NO_EXPERTS)
    for metric in ("spearman", "krippendorff_alpha"):
        yield Row(_name_row(AVERAGE, POOLED, metric), absent, 0)


def _name_row(criterion: str, level: str, metric: str) -> RowName:
    return RowName(HUMANS, ALL_GATES, EXPERT, criterion, level, metric)


def _pick_all(judges: int, rows: int) -> Indices:
    """Return picks that take every judge once in every row: the experts are not a sample of runs, so none is drawn."""
    return np.tile(np.arange(judges), (rows, 1))


def list_experts(ratings: Floats, scale: Scale) -> Iterator[tuple[Floats, Floats]]:
    """Yield, for each expert, the expert's ratings and the mean of the other experts' (experts x pairs).

    For classes without an order it is the class that most of the others chose; of equals the first of the scale.
    """
    for number in range(len(ratings)):
        others = np.delete(ratings, number, axis=0)
        yield ratings[number], _choose_class(others, scale) if scale.is_nominal else others.mean(axis=0)


def _choose_class(ratings: Floats, scale: Scale) -> Floats:
    votes = np.array([(ratings == value).sum(axis=0) for value in scale.values])
    return np.array(scale.values, np.float64)[votes.argmax(axis=0)]


def measure_alpha(documents: Indices, ratings: Floats, weights: Floats, scale: Scale) -> Floats:
    """Return Krippendorff's alpha of ratings (experts x pairs), ordinal or nominal as the scale is, per row of `weights`.

    nan where all ratings are equal. The coincidences of values add up over pairs, so all rows are one product.
    """
    # Not the package krippendorff, which the tests compare this with: it takes a millisecond a row.
    values, codes = np.unique(ratings, return_inverse=True)
    codes = codes.reshape(ratings.shape)
    counts = np.zeros((ratings.shape[1], len(values)))
    for expert in codes:
        np.add.at(counts, (np.arange(len(expert)), expert), 1)
    raters = len(ratings)
    coincidences = (counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(values))) / (raters - 1)
    per_document = np.zeros((weights.shape[1], len(values) ** 2))
    np.add.at(per_document, documents, coincidences.reshape(len(counts), -1))
    observed = (weights @ per_document).reshape(len(weights), len(values), len(values))
    margins = observed.sum(axis=2)
    # The ordinal distance of two values is the number of ratings between them, half of each end's included.
    position = np.cumsum(margins, axis=1) - margins / 2
    distances = (position[:, :, None] - position[:, None, :]) ** 2
    if scale.is_nominal:
        distances = np.broadcast_to(1.0 - np.eye(len(values)), distances.shape)
    total = margins.sum(axis=1)
    expected = (margins[:, :, None] * margins[:, None, :] * distances).sum(axis=(1, 2)) / (total - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (observed * distances).sum(axis=(1, 2)) / expected, np.nan)
