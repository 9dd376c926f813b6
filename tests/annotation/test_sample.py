"""The stratified sample: sizes, spread over runs, order."""

from __future__ import annotations

from collections import Counter

import pytest

from collide.annotation.sample import allocate_items, draw_items
from tests.annotation.samples import make_items


@pytest.mark.parametrize(
    ("allocation", "expected"),
    [("equal", {"a": 4, "b": 4, "c": 2}), ("proportional", {"a": 6, "b": 3, "c": 1})],
)
def test_items_are_allocated_in_equal_numbers_or_in_proportion(allocation, expected):
    assert allocate_items({"a": 60, "b": 30, "c": 2 if allocation == "equal" else 10}, 10, allocation) == expected


def test_no_stratum_gives_more_than_it_has():
    assert allocate_items({"a": 2, "b": 3}, 10, "equal") == {"a": 2, "b": 3}


def test_each_stratum_and_each_of_its_runs_is_in_the_sample():
    drawn = draw_items(make_items(), 24, "equal", seed=0)
    assert set(Counter(item.stratum for item in drawn).values()) == {6}
    assert set(Counter((item.stratum, item.run) for item in drawn).values()) == {2}
    assert len({item.identify(0) for item in drawn}) == 24


def test_specificity_comes_first_and_modes_are_mixed():
    drawn = draw_items(make_items(), 40, "equal", seed=0)
    names = [item.diagnostic for item in drawn]
    assert names == sorted(names, reverse=True)
    modes = [item.run.mode for item in drawn[:20]]
    assert modes not in (sorted(modes), sorted(modes, reverse=True))


def test_the_sample_depends_on_the_seed_and_not_on_the_order_of_the_items():
    items = make_items()
    assert draw_items(items, 10, "equal", 0) == draw_items(items[::-1], 10, "equal", 0)
    assert draw_items(items, 10, "equal", 0) != draw_items(items, 10, "equal", 1)


def test_every_item_of_a_stratum_is_drawn_about_equally_often():
    items = make_items(seeds=2, steps=3, modes=("SSS",), diagnostics=("specificity",))
    counts = Counter(item for seed in range(600) for item in draw_items(items, 4, "equal", seed))
    assert len(counts) == 12
    assert min(counts.values()) > 150 and max(counts.values()) < 250
