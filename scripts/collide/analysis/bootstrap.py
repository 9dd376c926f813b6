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

from collide.analysis.formulas.counts import Floats, Indices


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


def percentile_interval(draws: Floats, level: float) -> tuple[float | None, float | None]:
    """Return the percentile interval of the draws, row 0 left out.

    The ends are None where the value of the sample, or that of every draw, is undefined.
    """
    defined = draws[1:][~np.isnan(draws[1:])]
    if np.isnan(draws[0]) or not len(defined):
        return None, None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
