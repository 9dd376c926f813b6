"""A figure that the paper does not have: combined score of cherry-picked instructions against their length ratio."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from collide.analysis.estimates import ALL_GATES, AVERAGE, SAME_PICKS, EstimateName, name_picked_study
from collide.analysis.instructions.tokens import TOKENIZER
from collide.experiment.modes import SINGLE_TASK
from collide.experiment.variants import UNLIMITED, choose_shown_gate
from collide.report.estimate_reader import Estimates, ShownEstimate, SpecificityRatings
from collide.report.exhibits.design import Design, choose_initial_mode, describe_runs
from collide.report.exhibits.kind import FigureKind
from collide.report.exhibits.metric_words import describe_agreement, explain_agreement
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Ticks of the length ratio, by the largest ratio that they suit: more of them would overlap on a wider scale.
RATIO_TICKS = {
    2: (1, 1.1, 1.25, 1.5, 2),
    4: (1, 1.25, 1.5, 2, 3, 4),
    16: (1, 1.5, 2, 3, 4, 6, 8, 12, 16),
    math.inf: (1, 2, 4, 8, 16, 32, 64, 128, 256),
}
# In the order of `_list_references`.
REFERENCE_LINES = (("-", "#0072B2"), ("--", "#555555"), (":", "#555555"))


@dataclass(frozen=True, slots=True)
class DistinctChoice:
    """A balanced choice: the limits on the length ratio that give it, its own length ratio, and its score."""

    limits: list[float]
    length_ratio: float
    shown: ShownEstimate


def draw_balance(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return the combined prompt's Spearman correlation over the length ratio of its instructions, with references as lines."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    points = list_distinct_choices(design, estimates)
    style.apply_style()
    figure, axis = plt.subplots(figsize=(style.COLUMN, 3.0), layout="constrained")
    _draw_references(axis, design, estimates)
    ratios = [point.length_ratio for point in points]
    values = np.array([point.shown.value for point in points], dtype=float)
    bars = np.array([point.shown.error_bar for point in points]).reshape(-1, 2).T
    axis.errorbar(ratios, values, yerr=bars, color="#0072B2", marker="s", capsize=2.5, label="lengths within r")
    for point in points:
        _label_choice(axis, point)
    _scale_ratios(axis, ratios)
    axis.set_xlabel("longest / shortest of the picked instructions")
    axis.set_ylabel(f"mean {describe_agreement(design.scales)}")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def list_distinct_choices(design: Design, estimates: Estimates) -> list[DistinctChoice]:
    """Return the different balanced choices that were evaluated, from the narrowest limit to none."""
    found: dict[str, DistinctChoice] = {}
    for label, variant in _list_balanced(design).items():
        shown, ratio = (
            estimates.find(_name(design, variant, "spearman")),
            estimates.find(_name(design, variant, "length_ratio")),
        )
        if shown is None or shown.value is None or ratio is None or ratio.value is None:
            continue
        # A limit that excludes nothing repeats the choice of a narrower one: one point then stands for all of them.
        same = shown.note.removeprefix(SAME_PICKS).split(";")[0].strip() if shown.note.startswith(SAME_PICKS) else ""
        if same in found:
            found[same].limits.append(variant["ratio"])
        else:
            found[label] = DistinctChoice([variant["ratio"]], ratio.value, shown)
    return list(found.values())


def _label_choice(axis: Axes, point: DistinctChoice) -> None:
    # Limits with the same picks are neighbours in the list of limits.
    text = f"r = {' to '.join(dict.fromkeys(f'{limit:g}' for limit in (point.limits[0], point.limits[-1])))}"
    top = (point.shown.value or 0.0) + point.shown.error_bar[1]
    # Upright and with a background: neighbouring choices stay apart, and lines behind the text do not cross it.
    axis.annotate(
        text,
        (point.length_ratio, top),
        (0, 4),
        textcoords="offset points",
        rotation=90,
        ha="center",
        va="bottom",
        fontsize=6.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )


def _draw_references(axis: Axes, design: Design, estimates: Estimates) -> None:
    for (label, name), (line, color) in zip(_list_references(design).items(), REFERENCE_LINES, strict=True):
        shown = estimates.find(name)
        if shown is not None and shown.value is not None:
            axis.axhline(shown.value, color=color, linestyle=line, linewidth=0.9, label=label)


def _scale_ratios(axis: Axes, ratios: Sequence[float]) -> None:
    # Length ratios multiply: from 1 to 2 is as far as from 2 to 4.
    axis.set_xscale("log", base=2)
    longest = max([1.25, *ratios])
    ticks = next(ticks for largest, ticks in RATIO_TICKS.items() if longest <= largest)
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    # Margins of a twentieth of the axis, on the logarithmic scale.
    axis.set_xlim(longest**-0.05, longest**1.05)
    # The logarithmic scale would label powers of two between the ticks.
    axis.minorticks_off()
    # Room for the labels above the intervals.
    axis.margins(y=0.22)


def _list_balanced(design: Design) -> dict[str, Mapping[str, Any]]:
    balanced = [variant for variant in design.variants.values() if variant["ratio"]]
    return {variant["label"]: variant for variant in sorted(balanced, key=lambda variant: variant["ratio"])}


def _name(design: Design, variant: Mapping[str, Any], quantity: str) -> EstimateName:
    return EstimateName(name_picked_study(design.study), variant["label"], variant["gate"], AVERAGE, quantity)


def _list_references(design: Design) -> dict[str, EstimateName]:
    gate, picked = choose_shown_gate(design.settings), name_picked_study(design.study)
    return {
        "any lengths (r = inf)": EstimateName(picked, UNLIMITED, ALL_GATES, AVERAGE, "spearman"),
        "one prompt per criterion": EstimateName(picked, "per-criterion", gate, AVERAGE, "spearman"),
        "initial prompt": EstimateName(design.study, choose_initial_mode(design.settings["modes"]), gate, AVERAGE, "initial"),
    }


def caption_balance(design: Design) -> str:
    """Return the caption."""
    return (
        "Instructions picked together for the highest sum of their own scores, the longest at most r times as long as the"
        " shortest, combined in one prompt. All limits r pick from the runs of all gates, so r = inf, the best choice of any"
        " lengths, is the reference. Points stand at the length ratio of the picked instructions; where several limits give"
        f" the same picks, one point has them all. Lengths in {TOKENIZER}; {design.level:.0%} intervals over {design.unit} and"
        " seeds."
        f" The other two lines are of gate {choose_shown_gate(design.settings)}."
        f"{explain_agreement(design.scales)} Runs: {describe_runs(design, modes=[SINGLE_TASK])}."
    )


def list_balance_estimates(design: Design) -> list[EstimateName]:
    """Return the estimates of points and references."""
    points = [_name(design, v, quantity) for v in _list_balanced(design).values() for quantity in ("spearman", "length_ratio")]
    return [*points, *_list_references(design).values()]


def has_balanced_variants(design: Design) -> bool:
    """Return True for a study with choices of balanced lengths."""
    return bool(_list_balanced(design))


KINDS = [
    FigureKind(
        name="balance",
        position=90,
        title="balanced lengths",
        applies=has_balanced_variants,
        shows_variants=True,
        draw=draw_balance,
        caption=caption_balance,
        estimates=list_balance_estimates,
    )
]
