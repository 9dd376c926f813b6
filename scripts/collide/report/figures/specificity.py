"""Figures 3, 4 and 6: distribution of the gradient specificity ratings by mode, with means and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from collide.analysis.estimates import ALL_GATES, AVERAGE, EstimateName
from collide.report.estimate_reader import Estimates, ShownEstimate, SpecificityRatings
from collide.report.exhibit import Cell, Design, FigureExhibit, describe_runs, label_mode
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Figure 4 compares one mode with separate gradients to one with combined gradients, under the paper's gate.
SWAP_MODES, SWAP_GATE = ("SSC", "SCC"), "mae"
AXIS_LABEL = "gradient specificity (1 to 10)"


def draw_specificity(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return one panel: all ratings of each mode over all gates of the study."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    modes = design.settings["modes"]
    style.apply_style()
    figure, axis = plt.subplots(figsize=(style.COLUMN, 2.4), layout="constrained")
    _draw_study(axis, design.study, modes, ALL_GATES, estimates, ratings)
    axis.set_xticks(range(len(modes)), [label_mode(mode) for mode in modes])
    axis.set_ylabel(AXIS_LABEL)
    return figure


def draw_swap(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return a panel per study: ratings of the same modes and gate with different gradient models."""
    from matplotlib import pyplot as plt

    style.apply_style()
    size = (style.COLUMN, 2.3)
    figure, axes = plt.subplots(1, len(design.studies), figsize=size, sharey=True, squeeze=False, layout="constrained")
    for axis, study in zip(axes[0], design.studies, strict=True):
        _draw_study(axis, study, SWAP_MODES, SWAP_GATE, estimates, ratings)
        axis.set_xticks(range(len(SWAP_MODES)), SWAP_MODES)
        axis.set_title(f"study {study}")
    axes[0][0].set_ylabel(AXIS_LABEL)
    return figure


def _draw_study(
    axis: Axes, study: str, modes: Sequence[str], gate: str, estimates: Estimates, ratings: SpecificityRatings
) -> None:
    for index, mode in enumerate(modes):
        _draw_distribution(axis, index, np.asarray(ratings.get((study, mode), ())), style.find_style(mode).color)
    # Ratings are 1 to 10; the means are printed above them.
    axis.set_ylim(0.4, 11.6)
    axis.set_yticks(range(1, 11))
    axis.set_xlim(-0.6, len(modes) - 0.4)
    axis.grid(axis="x", visible=False)
    for index, mode in enumerate(modes):
        _draw_mean(axis, index, estimates.find(EstimateName(study, mode, gate, AVERAGE, "specificity")))


def _draw_distribution(axis: Axes, index: int, values: np.ndarray, color: str) -> None:
    """Draw the share of every rating as a bar centred on x = index."""
    for rating in range(1, 11):
        if share := float(np.mean(values == rating)) if len(values) else 0.0:
            # Places are 1 apart, so bars of neighbouring modes never touch, even where all ratings are equal.
            axis.barh(
                rating,
                0.8 * share,
                left=index - 0.4 * share,
                height=0.8,
                color=style.mix_with_white(color, 0.35),
                edgecolor=color,
                linewidth=0.5,
            )


def _draw_mean(axis: Axes, index: int, shown: ShownEstimate | None) -> None:
    if shown is None or shown.value is None:
        # In the middle of the scale, so that no reader takes it for a value.
        axis.text(index, 5.5, "not run", ha="center", va="center", rotation=90)
        return
    bars = np.array([shown.error_bar]).T
    axis.errorbar([index], [shown.value], yerr=bars, fmt="D", color="black", markersize=3.5, capsize=2.5, zorder=3)
    axis.text(index, 11.1, f"{shown.value:.1f}", ha="center", va="center", fontsize=7)


def caption_specificity(design: Design) -> str:
    """Return the caption of a figure over all modes and gates."""
    return f"{_explain_marks(design)} Runs: {describe_runs(design.study, design.settings)}."


def caption_swap(design: Design) -> str:
    """Return the caption of Figure 4."""
    runs = [describe_runs(study, settings, modes=SWAP_MODES, gates=[SWAP_GATE]) for study, settings in design.studies.items()]
    return f"{_explain_marks(design)} Runs: {'; '.join(runs)}."


def _explain_marks(design: Design) -> str:
    return (
        "All steps and criteria: bars are as wide as the share of their rating; diamonds, and the numbers above, are means,"
        f" with {design.level:.0%} intervals over runs."
    )


def list_study_means(design: Design) -> list[EstimateName]:
    """Return the mean specificity of each mode over all gates."""
    return [EstimateName(design.study, mode, ALL_GATES, AVERAGE, "specificity") for mode in design.settings["modes"]]


def list_study_cells(design: Design) -> list[Cell]:
    """Return the cells of the study, whose single ratings are shown."""
    return [(design.study, mode, gate) for mode in design.settings["modes"] for gate in design.settings["gates"]]


def list_swap_means(design: Design) -> list[EstimateName]:
    """Return the mean specificity of each cell of Figure 4."""
    return [EstimateName(*cell, AVERAGE, "specificity") for cell in list_swap_cells(design)]


def list_swap_cells(design: Design) -> list[Cell]:
    """Return the cells of Figure 4."""
    return [(study, mode, SWAP_GATE) for study in design.studies for mode in SWAP_MODES]


EXHIBITS = [
    FigureExhibit(
        name="figure3",
        position=40,
        heading="Figure 3: gradient specificity by mode",
        studies=("main",),
        draw=draw_specificity,
        caption=caption_specificity,
        estimates=list_study_means,
        ratings=list_study_cells,
    ),
    FigureExhibit(
        name="figure4",
        position=100,
        heading="Figure 4: gradient model swapped",
        studies=("gradient-swap", "main"),
        draw=draw_swap,
        caption=caption_swap,
        estimates=list_swap_means,
        ratings=list_swap_cells,
    ),
    FigureExhibit(
        name="figure6",
        position=130,
        heading="Figure 6: gradient specificity with the DeepSeek models",
        studies=("deepseek",),
        draw=draw_specificity,
        caption=caption_specificity,
        estimates=list_study_means,
        ratings=list_study_cells,
    ),
]
