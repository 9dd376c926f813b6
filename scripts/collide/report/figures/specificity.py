"""Distribution of the gradient specificity ratings by mode and control, with means and intervals (Figures 3, 4 and 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from collide.analysis.estimates import ALL_GATES, AVERAGE, GRADIENT_GROUPS, EstimateName
from collide.optimize.rated_texts import GRADIENT, SCALE, name_specificity
from collide.report.controls import CONTROL_LABELS, CONTROLS, explain_controls, list_controlled
from collide.report.estimate_reader import Estimates, ShownEstimate, SpecificityRatings
from collide.report.exhibits.design import Design, describe_runs, label_mode
from collide.report.exhibits.kind import Cell, FigureKind
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Figure 4 compares one mode with separate gradients to one with combined gradients, under the paper's gate.
SWAP_MODES, SWAP_GATE = ("SSC", "SCC"), "mae"
AXIS_LABEL = "gradient specificity (1 to 10)"

# Inches: height of a row, and of title, axis and notice together.
ROW_HEIGHT, FRAME_HEIGHT = 0.33, 0.75
# In rows, upwards from the centre of a row: the baseline of the bars, the height of the highest bar, and the interval.
BASELINE, FULL_BAR, INTERVAL = -0.22, 0.68, -0.36
# A control has no colour of its own: in print without colour, its hatching sets it apart from the modes.
CONTROL_COLOR, CONTROL_HATCH = "#444444", "//////"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the figure: its label, its mean, the modes whose ratings it shows, and whether it is a control."""

    label: str
    mean: EstimateName
    modes: tuple[str, ...]
    is_control: bool


def draw_specificity(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return one panel: all ratings of each mode and control over all gates of the study."""
    return _draw_panels({f"study {design.study}": list_study_rows(design)}, estimates, ratings)


def draw_swap(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return a panel per study: ratings of the same modes and gate with different gradient models."""
    return _draw_panels({f"study {study}": list_swap_rows(study) for study in design.studies}, estimates, ratings)


def list_study_rows(design: Design) -> list[Row]:
    """Return the modes of the study over all gates, each group of modes followed by its control."""
    rows: list[Row] = []
    for group, members in GRADIENT_GROUPS.items():
        shown = [mode for mode in design.settings["modes"] if mode in members]
        rows += [_make_row(design.study, mode, ALL_GATES) for mode in shown]
        if controlled := list_controlled(shown):
            rows.append(_make_control(design.study, group, ALL_GATES, group, controlled))
    return rows


def list_swap_rows(study: str) -> list[Row]:
    """Return the modes of Figure 4, each followed by its control."""
    rows: list[Row] = []
    for mode in SWAP_MODES:
        group = next(group for group, members in GRADIENT_GROUPS.items() if mode in members)
        rows += [_make_row(study, mode, SWAP_GATE), _make_control(study, mode, SWAP_GATE, group, [mode])]
    return rows


def _make_row(study: str, mode: str, gate: str) -> Row:
    name = EstimateName(study, mode, gate, AVERAGE, name_specificity(GRADIENT))
    return Row(label_mode(mode), name, (mode,), False)


def _make_control(study: str, mode: str, gate: str, group: str, modes: Sequence[str]) -> Row:
    """Return the control of `modes`, which are all modes that the estimate of `mode`, a mode or a group, is of."""
    text = CONTROLS[group]
    name = EstimateName(study, mode, gate, AVERAGE, name_specificity(text))
    return Row(f"{', '.join(modes)}:\n{CONTROL_LABELS[text]}", name, tuple(modes), True)


def _draw_panels(panels: dict[str, list[Row]], estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return a figure with a panel per entry, one below the other, all on the same scale and with rows of the same height."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    style.apply_style()
    sizes = [len(rows) for rows in panels.values()]
    figure, axes = plt.subplots(
        len(panels),
        1,
        figsize=(style.COLUMN, ROW_HEIGHT * sum(sizes) + FRAME_HEIGHT + 0.2 * len(panels)),
        sharex=True,
        squeeze=False,
        height_ratios=sizes,
        layout="constrained",
    )
    for axis, (title, rows) in zip(axes[:, 0], panels.items(), strict=True):
        _draw_rows(axis, rows, estimates, ratings)
        if len(panels) > 1:
            axis.set_title(title, loc="left")
    axes[-1][0].set_xlabel(AXIS_LABEL)
    return figure


def _draw_rows(axis: Axes, rows: Sequence[Row], estimates: Estimates, ratings: SpecificityRatings) -> None:
    means = [estimates.find(row.mean) for row in rows]
    shares = [_count_shares(row, ratings) for row in rows]
    # Heights are comparable between the rows of a panel; the highest bar fills its row.
    highest = max((share for found in shares for share in found.values()), default=1.0)
    # The first row is at the top.
    places = [-index for index in range(len(rows))]
    for place, row, mean, found in zip(places, rows, means, shares, strict=True):
        _draw_distribution(axis, place, {rating: share / highest for rating, share in found.items()}, row)
        _draw_mean(axis, place, mean)
    axis.set_xlim(SCALE[0] - 0.7, SCALE[1] + 0.7)
    axis.set_xticks(range(SCALE[0], SCALE[1] + 1))
    axis.set_ylim(places[-1] - 0.55, 0.55)
    axis.set_yticks(places, [row.label for row in rows])
    axis.grid(axis="y", visible=False)
    axis.tick_params(axis="y", length=0)
    # Printed beside the rows, because most intervals are narrower than a mark of the mean.
    numbers = axis.secondary_yaxis("right")
    numbers.set_yticks(places, [_print_mean(mean) for mean in means])
    numbers.tick_params(axis="y", length=0)
    numbers.spines["right"].set_visible(False)


def _count_shares(row: Row, ratings: SpecificityRatings) -> dict[int, float]:
    """Return the share of each rating among those of a row; empty without any."""
    values = np.concatenate([[], *(ratings.get((row.mean.study, mode, row.mean.quantity), ()) for mode in row.modes)])
    return {int(rating): float(np.mean(values == rating)) for rating in np.unique(values)}


def _draw_distribution(axis: Axes, place: float, heights: Mapping[int, float], row: Row) -> None:
    """Draw a bar for each rating on the row's baseline; bars of neighbouring ratings touch."""
    color = CONTROL_COLOR if row.is_control else style.find_style(row.modes[0]).color
    face = "white" if row.is_control else style.mix_with_white(color, 0.35)
    axis.bar(
        list(heights),
        [FULL_BAR * height for height in heights.values()],
        bottom=place + BASELINE,
        width=1.0,
        color=face,
        edgecolor=color,
        linewidth=0.6,
        hatch=CONTROL_HATCH if row.is_control else None,
    )
    axis.axhline(place + BASELINE, color="#999999", linewidth=0.5, zorder=1)


def _draw_mean(axis: Axes, place: float, mean: ShownEstimate | None) -> None:
    """Draw the mean and its interval below the bars, where no bar hides them."""
    if mean is None or mean.value is None:
        return
    bars = np.array([mean.error_bar]).T
    axis.errorbar(
        [mean.value],
        [place + INTERVAL],
        xerr=bars,
        fmt="o",
        color="black",
        markersize=1.8,
        capsize=2.6,
        elinewidth=0.9,
        zorder=3,
    )


def _print_mean(mean: ShownEstimate | None) -> str:
    """Return the mean with its interval as text."""
    if mean is None or mean.value is None:
        return "not run"
    interval = "" if mean.low is None or mean.high is None else f"\n[{mean.low:.2f}, {mean.high:.2f}]"
    return f"{mean.value:.2f}{interval}"


def caption_specificity(design: Design) -> str:
    """Return the caption of a figure over all modes and gates."""
    explained = f"{_explain_marks(design)} {explain_controls(design.settings['modes'])}"
    return f"{explained} Runs: {describe_runs(design)}."


def caption_swap(design: Design) -> str:
    """Return the caption of Figure 4."""
    runs = [describe_runs(design, study, modes=SWAP_MODES, gates=[SWAP_GATE]) for study in design.studies]
    return f"{_explain_marks(design)} {explain_controls(SWAP_MODES)} Runs: {'; '.join(runs)}."


def _explain_marks(design: Design) -> str:
    return (
        "All steps and criteria: the height of a bar is the share of its rating. Points below the bars, and the numbers at"
        f" the right, are means, with {design.level:.0%} intervals over runs. Hatched rows are controls."
    )


def list_study_means(design: Design) -> list[EstimateName]:
    """Return the means of the rows of a figure over all modes and gates."""
    return [row.mean for row in list_study_rows(design)]


def list_study_cells(design: Design) -> list[Cell]:
    """Return the cells of the study, whose single ratings are shown."""
    return [(design.study, mode, gate) for mode in design.settings["modes"] for gate in design.settings["gates"]]


def list_swap_means(design: Design) -> list[EstimateName]:
    """Return the means of the rows of Figure 4."""
    return [row.mean for study in design.studies for row in list_swap_rows(study)]


def list_swap_cells(design: Design) -> list[Cell]:
    """Return the cells of Figure 4."""
    return [(study, mode, SWAP_GATE) for study in design.studies for mode in SWAP_MODES]


KINDS = [
    FigureKind(
        name="gradients",
        position=40,
        title="gradient specificity by mode",
        draw=draw_specificity,
        caption=caption_specificity,
        estimates=list_study_means,
        ratings=list_study_cells,
    ),
    FigureKind(
        name="swap",
        position=100,
        title="gradient model swapped",
        per_study=False,
        draw=draw_swap,
        caption=caption_swap,
        estimates=list_swap_means,
        ratings=list_swap_cells,
    ),
]
