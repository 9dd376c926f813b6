"""Agreement with the human scores over the optimization steps (Figures 2 and 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from collide.analysis.estimates import AVERAGE, EstimateName
from collide.report.estimate_reader import Estimates, SpecificityRatings
from collide.report.exhibits.design import Design, capitalize, describe_runs, label_mode
from collide.report.exhibits.kind import FigureKind
from collide.report.exhibits.metric_words import describe_agreement, explain_agreement, label_gate
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INITIAL = "initial prompt"
# Inches that all panels may take below each other, with room for the caption on the page.
MOST_HEIGHT = 7.6
# Characters of the longest upright label, and of a line of the others.
UPRIGHT_LENGTH, LABEL_WIDTH = 12, 15


def draw_trajectories(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return a row per criterion and one for their mean, with a panel per mode and a line with its band per gate."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    modes, panels = design.settings["modes"], [AVERAGE, *design.criteria]
    # A panel with the bands of several gates needs more height than one with a single band; all panels share a page.
    height = min(0.98 if len(design.settings["gates"]) > 1 else 0.8, MOST_HEIGHT / len(panels))
    # Upright labels are as long as a panel is high; others need room beside the panels.
    upright = len(panels) <= 5 and all(len(name) <= UPRIGHT_LENGTH for name in design.criteria)
    style.apply_style()
    figure, axes = plt.subplots(
        len(panels),
        len(modes),
        figsize=(style.PAGE, 0.8 + height * len(panels)),
        sharex=True,
        # Modes are compared along a row; criteria differ in their correlations, so each row has a scale of its own.
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for row, criterion in zip(axes, panels, strict=True):
        for axis, mode in zip(row, modes, strict=True):
            _draw_panel(axis, estimates, design, mode, criterion)
        _label_row(row[0], "mean of criteria" if criterion == AVERAGE else criterion, upright)
    for axis, mode in zip(axes[0], modes, strict=True):
        axis.set_title(label_mode(mode))
    for axis in axes[-1]:
        axis.set_xlabel("step")
    figure.supylabel(describe_agreement(design.scales), fontsize=style.SETTINGS["axes.labelsize"])
    _draw_legend(figure, axes, design)
    return figure


def _label_row(axis: Axes, label: str, upright: bool) -> None:
    """Write the label of a row of panels beside its first one."""
    if upright:
        axis.set_ylabel(style.show_text(label))
    else:
        axis.set_ylabel(style.wrap_text(label, LABEL_WIDTH), rotation=0, ha="right", va="center")


def _draw_panel(axis: Axes, estimates: Estimates, design: Design, mode: str, criterion: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for gate in design.settings["gates"]:
        _draw_trajectory(axis, estimates, design, EstimateName(design.study, mode, gate, criterion, ""))
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axis.yaxis.set_major_locator(MaxNLocator(nbins=4))


def _draw_trajectory(axis: Axes, estimates: Estimates, design: Design, cell: EstimateName) -> None:
    """Draw a cell over the steps: its mean, a band of one standard deviation over seeds, and the level of step 0."""
    values = np.array([shown.value for shown in estimates.find_trajectory(cell)], dtype=float)
    if not len(values):
        return
    # One seed has no deviation.
    found = [estimates.find(cell._replace(quantity=f"step{step}_sd")) for step in range(len(values))]
    spreads = np.array([s.value if s is not None and s.value is not None else 0.0 for s in found])
    steps, look = np.arange(len(values)), style.find_gate_style(cell.gate)
    if spreads.any():
        axis.fill_between(steps, values - spreads, values + spreads, linewidth=0.4, **look.band)
    if not axis.get_lines():
        # All gates of a mode start from the same prompt, so one line stands for them.
        axis.axhline(values[0], color="#777777", linewidth=0.7, label=INITIAL)
    axis.plot(steps, values, color=look.color, linestyle=look.line, label=label_gate(cell.gate, design.scales))


def _draw_legend(figure: Figure, axes: np.ndarray, design: Design) -> None:
    from matplotlib.patches import Patch

    gates = {label_gate(gate, design.scales): gate for gate in design.settings["gates"]}
    handles: dict[str, Any] = {}
    for axis in axes.flat:
        handles |= {line.get_label(): line for line in axis.get_lines()}
    level = handles.pop(INITIAL, None)
    if any(axis.collections for axis in axes.flat):
        handles |= {label: (Patch(**style.find_gate_style(gates[label]).band), line) for label, line in handles.items()}
        handles["± 1 sd over seeds"] = Patch(facecolor="#dddddd")
    if level is not None:
        handles[INITIAL] = level
        looks, labels = list(handles.values()), list(handles)
        figure.legend(looks, labels, loc="outside lower center", ncols=len(labels), frameon=False, handlelength=3.2)


def caption_trajectories(design: Design) -> str:
    """Return the caption. It mentions means and bands only where there are several seeds."""
    several = len(design.settings["seeds"]) > 1
    seeds = " Lines are means over seeds; bands are one standard deviation over seeds to both sides." if several else ""
    return (
        f"{capitalize(describe_agreement(design.scales))} on the test pairs, by mode (columns), criterion (rows) and gate"
        f" (lines). The grey line is the initial prompt.{seeds} Rows have scales of their"
        f" own.{explain_agreement(design.scales)} Runs: {describe_runs(design)}."
    )


def list_trajectories(design: Design) -> list[EstimateName]:
    """Return one estimate of each cell; those of all its steps and criteria are in the same file."""
    modes, gates = design.settings["modes"], design.settings["gates"]
    return [EstimateName(design.study, mode, gate, AVERAGE, "step0") for mode in modes for gate in gates]


KINDS = [
    FigureKind(
        name="trajectories",
        position=30,
        title="trajectories",
        draw=draw_trajectories,
        caption=caption_trajectories,
        estimates=list_trajectories,
    )
]
