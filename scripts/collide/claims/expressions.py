"""Expressions of claims.yaml, computed on the sample and on all bootstrap draws at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from collide.analysis.bootstrap import Floats
from collide.analysis.estimates import EstimateName

# A value below half a unit of the third decimal prints as 0.000.
ZERO = 0.0005

# Two hypervolumes of the same archive may differ by rounding, as each is a sum of many volumes.
ROUNDING = 1e-9


def compute_expression(expression: Any, draws: Mapping[EstimateName, Floats]) -> Floats:
    """Return an expression's value, or the amount by which a statement holds, in the sample and in all draws.

    A statement holds where the amount is above 0; it is that of its weakest part. A list gives the values of its parts,
    stacked. The last axis is always that of the draws, with the sample in front.
    """
    if isinstance(expression, str):
        return draws[EstimateName(*expression.split("/"))]
    if isinstance(expression, int | float):
        return np.full(len(next(iter(draws.values()))), float(expression))
    if isinstance(expression, list):
        return np.stack([compute_expression(part, draws) for part in expression])
    ((kind, parts),) = expression.items()
    if kind in _NUMBERS:
        return _NUMBERS[kind](compute_expression(parts, draws))
    return compute_parts(expression, draws).min(axis=0)


def compute_parts(statement: Mapping[str, Any], draws: Mapping[EstimateName, Floats]) -> Floats:
    """Return the amounts by which the parts of a statement hold, parts x draws; the statement holds if all of them do."""
    ((kind, parts),) = statement.items()
    if kind == "all":
        return np.concatenate([compute_parts(part, draws) for part in parts])
    # The two sides of a comparison differ in shape, so they cannot be stacked.
    if kind == "above":
        return compute_expression(parts[0], draws) - _flatten(compute_expression(parts[1], draws))
    if kind == "below":
        return compute_expression(parts[1], draws) - _flatten(compute_expression(parts[0], draws))
    return _STATEMENTS[kind](compute_expression(parts, draws))


def _flatten(values: Floats) -> Floats:
    """Return all values of a list of lists as one list, values x draws."""
    return values.reshape(-1, values.shape[-1])


def _measure_undominated(values: Floats) -> Floats:
    """Return how far the later steps are from dominating the first one; `values` are criteria x steps x draws.

    It is the largest fall of a criterion, at the later step where that fall is smallest. Steps equal to the first one do not
    count. The result is 2, the largest possible fall of a correlation, where no other step is left.
    """
    falls = values[:, :1] - values[:, 1:]
    return np.where((falls == 0).all(axis=0), 2.0, falls.max(axis=0)).min(axis=0)


def _measure_trend(values: Floats) -> Floats:
    """Return a positive amount where values rise from the first to the last by the straight line of least squares."""
    places = np.arange(len(values)) - (len(values) - 1) / 2
    return (places[:, None] * values).sum(axis=0)


_NUMBERS: dict[str, Any] = {
    "difference": lambda v: v[0] - v[1],
    "drop": lambda v: 100 * (v[0] - v[1]) / v[0],
    "mean": lambda v: _flatten(v).mean(axis=0),
    "min": lambda v: _flatten(v).min(axis=0),
    "max": lambda v: _flatten(v).max(axis=0),
    "zeros": lambda v: (np.abs(_flatten(v)) < ZERO).sum(axis=0).astype(np.float64),
    "range": lambda v: _flatten(np.ptp(v, axis=-2)).mean(axis=0),
}

# Each returns the amounts of its parts, parts x draws.
_STATEMENTS: dict[str, Any] = {
    "ascending": lambda v: np.diff(v, axis=0) - ROUNDING,
    "trend": lambda v: _measure_trend(v)[None] - ROUNDING,
    "each_above": lambda v: _flatten(v[0] - v[1]) - ROUNDING,
    "comparable": lambda v: (2 * v.min(axis=0) - v.max(axis=0))[None],
    "undominated": lambda v: _measure_undominated(v)[None],
    "positive": lambda v: _flatten(v),
    "improves": lambda v: _flatten(v),
    "zero": lambda v: ZERO - np.abs(_flatten(v)),
}
