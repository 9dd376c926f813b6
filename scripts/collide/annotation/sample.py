"""Stratified random sample of items. Strata are study, mode, gate and diagnostic; each is spread over its runs."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

from collide.annotation.items import ANNOTATED, Item

Key = TypeVar("Key")


def draw_items(items: Sequence[Item], count: int, allocation: str, seed: int) -> list[Item]:
    """Return `count` items, or all if there are fewer: specificity first, then adherence, both in random order.

    `allocation` is `equal` (the same number from each stratum) or `proportional` to the number of its items.
    """
    generator = random.Random(f"annotation/{seed}")
    strata: dict[tuple[str, ...], list[Item]] = {}
    for item in sorted(items, key=lambda item: (item.run, item.step, item.criterion, item.diagnostic)):
        strata.setdefault(item.stratum, []).append(item)
    sizes = allocate_items({key: len(found) for key, found in strata.items()}, count, allocation)
    drawn = [item for key, found in strata.items() for item in _order_by_turns(found, generator)[: sizes[key]]]
    # A rater who stops early leaves a random part of a diagnostic, which is as good as a smaller sample.
    generator.shuffle(drawn)
    return sorted(drawn, key=lambda item: ANNOTATED.index(item.diagnostic))


def allocate_items(sizes: Mapping[Key, int], count: int, allocation: str) -> dict[Key, int]:
    """Return the number of items to draw from each stratum, by the method of Sainte-Laguë; none gives more than it has."""
    weights = {key: size if allocation == "proportional" else 1 for key, size in sizes.items()}
    given = dict.fromkeys(sizes, 0)
    for _ in range(min(count, sum(sizes.values()))):
        open_strata = [key for key in sizes if given[key] < sizes[key]]
        given[min(open_strata, key=lambda key: (given[key] + 0.5) / weights[key])] += 1
    return given


def _order_by_turns(items: Sequence[Item], generator: random.Random) -> list[Item]:
    """Return the items in random order, taken from each run in turn: intervals rest on the differences between runs."""
    by_run: dict[object, list[Item]] = {}
    for item in items:
        by_run.setdefault(item.run, []).append(item)
    shuffled = [generator.sample(found, len(found)) for found in by_run.values()]
    generator.shuffle(shuffled)
    return [item for turn in itertools.zip_longest(*shuffled) for item in turn if item is not None]
