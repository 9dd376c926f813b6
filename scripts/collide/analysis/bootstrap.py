"""Bootstrap over documents and seeds, for the intervals of every table, figure and claim.

The summaries of one article depend on each other, so documents are drawn with replacement, not pairs. The runs of a cell are
drawn by seed. One set of resamples serves all cells, so differences of cells are paired. Every draw depends only on the test
documents, the settings and the seeds of the runs: jobs that estimate different cells draw alike without sharing a file.

Row 0 of every array is the sample itself; the rows after it are the draws.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collide.analysis.metrics import Counts, Floats

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RunPicker:
    """Draws the runs of a cell with replacement, `draws` times."""

    draws: int
    seed: int

    def pick_runs(self, runs: Sequence[object]) -> Indices:
        """Return, for each row, the indices of the runs drawn: (1 + draws) x runs. Row 0 takes each run once.

        Depends only on the names of the runs, e.g. their seeds: two cells with runs of the same seeds draw the same ones.
        """
        # A hash of the names, so that a cell draws the same runs whichever cells are estimated before it.
        digest = hashlib.blake2b(json.dumps(list(runs)).encode(), digest_size=8).digest()
        random = np.random.default_rng([self.seed, int.from_bytes(digest, "big")])
        return np.vstack([np.arange(len(runs)), random.integers(0, len(runs), (self.draws, len(runs)))])


@dataclass(frozen=True, slots=True)
class Resamples:
    """Resampled documents and runs.

    `weights` is the number of times that each document counts in each row: (1 + draws) x documents. Row 0 counts every document
    once. `documents` holds the column of each document.
    """

    documents: Mapping[str, int]
    weights: Floats
    run_picker: RunPicker

    def locate_documents(self, names: Sequence[str]) -> Indices:
        """Return the column of `weights` of each document."""
        return np.array([self.documents[name] for name in names], dtype=np.int64)


def draw_resamples(documents: Sequence[str], draws: int, seed: int) -> Resamples:
    """Draw documents with replacement, `draws` times; `documents` may repeat and may come in any order."""
    names = sorted(set(documents))
    # Only the number of times that a document is drawn matters, not the order of the draws.
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    weights = np.vstack([np.ones(len(names)), drawn]).astype(np.float64)
    return Resamples({name: column for column, name in enumerate(names)}, weights, RunPicker(draws, seed))


def count_pairs(documents: Indices, ratings: Floats, humans: Floats, weights: Floats) -> Counts:
    """Count the pairs by rating and human score under all resamples; pairs without a rating (nan) are left out.

    `documents` holds the column of `weights` for each pair.
    """
    rated = ~np.isnan(ratings)
    rating_values, rating_codes = np.unique(ratings[rated], return_inverse=True)
    human_values, human_codes = np.unique(humans[rated], return_inverse=True)
    shape = (weights.shape[1], len(rating_values), len(human_values))
    columns = shape[1] * shape[2]
    cells = documents[rated] * columns + rating_codes * shape[2] + human_codes
    per_document = np.bincount(cells, minlength=shape[0] * columns).reshape(shape[0], columns)
    # Counts are whole numbers far below 2**53, so the product is exact in any order of summation.
    table = (weights @ per_document.astype(np.float64)).reshape(len(weights), *shape[1:])
    # A job holds a table per prompt and criterion of all its runs, which is hundreds. As float64 they would take up to eight
    # times the memory.
    small = table.astype(np.min_scalar_type(int(table.max(initial=0))))
    return Counts(small, rating_values, human_values, int((~rated).sum()))


def lacks_pairs(counts: Counts) -> NDArray[np.bool_]:
    """Return, per row, whether fewer than two pairs have a rating.

    A correlation is then undefined for lack of predictions, and not because the judge is constant.
    """
    return counts.table.sum(axis=(1, 2)) < 2


def percentile_interval(draws: Floats, level: float) -> tuple[float | None, float | None]:
    """Return the percentile interval of the draws, row 0 left out.

    The ends are None where the value of the sample, or that of every draw, is undefined.
    """
    defined = draws[1:][~np.isnan(draws[1:])]
    if np.isnan(draws[0]) or not len(defined):
        return None, None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
