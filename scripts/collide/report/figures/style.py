"""Style of all figures: sizes of a two-column paper, and one colour, marker and line per mode.

The colours are the Okabe-Ito palette, which all kinds of colour vision can tell apart; markers and lines differ in print
without colour. matplotlib is imported inside the functions, because Snakemake reads the figures' entries at every start.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collide.common.simulated_notice import SIMULATED_NOTICE
from collide.experiment.gates import GATES
from collide.experiment.modes import STUDY_MODES
from collide.report.page_size import COLUMN as COLUMN
from collide.report.page_size import PAGE as PAGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class ModeStyle:
    """Colour, marker and line of a mode, the same in every figure."""

    color: str
    marker: str
    line: Any


# In the order of STUDY_MODES; the last three are for modes that are added.
STYLES = (
    ModeStyle("#000000", "o", "-"),
    ModeStyle("#0072B2", "s", "--"),
    ModeStyle("#009E73", "^", "-."),
    ModeStyle("#D55E00", "D", ":"),
    ModeStyle("#CC79A7", "v", (0, (5, 1, 1, 1, 1, 1))),
    ModeStyle("#E69F00", "P", (0, (1, 2))),
    ModeStyle("#56B4E9", "X", (0, (6, 2))),
    ModeStyle("#F0E442", "*", (0, (3, 1, 1, 1))),
)


@dataclass(frozen=True, slots=True)
class GateStyle:
    """Colour and line of a gate, and the arguments of `fill_between` and `Patch` for its band."""

    color: str
    line: Any
    band: Mapping[str, Any]


# In the order of GATES. Two bands stay apart where they overlap, and in grey print, if one is filled and the other is hatched.
GATE_STYLES = (
    GateStyle("#D55E00", "--", {"facecolor": "none", "edgecolor": "#EBB28C", "hatch": "/////"}),
    GateStyle("#00507D", "-", {"facecolor": "#A6CBE3", "edgecolor": "none"}),
    GateStyle("#009E73", "-.", {"facecolor": "none", "edgecolor": "#8CD3BE", "hatch": "....."}),
    GateStyle("#CC79A7", ":", {"facecolor": "none", "edgecolor": "#E6BCD3", "hatch": "|||||"}),
)

# Sizes are those of a paper's text in print, where the figures are not scaled.
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
    "hatch.linewidth": 0.4,
    "figure.dpi": 100,
    # The resolution that publishers ask for.
    "savefig.dpi": 300,
    # Names of criteria are text, whatever characters they have: no dollar sign begins a formula.
    "text.parse_math": False,
    # TrueType fonts: publishers reject the default Type 3 fonts.
    "pdf.fonttype": 42,
}


def find_style(mode: str) -> ModeStyle:
    """Return the style of a mode. More modes than styles share styles in turn."""
    index = STUDY_MODES.index(mode) if mode in STUDY_MODES else len(STUDY_MODES)
    return STYLES[index % len(STYLES)]


def find_gate_style(gate: str) -> GateStyle:
    """Return the style of a gate. More gates than styles share styles in turn."""
    return GATE_STYLES[list(GATES).index(gate) % len(GATE_STYLES)]


def apply_style() -> None:
    """Set the style, and a backend that needs no screen."""
    import matplotlib as mpl
    import matplotlib.style

    mpl.use("agg")
    # A file matplotlibrc in the folder, in the home folder or named by the environment must not change a figure.
    mpl.rcdefaults()
    mpl.style.use(dict(SETTINGS))


def show_text(text: str) -> str:
    """Return text that the figures' font can print. A character that it lacks becomes its code, [U+4E2D]."""
    from matplotlib import font_manager

    known = font_manager.get_font(font_manager.findfont("DejaVu Sans")).get_charmap()
    return "".join(char if ord(char) in known else f"[U+{ord(char):04X}]" for char in text)


def wrap_text(text: str, width: int) -> str:
    """Return text that the figures' font can print, in lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(show_text(text), width))


def mix_with_white(color: str, strength: float) -> tuple[float, float, float]:
    """Return a lighter colour as red, green and blue from 0 to 1; strength 1 is the colour itself and 0 is white."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(color)
    return (1 - strength * (1 - red), 1 - strength * (1 - green), 1 - strength * (1 - blue))


def save_figure(figure: Figure, pdf: Path, png: Path, simulated: bool) -> None:
    """Write a figure as PDF and PNG, with the notice above it if it is simulated.

    No date or program version is written, so that equal figures are equal bytes.
    """
    if simulated:
        # The notice is wider than one column.
        text = SIMULATED_NOTICE if figure.get_figwidth() > COLUMN + 1 else SIMULATED_NOTICE.replace(", a check", ",\na check")
        figure.suptitle(text, color="#b00020", fontsize=7, fontweight="bold")
    figure.savefig(pdf, metadata={"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None})
    figure.savefig(png, metadata={"Software": None})
