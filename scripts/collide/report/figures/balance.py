"""A figure that the paper does not have: combined score of cherry-picked instructions against their length ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from collide.analysis.estimates import AVERAGE, CHERRYPICK, EstimateName
from collide.analysis.instructions.tokens import TOKENIZER
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.variants import choose_shown_gate
from collide.report.estimate_reader import Estimates, SpecificityRatings
from collide.report.exhibit import Design, FigureExhibit, describe_runs
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_balance(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return the combined prompt's Spearman correlation over the allowed length ratio, with references as lines."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    found = [(ratio, shown) for ratio, name in _list_points(design) if (shown := estimates.find(name))]
    ratios = [ratio for ratio, _ in found]
    values = np.array([shown.value for _, shown in found], dtype=float)
    bars = np.array([shown.error_bar for _, shown in found]).reshape(-1, 2).T
    style.apply_style()
    figure, axis = plt.subplots(figsize=(style.COLUMN, 2.8), layout="constrained")
    axis.errorbar(ratios, values, yerr=bars, color="#0072B2", marker="s", capsize=2.5, label="balanced, combined")
    for (label, name), line in zip(_list_references(design).items(), ("-", "--", ":"), strict=True):
        shown = estimates.find(name)
        if shown is not None and shown.value is not None:
            axis.axhline(shown.value, color="#555555", linestyle=line, linewidth=0.9, label=label)
    # Length ratios multiply: from 1 to 2 is as far as from 2 to 4.
    axis.set_xscale("log", base=2)
    axis.set_xticks(ratios, [f"{ratio:g}" for ratio in ratios])
    # The logarithmic scale would label powers of two between the ratios.
    axis.minorticks_off()
    axis.set_xlabel("longest against shortest instruction, at most")
    axis.set_ylabel("mean Spearman correlation")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def _list_points(design: Design) -> list[tuple[float, EstimateName]]:
    balanced = [variant for variant in design.variants.values() if variant["ratio"]]
    return [(v["ratio"], EstimateName(CHERRYPICK, v["label"], v["gate"], AVERAGE, "spearman")) for v in balanced]


def _list_references(design: Design) -> dict[str, EstimateName]:
    gate = choose_shown_gate(design.settings)
    return {
        "one prompt per criterion": EstimateName(CHERRYPICK, "per-criterion", gate, AVERAGE, "spearman"),
        "initial prompt": EstimateName(design.study, "SSS", gate, AVERAGE, "initial"),
        "picked, any length": EstimateName(CHERRYPICK, "spearman", gate, AVERAGE, "spearman"),
    }


def caption_balance(design: Design) -> str:
    """Return the caption."""
    return (
        "Instructions picked together for the highest sum of their own scores, combined in one prompt; lengths in"
        f" {TOKENIZER}; {design.level:.0%} intervals over documents and seeds. The lines are of gate"
        f" {choose_shown_gate(design.settings)}. Runs: {describe_runs(design.study, design.settings, modes=[SINGLE_TASK])}."
    )


def list_balance_estimates(design: Design) -> list[EstimateName]:
    """Return the estimates of points and references."""
    return [*(name for _, name in _list_points(design)), *_list_references(design).values()]


EXHIBITS = [
    FigureExhibit(
        name="balance",
        position=90,
        heading="Beyond the paper: balanced lengths",
        studies=("main",),
        shows_variants=True,
        draw=draw_balance,
        caption=caption_balance,
        estimates=list_balance_estimates,
    )
]
