"""Count tables: the predictions of one prompt on one criterion, counted by rating and human score under all resamples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
# Cells of the tables that a formula gets at once; as float64 they take 32 MB, and a formula makes some copies of them.
MOST_CELLS = 4_000_000
ALL_ROWS = slice(None)


@dataclass(frozen=True, slots=True)
class Counts:
    """A count table for formulas. `table` is rows x ratings x human scores; `ratings` and `humans` are values of these axes."""

    table: Floats
    ratings: Floats
    humans: Floats

    @property
    def errors(self) -> Floats:
        """Return the distance of each rating from each human score."""
        return np.abs(self.ratings[:, None] - self.humans[None, :])

    @property
    def total(self) -> Floats:
        """Return the number of pairs per row."""
        return self.table.sum(axis=(1, 2))


@dataclass(frozen=True, slots=True)
class PairCounts:
    """The predictions of one prompt on one criterion, counted under all resamples.

    `table` is rows x cells. A cell is a combination of a rating and a human score that occurs; `cells` holds its place in the
    grid ratings x human scores, row by row. On a scale from 0 to 100 the grid has thousands of cells, of which few occur.
    `missing` is the number of pairs without a rating.
    """

    table: NDArray[np.unsignedinteger]
    cells: Indices
    ratings: Floats
    humans: Floats
    missing: int = 0

    def compute(self, formula: Callable[[Counts], Floats]) -> Floats:
        """Return the values of a formula, whose last axis is the rows, computed for as many rows at once as memory allows."""
        # Some formulas compare ratings with ratings.
        size = len(self.ratings) * max(len(self.ratings), len(self.humans))
        rows = max(1, MOST_CELLS // max(1, size))
        parts = [formula(self.expand(slice(start, start + rows))) for start in range(0, len(self.table), rows)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)

    def expand(self, rows: slice = ALL_ROWS) -> Counts:
        """Return the count table of these rows."""
        counted = self.table[rows]
        grid = np.zeros((len(counted), len(self.ratings) * len(self.humans)))
        grid[:, self.cells] = counted
        return Counts(grid.reshape(len(counted), len(self.ratings), len(self.humans)), self.ratings, self.humans)


def count_pairs(documents: Indices, ratings: Floats, humans: Floats, weights: Floats) -> PairCounts:
    """Count the pairs by rating and human score under all resamples; pairs without a rating (nan) are left out.

    `documents` holds the column of `weights` for each pair, `weights` the number of times that each document counts in each
    row.
    """
    rated = ~np.isnan(ratings)
    rating_values, rating_codes = np.unique(ratings[rated], return_inverse=True)
    human_values, human_codes = np.unique(humans[rated], return_inverse=True)
    cells, columns = np.unique(rating_codes * len(human_values) + human_codes, return_inverse=True)
    # The weights of the pairs, cell by cell, are summed within each cell. They are whole numbers, so the sums are exact.
    order = np.argsort(columns, kind="stable")
    starts = np.searchsorted(columns[order], np.arange(len(cells)))
    table = np.zeros((len(weights), 0))
    if len(cells):
        table = np.add.reduceat(weights[:, documents[rated][order]], starts, axis=1)
    # A job holds a table per prompt and criterion of all its runs, which is hundreds. As float64 they would take up to eight
    # times the memory.
    small = table.astype(np.min_scalar_type(int(table.max(initial=0))))
    return PairCounts(small, cells, rating_values, human_values, int((~rated).sum()))


def count_values(ratings: Sequence[float], humans: Sequence[float]) -> Counts:
    """Return the count table of these ratings and human scores, with one row."""
    counts = count_pairs(np.zeros(len(ratings), np.int64), np.array(ratings, float), np.array(humans, float), np.ones((1, 1)))
    return counts.expand()


def average_table(counts: Counts, values: Floats) -> Floats:
    """Return the mean per row of a value per (rating, human score); nan where a row has no pair."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts.total > 0, (counts.table * values).sum(axis=(1, 2)) / counts.total, np.nan)


def lacks_pairs(counts: PairCounts) -> NDArray[np.bool_]:
    """Return, per row, whether fewer than two pairs have a rating.

    A correlation is then undefined for lack of predictions, and not because the judge is constant.
    """
    return counts.table.sum(axis=1) < 2
