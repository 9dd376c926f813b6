"""Metrics of classes without an order. A class is a number, which is only compared for equality."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from collide.analysis.formulas.counts import Counts, Floats, count_values
from collide.analysis.formulas.ordered import accuracy_of_counts
from collide.analysis.formulas.pair_values import Predictions, Value, average_pairs, compare_classes, summarize_pairs
from collide.experiment.scales import Scale


def kappa_of_values(predicted: Predictions, human: Sequence[float], scale: Scale) -> Value:
    """Return Cohen's kappa without weights; 0 for a constant judge, undefined where the human scores are its class, too."""
    return compare_classes(predicted, human, lambda a, b: kappa_of_counts(count_values(a, b), scale)[0])


def macro_f1_of_values(predicted: Predictions, human: Sequence[float], scale: Scale) -> Value:
    """Return the mean F1 of the classes that occur in predictions or human scores."""
    return summarize_pairs(predicted, human, lambda a, b: macro_f1_of_counts(count_values(a, b), scale)[0])


def error_rate_of_values(predicted: Predictions, human: Sequence[float], scale: Scale) -> Value:
    """Return the share of predictions that differ from the human score."""
    return average_pairs(predicted, human, lambda a, b: float(a != b))


def kappa_of_counts(counts: Counts, scale: Scale) -> Floats:
    """Return Cohen's kappa without weights per row; nan where only one class occurs, or fewer than two pairs."""
    by_rating, by_human, equal = _count_classes(counts)
    total, agreements = counts.total, equal.sum(axis=1)
    # All terms are whole numbers, so a constant judge gets exactly 0.
    chance = (by_rating * by_human).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((chance < total**2) & (total > 1), (total * agreements - chance) / (total**2 - chance), np.nan)


def macro_f1_of_counts(counts: Counts, scale: Scale) -> Floats:
    """Return the mean F1 per row, over the classes that occur in the row's ratings or human scores; nan for an empty row."""
    by_rating, by_human, equal = _count_classes(counts)
    size = by_rating + by_human
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = np.where(size > 0, 2 * equal / size, 0.0)
        return scores.sum(axis=1) / (size > 0).sum(axis=1)


def error_rate_of_counts(counts: Counts, scale: Scale) -> Floats:
    """Return the share of pairs whose rating differs from the human score, per row."""
    return 1 - accuracy_of_counts(counts, scale)


def _count_classes(counts: Counts) -> tuple[Floats, Floats, Floats]:
    """Return, as rows x classes that occur, the pairs with this rating, with this human score, and with both."""
    classes = np.union1d(counts.ratings, counts.humans)
    is_rating, is_human = (np.equal.outer(values, classes).astype(np.float64) for values in (counts.ratings, counts.humans))
    by_rating, by_human = counts.table.sum(axis=2) @ is_rating, counts.table.sum(axis=1) @ is_human
    return by_rating, by_human, np.einsum("bij,ic,jc->bc", counts.table, is_rating, is_human)
