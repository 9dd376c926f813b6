"""Bootstrap over documents and seeds, vectorised (the intervals of every table, figure and claim).

The summaries of one article hang together, so documents are drawn with replacement, not pairs; the runs of a cell are
drawn by seed. One set of resamples serves all cells: differences of cells are then paired. Ratings are whole numbers and
human scores take few values, so a prompt's test set is a small table of counts per document, and all resamples of its
Spearman correlation are one matrix product and closed forms over the tables.

Row 0 of everything is the sample itself; the rows after it are the draws.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Resamples:
    """How often each document counts in each row: (1 + draws) x documents; row 0 counts every document once."""

    documents: dict[str, int]
    weights: Floats
    seed: int

    def picks(self, runs: Sequence[object]) -> NDArray[np.int64]:
        """Which runs, by their place, each row averages over, with replacement: (1 + draws) x runs; row 0 takes each once.

        Depends on what names the runs (a seed) alone: cells with runs of the same seeds draw the same ones, and their
        difference is paired.
        """
        named = hashlib.blake2b(json.dumps(list(runs)).encode(), digest_size=8).digest()
        random = np.random.default_rng([self.seed, int.from_bytes(named, "big")])
        return np.vstack([np.arange(len(runs)), random.integers(0, len(runs), (len(self.weights) - 1, len(runs)))])


def resample(documents: list[str], draws: int, seed: int) -> Resamples:
    """Draw documents with replacement, `draws` times."""
    count = len(documents)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    weights = np.vstack([np.ones(count), drawn]).astype(np.float64)
    return Resamples({name: place for place, name in enumerate(documents)}, weights, seed)


@dataclass(frozen=True, slots=True)
class Counts:
    """A prompt's test set under all resamples: rows x ratings x human scores, with the values of the two axes, and the number
    of pairs whose rating is missing."""

    table: Floats
    ratings: Floats
    humans: Floats
    missing: int = 0


def count(documents: list[str], ratings: Floats, humans: Floats, resamples: Resamples) -> Counts:
    """Count the pairs by document, rating and human score (missing ratings, nan, are left out), under all resamples."""
    seen = ~np.isnan(ratings)
    places = np.array([resamples.documents[name] for name in documents], dtype=np.int64)[seen]
    rating_values, rating_codes = np.unique(ratings[seen], return_inverse=True)
    human_values, human_codes = np.unique(humans[seen], return_inverse=True)
    shape = (len(resamples.documents), len(rating_values), len(human_values))
    per_document = np.zeros(shape)
    np.add.at(per_document, (places, rating_codes, human_codes), 1.0)
    table = resamples.weights @ per_document.reshape(shape[0], -1)
    return Counts(table.reshape(len(table), *shape[1:]), rating_values, human_values, int((~seen).sum()))


def spearman(counts: Counts) -> Floats:
    """Spearman's rank correlation with average ranks for ties, per row; nan where one side is constant or nothing is there."""
    by_rating, by_human = counts.table.sum(axis=2), counts.table.sum(axis=1)
    total = by_rating.sum(axis=1, keepdims=True)
    rank_rating, rank_human = _centred_ranks(by_rating, total), _centred_ranks(by_human, total)
    covariance = np.einsum("bi,bij,bj->b", rank_rating, counts.table, rank_human)
    spread = (by_rating * rank_rating**2).sum(axis=1) * (by_human * rank_human**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, covariance / np.sqrt(spread), np.nan)


def few(counts: Counts) -> NDArray[np.bool_]:
    """Where fewer than two pairs have a rating, per row: a correlation is then undefined for want of predictions, and not
    because a judge is constant."""
    return counts.table.sum(axis=(1, 2)) < 2


def mae(counts: Counts) -> Floats:
    """Mean absolute error, per row."""
    return _mean_over(counts, np.abs(counts.ratings[:, None] - counts.humans[None, :]))


def off_by_one(counts: Counts) -> Floats:
    """Share of pairs rated within 1 of the human score, per row."""
    return _mean_over(counts, (np.abs(counts.ratings[:, None] - counts.humans[None, :]) <= 1 + 1e-9).astype(np.float64))


METRICS = {"spearman": spearman, "mae": mae, "off_by_one": off_by_one}


def interval(draws: Floats, level: float) -> tuple[float | None, float | None]:
    """The percentile interval of the draws (row 0 left out); None where the sample's value, or every draw's, is undefined."""
    defined = draws[1:][~np.isnan(draws[1:])]
    if np.isnan(draws[0]) or not len(defined):
        return None, None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _centred_ranks(counts: Floats, total: Floats) -> Floats:
    """Average rank of each value of one axis, less the mean rank: rows x values."""
    return np.cumsum(counts, axis=1) - counts / 2 - total / 2


def _mean_over(counts: Counts, worth: Floats) -> Floats:
    total = counts.table.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (counts.table * worth).sum(axis=(1, 2)) / total, np.nan)
