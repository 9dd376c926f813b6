"""Measures over all pairs of a split pooled, from a count table for all resamples at once.

Every function takes `Counts` (rows x ratings x human scores) and returns one value per row, nan where undefined. A document
that a resample draws twice counts as two documents, so its pairs are tied with their copies.
"""

from __future__ import annotations

import numpy as np

from collide.analysis.formulas.counts import Counts, Floats
from collide.analysis.quality.levels import TIE_DIGITS
from collide.experiment.scales import Scale

# A variance below this is that of a constant: weighted sums of equal numbers differ in the last digits.
ZERO = 1e-12


def pearson_of_counts(counts: Counts) -> Floats:
    """Return Pearson's correlation; nan where one side is constant or empty."""
    table, total = counts.table, counts.total
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_rating = table.sum(axis=2) @ counts.ratings / total
        mean_human = table.sum(axis=1) @ counts.humans / total
        ratings = counts.ratings - mean_rating[:, None]
        humans = counts.humans - mean_human[:, None]
        covariance = np.einsum("bi,bij,bj->b", ratings, table, humans)
        spread = (table.sum(axis=2) * ratings**2).sum(axis=1) * (table.sum(axis=1) * humans**2).sum(axis=1)
        return np.where(spread > ZERO, covariance / np.sqrt(spread), np.nan)


def kendall_of_counts(counts: Counts) -> Floats:
    """Return Kendall's tau-b; nan where one side is constant or empty."""
    table, total = counts.table, counts.total
    concordant, discordant, _ = _count_ordered(table)
    upper = np.triu_indices(len(counts.ratings), 1)
    difference = (concordant - discordant)[:, *upper].sum(axis=1)
    pairs = total * (total - 1) / 2
    tied_ratings = _count_ties(table.sum(axis=2)).sum(axis=1)
    tied_humans = _count_ties(table.sum(axis=1)).sum(axis=1)
    untied = (pairs - tied_ratings) * (pairs - tied_humans)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(untied > 0, difference / np.sqrt(untied), np.nan)


def list_thresholds(ratings: Floats) -> Floats:
    """Return the tie thresholds that make a difference: 0 and the differences of these ratings."""
    return np.unique(np.r_[0.0, _measure_differences(ratings)])


def accuracy_of_counts(counts: Counts) -> Floats:
    """Return the pairwise accuracy with each threshold of `list_thresholds`, as thresholds x rows.

    A comparison is of two pairs. For the judge they are tied when their ratings differ by at most the threshold. Accuracy is
    the share of comparisons in which judge and human agree: the same pair is better, or both see a tie (acc_eq of Deutsch,
    Foster and Freitag 2023, "Ties Matter").
    """
    table, total = counts.table, counts.total
    concordant, _, tied = _count_ordered(table)
    first, second = np.triu_indices(len(counts.ratings), 1)
    differences = _measure_differences(counts.ratings)
    # In the order of the differences, those within a threshold come first. All sums are whole numbers.
    order = np.argsort(differences)
    within = np.searchsorted(differences[order], list_thresholds(counts.ratings), side="right")
    right, tie = (_sum_first(found[:, first[order], second[order]]) for found in (concordant, tied))
    correct = _count_ties(table).sum(axis=(1, 2)) + (right[:, -1:] - right[:, within] + tie[:, within]).T
    pairs = total * (total - 1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, correct / pairs, np.nan)


def bias_of_counts(counts: Counts) -> Floats:
    """Return the mean rating minus the mean human score, in points of the scale."""
    table, total = counts.table, counts.total
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (table.sum(axis=2) @ counts.ratings - table.sum(axis=1) @ counts.humans) / total, np.nan)


def weighted_kappa_of_counts(counts: Counts, scale: Scale) -> Floats:
    """Return Cohen's kappa with quadratic weights against the human scores rounded to the scale (`round_to_scale`).

    nan where both sides are constant and equal.
    """
    table, total = counts.table, counts.total
    distances = (counts.ratings[:, None] - round_to_scale(counts.humans, scale)[None, :]) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = (table * distances).sum(axis=(1, 2)) / total
        expected = np.einsum("bi,ij,bj->b", table.sum(axis=2), distances, table.sum(axis=1)) / total**2
        return np.where(expected > ZERO, 1 - observed / expected, np.nan)


def human_means_of_counts(counts: Counts) -> Floats:
    """Return the mean human score of the pairs with each rating, as ratings x rows; nan for a rating that no pair has."""
    table = counts.table
    by_rating = table.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(by_rating > 0, table @ counts.humans / by_rating, np.nan).T


def calibration_error_of_counts(counts: Counts) -> Floats:
    """Return the mean over pairs of |rating - mean human score of the pairs with that rating|, in points of the scale.

    This is the expected calibration error with one bin per rating.
    """
    table, total = counts.table, counts.total
    gaps = np.abs(counts.ratings[None, :] - np.nan_to_num(human_means_of_counts(counts).T))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (table.sum(axis=2) * gaps).sum(axis=1) / total, np.nan)


def round_to_scale(scores: Floats, scale: Scale) -> Floats:
    """Return the nearest ratings of the scale; a score in the middle of two gets the higher one.

    >>> round_to_scale(np.array([3.5, 4.5, 4.333]), Scale((1, 2, 3, 4, 5))).tolist()
    [4.0, 5.0, 4.0]
    """
    # Not np.rint, which takes 4.5 to 4 and 3.5 to 4. The summand keeps 0.5 up where a mean is a rounding error below it.
    places = np.floor((scores - scale.low) / scale.step + 0.5 + 1e-9)
    return np.array(scale.values, np.float64)[np.clip(places, 0, len(scale.values) - 1).astype(np.int64)]


def _count_ordered(table: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the number of comparisons by the ratings of the first and the second pair, as rows x ratings x ratings.

    The three arrays count those in which the human score of the second pair is higher, lower, and the same.
    """
    sizes = table.sum(axis=2)
    # Contiguous, because a product of arrays with other strides takes ten times as long.
    above = np.ascontiguousarray((sizes[:, :, None] - table.cumsum(axis=2)).transpose(0, 2, 1))
    higher = np.matmul(table, above)
    # A comparison with a lower second score is, in the other order, one with a higher second score. All are whole numbers.
    lower = higher.transpose(0, 2, 1)
    return higher, lower, sizes[:, :, None] * sizes[:, None, :] - higher - lower


def _sum_first(values: Floats) -> Floats:
    """Return, as rows x (columns + 1), the sums of the first 0, 1, 2, ... values of each row."""
    return np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))


def _measure_differences(ratings: Floats) -> Floats:
    """Return the difference of any two ratings."""
    first, second = np.triu_indices(len(ratings), 1)
    # Steps of 0.1 differ in their last digits.
    return np.round(ratings[second] - ratings[first], TIE_DIGITS)


def _count_ties(sizes: Floats) -> Floats:
    """Return the number of comparisons within groups of these sizes."""
    return sizes * (sizes - 1) / 2
