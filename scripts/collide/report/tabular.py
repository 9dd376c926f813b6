"""A table as a LaTeX tabular, and its caption."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

from collide.analysis.estimates import EstimateName
from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.report.estimate_reader import Estimates, ShownEstimate
from collide.report.latex import escape
from collide.report.table import PrintedNumbers, Table, TableCell

# A table with more columns is turned, if it has fewer rows: beside the labels, a page has room for about eight intervals.
MOST_COLUMNS = 8
# Longest line of a heading of a column and of a label of a row, in characters.
HEADING_WIDTH, LABEL_WIDTH = 16, 40
# Shortest line of the notice, in characters: the narrowest table would break it into a line per word otherwise.
NOTICE_WIDTH = 32


def render_tabular(table: Table, estimates: Estimates, paper: PrintedNumbers) -> str:
    """Return the table as a LaTeX tabular that needs booktabs and no other package.

    Each row is a line of values and, below it and smaller, a line of intervals and a line of the numbers in the paper. A table
    with simulated estimates ends with the notice. One with many columns is turned: its columns become rows.
    """
    table = turn_wide_table(table)
    width = 1 + len(table.rows[0][1])
    bold = _find_bold_cells(table, estimates)
    lines = [*_render_header(table), r"\midrule"]
    for row, (label, cells) in enumerate(table.rows):
        # The first heading follows the rule below the header.
        if row in table.rules or (row and row in table.headings):
            lines.append(r"\midrule")
        if row in table.headings:
            lines.append(rf"\multicolumn{{{width}}}{{l}}{{\textit{{{escape(table.headings[row])}}}}} \\[2pt]")
        lines += _render_row(label, cells, estimates, paper, bold)
    notice = _render_notice(lines, width) if estimates.simulated else []
    head = [f"% {SIMULATED_NOTICE}"] if estimates.simulated else []
    begin, end = rf"\begin{{tabular}}{{l{'r' * (width - 1)}}}", r"\end{tabular}"
    return "\n".join([*head, begin, r"\toprule", *lines, r"\bottomrule", *notice, end, ""])


def turn_wide_table(table: Table) -> Table:
    """Return a table with many columns as one with a row per column; any other table as it is.

    A table with groups of columns or headings between its rows is not turned.
    """
    first = table.rows[0][1]
    if table.headings or any(cell.group for cell in first) or len(first) <= max(MOST_COLUMNS, len(table.rows)):
        return table
    rows = [
        (first[column].column, [replace(cells[column], column=label) for label, cells in table.rows])
        for column in range(len(first))
    ]
    return replace(table, rows=rows, rules=set())


def _stack_lines(text: str, width: int, side: str) -> str:
    """Return a heading or label in LaTeX, in several lines where it is longer than `width` characters."""
    lines = textwrap.wrap(text, width) or [""]
    # At the beginning of a row, LaTeX would take a bracket or an asterisk for a part of the command that ends the row above.
    stacked = r"\\".join("{}" * line.startswith(("[", "*")) + escape(line) for line in lines)
    return stacked if len(lines) == 1 else rf"\shortstack[{side}]{{{stacked}}}"


def _render_header(table: Table) -> list[str]:
    first = table.rows[0][1]
    groups = [cell.group for cell in first]
    lines = []
    # Where groups are headings between the rows, they do not stand above the columns, too.
    if any(groups) and not table.headings:
        spans = [(group, groups.count(group)) for group in dict.fromkeys(groups)]
        lines.append(" & ".join(["", *(rf"\multicolumn{{{n}}}{{c}}{{{escape(g)}}}" for g, n in spans)]) + r" \\")
        lines.append(_render_group_rules([n for _, n in spans]))
    return [*lines, " & ".join(["", *(_stack_lines(cell.column, HEADING_WIDTH, "r") for cell in first)]) + r" \\"]


def _render_group_rules(sizes: Sequence[int]) -> str:
    """Return a rule below each group of columns; the first column holds the labels of the rows."""
    column, rules = 2, []
    for size in sizes:
        rules.append(rf"\cmidrule(lr){{{column}-{column + size - 1}}}")
        column += size
    return "".join(rules)


def _find_bold_cells(table: Table, estimates: Estimates) -> set[EstimateName]:
    """Return the estimates that are printed bold: those that are printed like the highest value of their column."""
    columns: dict[tuple[str, str], dict[EstimateName, float]] = {}
    forms = {}
    for cell in (cell for _, cells in table.rows for cell in cells if cell.bold_highest):
        shown = estimates.find(cell.name)
        if shown is not None and shown.value is not None:
            columns.setdefault((cell.group if not table.headings else "", cell.column), {})[cell.name] = shown.value
            forms[cell.name] = cell.format_value(shown.value)
    highest = [max(values, key=lambda name: values[name]) for values in columns.values()]
    return {
        name for best, values in zip(highest, columns.values(), strict=True) for name in values if forms[name] == forms[best]
    }


def _render_row(
    label: str, cells: Sequence[TableCell], estimates: Estimates, paper: PrintedNumbers, bold: set[EstimateName]
) -> list[str]:
    shown = [(cell, estimates.find(cell.name)) for cell in cells]
    values = [_format_value(cell, found, cell.name in bold) for cell, found in shown]
    intervals = [_format_interval(cell, found) for cell, found in shown]
    printed = [_format_printed(cell, paper.get(cell.name)) for cell in cells]
    lines = [[_stack_lines(label, LABEL_WIDTH, "l"), *values]]
    lines += [["", *intervals]] if any(intervals) else []
    lines += [[r"\scriptsize\itshape\quad paper", *printed]] if any(printed) else []
    rendered = [" & ".join(line) + r" \\" for line in lines]
    # A gap sets the lines of a row apart from those of the next.
    return [*rendered[:-1], rendered[-1] + "[2pt]"] if len(rendered) > 1 else rendered


# A hyphen stands for minus in Python's numbers; in text LaTeX would print a short one.
def _format_value(cell: TableCell, shown: ShownEstimate | None, bold: bool) -> str:
    if shown is None or shown.value is None:
        return "--"
    text = escape(cell.format_value(shown.value)).replace("-", "$-$")
    return rf"\textbf{{{text}}}" if bold else text


def _format_interval(cell: TableCell, shown: ShownEstimate | None) -> str:
    if not cell.interval or shown is None or shown.low is None or shown.high is None:
        return ""
    # A gain is printed with its sign; the ends of its interval are not.
    form = cell.form.replace("+", "")
    return r"\scriptsize " + f"[{form.format(shown.low)}, {form.format(shown.high)}]".replace("-", "$-$")


def _format_printed(cell: TableCell, number: str | None) -> str:
    if number is None:
        return ""
    return r"\scriptsize\itshape " + escape(cell.format_printed(number)).replace("-", "$-$")


def _render_notice(lines: Sequence[str], width: int) -> list[str]:
    """Return the notice as the last rows of a tabular, in lines about as wide as the table that `lines` holds."""
    split = [re.split(r"(?<!\\)&", line) for line in lines]
    rows = [[re.sub(r"\\[a-z]+|[{}$\\]", "", cell) for cell in cells] for cells in split if len(cells) == width]
    # The gap between columns is about two characters wide. The widest rows hold intervals, and the notice is bold: four of its
    # letters take the place of five of theirs. A line that is too long would push the last column aside.
    characters = sum(max(len(row[column].strip()) for row in rows) + 2 for column in range(width))
    parts = textwrap.wrap(f"{SIMULATED_NOTICE}.", max(NOTICE_WIDTH, characters * 4 // 5))
    printed = [rf"\multicolumn{{{width}}}{{l}}{{\scriptsize\bfseries {escape(part)}}} \\" for part in parts]
    return [r"\addlinespace[2pt]", *printed]


def render_caption(heading: str, caption: str, notes: Sequence[str]) -> str:
    """Return the text below a table or figure as LaTeX paragraphs: the caption, then the notes. The heading is a comment."""
    return "\n".join([f"% {heading}", escape(caption), *(rf"\par {escape(note)}" for note in notes), ""])


def wrap_in_float(tabular: str, name: str, heading: str, caption: str, notes: Sequence[str]) -> str:
    """Return a tabular as a table float with its caption and the label tab:<name>; the list of tables shows the heading."""
    # One paragraph: LaTeX measures a caption in a box, where paragraph breaks are ignored.
    text = escape(" ".join([caption, *notes]))
    begin = [r"\begin{table}", r"\centering"]
    end = [rf"\caption[{{{escape(heading)}}}]{{{text}}}", rf"\label{{tab:{name}}}", r"\end{table}", ""]
    return "\n".join([*begin, tabular.rstrip(), *end])
