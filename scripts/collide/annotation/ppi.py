"""Prediction-powered mean of human ratings, with an interval from the differences between runs.

The evaluator has rated all items, a person a random part of them. The estimate is the evaluator's mean plus the mean
difference between person and evaluator on the part, with the evaluator's share `tuning` chosen to make the variance small
(PPI++: Angelopoulos, Duchi and Zrnic 2023, "Efficient Prediction-Powered Inference", equations 1 and 6). Written by hand
because the package `ppi-python` needs numba, statsmodels and scikit-learn, 330 MB, and has no variance by cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from collide.common.variance_sum import add_variances
from collide.optimize.rated_texts import SCALE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stratum:
    """All items of a cell and diagnostic: the number of each item's run, the evaluator's rating, and the person's or nan."""

    runs: NDArray[np.int64]
    evaluator: Floats
    human: Floats

    @property
    def rated(self) -> NDArray[np.bool_]:
        """Return, by item, whether a person has rated it."""
        return ~np.isnan(self.human)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its interval; numbers that cannot be computed are None. `note` says why there is no interval."""

    value: float | None
    low: float | None
    high: float | None
    note: str = ""


def choose_tuning(strata: Sequence[Stratum]) -> float:
    """Return the weight of the evaluator's ratings, from 0 to 1: the slope of human on evaluator ratings within strata.

    One weight for all strata: a stratum has too few human ratings for a slope of its own. The interval is valid for any
    weight. Returns 0 without a stratum that has two human ratings, or if the evaluator's ratings within strata are all equal.
    """
    covariance = spread = 0.0
    pairs = items = 0
    for stratum in strata:
        human, evaluator = stratum.human[stratum.rated], stratum.evaluator[stratum.rated]
        if len(human) > 1:
            covariance += float(np.sum((human - human.mean()) * (evaluator - evaluator.mean())))
            pairs += len(human) - 1
        spread += float(np.sum((stratum.evaluator - stratum.evaluator.mean()) ** 2))
        items += len(stratum.evaluator) - 1
    if not pairs or spread == 0:
        return 0.0
    return float(np.clip(covariance / pairs / (spread / items), 0.0, 1.0))


def estimate_mean(strata: Sequence[Stratum], tuning: float, level: float) -> Mean:
    """Return the mean human rating of all items of the strata.

    Each stratum counts by its number of items. Undefined if one of them has no human rating.
    """
    if not all(stratum.rated.any() for stratum in strata):
        return Mean(None, None, None, "no rated item" if len(strata) == 1 else "a gate without rated items")
    values = [
        tuning * stratum.evaluator.mean() + (stratum.human - tuning * stratum.evaluator)[stratum.rated].mean()
        for stratum in strata
    ]
    return _combine(strata, values, [_measure_influence(stratum, tuning) for stratum in strata], level)


def average_evaluator(strata: Sequence[Stratum], level: float) -> Mean:
    """Return the evaluator's mean over all items of the strata, with an interval made in the same way."""
    values = [stratum.evaluator.mean() for stratum in strata]
    centred = [(stratum.evaluator - stratum.evaluator.mean()) / len(stratum.evaluator) for stratum in strata]
    influences = [_sum_by_run(stratum.runs, weights) for stratum, weights in zip(strata, centred, strict=True)]
    return _combine(strata, values, influences, level)


def _measure_influence(stratum: Stratum, tuning: float) -> Floats:
    """Return the part of the estimate's deviation that each run with a human rating makes (linearization).

    A run without human ratings shows no difference between person and evaluator, so it does not count as a cluster.
    """
    difference = stratum.human - tuning * stratum.evaluator
    centred = np.where(stratum.rated, difference - difference[stratum.rated].mean(), 0.0) / stratum.rated.sum()
    imputed = tuning * (stratum.evaluator - stratum.evaluator.mean()) / len(stratum.evaluator)
    covered = np.bincount(stratum.runs, stratum.rated) > 0
    return _sum_by_run(stratum.runs, centred + imputed)[covered]


def _sum_by_run(runs: NDArray[np.int64], values: Floats) -> Floats:
    return np.bincount(runs, values).astype(np.float64)


def _combine(strata: Sequence[Stratum], values: Sequence[float], influences: Sequence[Floats], level: float) -> Mean:
    """Return the mean of the strata's values by their sizes, with a Student t interval (Welch-Satterthwaite)."""
    sizes = np.array([len(stratum.evaluator) for stratum in strata], dtype=np.float64)
    shares = sizes / sizes.sum()
    value = float(shares @ np.array(values))
    if any(len(influence) < 2 for influence in influences):
        return Mean(value, None, None, "no interval: fewer than two runs with rated items")
    variances = np.array([share**2 * len(z) / (len(z) - 1) * np.sum(z**2) for share, z in zip(shares, influences, strict=True)])
    total, freedom = add_variances(variances, [len(z) - 1 for z in influences])
    if total == 0:
        return Mean(value, None, None, "no interval: no difference between runs")
    reach = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(total))
    low, high = SCALE
    # No mean lies outside the scale, where few runs give wide intervals.
    return Mean(value, max(low, value - reach), min(high, value + reach))
