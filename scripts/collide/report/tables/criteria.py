"""The initial prompt, Single-Task at its best step, and the cherry-picked prompt, by criterion (Table 3)."""

from __future__ import annotations

from collide.analysis.estimates import AVERAGE, EstimateName, name_picked_study
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.variants import choose_shown_gate
from collide.report.exhibits.design import Design, capitalize, choose_initial_mode, describe_seeds, label_mode
from collide.report.exhibits.kind import TableKind
from collide.report.exhibits.metric_words import describe_agreement, explain_agreement
from collide.report.table import Table, TableCell


def build_criterion_table(design: Design) -> Table:
    """Return three rows of correlations, under the one gate that stands for the study."""
    study, gate, mode = design.study, choose_shown_gate(design.settings), choose_initial_mode(design.settings["modes"])
    sources = [
        ("Initial", study, mode, "initial"),
        (label_mode(SINGLE_TASK), study, SINGLE_TASK, "best"),
        ("Cherry-pick", name_picked_study(study), "spearman", "spearman"),
    ]
    rows = [
        (
            label,
            [
                TableCell(EstimateName(source, row_mode, gate, criterion, quantity), "{:.3f}", criterion)
                for criterion in (*design.criteria, AVERAGE)
            ],
        )
        for label, source, row_mode, quantity in sources
    ]
    agreement = describe_agreement(design.scales)
    caption = (
        f"{capitalize(agreement)} by criterion (gate {gate}): the initial prompt ({label_mode(mode)}, step 0);"
        " Single-Task (best step), where each criterion has its own prompt; and the instructions picked from the Single-Task"
        f" runs for their {agreement}, combined in one prompt. {describe_seeds(design.settings)} of study"
        f" {design.label_study()}.{explain_agreement(design.scales)}"
    )
    return Table(caption, rows)


def picks_by_spearman(design: Design) -> bool:
    """Return True for a study with the variant that the table shows."""
    return any(variant["label"] == "spearman" for variant in design.variants.values())


KINDS = [
    TableKind(
        name="criteria",
        position=60,
        title="initial, Single-Task and cherry-picked, by criterion",
        applies=picks_by_spearman,
        shows_variants=True,
        build=build_criterion_table,
    )
]
