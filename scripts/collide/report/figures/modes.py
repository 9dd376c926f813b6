"""Figure 1: the criteria that share a call at each stage of a mode. It shows the design and no result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from collide.experiment.modes import MODES, parse_mode
from collide.report.estimate_reader import Estimates, SpecificityRatings
from collide.report.exhibit import Design, FigureExhibit
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_modes(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return a panel per mode with a row per stage: each box is a group of criteria."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    criteria = design.criteria
    style.apply_style()
    figure, axes = plt.subplots(1, len(MODES), figsize=(style.PAGE, 1.9), layout="constrained")
    for axis, name in zip(axes, MODES, strict=True):
        mode, color = parse_mode(name, criteria), style.find_style(name).color
        stages = {"loss": mode.loss, "gradient": mode.gradient, "optimizer": mode.optimizer}
        for row, (stage, groups) in enumerate(stages.items()):
            for group in groups:
                _draw_box(axis, row, [list(criteria).index(member) for member in group], group, color)
            if axis is axes[0]:
                # To the left of the first criterion, outside the axis: the panels share the labels of the first one.
                axis.text(-0.75, -row, stage, ha="right", va="center")
        # Rows go down from 0, as the stages follow each other.
        axis.set_title(name, color=color, fontweight="bold")
        axis.set_xlim(-0.7, len(criteria) - 0.3)
        axis.set_ylim(-2.6, 0.6)
        axis.axis("off")
    return figure


def _draw_box(axis: Axes, row: int, columns: Sequence[int], names: Sequence[str], color: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    # Criteria are 1 apart, so boxes of neighbouring groups keep a gap of 0.3.
    left, right = min(columns) - 0.4, max(columns) + 0.4
    box = FancyBboxPatch(
        (left + 0.05, -row - 0.25),
        right - left - 0.1,
        0.5,
        boxstyle="round,pad=0.03",
        # A group of several criteria is the darker one: it is what the modes differ in.
        facecolor=style.mix_with_white(color, 0.55 if len(columns) > 1 else 0.12),
        edgecolor=color,
    )
    axis.add_patch(box)
    for column, name in zip(columns, names, strict=True):
        axis.text(column, -row, f"{name[:3].capitalize()}.", ha="center", va="center", fontsize=7)


def caption_modes(design: Design) -> str:
    """Return the caption of Figure 1."""
    return "Each box is one call; the model sees the criteria in it together."


EXHIBITS = [
    FigureExhibit(
        name="figure1",
        position=10,
        heading="Figure 1: which stage of a mode sees which criteria",
        draw=draw_modes,
        caption=caption_modes,
    )
]
