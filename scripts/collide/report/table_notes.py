"""Notes below a table: missing runs, undefined values, and models that answered in place of the requested one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collide.analysis.estimates import AVERAGE, HUMANS, EstimateName
from collide.analysis.metrics import ROLES
from collide.report.estimate_reader import Estimates
from collide.report.exhibits.design import Design
from collide.report.exhibits.metric_words import ERROR, describe_agreement, describe_constant_error, list_labels
from collide.report.table import NO_RUN, UNDEFINED, PrintedNumbers, Table, explain_absence

# Quantities that are Spearman correlations or rest on them; an undefined one counts as 0 in their averages.
CORRELATIONS = {"initial", "best", "validation_gain", "hvi", "spearman"}

# Names of metrics that take a role on some scales alone.
OTHER_METRICS = sorted({metric.name for role in ROLES.values() for metric in role} - ROLES.keys())

# Parts of notes on the metrics of criteria with other scales. Captions say this once for the whole table.
EXPLAINED = re.compile(
    rf"(^|; )(mean of \w+ \(.*?\) and \w+ \(.*?\)|without [^;]*: classes have no order|{'|'.join(OTHER_METRICS)})(?=; |$)"
)
# The same of criteria that have an order, in measures of those without one.
ORDERED_LEFT_OUT = re.compile(r"(^|; )without [^;:]*$")

# A table with many gaps would have more notes than cells; the CSV has all of them.
MAX_NOTES = 8


def list_notes(table: Table, estimates: Estimates, paper: PrintedNumbers, design: Design) -> list[str]:
    """Return the notes on a table's cells as sentences. `paper` are the numbers that the paper prints."""
    absent, notes = _collect_cell_notes(table, estimates)
    return [
        f"Brackets: {design.level:.0%} {table.brackets.format(unit=design.unit)}.",
        *_describe_samples(table, estimates, design.unit),
        *(["Italics: the number that the paper prints."] if paper.keys() & set(table.list_estimates()) else []),
        *(f"{reason[:1].upper()}{reason[1:]}: {', '.join(labels)}." for reason, labels in absent.items()),
        *_count_undefined(table, estimates, describe_agreement(design.scales)),
        *notes[:MAX_NOTES],
        *([f"{len(notes) - MAX_NOTES} more such notes are in the CSV."] if len(notes) > MAX_NOTES else []),
        *_describe_constant_judge(table, estimates, design),
    ]


def _describe_samples(table: Table, estimates: Estimates, unit: str) -> list[str]:
    """Return a sentence on the documents (or other `unit`) and the runs behind the intervals of each column; none where no
    file says it."""
    columns: dict[str, dict[str, None]] = {}
    for _, cells in table.rows:
        for cell in cells:
            shown = estimates.find(cell.name)
            if shown is not None and shown.documents and shown.runs:
                raters = "experts" if cell.name.mode == HUMANS else "seeds"
                sample = f"{shown.documents} {unit} and {shown.runs} {raters if shown.runs > 1 else raters.rstrip('s')}"
                columns.setdefault(sample, {})[cell.column] = None
    found = [f"{sample} ({', '.join(names)})" for sample, names in columns.items()]
    return [f"Behind the intervals: {'; '.join(found)}."] if found else []


def _collect_cell_notes(table: Table, estimates: Estimates) -> tuple[dict[str, dict[str, None]], list[str]]:
    """Return the labels of rows with an absent cell, by reason, and the notes of cells. A note on all cells of a row is one."""
    notes: list[str] = []
    absent: dict[str, dict[str, None]] = {}
    for label, cells in table.rows:
        columns_by_note: dict[str, list[str]] = {}
        for cell in cells:
            shown = estimates.find(cell.name)
            if shown is None and cell.absence == NO_RUN and (reason := explain_absence(cell, estimates.published)) != UNDEFINED:
                absent.setdefault("not run" if reason == NO_RUN else reason, {})[label] = None
            elif shown is not None and (note := _shorten_note(cell.name, shown.note)):
                columns_by_note.setdefault(note, []).append(", ".join(filter(None, [cell.group, cell.column])))
        for note, columns in columns_by_note.items():
            whole = len(columns) == len(cells)
            notes += [f"{label}: {note}."] if whole else [f"{label}, {column}: {note}." for column in columns]
    return absent, notes


def _shorten_note(name: EstimateName, note: str) -> str:
    """Return a note without the parts that the caption has for the whole table."""
    shortened = EXPLAINED.sub("", note)
    return ORDERED_LEFT_OUT.sub("", shortened) if name.quantity.endswith("/accuracy") else shortened


def _count_undefined(table: Table, estimates: Estimates, agreement: str) -> list[str]:
    """Return a sentence on the undefined values behind the cells, each counted once; none for a table without any value.

    `agreement` is the metric of agreement in words.
    """
    behind = {
        name: found
        for cell_name in table.list_estimates()
        if cell_name.quantity in CORRELATIONS and estimates.find(cell_name)
        for name in _list_averages_behind(cell_name._replace(criterion=AVERAGE), estimates)
        if (found := estimates.find(name))
    }
    if not behind:
        return []
    # Counts are parsed from the notes: an estimate has no field of its own for them.
    counts = (re.search(r"(\d+) of \d+ undefined", found.note) for found in behind.values())
    count = sum(int(found[1]) for found in counts if found)
    name, names = ("correlation", "correlations") if agreement.endswith("correlation") else ("value", f"values of {agreement}")
    return [f"Undefined {names}, counted as 0 in averages: {count}." if count else f"No {name} was undefined."]


def _list_averages_behind(name: EstimateName, estimates: Estimates) -> list[EstimateName]:
    """Return the averages that a quantity is computed from: a choice among the steps, and HVI, use all steps."""
    if name.quantity == "spearman":
        return [name]
    steps = 1 if name.quantity == "initial" else len(estimates.find_trajectory(name))
    return [name._replace(quantity=f"step{step}") for step in range(steps)]


def _describe_constant_judge(table: Table, estimates: Estimates, design: Design) -> list[str]:
    """Return the error of the best constant rating, which a table that the mean absolute error decides on must show."""
    if not table.shows_mae:
        return []
    judge = estimates.find_constant_judge()
    errors = [f"{criterion} {shown.value:.2f}" for criterion, shown in judge.items() if shown.value is not None]
    favoured = f"{describe_constant_error(design.scales)}, which {' or '.join(list_labels(ERROR, design.scales))} can favour"
    return [f"{favoured}: {', '.join(errors)}."] if errors else []


def describe_served_models(usages: Iterable[Mapping[str, Any]], requested: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each role whose replies came from another model than the requested one.

    `usages` are the contents of the jobs' usage files, and `requested` are the models by role, as the configuration names
    them. An endpoint may serve another model under the same name, and a table must not hide it.
    """
    served: dict[str, Counter[str]] = {}
    for usage in usages:
        # A file holds the usage of one job, or of several by name.
        for job in [usage] if "roles" in usage else usage.values():
            for role, facts in job["roles"].items():
                served.setdefault(role, Counter()).update(facts["models"])
    for role, counts in sorted(served.items()):
        # Providers add dates and variants to the names of models; any difference is reported.
        others = [f"{model} in {count:,}" for model, count in sorted(counts.items()) if model != requested[role]]
        if others:
            found = f"asked for {requested[role]}, served {' and '.join(others)}"
            yield f"{role.capitalize()} model: {found} of {counts.total():,} replies."
