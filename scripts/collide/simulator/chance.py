"""Chance that depends on the request alone: the same texts, model and seed give the same draw on any machine."""

from __future__ import annotations

import hashlib
import random


def digest(*parts: object) -> bytes:
    """32 bytes out of what is given."""
    text = "\x1f".join(map(str, parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def uniform(state: bytes, name: str = "") -> float:
    """A number in [0, 1)."""
    drawn = hashlib.blake2b(name.encode(), key=state, digest_size=8).digest()
    return int.from_bytes(drawn, "big") / 2**64


def normal(state: bytes, name: str = "") -> float:
    """Roughly normal with spread 1: the sum of twelve 32-bit uniform numbers, less six."""
    drawn = hashlib.blake2b(name.encode(), key=state, digest_size=48).digest()
    return sum(int.from_bytes(drawn[i : i + 4], "big") for i in range(0, 48, 4)) / 2**32 - 6


def generator(*parts: object) -> random.Random:
    """A generator for choices among wordings."""
    return random.Random(digest(*parts))
