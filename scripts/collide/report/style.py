"""The look of all figures: sizes of a two-column paper, and one colour, mark and line per mode.

Colours are of the Okabe-Ito palette, told apart by all kinds of colour vision; marks and lines tell them apart in grey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style
from matplotlib.figure import Figure

from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.report.tables import GATE_NAMES, mode_name

__all__ = ["COLUMN", "GATE_NAMES", "PAGE", "STYLES", "ModeStyle", "apply", "mode_name", "save", "shade"]

COLUMN, PAGE = 3.35, 6.9
"""Inches: one column of a two-column page, and both."""


@dataclass(frozen=True, slots=True)
class ModeStyle:
    """How a mode is drawn, everywhere."""

    color: str
    marker: str
    line: Any


STYLES = {
    "single": ModeStyle("#000000", "o", "-"),
    "SSS": ModeStyle("#0072B2", "s", "--"),
    "SSC": ModeStyle("#009E73", "^", "-."),
    "SCC": ModeStyle("#D55E00", "D", ":"),
    "CCC": ModeStyle("#CC79A7", "v", (0, (5, 1, 1, 1, 1, 1))),
}
SETTINGS: Mapping[str, Any] = {
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.2,
    "axes.axisbelow": True,
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "svg.hashsalt": "collide",
}


def apply() -> None:
    """Set the style, and a backend that needs no screen."""
    mpl.use("agg")
    mpl.style.use(dict(SETTINGS))


def shade(color: str, strength: float) -> tuple[float, float, float]:
    """A colour mixed with white; strength 1 leaves it as it is."""
    red, green, blue = mpl.colors.to_rgb(color)
    return (1 - strength * (1 - red), 1 - strength * (1 - green), 1 - strength * (1 - blue))


def save(figure: Figure, pdf: Path, png: Path, simulated: bool) -> None:
    """Write a figure in both forms, without dates, so that equal figures are equal bytes; marked where simulated."""
    if simulated:
        text = SIMULATED_NOTICE if figure.get_figwidth() > COLUMN + 1 else SIMULATED_NOTICE.replace(", a check", ",\na check")
        figure.suptitle(text, color="#b00020", fontsize=7, fontweight="bold")
    figure.savefig(pdf, metadata={"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None})
    figure.savefig(png, metadata={"Software": None})
