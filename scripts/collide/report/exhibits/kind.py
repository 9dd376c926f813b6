"""Kinds of exhibits: every table and figure as one entry with its builder, for any study that it applies to.

Each module in report/tables and report/figures declares a list `KINDS` next to the builder of its entries. Targets, wildcards,
inputs and the document's order follow from the entries (see `registry` and `plans`), so a new table or figure is one entry and
its builder, in one file.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from collide.analysis.estimates import EstimateName
from collide.report import figures, tables
from collide.report.estimate_reader import Estimates, SpecificityRatings
from collide.report.exhibits.design import Design
from collide.report.table import Table

if TYPE_CHECKING:
    # Snakemake reads this module at every start, and matplotlib and pandas would each add half a second to it. They are
    # imported for types here, and inside the functions that draw.
    from matplotlib.figure import Figure

# Study, mode (`single` for all Single-Task runs) and gate.
Cell = tuple[str, str, str]


def apply_always(design: Design) -> bool:
    """Return True (default)."""
    return True


@dataclass(frozen=True, kw_only=True)
class Kind(ABC):
    """A kind of table or figure.

    `name` has no hyphen: the exhibit of a study is called <study>-<name>. The exhibits of a study stand in the order of
    `position`, in steps of ten so that a new kind fits in between. `title` is the heading without the study. Every study gets
    the kind if `applies` is True for its design, unless the kind is not `per_study`: then only the paper's list of exhibits
    names it. One that `needs_annotation` is of the annotated studies alone, and made only when there is a filled annotation
    sheet. With `shows_variants`, its design includes the cherry-picked variants of the study; with `shows_rubrics`, the rubrics
    of specificity.
    """

    name: str
    position: int
    title: str
    applies: Callable[[Design], bool] = apply_always
    per_study: bool = True
    shows_variants: bool = False
    shows_rubrics: bool = False
    needs_annotation: bool = False

    # The script that makes its files, as a path below scripts/.
    script: ClassVar[str]
    # Files that the script reads beside its inputs, as patterns below scripts/collide/.
    further_files: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def find_builder(self) -> Callable[..., Any]:
        """Return the function that builds it."""

    @abstractmethod
    def list_estimates(self, design: Design) -> list[EstimateName]:
        """Return the estimates that it shows."""

    @abstractmethod
    def list_files(self, name: str, source: str) -> list[str]:
        """Return the files of the exhibit `name`: first the one that the document shows, then its caption."""


@dataclass(frozen=True, kw_only=True)
class TableKind(Kind):
    """A kind of table. What it needs follows from the cells of the table that `build` returns."""

    build: Callable[[Design], Table]
    script = "report/make_table.py"
    # It holds the paper's numbers, which are printed beside ours.
    further_files = ("claims/*.yaml",)

    def find_builder(self) -> Callable[..., Any]:
        return self.build

    def list_estimates(self, design: Design) -> list[EstimateName]:
        return self.build(design).list_estimates()

    def list_files(self, name: str, source: str) -> list[str]:
        return [f"results/{source}/tables/{name}{form}" for form in (".tex", "-caption.tex", ".csv")]


def list_nothing(design: Design) -> list[Any]:
    """Return an empty list (default)."""
    return []


@dataclass(frozen=True, kw_only=True)
class FigureKind(Kind):
    """A kind of figure.

    `draw` gets the estimates that `estimates` names, and the specificity ratings of the cells that `ratings` names.
    """

    draw: Callable[[Design, Estimates, SpecificityRatings], Figure]
    caption: Callable[[Design], str]
    estimates: Callable[[Design], list[EstimateName]] = list_nothing
    ratings: Callable[[Design], list[Cell]] = list_nothing

    script = "report/make_figure.py"

    def find_builder(self) -> Callable[..., Any]:
        return self.draw

    def list_estimates(self, design: Design) -> list[EstimateName]:
        return self.estimates(design)

    def list_files(self, name: str, source: str) -> list[str]:
        return [f"paper_figures/{source}/{name}{form}" for form in (".pdf", "-caption.tex", ".png")]


@functools.cache
def load_kinds() -> dict[str, Kind]:
    """Return all kinds by name, in the order of their positions.

    The modules are found by listing the two folders. An import by name would have to be added for each new one, and would
    make every exhibit rerun after an edit of any of them (see `plans.track_exhibit_code`).
    """
    found: list[Kind] = []
    for package in (tables, figures):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            # `figures.style` has no entries.
            found += getattr(importlib.import_module(module.name), "KINDS", [])
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.position)}
