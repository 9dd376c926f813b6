"""The paper's figures, drawn from estimates and ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Patch

from collide.analysis.estimates import ALL_GATES, AVERAGE, EstimateName
from collide.experiment.modes import MODES, parse_mode
from collide.report import style
from collide.report.estimate_reader import Estimates, Shown

Scores = Mapping[str, Sequence[float]]
"""Ratings by mode."""


def trajectories(estimates: Estimates, study: str, facts: Mapping[str, Any], criteria: Sequence[str]) -> Figure:
    """Figures 2 and 5: Spearman over the steps, a row per gate, a panel per criterion and their mean."""
    gates, panels = facts["gates"], [*criteria, AVERAGE]
    style.apply()
    figure, axes = plt.subplots(
        len(gates),
        len(panels),
        figsize=(style.PAGE, 0.55 + 1.55 * len(gates)),
        sharex=True,
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for row, gate in zip(axes, gates, strict=True):
        for axis, criterion in zip(row, panels, strict=True):
            for mode in facts["modes"]:
                _trajectory(axis, *_columns(estimates, EstimateName(study, mode, gate, criterion, "")), mode)
            axis.xaxis.set_major_locator(plt.MaxNLocator(integer=True, nbins=5))
        row[0].set_ylabel(f"{style.GATE_NAMES[gate]}\nSpearman correlation")
    for axis, criterion in zip(axes[0], panels, strict=True):
        axis.set_title("mean of the criteria" if criterion == AVERAGE else criterion)
    for axis in axes[-1]:
        axis.set_xlabel("step")
    handles, labels = axes[0][0].get_legend_handles_labels()
    if any(axis.collections for axis in axes.flat):
        handles.append(Patch(color="#dddddd"))
        labels.append("\u00b1 1 sd over seeds")
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=len(handles), frameon=False, handlelength=3.2)
    return figure


def _columns(estimates: Estimates, cell: EstimateName) -> tuple[np.ndarray, np.ndarray]:
    """Values of a cell over the steps, and their standard deviation over seeds, 0 where it is undefined."""
    shown = estimates.trajectory(cell.study, cell.mode, cell.gate, cell.criterion)
    spreads = [estimates.get(cell._replace(quantity=f"step{step}_sd")) for step in range(len(shown))]
    values = np.array([s.value for s in shown], dtype=float)
    return values, np.array([s.value if s is not None and s.value is not None else 0.0 for s in spreads])


def _trajectory(axis: Axes, values: np.ndarray, spreads: np.ndarray, mode: str) -> None:
    if not len(values):
        return
    steps, look = np.arange(len(values)), style.STYLES[mode]
    if spreads.any():
        axis.fill_between(steps, values - spreads, values + spreads, color=look.color, alpha=0.14, linewidth=0)
    axis.plot(
        steps,
        values,
        color=look.color,
        linestyle=look.line,
        marker=look.marker,
        markevery=2,
        markerfacecolor="white",
        label=style.mode_name(mode),
    )


def specificity(scores: Scores, estimates: Estimates, study: str, modes: Sequence[str]) -> Figure:
    """Figures 3 and 6: how specific the gradients of each mode are, all ratings and their mean with its interval."""
    style.apply()
    figure, axis = plt.subplots(figsize=(style.COLUMN, 2.4), layout="constrained")
    _distributions(axis, scores, modes)
    for place, mode in enumerate(modes):
        _mean(axis, place, estimates.get(EstimateName(study, mode, ALL_GATES, AVERAGE, "specificity")))
    axis.set_xticks(range(len(modes)), [style.mode_name(mode) for mode in modes])
    axis.set_ylabel("gradient specificity (1 to 10)")
    return figure


def swap(scores: Mapping[str, Scores], estimates: Estimates, modes: Sequence[str]) -> Figure:
    """Figure 4: specificity with the gradient model swapped, and of the same modes and gate in the main study beside it."""
    style.apply()
    figure, axes = plt.subplots(1, len(scores), figsize=(style.COLUMN, 2.3), sharey=True, squeeze=False, layout="constrained")
    for axis, (study, by_mode) in zip(axes[0], scores.items(), strict=True):
        _distributions(axis, by_mode, modes)
        for place, mode in enumerate(modes):
            _mean(axis, place, estimates.get(EstimateName(study, mode, "mae", AVERAGE, "specificity")))
        axis.set_xticks(range(len(modes)), modes)
        axis.set_title(f"study {study}")
    axes[0][0].set_ylabel("gradient specificity (1 to 10)")
    return figure


def _distributions(axis: Axes, scores: Scores, modes: Sequence[str]) -> None:
    """Each mode's share of every rating, as bars to both sides of its place."""
    for place, mode in enumerate(modes):
        values = np.asarray(scores.get(mode, ()))
        look = style.STYLES[mode]
        for rating in range(1, 11):
            if share := float(np.mean(values == rating)) if len(values) else 0.0:
                axis.barh(
                    rating,
                    0.8 * share,
                    left=place - 0.4 * share,
                    height=0.8,
                    color=style.shade(look.color, 0.35),
                    edgecolor=look.color,
                    linewidth=0.5,
                )
    axis.set_ylim(0.4, 11.6)
    axis.set_yticks(range(1, 11))
    axis.set_xlim(-0.6, len(modes) - 0.4)
    axis.grid(axis="x", visible=False)


def _mean(axis: Axes, place: int, shown: Shown | None) -> None:
    if shown is None or shown.value is None:
        axis.text(place, 5.5, "not run", ha="center", va="center", rotation=90)
        return
    bars = np.array([_reach(shown)]).T
    axis.errorbar([place], [shown.value], yerr=bars, fmt="D", color="black", markersize=3.5, capsize=2.5, zorder=3)
    axis.text(place, 11.1, f"{shown.value:.1f}", ha="center", va="center", fontsize=7)


def _reach(shown: Shown) -> tuple[float, float]:
    """How far the interval reaches below and above the value; not at all where there is none."""
    if shown.value is None or shown.low is None or shown.high is None:
        return 0.0, 0.0
    return max(0.0, shown.value - shown.low), max(0.0, shown.high - shown.value)


def balance(points: Sequence[tuple[float, Shown]], references: Mapping[str, Shown | None]) -> Figure:
    """The combined prompt's Spearman against how much longer its longest instruction may be than its shortest."""
    style.apply()
    figure, axis = plt.subplots(figsize=(style.COLUMN, 2.8), layout="constrained")
    ratios = [ratio for ratio, _ in points]
    values = np.array([shown.value for _, shown in points], dtype=float)
    bars = np.array([_reach(shown) for _, shown in points]).reshape(-1, 2).T
    axis.errorbar(ratios, values, yerr=bars, color="#0072B2", marker="s", capsize=2.5, label="balanced, combined")
    for (label, shown), line in zip(references.items(), ("-", "--", ":"), strict=False):
        if shown is not None and shown.value is not None:
            axis.axhline(shown.value, color="#555555", linestyle=line, linewidth=0.9, label=label)
    axis.set_xscale("log", base=2)
    axis.set_xticks(ratios, [f"{ratio:g}" for ratio in ratios])
    axis.minorticks_off()
    axis.set_xlabel("longest against shortest instruction, at most")
    axis.set_ylabel("mean Spearman correlation")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def modes(criteria: Sequence[str]) -> Figure:
    """Figure 1: which criteria share a call at each stage, read off each mode's groups."""
    style.apply()
    figure, axes = plt.subplots(1, len(MODES), figsize=(style.PAGE, 1.9), layout="constrained")
    for axis, name in zip(axes, MODES, strict=True):
        mode = parse_mode(name, criteria)
        for row, (stage, groups) in enumerate(
            {"loss": mode.loss, "gradient": mode.gradient, "optimizer": mode.optimizer}.items()
        ):
            for group in groups:
                _box(axis, row, [list(criteria).index(member) for member in group], group, style.STYLES[name].color)
            if axis is axes[0]:
                axis.text(-0.75, -row, stage, ha="right", va="center")
        axis.set_title(name, color=style.STYLES[name].color, fontweight="bold")
        axis.set_xlim(-0.7, len(criteria) - 0.3)
        axis.set_ylim(-2.6, 0.6)
        axis.axis("off")
    return figure


def _box(axis: Axes, row: int, members: Sequence[int], names: Sequence[str], color: str) -> None:
    left, right = min(members) - 0.4, max(members) + 0.4
    box = FancyBboxPatch(
        (left + 0.05, -row - 0.25),
        right - left - 0.1,
        0.5,
        boxstyle="round,pad=0.03",
        facecolor=style.shade(color, 0.55 if len(members) > 1 else 0.12),
        edgecolor=color,
    )
    axis.add_patch(box)
    for member, name in zip(members, names, strict=True):
        axis.text(member, -row, f"{name[:3].capitalize()}.", ha="center", va="center", fontsize=7)
