"""Comparison of averages. Equal averages may differ in their last digits, which depend on the order of a sum."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

# Values that differ by less are equal. Rounding errors of an average are below 1e-13, and different averages of whole-number
# ratings of a thousand pairs differ by more than 1e-4.
TOLERANCE = 1e-9


def average_values(values: Iterable[float]) -> float:
    """Return the mean. Raises ZeroDivisionError without values.

    The built-in sum rounds differently in Python 3.11 and 3.12; fsum is exact before its last rounding.
    """
    found = list(values)
    return math.fsum(found) / len(found)


def is_above(value: float, other: float) -> bool:
    """Return whether a value is higher than another one by more than rounding; False if one is not a number.

    >>> is_above(0.8400000000000001, 0.84), is_above(0.8433, 0.84)
    (False, True)
    """
    return value > other + TOLERANCE


def select_highest(items: Sequence[T], measure: Callable[[T], float]) -> list[T]:
    """Return all items whose measure equals the highest one, in their order. Raises ValueError without items."""
    highest = max(map(measure, items))
    return [item for item in items if not is_above(highest, measure(item))]
