"""Text for LaTeX: every character is printed as it is, and nothing is run as a command."""

from __future__ import annotations

import re

# Characters that LaTeX does not print as they are. All commands are of LaTeX itself and work in every font encoding.
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
    # Not \textquotedbl, which needs the encoding T1.
    '"': r"\symbol{34}",
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

# Characters that LaTeX's fonts in the encodings T1 and TS1 have, or that a command of SPECIAL prints.
PRINTED = frozenset(
    {*"\t\n", *map(chr, range(0x20, 0x7F)), *map(chr, range(0xA1, 0xAD)), *map(chr, range(0xAE, 0x100)), *SPECIAL}
    | {*"ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž–—‘’‚“”„†‡•…‰‹›€←↑→↓"}
)


def escape(text: str) -> str:
    """Return text that LaTeX prints as it is. A character that its fonts lack becomes its code, [U+4E2D]."""
    return "".join(SPECIAL.get(char, char) for char in replace_unprintable(text))


def replace_unprintable(text: str) -> str:
    """Return the text with the code of every character that the fonts lack.

    >>> replace_unprintable("é ≤ 中")
    'é ≤ [U+4E2D]'
    """
    return "".join(char if char in PRINTED else f"[U+{ord(char):04X}]" for char in text)


def escape_typewriter(text: str) -> str:
    """Return text for a typewriter font, with all its spaces and without ligatures such as those of -- and ``."""
    # An empty group between two characters keeps LaTeX from joining them.
    apart = {"-": "-{}", ",": ",{}", "`": r"\textasciigrave{}", "'": r"\textquotesingle{}", "…": r"\ellipsis{}"}
    escaped = "".join(apart.get(char) or escape(char) for char in text)
    return re.sub("  +", lambda spaces: "~" * len(spaces[0]), escaped)
