"""LaTeX tables that compile alone, and that a document with the package `standalone` takes by \\input."""

from __future__ import annotations

import re
from collections.abc import Sequence

from collide.common.simulated_notice import SIMULATED_NOTICE

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\u00a0": "~",
    "±": r"$\pm$",
    "−": "$-$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "≈": r"$\approx$",
    "∞": r"$\infty$",
    "⇒": r"$\Rightarrow$",
}
PRINTED = frozenset(
    {*"\t\n", *map(chr, range(0x20, 0x7F)), *map(chr, range(0xA1, 0xAD)), *map(chr, range(0xAE, 0x100)), *SPECIAL}
    | {*"ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž–—‘’‚“”„†‡•…‰‹›€←↑→↓"}
)
"""Characters that LaTeX's fonts in the encodings T1 and TS1 have, or that a command of SPECIAL prints."""
PREAMBLE = r"""\documentclass[border=6pt,varwidth=\maxdimen]{standalone}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage{booktabs}
\usepackage{xcolor}
"""


def escape(text: str) -> str:
    """Text that LaTeX prints as it stands: no command of it is run. What its fonts lack stands as its code, [U+4E2D]."""
    return "".join(SPECIAL.get(char, char) for char in legible(text))


def legible(text: str) -> str:
    """The text with every character that the fonts lack as its code.

    >>> legible("é ≤ 中")
    'é ≤ [U+4E2D]'
    """
    return "".join(char if char in PRINTED else f"[U+{ord(char):04X}]" for char in text)


def typewritten(text: str) -> str:
    """Text for a typewriter font, with all its spaces and without the ligatures that turn -- or `` into something else."""
    apart = {"-": "-{}", ",": ",{}", "`": r"\textasciigrave{}", "'": r"\textquotesingle{}"}
    escaped = "".join(apart.get(char) or escape(char) for char in text)
    return re.sub("  +", lambda spaces: "~" * len(spaces[0]), escaped)


def document(header: Sequence[str], body: Sequence[str], columns: str, caption: str, notes: Sequence[str], mark: bool) -> str:
    """A table with booktabs rules. `header` and `body` are lines of LaTeX; caption and notes are plain text."""
    lines = [
        *([f"% {SIMULATED_NOTICE}"] if mark else []),
        PREAMBLE.rstrip(),
        r"\begin{document}",
        r"\footnotesize",
        # A document that takes several tables makes their box and length once.
        r"\ifdefined\tablecells\else\newsavebox{\tablecells}\newlength{\tablewidth}\fi",
        r"\begin{lrbox}{\tablecells}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        *header,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{lrbox}",
        r"\usebox{\tablecells}",
        "",
        r"\medskip",
        # Caption and notes are as wide as the table, but never too narrow to read.
        r"\setlength{\tablewidth}{\wd\tablecells}\ifdim\tablewidth<8cm\setlength{\tablewidth}{8cm}\fi",
        r"\begin{minipage}{\tablewidth}\raggedright",
        *([rf"\textbf{{\color{{red!70!black}}{escape(SIMULATED_NOTICE)}.}}\par"] if mark else []),
        escape(caption),
        *(rf"\par {escape(note)}" for note in notes),
        r"\end{minipage}",
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"
