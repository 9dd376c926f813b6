"""Hypervolume indicator (HVI, paper, section 6.1): the volume above -1 that the criteria's correlations dominate."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from collide.analysis.metrics import Floats

# The lowest value that a Spearman correlation can take.
REFERENCE = -1.0


def compute_hypervolume(points: Sequence[Sequence[float]] | Floats, reference: float = REFERENCE) -> float:
    """Return the volume that the points dominate above `reference` in every objective, all maximised.

    >>> round(compute_hypervolume([[0.285] * 4]), 12)
    2.726544000625
    """
    import moocore

    array = np.asarray(points, dtype=float)
    return float(moocore.hypervolume(array, ref=np.full(array.shape[1], reference), maximise=True))


def compute_archive_volumes(mean: Floats) -> list[Floats]:
    """Return HVI after each step, per row: the volume that the archive of the values up to that step dominates.

    `mean` is steps x criteria x rows, the Spearman correlation averaged over seeds. A step with an undefined value does not
    join the archive.
    """
    # Imported here: jobs without HVI need not load it.
    import moocore

    steps, criteria, rows = mean.shape
    # Negated once for all rows, because the library minimises: its `maximise` would negate every archive anew.
    points = np.ascontiguousarray(-np.moveaxis(mean, 2, 0))
    measure = moocore.Hypervolume(ref=np.full(criteria, -REFERENCE))
    undefined = [bool(np.isnan(archive).any()) for archive in points]
    volumes = np.full((steps, rows), np.nan)
    for row, step in itertools.product(range(rows), range(steps)):
        archive = points[row, : step + 1]
        if undefined[row]:
            archive = archive[~np.isnan(archive).any(axis=1)]
        if len(archive):
            volumes[step, row] = measure(archive)
    return list(volumes)
