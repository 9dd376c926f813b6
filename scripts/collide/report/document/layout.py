"""Page layout: exhibits are grouped on pages by their measured sizes, so that little space is left empty."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from collide.report.page_size import COLUMN, PAGE

# Sizes in points, of which LaTeX has 72.27 to the inch. Figures are as wide as the text or a column, so none is scaled.
INCH = 72.27
TEXT_WIDTH, COLUMN_WIDTH, TEXT_HEIGHT = PAGE * INCH, COLUMN * INCH, 10 * INCH
# Further height of LaTeX's page, for the space that it puts above and between rows.
RESERVE = 15.0
# Least space between exhibits; the space that a page has left is spread over its gaps, up to MAX_GAP.
GAP, MAX_GAP = 14.0, 40.0
# A wider exhibit would be shrunk to less than 80% of its size, to letters of less than 6.5 points; it is turned instead.
TURNED_WIDTH = 1.25 * TEXT_WIDTH
# A page may be shrunk so far: letters of intervals, the smallest ones, have 7 points and are printed with at least 6.
LEAST_SCALE = 0.88
# A page takes exhibits from this many next ones, so that no exhibit moves far from its place in the order.
LOOKAHEAD = 7
# Cost of a block that waits while a later one is shown, in squared shares of a page: as much as a tenth of it left empty.
SKIP_COST = 0.01
KEPT_LAYOUTS = 20


@dataclass(frozen=True, slots=True)
class Block:
    """An exhibit with its natural width and its heights when set as wide as a column, the text, and a turned page."""

    name: str
    natural_width: float
    column_height: float
    text_height: float
    turned_height: float

    @property
    def turned(self) -> bool:
        """Return True if it stands on a page in landscape format."""
        return self.natural_width > TURNED_WIDTH

    @property
    def narrow(self) -> bool:
        """Return True if it fits a column; LaTeX rounds sizes, hence the tolerance."""
        return self.natural_width <= COLUMN_WIDTH + 1

    @property
    def width(self) -> float:
        """Return the width that it is set to."""
        return TEXT_HEIGHT if self.turned else COLUMN_WIDTH if self.narrow else TEXT_WIDTH

    @property
    def height(self) -> float:
        """Return its height at that width; one that is higher than a page is shrunk to it."""
        height = self.turned_height if self.turned else self.column_height if self.narrow else self.text_height
        return min(height, TEXT_WIDTH if self.turned else TEXT_HEIGHT)

    @property
    def height_on_shrunk_page(self) -> float:
        """Return the greatest height, before the page is shrunk, that it has on a page that is shrunk: there, it has the width
        that it lacks on other pages."""
        lacking = 1.0 if self.turned or self.narrow else max(1.0, self.natural_width / TEXT_WIDTH)
        return self.height * lacking


@dataclass(frozen=True, slots=True)
class Page:
    """Rows from top to bottom: each is a block as wide as the page, or two columns of narrow blocks.

    All of it is shrunk by `scale`, and set so much wider that it is as wide as the page again.
    """

    rows: Sequence[tuple[Sequence[Block], Sequence[Block]]]
    turned: bool = False
    scale: float = 1.0

    @property
    def height(self) -> float:
        """Return the height of its rows and the least gaps between them."""
        return self.scale * self.measure_rows(self.scale < 1)

    def measure_rows(self, shrunk: bool) -> float:
        """Return the height of its rows and gaps before it is shrunk, if it is."""
        return _stack_height([max(_measure_column(column, shrunk) for column in row) for row in self.rows])

    @property
    def blocks(self) -> list[Block]:
        """Return its blocks, row by row."""
        return [block for row in self.rows for column in row for block in column]


@dataclass(frozen=True, slots=True)
class _Layout:
    """The pages so far, the blocks that wait, and the cost of the pages: what is left empty and out of order on them."""

    pages: tuple[Page, ...]
    waiting: tuple[Block, ...]
    cost: float

    def add_page(self, page: Page, room: float, height: float) -> _Layout:
        """Return the layout with one more page, of a `height` of which `room` is free."""
        filled = page.scale * math.fsum(block.height * (0.5 if block.narrow else 1) for block in page.blocks)
        # Squares: two pages that are a quarter empty are better than one that is half empty. So for pages that are shrunk.
        cost = ((room - filled) / height) ** 2 + (1 - page.scale) ** 2 + SKIP_COST * self._count_skipped(page)
        waiting = tuple(block for block in self.waiting if block not in page.blocks)
        # The appendix goes on where the last page ends.
        return _Layout((*self.pages, page), waiting, self.cost + (cost if waiting else 0))

    def _count_skipped(self, page: Page) -> int:
        """Return how many blocks are left waiting while a later one is shown."""
        return max((self.waiting.index(block) for block in page.blocks), default=-1) + 1 - len(page.blocks)


def pack_pages(blocks: Sequence[Block], used: float) -> tuple[Page, ...]:
    """Return the pages of all blocks, nearly in their order. The first page has `used` points taken, and may hold none."""
    growing, complete = [_Layout((), tuple(blocks), 0.0)], []
    while growing:
        grown = [longer for layout in growing for longer in _add_pages(layout, used)]
        complete += [layout for layout in grown if not layout.waiting]
        # A search among all layouts would take minutes; the best ones so far lead to a good one.
        growing = heapq.nsmallest(KEPT_LAYOUTS, (layout for layout in grown if layout.waiting), key=lambda layout: layout.cost)
    return min(complete, key=lambda layout: layout.cost).pages


def _add_pages(layout: _Layout, used: float) -> Iterator[_Layout]:
    """Yield the layout with each next page that fits. All pages but the first hold the first block that waits."""
    first, waiting = not layout.pages, layout.waiting
    turned = not first and waiting[0].turned
    height = TEXT_WIDTH if turned else TEXT_HEIGHT
    room = max(0.0, height - used - GAP) if first else height
    near = [block for block in waiting[:LOOKAHEAD] if block.turned == turned]
    if first:
        yield layout.add_page(Page([]), room, height)
    for size in range(1, len(near) + 1):
        for chosen in itertools.combinations(near, size):
            page = _arrange_blocks(chosen, turned)
            scale = 1.0 if page.height <= room else room / page.measure_rows(shrunk=True)
            if scale >= LEAST_SCALE and (first or chosen[0] is waiting[0]):
                yield layout.add_page(replace(page, scale=scale), room, height)


def _arrange_blocks(chosen: Sequence[Block], turned: bool) -> Page:
    """Return a page of the blocks; the narrow ones stand in two columns of the least height, where the first of them is."""
    narrow = [block for block in chosen if block.narrow]
    rows: list[tuple[Sequence[Block], Sequence[Block]]] = []
    for block in chosen:
        if not block.narrow:
            rows.append(([block], []))
        elif block is narrow[0]:
            rows.append(min(_split_columns(narrow), key=lambda row: max(map(_measure_column, row))))
    return Page(rows, turned)


def _split_columns(narrow: Sequence[Block]) -> Iterator[tuple[Sequence[Block], Sequence[Block]]]:
    """Yield the ways to stand blocks in two columns, the first block at the top left."""
    for rest in itertools.product([0, 1], repeat=len(narrow) - 1):
        sides = (0, *rest)
        left, right = ([block for block, at in zip(narrow, sides, strict=True) if at == side] for side in (0, 1))
        yield left, right


def _measure_column(column: Sequence[Block], shrunk: bool = False) -> float:
    """Return the height of blocks below each other, before the page is shrunk."""
    return _stack_height([block.height_on_shrunk_page if shrunk else block.height for block in column])


def _stack_height(heights: Sequence[float]) -> float:
    return math.fsum(heights) + GAP * max(0, len(heights) - 1)
