"""The criteria that share a call at each stage of a mode (Figure 1). It shows the design and no result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from collide.experiment.modes import MODES, parse_mode
from collide.report.estimate_reader import Estimates, SpecificityRatings
from collide.report.exhibits.design import Design
from collide.report.exhibits.kind import FigureKind
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# With more criteria, or names that begin alike, boxes hold numbers: three letters would not fit, or not tell them apart.
MOST_ABBREVIATED = 6


def draw_modes(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return a panel per mode with a row per stage: each box is a group of criteria."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    criteria, labels = design.criteria, label_criteria(design.criteria)
    style.apply_style()
    figure, axes = plt.subplots(1, len(MODES), figsize=(style.PAGE, 1.9), layout="constrained")
    for axis, name in zip(axes, MODES, strict=True):
        mode, color = parse_mode(name, criteria), style.find_style(name).color
        stages = {"loss": mode.loss, "gradient": mode.gradient, "optimizer": mode.optimizer}
        for row, (stage, groups) in enumerate(stages.items()):
            for group in groups:
                _draw_box(axis, row, {criteria.index(member): labels[member] for member in group}, color)
            if axis is axes[0]:
                # To the left of the first criterion, outside the axis: the panels share the labels of the first one.
                axis.text(-0.75, -row, stage, ha="right", va="center")
        # Rows go down from 0, as the stages follow each other.
        axis.set_title(name, color=color, fontweight="bold")
        axis.set_xlim(-0.7, len(criteria) - 0.3)
        axis.set_ylim(-2.6, 0.6)
        axis.axis("off")
    return figure


def label_criteria(criteria: Sequence[str]) -> dict[str, str]:
    """Return short labels by criterion: the first three letters of its name, or its number where these do not fit.

    >>> label_criteria(["fluency", "relevance"]), label_criteria(["consistency", "conciseness"])
    ({'fluency': 'Flu.', 'relevance': 'Rel.'}, {'consistency': '1', 'conciseness': '2'})
    """
    starts = [name[:3].capitalize() for name in criteria]
    if len(criteria) <= MOST_ABBREVIATED and len(set(starts)) == len(criteria) and all(map(str.isalpha, starts)):
        return {name: f"{start}." if len(name) > len(start) else start for name, start in zip(criteria, starts, strict=True)}
    return {name: str(number) for number, name in enumerate(criteria, start=1)}


def _draw_box(axis: Axes, row: int, labels: Mapping[int, str], color: str) -> None:
    """Draw the box of a group of criteria; `labels` are by column."""
    from matplotlib.patches import FancyBboxPatch

    # Criteria are 1 apart, so boxes of neighbouring groups keep a gap of 0.3.
    left, right = min(labels) - 0.4, max(labels) + 0.4
    box = FancyBboxPatch(
        (left + 0.05, -row - 0.25),
        right - left - 0.1,
        0.5,
        boxstyle="round,pad=0.03",
        # A group of several criteria is the darker one: it is what the modes differ in.
        facecolor=style.mix_with_white(color, 0.55 if len(labels) > 1 else 0.12),
        edgecolor=color,
    )
    axis.add_patch(box)
    for column, label in labels.items():
        axis.text(column, -row, style.show_text(label), ha="center", va="center", fontsize=7 if len(label) != 2 else 5)


def caption_modes(design: Design) -> str:
    """Return the caption of Figure 1."""
    labels = label_criteria(design.criteria)
    numbered = [f"{label} {name}" for name, label in labels.items() if label.isdigit()]
    key = f" Criteria: {', '.join(numbered)}." if numbered else ""
    return f"Each box is one call; the model sees the criteria in it together.{key}"


KINDS = [
    FigureKind(
        name="modes",
        position=10,
        title="which stage of a mode sees which criteria",
        per_study=False,
        draw=draw_modes,
        caption=caption_modes,
    )
]
