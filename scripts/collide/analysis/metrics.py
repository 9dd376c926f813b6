"""Metrics: agreement of predictions with human scores, listed once in METRICS.

A metric that is undefined stays undefined, with its reason: it is never replaced by a number here. Importing scipy.stats takes
0.8 s of processor time, more than most jobs do in all; so Spearman's correlation is computed with numpy, with scipy's steps and
so with its last digit, and Kendall's tau imports scipy inside its function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from collide.common.comparison import average_values, select_highest
from collide.experiment.scales import Scale

Floats = NDArray[np.float64]
# A prediction per pair; None where it is missing.
Predictions = Sequence[int | float | None]
# Human scores are means of three experts, such as 3.6666666666666665: a difference of 1 may miss 1 by a rounding error.
OFF_BY_ONE_LIMIT = 1 + 1e-9


@dataclass(frozen=True, slots=True)
class Value:
    """A metric over the `n` pairs that have a prediction; None, with the reason in `note`, where it is undefined."""

    value: float | None
    n: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The predictions of one prompt on one criterion, counted under all resamples.

    `table` is rows x ratings x human scores. `ratings` and `humans` are the values of the last two axes. `missing` is the
    number of pairs without a rating. Ratings are whole numbers and human scores take few values, so the table is small.
    """

    table: NDArray[np.unsignedinteger]
    ratings: Floats
    humans: Floats
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric and its two computations: from values per pair, and from a count table for all resamples at once.

    `label` is its name in tables. `from_counts` returns one value per row, nan where undefined; None for a metric that is not
    bootstrapped.
    """

    name: str
    label: str
    higher_is_better: bool
    from_values: Callable[[Predictions, Sequence[float]], Value]
    from_counts: Callable[[Counts], Floats] | None


def spearman_of_values(predicted: Predictions, human: Sequence[float]) -> Value:
    """Return Spearman's rank correlation, average ranks for ties (paper, section 4)."""
    return _correlate_pairs(predicted, human, _correlate_ranks)


def kendall_of_values(predicted: Predictions, human: Sequence[float]) -> Value:
    """Return Kendall's tau-b."""
    from scipy import stats

    return _correlate_pairs(predicted, human, lambda a, b: stats.kendalltau(a, b).statistic)


def mae_of_values(predicted: Predictions, human: Sequence[float]) -> Value:
    """Return the mean absolute error, in points of the scale."""
    return _average_pairs(predicted, human, lambda a, b: abs(a - b))


def off_by_one_of_values(predicted: Predictions, human: Sequence[float]) -> Value:
    """Return the share of predictions within 1 of the human score."""
    return _average_pairs(predicted, human, lambda a, b: float(abs(a - b) <= OFF_BY_ONE_LIMIT))


def spearman_of_counts(counts: Counts) -> Floats:
    """Return Spearman's rank correlation per row, average ranks for ties; nan where one side is constant or empty."""
    table = counts.table.astype(np.float64)
    by_rating, by_human = table.sum(axis=2), table.sum(axis=1)
    total = by_rating.sum(axis=1, keepdims=True)
    rank_rating, rank_human = _center_ranks(by_rating, total), _center_ranks(by_human, total)
    # With centred ranks, Spearman's correlation is their covariance over the product of their deviations; the pairs of a cell
    # of the table share both ranks, so each cell is one product.
    covariance = np.einsum("bi,bij,bj->b", rank_rating, table, rank_human)
    spread = (by_rating * rank_rating**2).sum(axis=1) * (by_human * rank_human**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, covariance / np.sqrt(spread), np.nan)


def mae_of_counts(counts: Counts) -> Floats:
    """Return the mean absolute error per row."""
    return _average_table(counts, np.abs(counts.ratings[:, None] - counts.humans[None, :]))


def off_by_one_of_counts(counts: Counts) -> Floats:
    """Return the share of pairs rated within 1 of the human score, per row."""
    errors = np.abs(counts.ratings[:, None] - counts.humans[None, :])
    return _average_table(counts, (errors <= OFF_BY_ONE_LIMIT).astype(np.float64))


METRICS = {
    metric.name: metric
    for metric in (
        Metric("spearman", "Spearman", True, spearman_of_values, spearman_of_counts),
        Metric("kendall", "Kendall", True, kendall_of_values, None),
        Metric("mae", "MAE", False, mae_of_values, mae_of_counts),
        Metric("off_by_one", "Off-by-one", True, off_by_one_of_values, off_by_one_of_counts),
    )
}


def select_metric(role: str, scale: Scale) -> Metric:
    """Return the metric that takes a role on a scale."""
    names = {"spearman": "Cohen's kappa", "kendall": "Macro-F1", "mae": "Error rate", "off_by_one": "Accuracy"}
    return replace(METRICS[role], label=names[role]) if scale.is_nominal else METRICS[role]


def find_best_constant(human: Sequence[float], scale: Scale) -> int | float:
    """Return the whole number that has the lowest mean absolute error when given to every pair; the lower of equals.

    Its Spearman correlation is undefined, but an MAE gate can favour such a judge, so its error is reported beside an MAE.
    """
    return select_highest(scale.values, lambda rating: -average_values(abs(rating - h) for h in human))[0]


def _drop_missing(predicted: Predictions, human: Sequence[float]) -> tuple[list[float], list[float], str]:
    """Return predictions and human scores of the pairs that have a prediction, and a note on the missing ones."""
    if len(predicted) != len(human):
        raise ValueError(f"{len(predicted)} predictions for {len(human)} human scores")
    pairs = [(float(p), float(h)) for p, h in zip(predicted, human, strict=True) if p is not None]
    missing = len(predicted) - len(pairs)
    return [p for p, _ in pairs], [h for _, h in pairs], f"{missing} missing" if missing else ""


def _correlate_pairs(
    predicted: Predictions, human: Sequence[float], function: Callable[[list[float], list[float]], float]
) -> Value:
    a, b, note = _drop_missing(predicted, human)
    undefined = ""
    if len(a) < 2:
        undefined = "fewer than two predictions"
    elif len(set(a)) == 1:
        undefined = "constant predictions"
    elif len(set(b)) == 1:
        undefined = "constant human scores"
    if undefined:
        return Value(None, len(a), "; ".join(filter(None, [undefined, note])))
    return Value(float(function(a, b)), len(a), note)


def _correlate_ranks(a: list[float], b: list[float]) -> float:
    return float(np.asarray(np.corrcoef(np.column_stack([_rank_values(a), _rank_values(b)]), rowvar=False))[1, 0])


def _rank_values(values: list[float]) -> Floats:
    """Return the rank of each value from 1 on; equal values share their average rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def _average_pairs(predicted: Predictions, human: Sequence[float], function: Callable[[float, float], float]) -> Value:
    a, b, note = _drop_missing(predicted, human)
    if not a:
        return Value(None, 0, "; ".join(filter(None, ["no predictions", note])))
    return Value(average_values(map(function, a, b)), len(a), note)


def _center_ranks(counts: Floats, total: Floats) -> Floats:
    """Return the average rank of each value of one axis minus the mean rank: rows x values."""
    return np.cumsum(counts, axis=1) - counts / 2 - total / 2


def _average_table(counts: Counts, values: Floats) -> Floats:
    """Return the mean per row of a value per (rating, human score); nan where a row has no pair."""
    table = counts.table.astype(np.float64)
    total = table.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (table * values).sum(axis=(1, 2)) / total, np.nan)
