"""Table 5: all cherry-picked variants against the initial prompt, and further variants that the paper does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collide.analysis.estimates import AVERAGE, CHERRYPICK, EstimateName
from collide.analysis.instructions.tokens import TOKENIZER
from collide.analysis.metrics import METRICS
from collide.experiment.gates import GATES
from collide.experiment.variants import choose_shown_gate
from collide.report.exhibit import Design, TableExhibit, describe_seeds
from collide.report.table import Table, TableCell


def build_variant_table(design: Design) -> Table:
    """Return the initial prompt, then the paper's variants, then the further ones."""
    initial = EstimateName(design.study, "SSS", choose_shown_gate(design.settings), AVERAGE, "initial")
    rows = [("Initial prompt", [TableCell(initial, "{:.3f}", "Spearman")])]
    # A rule below the initial prompt, and one above the variants that the paper does not have.
    rules = {1}
    paper = [variant for variant in design.variants.values() if _is_from_paper(variant)]
    further = [variant for variant in design.variants.values() if not _is_from_paper(variant)]
    if further:
        rules.add(len(rows) + len(paper))
    for variant in (*paper, *further):
        name = EstimateName(CHERRYPICK, variant["label"], variant["gate"], AVERAGE, "spearman")
        rows.append((_label_variant(variant), [TableCell(name, "{:.3f}", "Spearman")]))
    caption = (
        "Cherry-picked instructions combined in one prompt, by the gate of the Single-Task runs and the metric that picks;"
        f" Spearman correlation averaged over criteria and {describe_seeds(design.settings)}. The last rows are not in the"
        f" paper: instructions picked from the runs of all gates ({', '.join(design.settings['gates'])}), the longest at most r"
        f" times as long as the shortest, in {TOKENIZER}, where r = inf is the reference of the others; and one prompt per"
        " criterion, which leaves no room for interference."
    )
    return Table(caption, rows, rules)


def _is_from_paper(variant: Mapping[str, Any]) -> bool:
    return variant["label"] in METRICS


def _label_variant(variant: Mapping[str, Any]) -> str:
    if _is_from_paper(variant):
        return f"{GATES[variant['gate']].label}, {METRICS[variant['label']].label}"
    return f"balanced, r = {variant['ratio']:g}" if variant["ratio"] else "one prompt per criterion"


EXHIBITS = [
    TableExhibit(
        name="table5",
        position=80,
        heading="Table 5: cherry-picked variants",
        studies=("main",),
        shows_variants=True,
        build=build_variant_table,
    )
]
