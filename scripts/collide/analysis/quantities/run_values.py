"""Values of a metric for the runs of a cell, and their mean and deviation over the runs that each resample draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from collide.analysis.formulas.counts import Floats, Indices, PairCounts, lacks_pairs
from collide.analysis.metrics import select_metric
from collide.experiment.scales import Scale

Flags = NDArray[np.bool_]


def stack_metric(
    runs: Sequence[Sequence[Mapping[str, PairCounts]]], scales: Mapping[str, Scale], role: str
) -> tuple[Floats, Flags, NDArray[np.int64]]:
    """Return the metrics of a role as runs x steps x criteria x rows, with undefined values and missing predictions.

    `runs` are counts by step, then criterion. `scales` are those of the criteria; they decide which metric takes the role. The
    other two arrays are runs x steps x criteria, of the sample: whether the metric was undefined, and the number of missing
    predictions. An undefined correlation or kappa counts as 0 where a judge is constant, as in the paper. It stays undefined
    (nan) where there are too few predictions.
    """
    # Steps with the same prompt share their counts, which are evaluated once.
    distinct = {id(step[name]): (step[name], scale) for steps in runs for step in steps for name, scale in scales.items()}
    known = {}
    for key, (counts, scale) in distinct.items():
        values = select_metric(role, scale).from_counts(counts)
        # Only a row with ratings can show that a judge is constant; without ratings nothing is known.
        constant = np.isnan(values) & ~lacks_pairs(counts)
        known[key] = np.where(constant, 0.0, values), bool(constant[0]), counts.missing
    found = [[[known[id(step[name])] for name in scales] for step in steps] for steps in runs]
    values, undefined, missing = (
        np.array([[[cell[part] for cell in step] for step in steps] for steps in found]) for part in range(3)
    )
    return values, undefined, missing


def average_over_runs(values: Floats, picks: Indices) -> Floats:
    """Return the mean over runs (axis 0), each row (last axis) over the runs that it drew."""
    rows = np.arange(values.shape[-1])
    # One pick at a time: indexing by all picks at once would make a copy of all values per run.
    drawn = [values[picks[:, pick], ..., rows] for pick in range(picks.shape[1])]
    return np.moveaxis(np.mean(drawn, axis=0), 0, -1)


def compute_sd_over_runs(values: Floats, picks: Indices) -> Floats:
    """Return the sample standard deviation (ddof 1) over runs (axis 0), each row over the runs that it drew.

    nan for a single run.
    """
    if len(values) < 2:
        return np.full(values.shape[-1], np.nan)
    return np.std(values[picks.T, np.arange(values.shape[-1])], axis=0, ddof=1)


def describe_gaps(undefined: Flags, missing: NDArray[np.int64]) -> list[str]:
    """Return notes for the reader: correlations that were undefined, and predictions that are missing."""
    notes = [f"{int(undefined.sum())} of {undefined.size} undefined, counted as 0"] if undefined.any() else []
    return notes + ([f"{int(missing.sum())} predictions missing"] if missing.any() else [])
