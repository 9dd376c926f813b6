"""Exhibits are grouped on pages: none is lost or shown twice, each page holds what fits, and little is left empty."""

import random

import pytest

from collide.report.document.layout import (
    COLUMN_WIDTH,
    LEAST_SCALE,
    TEXT_HEIGHT,
    TEXT_WIDTH,
    TURNED_WIDTH,
    Block,
    pack_pages,
)


def wide(name, share):
    return Block(name, TEXT_WIDTH - 50, *[share * TEXT_HEIGHT] * 3)


def narrow(name, share):
    return Block(name, COLUMN_WIDTH, *[share * TEXT_HEIGHT] * 3)


def names(pages):
    return [[block.name for block in page.blocks] for page in pages]


def test_blocks_that_fit_stand_on_one_page_in_their_order():
    assert names(pack_pages([wide("a", 0.3), wide("b", 0.3), wide("c", 0.3)], TEXT_HEIGHT)) == [[], ["a", "b", "c"]]


def test_the_first_page_takes_what_fits_below_its_text():
    assert names(pack_pages([wide("a", 0.6), wide("b", 0.3)], 0.6 * TEXT_HEIGHT)) == [["b"], ["a"]]


def test_narrow_blocks_stand_side_by_side():
    page = pack_pages([narrow("a", 0.6), wide("b", 0.3), narrow("c", 0.3), narrow("d", 0.25)], TEXT_HEIGHT)[1]
    assert [[[block.name for block in column] for column in row] for row in page.rows] == [[["a"], ["c", "d"]], [["b"], []]]


def test_a_later_block_fills_a_page_that_would_stay_empty():
    pages = pack_pages([wide("a", 0.6), wide("b", 0.7), wide("c", 0.35), wide("d", 0.25)], TEXT_HEIGHT)
    assert names(pages) == [[], ["a", "c"], ["b", "d"]]


def test_a_page_is_shrunk_a_little_rather_than_left_with_a_large_gap():
    page, last = pack_pages([wide("a", 0.68), wide("b", 0.4), wide("c", 0.5)], TEXT_HEIGHT)[1:]
    assert names([page, last]) == [["a", "b"], ["c"]]
    assert LEAST_SCALE <= page.scale < 1
    assert page.height == pytest.approx(TEXT_HEIGHT)
    assert last.scale == 1


def test_a_block_that_gets_its_whole_width_on_a_shrunk_page_is_measured_with_it():
    wider = Block("a", 1.1 * TEXT_WIDTH, *[0.6 * TEXT_HEIGHT] * 3)
    assert wider.height_on_shrunk_page == pytest.approx(0.66 * TEXT_HEIGHT)
    assert names(pack_pages([wider, wide("b", 0.38)], TEXT_HEIGHT)) == [[], ["a", "b"]]
    assert names(pack_pages([wider, wide("b", 0.5)], TEXT_HEIGHT)) == [[], ["a"], ["b"]]


def test_a_block_that_is_much_wider_than_the_page_is_turned():
    turned = Block("b", TURNED_WIDTH + 1, 100, 100, 0.5 * TEXT_WIDTH)
    pages = pack_pages([wide("a", 0.3), turned, wide("c", 0.3)], TEXT_HEIGHT)
    assert [(page.turned, [block.name for block in page.blocks]) for page in pages[1:]] == [(False, ["a", "c"]), (True, ["b"])]
    assert turned.width == TEXT_HEIGHT


def test_a_block_that_is_higher_than_the_page_has_a_page_of_its_own():
    assert names(pack_pages([wide("a", 0.5), wide("b", 1.7)], TEXT_HEIGHT)) == [[], ["a"], ["b"]]
    assert wide("b", 1.7).height == TEXT_HEIGHT


@pytest.mark.parametrize("seed", range(5))
def test_many_blocks_fill_their_pages(seed):
    draw = random.Random(seed)
    blocks = [draw.choice([wide, narrow])(str(number), draw.uniform(0.2, 0.6)) for number in range(18)]
    pages = pack_pages(blocks, 0.7 * TEXT_HEIGHT)
    assert sorted(name for page in names(pages) for name in page) == sorted(block.name for block in blocks)
    assert all(page.height < TEXT_HEIGHT + 0.1 for page in pages)
    # The appendix goes on where the last page ends.
    assert all(page.height > 0.7 * TEXT_HEIGHT for page in pages[1:-1])
