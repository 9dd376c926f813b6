"""Table 4: gradient specificity by mode and criterion, and of the two groups of modes."""

from __future__ import annotations

from collide.analysis.estimates import ALL_GATES, AVERAGE, GRADIENT_GROUPS, EstimateName
from collide.report.exhibit import Design, TableExhibit, describe_seeds, label_mode
from collide.report.table import Table, TableCell


def build_specificity_table(design: Design) -> Table:
    """Return the modes of each group and then the group itself. Groups without a mode in the study are left out."""
    rows: list[tuple[str, list[TableCell]]] = []
    rules: set[int] = set()
    members = []
    for group, modes in GRADIENT_GROUPS.items():
        shown = [mode for mode in modes if mode in design.settings["modes"]]
        if not shown:
            continue
        # The groups are compared, so a rule separates them.
        if rows:
            rules.add(len(rows))
        rows += [(label_mode(mode), _build_cells(design, mode)) for mode in (*shown, group)]
        members.append(f"{label_mode(group)} is all ratings of {', '.join(map(label_mode, shown))}")
    caption = (
        f"Gradient specificity, 1 to 10, by mode and criterion, over the gates {', '.join(design.settings['gates'])}, all steps"
        f" and {describe_seeds(design.settings)} of study {design.study}: 10 is a gradient about this criterion and nothing"
        " else. The upper modes show one criterion to the gradient model, the lower modes all criteria:"
        f" {'; '.join(members)}."
    )
    return Table(caption, rows, rules)


def _build_cells(design: Design, mode: str) -> list[TableCell]:
    return [
        TableCell(EstimateName(design.study, mode, ALL_GATES, criterion, "specificity"), "{:.2f}", criterion)
        for criterion in (*design.criteria, AVERAGE)
    ]


EXHIBITS = [
    TableExhibit(
        name="table4",
        position=70,
        heading="Table 4: gradient specificity by criterion",
        studies=("main",),
        build=build_specificity_table,
    )
]
