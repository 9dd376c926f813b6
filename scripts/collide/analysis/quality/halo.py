"""Halo: how alike one rater's ratings of different criteria are (Thorndike 1920)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from collide.analysis.estimates import ALL_AT_ONCE
from collide.analysis.formulas.counts import Floats, Indices, count_pairs
from collide.analysis.metrics import METRICS
from collide.analysis.quality.measure import POOLED, Measure, Name, average_judges, make_absent
from collide.analysis.quality.rated_pairs import TestPairs
from collide.experiment.scales import Scale

# Rounding errors of a place on a scale are smaller.
PLACE_DIGITS = 9


def measure_halo(pairs: TestPairs, judges: Sequence[Sequence[Floats]], picks: Indices) -> Iterator[tuple[Name, Measure]]:
    """Yield the measures of halo, mean over judges. A judge is the ratings of all pairs, one array per criterion.

    Classes without an order are left out.
    """
    ordered = [scale for scale in pairs.scales.values() if not scale.is_nominal]
    for metric, function in (("equal_ratings", share_equal_ratings), ("criteria_correlation", correlate_criteria)):
        if len(ordered) < 2:
            yield (ALL_AT_ONCE, POOLED, metric), make_absent(len(pairs.weights), "fewer than two criteria with an order")
            continue
        found = []
        for judge in judges:
            ratings = [
                place_ratings(rated, scale)
                for rated, scale in zip(judge, pairs.scales.values(), strict=True)
                if not scale.is_nominal
            ]
            draws = function(pairs.documents, ratings, pairs.weights)
            unrated = int(np.isnan(np.array(ratings)).any(axis=0).sum())
            found.append(Measure(draws, len(pairs.names) - unrated, unrated, int(np.isnan(draws[0]))))
        yield (ALL_AT_ONCE, POOLED, metric), average_judges(found, picks, "undefined")


def place_ratings(ratings: Floats, scale: Scale) -> Floats:
    """Return the places of ratings on their scale, from 0 to 1, so that ratings on different scales can be compared."""
    return np.round((ratings - scale.low) / (scale.high - scale.low), PLACE_DIGITS)


def share_equal_ratings(documents: Indices, ratings: Sequence[Floats], weights: Floats) -> Floats:
    """Return, per row of `weights`, the share of pairs that have the same place on the scales of all criteria.

    `ratings` holds the places of the ratings of all pairs (`place_ratings`), nan where missing, for each criterion. A pair
    counts if every criterion has a rating.
    """
    table = np.array(ratings)
    rated = ~np.isnan(table).any(axis=0)
    equal = (table[:, rated] == table[0, rated]).all(axis=0)
    count = weights.shape[1]
    number = weights @ np.bincount(documents[rated], minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return weights @ np.bincount(documents[rated], equal, minlength=count) / number


def correlate_criteria(documents: Indices, ratings: Sequence[Floats], weights: Floats) -> Floats:
    """Return, per row of `weights`, the mean of Spearman's correlations between the ratings of any two criteria.

    A combination in which one criterion has the same rating everywhere is left out; nan where this holds for all of them.
    """
    found = []
    for first, second in itertools.combinations(ratings, 2):
        rated = ~np.isnan(first) & ~np.isnan(second)
        found.append(METRICS["spearman"].from_counts(count_pairs(documents[rated], first[rated], second[rated], weights)))
    if not found:
        return np.full(len(weights), np.nan)
    values = np.array(found)
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(defined, values, 0.0).sum(axis=0) / defined.sum(axis=0)
