"""All cherry-picked variants against the initial prompt (Table 5), and further variants that the paper does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.analysis.estimates import AVERAGE, EstimateName, name_picked_study
from collide.analysis.instructions.tokens import TOKENIZER
from collide.analysis.metrics import METRICS
from collide.experiment.variants import choose_shown_gate
from collide.report.exhibits.design import Design, choose_initial_mode, describe_seeds
from collide.report.exhibits.kind import TableKind
from collide.report.exhibits.metric_words import (
    AGREEMENT,
    describe_agreement,
    explain_agreement,
    label_gate,
    label_metric,
)
from collide.report.table import Table, TableCell


def build_variant_table(design: Design) -> Table:
    """Return the initial prompt, then the paper's variants, then the further ones."""
    initial = EstimateName(
        design.study, choose_initial_mode(design.settings["modes"]), choose_shown_gate(design.settings), AVERAGE, "initial"
    )
    column = label_metric(AGREEMENT, design.scales)
    rows = [("Initial prompt", [TableCell(initial, "{:.3f}", column)])]
    # A rule below the initial prompt, and one above the variants that the paper does not have.
    rules = {1}
    paper = [variant for variant in design.variants.values() if _is_from_paper(variant)]
    further = [variant for variant in design.variants.values() if not _is_from_paper(variant)]
    if further:
        rules.add(len(rows) + len(paper))
    for variant in (*paper, *further):
        name = EstimateName(name_picked_study(design.study), variant["label"], variant["gate"], AVERAGE, "spearman")
        rows.append((_label_variant(variant, design), [TableCell(name, "{:.3f}", column)]))
    caption = (
        "Cherry-picked instructions combined in one prompt, by the gate of the Single-Task runs and the metric that picks;"
        f" {describe_agreement(design.scales)} averaged over criteria and {describe_seeds(design.settings)}. The last rows"
        f" are not in the paper: instructions picked from the runs of all gates ({', '.join(design.settings['gates'])}), the"
        f" longest at most r times as long as the shortest, in {TOKENIZER}, where r = inf is the reference of the others; and"
        f" one prompt per criterion, which leaves no room for interference.{explain_agreement(design.scales)}"
    )
    return Table(caption, rows, rules)


def _is_from_paper(variant: Mapping[str, Any]) -> bool:
    return variant["label"] in METRICS


def _label_variant(variant: Mapping[str, Any], design: Design) -> str:
    if _is_from_paper(variant):
        return f"{label_gate(variant['gate'], design.scales)}, {label_metric(variant['label'], design.scales)}"
    return f"balanced, r = {variant['ratio']:g}" if variant["ratio"] else "one prompt per criterion"


def has_variants(design: Design) -> bool:
    """Return True for a study that instructions are picked from."""
    return bool(design.variants)


KINDS = [
    TableKind(
        name="variants",
        position=80,
        title="cherry-picked variants",
        applies=has_variants,
        shows_variants=True,
        build=build_variant_table,
    )
]
