"""Registry of exhibits: every table and figure of the paper as one entry with its builder.

Each module in report/tables and report/figures declares a list `EXHIBITS` next to the builder of its entries. Targets,
wildcards, inputs and the document's order follow from the entries (see `plans`), so a new table or figure is one entry
and its builder, in one file.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from collide.analysis.estimates import GROUP_LABELS, EstimateName
from collide.experiment.modes import MODE_LABELS
from collide.report import figures, tables
from collide.report.estimate_reader import Estimates, SpecificityRatings
from collide.report.table import Table

if TYPE_CHECKING:
    # Snakemake reads this module at every start, and matplotlib and pandas would each add half a second to it. They are
    # imported for types here, and inside the functions that draw.
    from matplotlib.figure import Figure

# Study, mode (`single` for all Single-Task runs) and gate.
Cell = tuple[str, str, str]


# Not the whole configuration: a rule's parameters hold this, and a change of other settings must not make the exhibit again.
@dataclass(frozen=True, slots=True)
class Design:
    """The part of the configuration that an exhibit shows, its studies in the order of the entry.

    `variants` are the cherry-picked variants of these studies by name, `level` is the coverage of the intervals, and `rubrics`
    are those of specificity, of an exhibit that shows more than the first.
    """

    studies: Mapping[str, Mapping[str, Any]]
    criteria: Sequence[str]
    variants: Mapping[str, Mapping[str, Any]]
    level: float
    rubrics: Sequence[str] = ()

    @property
    def study(self) -> str:
        """Return the name of the first study. Most exhibits show no other."""
        return next(iter(self.studies))

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return the settings of the first study."""
        return self.studies[self.study]


@dataclass(frozen=True, kw_only=True)
class Exhibit(ABC):
    """A table or figure.

    `name` is its target, the stem of its files, and its LaTeX label. The document is ordered by `position`, in steps of ten so
    that a new exhibit fits in between. An exhibit is made when all its `studies` are active, and one that
    `needs_annotation` only when there is a filled annotation sheet, too. With `shows_variants`, its design includes the
    cherry-picked variants of these studies; with `shows_rubrics`, the rubrics of specificity.
    """

    name: str
    position: int
    heading: str
    studies: tuple[str, ...] = ()
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
    def list_files(self, source: str) -> list[str]:
        """Return its files: first the one that the document shows, then its caption."""


@dataclass(frozen=True, kw_only=True)
class TableExhibit(Exhibit):
    """A table. What it needs follows from the cells of the table that `build` returns."""

    build: Callable[[Design], Table]
    script = "report/make_table.py"
    # It holds the paper's numbers, which are printed beside ours.
    further_files = ("claims/claims.yaml",)

    def find_builder(self) -> Callable[..., Any]:
        return self.build

    def list_estimates(self, design: Design) -> list[EstimateName]:
        return self.build(design).list_estimates()

    def list_files(self, source: str) -> list[str]:
        return [f"results/{source}/tables/{self.name}{form}" for form in (".tex", "-caption.tex", ".csv")]


def list_nothing(design: Design) -> list[Any]:
    """Return an empty list (default)."""
    return []


@dataclass(frozen=True, kw_only=True)
class FigureExhibit(Exhibit):
    """A figure.

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

    def list_files(self, source: str) -> list[str]:
        return [f"paper_figures/{source}/{self.name}{form}" for form in (".pdf", "-caption.tex", ".png")]


@functools.cache
def load_exhibits() -> dict[str, Exhibit]:
    """Return all entries by name, in the order of the document.

    The modules are found by listing the two folders. An import by name would have to be added for each new one, and would
    make every exhibit rerun after an edit of any of them (see `plans.track_exhibit_code`).
    """
    found: list[Exhibit] = []
    for package in (tables, figures):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            # `figures.style` has no entries.
            found += getattr(importlib.import_module(module.name), "EXHIBITS", [])
    return {exhibit.name: exhibit for exhibit in sorted(found, key=lambda exhibit: exhibit.position)}


def label_mode(mode: str) -> str:
    """Return the label of a mode or of a group of modes; a name without a label is its own.

    >>> label_mode("single"), label_mode("SSC"), label_mode("cross-task")
    ('Single-Task', 'SSC', 'cross-task gradient')
    """
    return (MODE_LABELS | GROUP_LABELS).get(mode, mode)


def describe_seeds(settings: Mapping[str, Any]) -> str:
    """Return a text with the number of a study's seeds.

    >>> describe_seeds({"seeds": [0]}), describe_seeds({"seeds": [0, 1]})
    ('1 seed', '2 seeds')
    """
    return f"{len(settings['seeds'])} seed{'s' * (len(settings['seeds']) != 1)}"


def describe_runs(study: str, settings: Mapping[str, Any], **shown: Sequence[str]) -> str:
    """Return the runs behind a figure in words; `shown` limits the study's `modes` or `gates` to those that the figure shows.

    >>> describe_runs("main", {"modes": ["SSC", "SCC"], "gates": ["mae"], "seeds": [0]}, modes=["SCC"])
    'study main, modes SCC, gates mae, 1 seed'
    """
    parts = [
        f"{part} {', '.join(name for name in settings[part] if name in shown.get(part, settings[part]))}"
        for part in ("modes", "gates")
    ]
    return f"study {study}, {', '.join(parts)}, {describe_seeds(settings)}"
