"""Metrics of ratings in an order: numbers, and classes from low to high.

Importing scipy.stats takes 0.8 s of processor time, more than most jobs do in all; so Spearman's correlation is computed with
numpy, with scipy's steps and so with its last digit, and Kendall's tau imports scipy inside its function.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from collide.analysis.formulas.counts import Counts, Floats, average_table
from collide.analysis.formulas.pair_values import Predictions, Value, average_pairs, correlate_pairs
from collide.experiment.scales import Scale

# Human scores are means of three experts, such as 3.6666666666666665: a difference of 1 may miss 1 by a rounding error.
ROUNDING = 1e-9


def spearman_of_values(predicted: Predictions, human: Sequence[float], scale: Scale) -> Value:
    """Return Spearman's rank correlation, average ranks for ties (paper, section 4)."""
    return correlate_pairs(predicted, human, _correlate_ranks)


def kendall_of_values(predicted: Predictions, human: Sequence[float], scale: Scale) -> Value:
    """Return Kendall's tau-b."""
    from scipy import stats

    return correlate_pairs(predicted, human, lambda a, b: stats.kendalltau(a, b).statistic)


def mae_of_values(predicted: Predictions, human: Sequence[float], scale: Scale) -> Value:
    """Return the mean absolute error, in units of the scale's error."""
    return average_pairs(predicted, human, lambda a, b: abs(a - b) / scale.error_unit)


def off_by_one_of_values(predicted: Predictions, human: Sequence[float], scale: Scale) -> Value:
    """Return the share of predictions within one step of the human score."""
    return average_pairs(predicted, human, lambda a, b: float(abs(a - b) <= scale.step + ROUNDING))


def accuracy_of_values(predicted: Predictions, human: Sequence[float], scale: Scale) -> Value:
    """Return the share of predictions within half a step of the human score."""
    return average_pairs(predicted, human, lambda a, b: float(abs(a - b) <= scale.step / 2 + ROUNDING))


def spearman_of_counts(counts: Counts, scale: Scale) -> Floats:
    """Return Spearman's rank correlation per row, average ranks for ties; nan where one side is constant or empty."""
    by_rating, by_human = counts.table.sum(axis=2), counts.table.sum(axis=1)
    total = by_rating.sum(axis=1, keepdims=True)
    rank_rating, rank_human = _center_ranks(by_rating, total), _center_ranks(by_human, total)
    # With centred ranks, Spearman's correlation is their covariance over the product of their deviations; the pairs of a cell
    # of the table share both ranks, so each cell is one product.
    covariance = np.einsum("bi,bij,bj->b", rank_rating, counts.table, rank_human)
    spread = (by_rating * rank_rating**2).sum(axis=1) * (by_human * rank_human**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, covariance / np.sqrt(spread), np.nan)


def mae_of_counts(counts: Counts, scale: Scale) -> Floats:
    """Return the mean absolute error per row, in units of the scale's error."""
    return average_table(counts, counts.errors) / scale.error_unit


def off_by_one_of_counts(counts: Counts, scale: Scale) -> Floats:
    """Return the share of pairs rated within one step of the human score, per row."""
    return average_table(counts, (counts.errors <= scale.step + ROUNDING).astype(np.float64))


def accuracy_of_counts(counts: Counts, scale: Scale) -> Floats:
    """Return the share of pairs rated within half a step of the human score, per row."""
    return average_table(counts, (counts.errors <= scale.step / 2 + ROUNDING).astype(np.float64))


def _correlate_ranks(a: list[float], b: list[float]) -> float:
    return float(np.asarray(np.corrcoef(np.column_stack([_rank_values(a), _rank_values(b)]), rowvar=False))[1, 0])


def _rank_values(values: list[float]) -> Floats:
    """Return the rank of each value from 1 on; equal values share their average rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def _center_ranks(counts: Floats, total: Floats) -> Floats:
    """Return the average rank of each value of one axis minus the mean rank: rows x values."""
    return np.cumsum(counts, axis=1) - counts / 2 - total / 2
