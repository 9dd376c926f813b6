"""Random draws that are the same on every machine and Python version."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of draws named by text.

    Everything comes from `Random.random()`, the one method whose sequence Python promises to keep; no draw goes through
    the platform's mathematical library.
    """

    def __init__(self, *names: object) -> None:
        self._random = Random("/".join(map(str, names))).random

    def unit(self) -> float:
        """A number in [0, 1)."""
        return self._random()

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random() < probability

    def whole(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.whole(0, len(items) - 1)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in a random order."""
        ranks = [self._random() for _ in items]
        return [items[index] for index in sorted(range(len(items)), key=ranks.__getitem__)]

    def normal(self, deviation: float) -> float:
        """A number from a normal distribution around 0 (the sum of twelve uniform ones)."""
        return deviation * (sum(self._random() for _ in range(12)) - 6.0)

    def count(self, mean: float) -> int:
        """A whole number with this mean: its floor, or one more."""
        return int(mean) + self.chance(mean - int(mean))
