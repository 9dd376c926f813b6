"""The constant judge: the error of the best constant rating, a baseline for every mean absolute error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from collide.analysis.bootstrap import Resamples
from collide.analysis.estimates import ALL_GATES, CONSTANT, CORPUS, Estimate, EstimateName
from collide.analysis.formulas.counts import Floats, count_pairs
from collide.analysis.metrics import find_best_constant, select_metric
from collide.experiment.scales import Scale


def estimate_constant_judge(
    dataset: str, documents: Sequence[str], humans: Mapping[str, Floats], scales: Mapping[str, Scale], resamples: Resamples
) -> Iterator[Estimate]:
    """Yield the error of the best constant rating of each criterion, which an MAE gate can favour.

    `documents` holds the document of each test pair, `humans` the human scores of the pairs by criterion.
    """
    columns = resamples.locate_documents(documents)
    for criterion, human in humans.items():
        scale = scales[criterion]
        rating, metric = find_best_constant(human.tolist(), scale), select_metric("mae", scale)
        draws = metric.from_counts(count_pairs(columns, np.full(len(human), float(rating)), human, resamples.weights))
        name = EstimateName(f"{CORPUS}:{dataset}", CONSTANT, ALL_GATES, criterion, "mae")
        # There are no runs to resample: without documents to draw, the value does not vary.
        note = f"always {scale.show(rating)}"
        yield Estimate(name, draws, np.full(len(draws), draws[0]), 1, len(human), note, metric.name)
