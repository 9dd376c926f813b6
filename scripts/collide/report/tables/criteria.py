"""Table 3: the initial prompt, Single-Task at its best step, and the cherry-picked prompt, by criterion."""

from __future__ import annotations

from collide.analysis.estimates import AVERAGE, CHERRYPICK, EstimateName
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.variants import choose_shown_gate
from collide.report.exhibit import Design, TableExhibit, describe_seeds, label_mode
from collide.report.table import Table, TableCell


def build_criterion_table(design: Design) -> Table:
    """Return three rows of Spearman correlations, under the one gate that stands for the study."""
    study, gate = design.study, choose_shown_gate(design.settings)
    # All multi-task modes start from the same prompt, so any of them can stand for it.
    sources = [
        ("Initial", study, "SSS", "initial"),
        (label_mode(SINGLE_TASK), study, SINGLE_TASK, "best"),
        ("Cherry-pick", CHERRYPICK, "spearman", "spearman"),
    ]
    rows = [
        (
            label,
            [
                TableCell(EstimateName(source, mode, gate, criterion, quantity), "{:.3f}", criterion)
                for criterion in (*design.criteria, AVERAGE)
            ],
        )
        for label, source, mode, quantity in sources
    ]
    caption = (
        f"Spearman correlation by criterion (gate {gate}): the initial prompt (SSS, step 0); Single-Task (best step), where"
        " each criterion has its own prompt; and the instructions picked from the Single-Task runs for their Spearman"
        f" correlation, combined in one prompt. {describe_seeds(design.settings)} of study {study}."
    )
    return Table(caption, rows)


EXHIBITS = [
    TableExhibit(
        name="table3",
        position=60,
        heading="Table 3: initial, Single-Task and cherry-picked, by criterion",
        studies=("main",),
        shows_variants=True,
        build=build_criterion_table,
    )
]
