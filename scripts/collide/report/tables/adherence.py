"""Feedback adherence by mode and gate (Table 2)."""

from __future__ import annotations

from collide.analysis.estimates import AVERAGE, EstimateName
from collide.report.exhibits.design import Design, describe_seeds, label_mode
from collide.report.exhibits.kind import TableKind
from collide.report.exhibits.metric_words import label_gate
from collide.report.table import Table, TableCell


def build_adherence_table(design: Design) -> Table:
    """Return a row per mode with mean and standard deviation over all ratings, by gate."""
    rows = []
    for mode in design.settings["modes"]:
        cells = []
        for gate in design.settings["gates"]:
            name, label = EstimateName(design.study, mode, gate, AVERAGE, "adherence"), label_gate(gate, design.scales)
            cells.append(TableCell(name, "{:.2f}", "Mean", label))
            cells.append(TableCell(name._replace(quantity="adherence_sd"), "±{:.2f}", "sd", label, interval=False))
        rows.append((label_mode(mode), cells))
    caption = (
        "Feedback adherence, 1 to 10: how closely the optimizer's rewrites follow the textual gradients, over all steps,"
        f" criteria and {describe_seeds(design.settings)} of study {design.label_study()}."
    )
    return Table(caption, rows)


KINDS = [TableKind(name="adherence", position=50, title="feedback adherence", build=build_adherence_table)]
