"""Metrics: agreement of predictions with human scores, listed once in ROLES.

Gates, cherry-picking and columns of tables are named by roles, and the scale of a criterion decides which metric takes a role.
A metric that is undefined stays undefined, with its reason: it is never replaced by a number here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from collide.analysis.formulas.counts import Counts, Floats, PairCounts
from collide.analysis.formulas.nominal import (
    error_rate_of_counts,
    error_rate_of_values,
    kappa_of_counts,
    kappa_of_values,
    macro_f1_of_counts,
    macro_f1_of_values,
)
from collide.analysis.formulas.ordered import (
    accuracy_of_counts,
    accuracy_of_values,
    kendall_of_values,
    mae_of_counts,
    mae_of_values,
    off_by_one_of_counts,
    off_by_one_of_values,
    spearman_of_counts,
    spearman_of_values,
)
from collide.analysis.formulas.pair_values import Predictions, Value
from collide.common.comparison import average_values, select_highest
from collide.experiment.scales import Scale

# Stands for every scale of points where no criterion is meant.
POINTS = Scale((0, 1))


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric on a scale and its two computations: from values per pair, and from a count table for all resamples at once.

    `label` is its name in tables. `of_counts` returns one value per row, nan where undefined; None for a metric that is not
    bootstrapped.
    """

    name: str
    label: str
    higher_is_better: bool
    of_values: Callable[[Predictions, Sequence[float], Scale], Value]
    of_counts: Callable[[Counts, Scale], Floats] | None
    scale: Scale = POINTS

    def from_values(self, predicted: Predictions, human: Sequence[float]) -> Value:
        """Return the value over the pairs that have a prediction."""
        return self.of_values(predicted, human, self.scale)

    def from_counts(self, counts: PairCounts) -> Floats:
        """Return one value per row, nan where undefined. Raises ValueError for a metric that is not bootstrapped."""
        formula, scale = self.of_counts, self.scale
        if formula is None:
            raise ValueError(f"metric {self.name} cannot be bootstrapped")
        return counts.compute(lambda table: formula(table, scale))


class Role(NamedTuple):
    """The metrics that take a role: on scales in an order, on those with two ratings, and on classes without an order."""

    ordered: Metric
    two_ratings: Metric
    nominal: Metric


_SPEARMAN = Metric("spearman", "Spearman", True, spearman_of_values, spearman_of_counts)
_KENDALL = Metric("kendall", "Kendall", True, kendall_of_values, None)
_MAE = Metric("mae", "MAE", False, mae_of_values, mae_of_counts)
_OFF_BY_ONE = Metric("off_by_one", "Off-by-one", True, off_by_one_of_values, off_by_one_of_counts)
_KAPPA = Metric("kappa", "Cohen's kappa", True, kappa_of_values, kappa_of_counts)
_MACRO_F1 = Metric("macro_f1", "Macro-F1", True, macro_f1_of_values, macro_f1_of_counts)
_ERROR_RATE = Metric("error_rate", "Error rate", False, error_rate_of_values, error_rate_of_counts)
_ACCURACY = Metric("accuracy", "Accuracy", True, accuracy_of_values, accuracy_of_counts)

ROLES = {
    "spearman": Role(_SPEARMAN, _SPEARMAN, _KAPPA),
    "kendall": Role(_KENDALL, _KENDALL, _MACRO_F1),
    "mae": Role(_MAE, _MAE, _ERROR_RATE),
    # With two ratings, each is within one step of every human score.
    "off_by_one": Role(_OFF_BY_ONE, _ACCURACY, _ACCURACY),
}
# The metrics that give the roles their names, in points.
METRICS = {role: metrics.ordered for role, metrics in ROLES.items()}


def select_metric(role: str, scale: Scale) -> Metric:
    """Return the metric that takes a role on a scale."""
    metrics = ROLES[role]
    if scale.is_nominal:
        return replace(metrics.nominal, scale=scale)
    return replace(metrics.two_ratings if len(scale.values) == 2 else metrics.ordered, scale=scale)


def name_metrics(role: str, scales: Mapping[str, Scale]) -> str:
    """Return the name of the metric that takes a role on these criteria; where several do, each with its criteria.

    >>> name_metrics("mae", {"a": POINTS, "b": Scale((0, 1), ("no", "yes"), ordered=False)})
    'mean of mae (a) and error_rate (b)'
    """
    criteria: dict[str, list[str]] = {}
    for name, scale in scales.items():
        criteria.setdefault(select_metric(role, scale).name, []).append(name)
    if len(criteria) == 1:
        return next(iter(criteria))
    return "mean of " + " and ".join(f"{metric} ({', '.join(names)})" for metric, names in criteria.items())


def note_metrics(role: str, scales: Mapping[str, Scale]) -> str:
    """Return `name_metrics` as a note on an average over the criteria; empty where all have the role's own metric."""
    names = name_metrics(role, scales)
    return "" if names == role else names


def find_best_constant(human: Sequence[float], scale: Scale) -> int | float:
    """Return the rating that has the lowest error when given to every pair; the lower of equals.

    Its Spearman correlation is undefined, but an MAE gate can favour such a judge, so its error is reported beside an MAE.
    """
    # Distances are not divided by the error unit, which no choice depends on.
    return select_highest(scale.values, lambda rating: -average_values(_measure_error(rating, h, scale) for h in human))[0]


def _measure_error(rating: float, human: float, scale: Scale) -> float:
    return float(rating != human) if scale.is_nominal else abs(rating - human)
