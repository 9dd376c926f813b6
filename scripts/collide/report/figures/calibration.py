"""A figure that the paper does not have: mean human score of the pairs with each rating of the judge."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from collide.analysis.estimates import ALL_GATES, HUMANS, EstimateName, name_measure
from collide.experiment.variants import choose_shown_gate
from collide.report.estimate_reader import Estimates, ShownEstimate, SpecificityRatings
from collide.report.exhibits.design import Design, choose_initial_mode, describe_initial, describe_runs, label_mode
from collide.report.exhibits.kind import FigureKind
from collide.report.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY = "#777777"
# Panels in a row, and characters in a line of their titles.
MOST_PANELS, TITLE_WIDTH = 4, 26
# Ratings of a scale that are shown with lines and intervals.
MOST_BARS = 11


def draw_calibration(design: Design, estimates: Estimates, ratings: SpecificityRatings) -> Figure:
    """Return a panel per criterion with a line per prompt and one of the experts, and the diagonal of a calibrated judge."""
    from matplotlib import pyplot as plt  # not at the top: see `style`

    criteria = list_calibrated(design)
    # Rows of equal length, of at most MOST_PANELS.
    rows = -(-len(criteria) // MOST_PANELS)
    columns = -(-len(criteria) // rows)
    shared = len({design.scales[name].values for name in criteria}) == 1
    style.apply_style()
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(style.PAGE, 2.3 + 1.6 * (rows - 1)),
        sharex=shared,
        sharey=shared,
        squeeze=False,
        layout="constrained",
    )
    for axis, criterion in itertools.zip_longest(axes.flat, criteria):
        if criterion is None:
            axis.axis("off")
            continue
        _draw_panel(axis, design, estimates, criterion)
    for axis in axes[:, 0]:
        axis.set_ylabel("mean human score")
    # The lowest panel of each column, which may stand above an empty place.
    for axis in axes.flat[max(0, len(criteria) - columns) : len(criteria)]:
        axis.set_xlabel("rating of the judge")
        axis.xaxis.set_tick_params(labelbottom=True)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure


def list_calibrated(design: Design) -> list[str]:
    """Return the criteria that have an order: a mean of classes without one means nothing."""
    return [name for name, scale in design.scales.items() if not scale.is_nominal]


def has_calibrated(design: Design) -> bool:
    """Return True for a data set with a criterion that can be calibrated."""
    return bool(list_calibrated(design))


def _draw_panel(axis: Axes, design: Design, estimates: Estimates, criterion: str) -> None:
    low = design.scales[criterion].low
    axis.set_title(style.wrap_text(criterion, TITLE_WIDTH))
    axis.axline((low, low), slope=1, color="#bbbbbb", linewidth=0.8, zorder=0)
    for label, name, look in _list_lines(design, criterion):
        _draw_line(axis, label, _find_points(estimates, name), look)


def _list_lines(design: Design, criterion: str) -> Iterator[tuple[str, EstimateName, dict[str, Any]]]:
    """Yield the label of each line, the name of its points without the rating, and its look."""
    gate, modes = choose_shown_gate(design.settings), design.settings["modes"]
    names = {"initial": (choose_initial_mode(modes), gate, "initial")}
    names |= {mode: (mode, gate, "by_validation") for mode in modes}
    names |= {"experts": (HUMANS, ALL_GATES, "expert")}
    for label, (mode, cell_gate, prompt) in names.items():
        name = EstimateName(design.study, mode, cell_gate, criterion, name_measure(prompt, "pooled", "human_mean_"))
        look: dict[str, Any] = {"color": GREY, "marker": "x", "linestyle": "-" if mode == HUMANS else (0, (1, 1))}
        if label in modes:
            found = style.find_style(mode)
            look = {"color": found.color, "marker": found.marker, "linestyle": found.line}
        yield label_mode(label), name, look


def _find_points(estimates: Estimates, name: EstimateName) -> dict[float, ShownEstimate]:
    """Return the mean human score by rating, in the order of the ratings."""
    found = {float(rating): shown for rating, shown in estimates.find_with_prefix(name).items()}
    return dict(sorted(found.items()))


def _draw_line(axis: Axes, label: str, points: dict[float, ShownEstimate], look: dict[str, Any]) -> None:
    values = {rating: shown.value for rating, shown in points.items() if shown.value is not None}
    if not values:
        return
    if len(values) > MOST_BARS:
        # Few pairs have each of so many ratings: lines and intervals would hide the points.
        axis.plot(list(values), list(values.values()), label=label, **look | {"linestyle": "none"})
        return
    bars = list(zip(*(points[rating].error_bar for rating in values), strict=True))
    axis.errorbar(list(values), list(values.values()), yerr=bars, label=label, capsize=1.5, elinewidth=0.6, **look)


def caption_calibration(design: Design) -> str:
    """Return the caption."""
    gate = choose_shown_gate(design.settings)
    return (
        "Mean human score of the test pairs that the judge gives each rating: the"
        f" {describe_initial(design.settings['modes'])}, the prompts chosen on the validation pairs, and each expert as the"
        f" judge of the mean of the others. On the diagonal, rating and human score are equal. {design.level:.0%} intervals"
        f" over {design.unit}. Runs: {describe_runs(design, gates=[gate])}."
    )


def list_calibration_estimates(design: Design) -> list[EstimateName]:
    """Return an estimate of each line: all points of a study are in one file."""
    return [name for criterion in list_calibrated(design) for _, name, _ in _list_lines(design, criterion)]


KINDS = [
    FigureKind(
        name="calibration",
        position=150,
        title="calibration of the judge",
        applies=has_calibrated,
        draw=draw_calibration,
        caption=caption_calibration,
        estimates=list_calibration_estimates,
    )
]
