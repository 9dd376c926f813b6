"""Random draws that are the same on every machine and Python version.

Replies of models use draws that are hashes of the request: no draw depends on the requests before it. The embedded corpus uses
streams, each named by what it generates.
"""

from __future__ import annotations

import hashlib
import math
import random
import struct
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_TWELVE_INTEGERS = struct.Struct(">12I")


def hash_parts(*parts: object) -> bytes:
    """Return a 32-byte hash of the parts' text, to be used as the key of draws."""
    # The unit separator keeps ("ab", "c") and ("a", "bc") apart.
    text = "\x1f".join(map(str, parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def draw_uniform(key: bytes, name: str = "") -> float:
    """Return the number in [0, 1) that belongs to this key and name."""
    drawn = hashlib.blake2b(name.encode(), key=key, digest_size=8).digest()
    return int.from_bytes(drawn, "big") / 2**64


def draw_normal(key: bytes, name: str = "") -> float:
    """Return the nearly standard normal number that belongs to this key and name."""
    # Twelve uniform numbers of variance 1/12 each add up to variance 1. No logarithm: those differ between platforms.
    drawn = hashlib.blake2b(name.encode(), key=key, digest_size=48).digest()
    return sum(_TWELVE_INTEGERS.unpack(drawn)) / 2**32 - 6


def seed_generator(*parts: object) -> random.Random:
    """Return a generator seeded with the parts, for sequences of choices among wordings."""
    return random.Random(hash_parts(*parts))


class RandomStream:
    """A sequence of draws that depends only on the stream's names.

    All draws use `Random.random()`, the one method whose sequence Python guarantees across versions.
    """

    def __init__(self, *names: object) -> None:
        self._random = random.Random("/".join(map(str, names))).random

    def draw_fraction(self) -> float:
        """Return a number in [0, 1)."""
        return self._random()

    def draw_event(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random() < probability

    def draw_integer(self, low: int, high: int) -> int:
        """Return an integer in [low, high]."""
        return low + int(self._random() * (high - low + 1))

    def pick_item(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self.draw_integer(0, len(items) - 1)]

    def shuffle_items(self, items: Sequence[T]) -> list[T]:
        """Return the items in random order."""
        ranks = [self._random() for _ in items]
        return [items[index] for index in sorted(range(len(items)), key=ranks.__getitem__)]

    def draw_normal(self, deviation: float) -> float:
        """Return a nearly normal number with mean 0 and this standard deviation, the sum of twelve uniform numbers."""
        return deviation * (math.fsum(self._random() for _ in range(12)) - 6.0)

    def draw_count(self, mean: float) -> int:
        """Return an integer with this mean: its floor, or one more."""
        return int(mean) + self.draw_event(mean - int(mean))
