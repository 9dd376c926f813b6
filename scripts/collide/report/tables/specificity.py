"""Gradient specificity by mode and criterion, of the two groups of modes, and of their controls (Table 4)."""

from __future__ import annotations

from collide.analysis.estimates import ALL_GATES, AVERAGE, GRADIENT_GROUPS, EstimateName
from collide.optimize.rated_texts import GRADIENT, name_specificity
from collide.report.controls import CONTROLS, explain_controls, label_control, list_controlled
from collide.report.exhibits.design import Design, describe_seeds, label_mode
from collide.report.exhibits.kind import TableKind
from collide.report.table import Table, TableCell


def build_specificity_table(design: Design) -> Table:
    """Return the modes of each group, the group itself and its control. Groups without a mode in the study are left out."""
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
        rows += [(label_mode(mode), _build_cells(design, mode, GRADIENT)) for mode in (*shown, group)]
        if controlled := list_controlled(shown):
            rows.append((label_control(group, controlled), _build_cells(design, group, CONTROLS[group])))
        members.append(f"{label_mode(group)} is all ratings of {', '.join(map(label_mode, shown))}")
    caption = (
        f"Gradient specificity, 1 to 10, by mode and criterion, over the gates {', '.join(design.settings['gates'])}, all steps"
        f" and {describe_seeds(design.settings)} of study {design.label_study()}: 10 is a gradient about this criterion and"
        " nothing else. The upper modes show one criterion to the gradient model, the lower modes all criteria:"
        f" {'; '.join(members)}. {explain_controls(design.settings['modes'])}{_explain_rubrics(design)}"
    )
    return Table(caption, rows, rules)


def _build_cells(design: Design, mode: str, text: str) -> list[TableCell]:
    """Return the specificity of a text by criterion, and its average by each further rubric."""
    name = EstimateName(design.study, mode, ALL_GATES, AVERAGE, name_specificity(text))
    by_criterion = [
        TableCell(name._replace(criterion=criterion), "{:.2f}", criterion) for criterion in (*design.criteria, AVERAGE)
    ]
    further = [
        TableCell(name._replace(quantity=name_specificity(text, rubric)), "{:.2f}", f"{AVERAGE}, {rubric}")
        for rubric in design.rubrics[1:]
    ]
    return [*by_criterion, *further]


def _explain_rubrics(design: Design) -> str:
    if len(design.rubrics) < 2:
        return ""
    first, *further = design.rubrics
    return f" Rated by the rubric {first}; the averages at the end are by {', '.join(further)} (Appendix F)."


KINDS = [
    TableKind(
        name="specificity",
        position=70,
        title="gradient specificity by criterion",
        shows_rubrics=True,
        build=build_specificity_table,
    )
]
