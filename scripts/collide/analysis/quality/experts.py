"""Rows of the experts: each expert as a judge of the mean of the others, their halo, and their agreement."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from collide.analysis.bootstrap import Indices
from collide.analysis.estimates import ALL_GATES, AVERAGE, HUMANS
from collide.analysis.metrics import Floats
from collide.analysis.quality.halo import measure_halo
from collide.analysis.quality.measure import (
    POOLED,
    Measure,
    average_criteria,
    average_measures,
    measure_calibration,
    measure_judge,
)
from collide.analysis.quality.pooled import round_half_up
from collide.analysis.quality.quality_table import EXPERT, Row, RowName
from collide.analysis.quality.rated_pairs import TestPairs

NO_EXPERTS = "the corpus has no single ratings of experts"


def measure_experts(pairs: TestPairs) -> Iterator[Row]:
    """Yield the rows of the experts.

    Without single ratings, the halo is that of the human scores, rounded to whole numbers to be like ratings. The correlation
    and the agreement of experts then have a row without a value, with the reason.
    """
    if not pairs.experts:
        yield from _describe_missing_experts(pairs)
        return
    number = len(next(iter(pairs.experts.values())))
    picks = _pick_all(number, len(pairs.weights))
    as_judges = {criterion: list(list_experts(ratings)) for criterion, ratings in pairs.experts.items()}
    by_criterion = {criterion: [measure_judge(pairs, *judge) for judge in found] for criterion, found in as_judges.items()}
    for name, measure in average_measures(by_criterion, picks):
        yield Row(_name_row(*name), measure, number)
    for criterion, found in as_judges.items():
        for key, measure in measure_calibration(pairs, found).items():
            yield Row(_name_row(criterion, *key), measure, number)
    rated = [[pairs.experts[criterion][expert] for criterion in pairs.humans] for expert in range(number)]
    for name, measure in measure_halo(pairs, rated, picks):
        yield Row(_name_row(*name), measure, number)
    alphas = [
        Measure(measure_alpha(pairs.documents, ratings, pairs.weights), ratings.size) for ratings in pairs.experts.values()
    ]
    for criterion, measure in zip((*pairs.experts, AVERAGE), (*alphas, average_criteria(alphas)), strict=True):
        yield Row(_name_row(criterion, POOLED, "krippendorff_alpha"), measure, number)


def _describe_missing_experts(pairs: TestPairs) -> Iterator[Row]:
    rounded = [[round_half_up(scores) for scores in pairs.humans.values()]]
    for name, measure in measure_halo(pairs, rounded, _pick_all(1, len(pairs.weights))):
        yield Row(_name_row(*name), Measure(measure.draws, measure.n, note=f"rounded means: {NO_EXPERTS}"), 0)
    absent = Measure(np.full(len(pairs.weights), np.nan), note=NO_EXPERTS)
    for metric in ("spearman", "krippendorff_alpha"):
        yield Row(_name_row(AVERAGE, POOLED, metric), absent, 0)


def _name_row(criterion: str, level: str, metric: str) -> RowName:
    return RowName(HUMANS, ALL_GATES, EXPERT, criterion, level, metric)


def _pick_all(judges: int, rows: int) -> Indices:
    """Return picks that take every judge once in every row: the experts are not a sample of runs, so none is drawn."""
    return np.tile(np.arange(judges), (rows, 1))


def list_experts(ratings: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Yield, for each expert, the expert's ratings and the mean of the other experts' (experts x pairs)."""
    for number in range(len(ratings)):
        yield ratings[number], np.delete(ratings, number, axis=0).mean(axis=0)


def measure_alpha(documents: Indices, ratings: Floats, weights: Floats) -> Floats:
    """Return Krippendorff's alpha of ratings (experts x pairs) on an ordinal scale, per row of `weights`.

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
    total = margins.sum(axis=1)
    expected = (margins[:, :, None] * margins[:, None, :] * distances).sum(axis=(1, 2)) / (total - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (observed * distances).sum(axis=(1, 2)) / expected, np.nan)
