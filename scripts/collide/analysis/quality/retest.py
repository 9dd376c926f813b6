"""Test-retest: how much ratings and correlations move when the same prompt judges the same pairs again."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from collide.analysis.formulas.counts import Floats, Indices

# Two-sided test at 5%, and the power with which the smallest detectable difference is found.
SIGNIFICANCE, POWER = 0.05, 0.8


def share_changed(documents: Indices, judgings: Sequence[Floats], weights: Floats) -> Floats:
    """Return, per row of `weights`, the share of ratings that differ between two judgings, mean over all
    combinations of two judgings.

    A judging is the ratings of all pairs by the same prompt, nan where missing. A pair counts where both have a rating.
    """
    count = weights.shape[1]
    shares = []
    for first, second in itertools.combinations(judgings, 2):
        rated = ~np.isnan(first) & ~np.isnan(second)
        changed = first[rated] != second[rated]
        with np.errstate(invalid="ignore", divide="ignore"):
            shares.append(
                weights
                @ np.bincount(documents[rated], changed, minlength=count)
                / (weights @ np.bincount(documents[rated], minlength=count))
            )
    return np.mean(shares, axis=0)


def find_retest_difference(deviation: Floats, seeds: int) -> Floats:
    """Return the difference between two means over `seeds` judgings that judging again alone exceeds in 5% of cases.

    It is 1.96 * sqrt(2) * s / sqrt(seeds), where s is the standard deviation of single judgings (minimal detectable change).
    """
    return NormalDist().inv_cdf(1 - SIGNIFICANCE / 2) * np.sqrt(2 / seeds) * deviation


def find_detectable_difference(difference: Floats) -> float:
    """Return the smallest true difference between two prompts that a test at 5% finds with a power of 80%.

    It is (1.96 + 0.84) * s, where s is the standard deviation of the bootstrap draws of the difference (rows after row 0). Both
    prompts see the same draws of documents and seeds, so s holds the spread of documents, seeds and repeated replies.
    """
    normal = NormalDist()
    factor = normal.inv_cdf(1 - SIGNIFICANCE / 2) + normal.inv_cdf(POWER)
    return float(factor * np.std(difference[1:], ddof=1))
