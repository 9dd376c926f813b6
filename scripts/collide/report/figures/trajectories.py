"""Figures 2 and 5: Spearman correlation over the optimization steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from collide.analysis.estimates import AVERAGE, EstimateName
from collide.experiment.gates import GATES
from collide.report.estimate_reader import Estimates, SpecificityRatings
from collide.report.exhibit import Design, FigureExhibit, describe_runs, label_mode
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_trajectories(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return a row per gate, with a panel per criterion and one for their mean."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    gates, panels = design.settings["gates"], [*design.criteria, AVERAGE]
    style.apply_style()
    figure, axes = plt.subplots(
        len(gates),
        len(panels),
        figsize=(style.PAGE, 0.55 + 1.55 * len(gates)),
        sharex=True,
        # Gates differ more than criteria do, so each row has a scale of its own.
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for row, gate in zip(axes, gates, strict=True):
        for axis, criterion in zip(row, panels, strict=True):
            for mode in design.settings["modes"]:
                _draw_trajectory(axis, estimates, EstimateName(design.study, mode, gate, criterion, ""))
            axis.xaxis.set_major_locator(plt.MaxNLocator(integer=True, nbins=5))
        row[0].set_ylabel(f"{GATES[gate].label}\nSpearman correlation")
    for axis, criterion in zip(axes[0], panels, strict=True):
        axis.set_title("mean of the criteria" if criterion == AVERAGE else criterion)
    for axis in axes[-1]:
        axis.set_xlabel("step")
    _draw_legend(figure, axes)
    return figure


def _draw_trajectory(axis: Axes, estimates: Estimates, cell: EstimateName) -> None:
    """Draw the values of a cell over the steps, with a band of one standard deviation over seeds where there is one."""
    values = np.array([shown.value for shown in estimates.find_trajectory(cell)], dtype=float)
    if not len(values):
        return
    # One seed has no deviation.
    found = [estimates.find(cell._replace(quantity=f"step{step}_sd")) for step in range(len(values))]
    spreads = np.array([s.value if s is not None and s.value is not None else 0.0 for s in found])
    steps, look = np.arange(len(values)), style.find_style(cell.mode)
    if spreads.any():
        axis.fill_between(steps, values - spreads, values + spreads, color=look.color, alpha=0.14, linewidth=0)
    axis.plot(
        steps,
        values,
        color=look.color,
        linestyle=look.line,
        marker=look.marker,
        # Five lines with a marker at each of 13 steps would hide each other.
        markevery=2,
        markerfacecolor="white",
        label=label_mode(cell.mode),
    )


def _draw_legend(figure: Figure, axes: np.ndarray) -> None:
    from matplotlib.patches import Patch

    handles, labels = axes[0][0].get_legend_handles_labels()
    if any(axis.collections for axis in axes.flat):
        handles.append(Patch(color="#dddddd"))
        labels.append("± 1 sd over seeds")
    if handles:
        # Handles are long enough to show each dash pattern whole.
        figure.legend(handles, labels, loc="outside lower center", ncols=len(handles), frameon=False, handlelength=3.2)


def caption_trajectories(design: Design) -> str:
    """Return the caption. It mentions means and bands only where there are several seeds."""
    several = len(design.settings["seeds"]) > 1
    seeds = ", mean over seeds; bands are one standard deviation over seeds to both sides" if several else ""
    runs = describe_runs(design.study, design.settings)
    return f"Spearman correlation on the test pairs, by gate and criterion{seeds}. Runs: {runs}."


def list_trajectories(design: Design) -> list[EstimateName]:
    """Return one estimate of each cell; those of all its steps and criteria are in the same file."""
    modes, gates = design.settings["modes"], design.settings["gates"]
    return [EstimateName(design.study, mode, gate, AVERAGE, "step0") for mode in modes for gate in gates]


EXHIBITS = [
    FigureExhibit(
        name="figure2",
        position=30,
        heading="Figure 2: trajectories",
        studies=("main",),
        draw=draw_trajectories,
        caption=caption_trajectories,
        estimates=list_trajectories,
    ),
    FigureExhibit(
        name="figure5",
        position=120,
        heading="Figure 5: trajectories with the DeepSeek models",
        studies=("deepseek",),
        draw=draw_trajectories,
        caption=caption_trajectories,
        estimates=list_trajectories,
    ),
]
