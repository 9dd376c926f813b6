"""Hypervolume indicator (HVI, paper, Table 1): the volume above -1 that the criteria's correlations dominate."""

from __future__ import annotations

import functools
import itertools

import numpy as np

from collide.analysis.formulas.counts import Floats

# The lowest value that a Spearman correlation can take; that of Cohen's kappa, too.
REFERENCE = -1.0
# The time for the exact volume grows with n**d for n points and d criteria. It is 2 ms here, and a job measures thousands of
# archives. Beyond this, the volume is approximated from DIRECTIONS rays, which are the same in every run.
MOST_EXACT = 13**12
DIRECTIONS = 2**13


def compute_archive_volumes(mean: Floats) -> list[Floats]:
    """Return HVI after each step, per row: the volume that the archive of the values up to that step dominates.

    `mean` is steps x criteria x rows, the Spearman correlation averaged over seeds. A step with an undefined value does not
    join the archive; HVI is nan while the archive is empty. It is approximate unless `is_exact`.

    >>> (volumes,) = compute_archive_volumes(np.full((1, 4, 1), 0.285))
    >>> round(float(volumes[0]), 12)
    2.726544000625
    """
    # Imported here, because jobs without HVI need not load it.
    import moocore

    steps, criteria, rows = mean.shape
    # The library minimises. Its option to maximise would negate every archive anew, so all points are negated once.
    points = np.ascontiguousarray(-np.moveaxis(mean, 2, 0))
    measure = moocore.Hypervolume(ref=np.full(criteria, -REFERENCE))
    if not is_exact(steps, criteria):
        measure = functools.partial(moocore.hv_approx, ref=-REFERENCE, nsamples=DIRECTIONS)
    undefined = [bool(np.isnan(archive).any()) for archive in points]
    volumes = np.full((steps, rows), np.nan)
    for row, step in itertools.product(range(rows), range(steps)):
        archive = points[row, : step + 1]
        if undefined[row]:
            archive = archive[~np.isnan(archive).any(axis=1)]
        if len(archive):
            volumes[step, row] = measure(archive)
    return list(volumes)


def is_exact(steps: int, criteria: int) -> bool:
    """Return True if the volumes of a run with so many steps, the initial prompt included, are exact."""
    return steps**criteria <= MOST_EXACT


def describe_precision(steps: int, criteria: int) -> list[str]:
    """Return a note on an approximate volume."""
    return [] if is_exact(steps, criteria) else ["approximate, mostly within 3%"]
