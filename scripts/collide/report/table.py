"""A table as data: which estimate stands in which cell, and its rows as CSV."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collide.analysis.estimates import EstimateName
from collide.experiment.modes import SINGLE_TASK
from collide.published.absence import explain_unlogged
from collide.report.estimate_reader import Estimates, ShownEstimate

COLUMNS = ("row", "group", "column", "value", "low", "high", "paper", "runs", "note")

# The numbers that the paper prints, as printed, by the estimate that they are of.
PrintedNumbers = Mapping[EstimateName, str]

# The reason for a cell without an estimate, unless the table knows another one.
NO_RUN = "no run"
UNDEFINED = "not defined for Single-Task"


@dataclass(frozen=True, slots=True)
class TableCell:
    """An estimate and how it is printed, e.g. "{:.3f}"; `column` and `group` are the headings above it.

    A value below `least` is printed as less than it. With `bold_highest`, the highest value of the column is bold. `absence` is
    the reason why there may be no such estimate.
    """

    name: EstimateName
    form: str
    column: str
    group: str = ""
    interval: bool = True
    absence: str = NO_RUN
    least: float = -math.inf
    bold_highest: bool = False

    def format_value(self, value: float) -> str:
        """Return a value as the table prints it."""
        return f"<{self.form.format(self.least)}" if value < self.least else self.form.format(value)

    def format_printed(self, number: str) -> str:
        """Return a number of the paper in the form of the cell, with the digits and the sign that the paper prints."""
        return re.sub(r"\{.*\}", number, self.form)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells with labels. `rules` are the rows with a line above, `headings` stand above rows in place of groups.

    `brackets` says which intervals the table shows; {unit} stands for documents or rows.
    """

    caption: str
    rows: list[tuple[str, list[TableCell]]]
    rules: set[int] = field(default_factory=set)
    headings: dict[int, str] = field(default_factory=dict)
    brackets: str = "bootstrap intervals over {unit} and seeds or, for diagnostics, over runs"

    def list_estimates(self) -> list[EstimateName]:
        """Return the estimates of all cells, row by row."""
        return [cell.name for _, cells in self.rows for cell in cells]

    @property
    def shows_mae(self) -> bool:
        """Return True if the mean absolute error decided on what a cell shows: as a gate, or by picking instructions."""
        return any("mae" in (name.gate, name.mode) for name in self.list_estimates())


def list_csv_rows(table: Table, estimates: Estimates, paper: PrintedNumbers) -> Iterator[dict[str, Any]]:
    """Yield one row per cell, with its interval and the number in the paper.

    A cell without runs has no value, and a note says why.
    """
    for label, cells in table.rows:
        for cell in cells:
            shown = estimates.find(cell.name) or ShownEstimate(None, None, None, 0, explain_absence(cell, estimates.published))
            yield {
                "row": label,
                "group": cell.group,
                # Two columns of a table are headed "(step)"; in the CSV each needs a name of its own.
                "column": cell.name.quantity if cell.column == "(step)" else cell.column,
                "value": shown.value,
                "low": shown.low,
                "high": shown.high,
                "paper": paper.get(cell.name),
                "runs": shown.runs,
                "note": shown.note,
            }


def explain_absence(cell: TableCell, published: bool) -> str:
    """Return the reason why a cell has no estimate; `published` is True for the authors' logs."""
    if cell.name.mode == SINGLE_TASK and cell.name.quantity == "hvi":
        return UNDEFINED
    return explain_unlogged(cell.name) if published and cell.absence == NO_RUN else cell.absence
