"""The constant judge: the error of the best constant rating, a baseline for every mean absolute error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from collide.analysis.bootstrap import Resamples, count_pairs
from collide.analysis.estimates import ALL_GATES, CONSTANT, CORPUS, Estimate, EstimateName
from collide.analysis.metrics import Floats, find_best_constant, mae_of_counts
from collide.experiment.scales import Scale


def estimate_constant_judge(
    dataset: str, documents: Sequence[str], humans: Mapping[str, Floats], scales: Mapping[str, Scale], resamples: Resamples
) -> Iterator[Estimate]:
    """Yield the mean absolute error of the best constant rating of each criterion, which an MAE gate can favour.

    `documents` holds the document of each test pair, `humans` the human scores of the pairs by criterion.
    """
    columns = resamples.locate_documents(documents)
    for criterion, human in humans.items():
        rating = find_best_constant(human.tolist(), scales[criterion])
        draws = mae_of_counts(count_pairs(columns, np.full(len(human), float(rating)), human, resamples.weights))
        name = EstimateName(f"{CORPUS}:{dataset}", CONSTANT, ALL_GATES, criterion, "mae")
        # There are no runs to resample: without documents to draw, the value does not vary.
        yield Estimate(name, draws, np.full(len(draws), draws[0]), 1, len(human), f"always {rating}")
