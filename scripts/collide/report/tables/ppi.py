"""Diagnostics with human ratings: prediction-powered means beside those of the evaluator."""

from __future__ import annotations

from collections.abc import Iterator

from collide.analysis.estimates import ALL_GATES, ANNOTATED_SUFFIX, AVERAGE, PLAIN_SUFFIX, PPI_SUFFIX, EstimateName
from collide.report.exhibits.design import Design, describe_seeds, label_mode
from collide.report.exhibits.kind import TableKind
from collide.report.exhibits.metric_words import label_gate
from collide.report.table import Table, TableCell


def build_ppi_table(design: Design) -> Table:
    """Return a row per gate (and one for all gates) and mode, with evaluator, prediction-powered mean and number rated."""
    gates = design.settings["gates"]
    shown = {gate: label_gate(gate, design.scales) for gate in gates} | ({ALL_GATES: "all gates"} if len(gates) > 1 else {})
    modes = design.settings["modes"]
    rows = [
        (f"{label_mode(mode)}, {label}", list(_list_cells(EstimateName(design.study, mode, gate, AVERAGE, ""))))
        for gate, label in shown.items()
        for mode in modes
    ]
    caption = (
        "Specificity and adherence, 1 to 10, by the evaluator alone and with human ratings: prediction-powered means (PPI) of"
        f" all gradients and rewrites of study {design.label_study()} ({describe_seeds(design.settings)}), a random part of"
        " which has a human rating."
    )
    brackets = "intervals from the differences between runs (Student's t)"
    return Table(caption, rows, rules=set(range(len(modes), len(rows), len(modes))), brackets=brackets)


def _list_cells(row: EstimateName) -> Iterator[TableCell]:
    for diagnostic in ("specificity", "adherence"):
        group = diagnostic.capitalize()
        yield TableCell(row._replace(quantity=diagnostic + PLAIN_SUFFIX), "{:.2f}", "Evaluator", group)
        yield TableCell(row._replace(quantity=diagnostic + PPI_SUFFIX), "{:.2f}", "PPI", group)
        yield TableCell(row._replace(quantity=diagnostic + ANNOTATED_SUFFIX), "({:.0f})", "Rated", group, interval=False)


KINDS = [
    TableKind(
        name="ppi",
        position=155,
        title="diagnostics with human ratings",
        needs_annotation=True,
        build=build_ppi_table,
    )
]
