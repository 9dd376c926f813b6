"""Measures per document (mean over documents) and per system (over the means of systems), under resamples of documents.

Both levels compare values two by two, by the signs of their differences. Half the sum of the signs of a value against all
others of its group is its rank minus the mean rank, average ranks for ties. So the signs give Spearman's and Kendall's
correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collide.analysis.formulas.counts import Floats, Indices

# Means of equal scores, and differences of ratings in steps of 0.1, differ in their last digits. Rounded, they are tied.
TIE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class DocumentValues:
    """A measure of each document, nan where it is undefined."""

    values: Floats

    @property
    def undefined(self) -> int:
        """Return the number of documents without a value."""
        return int(np.isnan(self.values).sum())

    def average(self, weights: Floats) -> Floats:
        """Return the mean over the documents that have a value, for each row of `weights` (rows x documents)."""
        defined = ~np.isnan(self.values)
        with np.errstate(invalid="ignore", divide="ignore"):
            return weights @ np.where(defined, self.values, 0.0) / (weights @ defined.astype(np.float64))


def correlate_documents(documents: Indices, ratings: Floats, humans: Floats, count: int) -> dict[str, DocumentValues]:
    """Return Spearman's, Kendall's (tau-b) and Pearson's correlation within each of `count` documents.

    A document with fewer than two pairs, or whose ratings or human scores are all equal, has none.
    """
    first, second = _list_comparisons(documents)
    sizes = np.maximum(_sum(documents, np.ones(len(documents)), count), 1)
    signs, ranks, centred = [], [], []
    for values in (ratings, humans):
        sign = np.sign(values[first] - values[second])
        signs.append(sign)
        ranks.append(_sum(first, sign, len(documents)) - _sum(second, sign, len(documents)))
        centred.append(values - (_sum(documents, values, count) / sizes)[documents])
    # The document of each comparison.
    compared = documents[first]
    spread = [_sum(compared, sign**2, count) for sign in signs]
    constant = (spread[0] == 0) | (spread[1] == 0)

    def correlate(groups: Indices, sides: list[Floats]) -> DocumentValues:
        products = [_sum(groups, a * b, count) for a, b in ((sides[0], sides[1]), (sides[0], sides[0]), (sides[1], sides[1]))]
        with np.errstate(invalid="ignore", divide="ignore"):
            return DocumentValues(np.where(constant, np.nan, products[0] / np.sqrt(products[1] * products[2])))

    return {
        "spearman": correlate(documents, ranks),
        "kendall": correlate(compared, signs),
        "pearson": correlate(documents, centred),
    }


def measure_document_accuracy(
    documents: Indices, ratings: Floats, humans: Floats, count: int
) -> tuple[Floats, list[DocumentValues]]:
    """Return thresholds and, for each of them, the pairwise accuracy within each document, see `pooled.accuracy_of_counts`."""
    first, second = _list_comparisons(documents)
    compared, comparisons = documents[first], _sum(documents[first], np.ones(len(first)), count)
    rating, human = np.round(ratings[first] - ratings[second], TIE_DIGITS), humans[first] - humans[second]
    found = []
    thresholds = np.unique(np.r_[0.0, np.abs(rating)])
    for limit in thresholds:
        seen = np.where(np.abs(rating) <= limit, 0.0, np.sign(rating))
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(DocumentValues(_sum(compared, (seen == np.sign(human)) * 1.0, count) / comparisons))
    return thresholds, found


def measure_systems(
    documents: Indices, systems: Indices, ratings: Floats, humans: Floats, weights: Floats
) -> dict[str, Floats]:
    """Return correlations and pairwise accuracy over the means of the systems, one value per row of `weights`.

    Means of systems are hardly ever tied, so no tie threshold is calibrated. A system that a row has no pair of is left out.
    """
    shape = (weights.shape[1], int(systems.max(initial=-1)) + 1)
    cells = documents * shape[1] + systems
    sums = [_sum(cells, values, shape[0] * shape[1]).reshape(shape) for values in (ratings, humans, np.ones(len(ratings)))]
    counts = weights @ sums[2]
    present = counts > 0
    means = [np.where(present, weights @ part / np.maximum(counts, 1), 0.0) for part in sums[:2]]
    number = np.maximum(present.sum(axis=1, keepdims=True), 1)
    centred = [np.where(present, part - part.sum(axis=1, keepdims=True) / number, 0.0) for part in means]
    first, second = np.triu_indices(shape[1], 1)
    both = present[:, first] & present[:, second]
    signs = [np.sign(part[:, first] - part[:, second]) * both for part in (np.round(part, TIE_DIGITS) for part in means)]
    ranks = [sign @ _make_rank_matrix(first, second, shape[1]) for sign in signs]
    constant = ~signs[0].any(axis=1) | ~signs[1].any(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        accuracy = ((signs[0] == signs[1]) & both).sum(axis=1) / both.sum(axis=1)
    return {
        "spearman": _correlate_rows(ranks, constant),
        "kendall": _correlate_rows(signs, constant),
        "pearson": _correlate_rows(centred, constant),
        "pairwise_accuracy": accuracy,
    }


def _make_rank_matrix(first: Indices, second: Indices, count: int) -> Floats:
    """Return the matrix that sums the signs of comparisons to twice the centred rank of each of `count` values."""
    matrix = np.zeros((len(first), count))
    matrix[np.arange(len(first)), first], matrix[np.arange(len(first)), second] = 1, -1
    return matrix


def _correlate_rows(sides: list[Floats], constant: np.ndarray) -> Floats:
    products = [(a * b).sum(axis=1) for a, b in ((sides[0], sides[1]), (sides[0], sides[0]), (sides[1], sides[1]))]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(constant, np.nan, products[0] / np.sqrt(products[1] * products[2]))


def _list_comparisons(documents: Indices) -> tuple[Indices, Indices]:
    """Return the two indices of every comparison of two pairs of the same document."""
    order = np.argsort(documents, kind="stable")
    starts = np.flatnonzero(np.diff(documents[order], prepend=-1))
    # Document by document: all comparisons of thousands of pairs would not fit into memory.
    groups = np.split(order, starts[1:])
    places = [(group[first], group[second]) for group in groups for first, second in [np.triu_indices(len(group), 1)]]
    return np.concatenate([first for first, _ in places]), np.concatenate([second for _, second in places])


def _sum(groups: Indices, values: Floats, count: int) -> Floats:
    # Not an array of whole numbers, which bincount returns for empty weights.
    return np.bincount(groups, values, count).astype(np.float64)
