"""Output of the display: messages one after another, and on a terminal some live lines below them that are drawn again."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence

# Used where the terminal does not tell its size.
USUAL_SIZE = os.terminal_size((80, 24))
RESET, COLORS = "\x1b[0m", {"warning": "\x1b[33m", "failure": "\x1b[31m", "heading": "\x1b[1m"}
ERASE_LINE, ERASE_BELOW = "\x1b[K", "\x1b[J"

# Escape sequences and control characters but tab and line feed. The text of a reply may stand in an error message.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[@-~]|\r(?=\n)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Screen:
    """Writes to a descriptor. A terminal that is gone takes no more output, but stops nothing."""

    def __init__(self, descriptor: int, encoding: str, live: bool, color: bool) -> None:
        self.live = live
        self._descriptor, self._encoding, self._color = descriptor, encoding, color and live
        self._drawn: list[str] = []
        self._gone = False

    @property
    def size(self) -> os.terminal_size:
        """Return columns and rows; those of a log file are the usual ones."""
        try:
            size = os.get_terminal_size(self._descriptor)
        except OSError:
            return USUAL_SIZE
        # Some terminals, such as serial lines, say 0.
        return size if size.columns and size.lines else USUAL_SIZE

    def print(self, text: str, style: str = "") -> None:
        """Print lines above the live lines."""
        clean = _CONTROL.sub("", text).rstrip("\n")
        shown = f"{COLORS[style]}{clean}{RESET}" if style and self._color else clean
        drawn = self._drawn
        self._write(self._erase() + shown + "\n" + _join_lines(drawn))
        self._drawn = drawn

    def draw(self, lines: Sequence[str]) -> None:
        """Replace the live lines. Each must be shorter than the terminal is wide."""
        if not self.live or list(lines) == self._drawn:
            return
        self._write(self._go_up() + _join_lines(lines) + ERASE_BELOW)
        self._drawn = list(lines)

    def clear(self) -> None:
        """Erase the live lines."""
        if self._drawn:
            self._write(self._erase())

    def _erase(self) -> str:
        """Return the sequence that erases the live lines and goes to the place of the first."""
        up = self._go_up() + ERASE_BELOW if self._drawn else ""
        self._drawn = []
        return up

    def _go_up(self) -> str:
        """Return the sequence that goes to the first live line. A terminal that became narrower has broken long ones in two."""
        columns = self.size.columns
        rows = sum(-(-len(line) // columns) or 1 for line in self._drawn)
        return f"\x1b[{rows}A\r" if rows else "\r"

    def _write(self, text: str) -> None:
        data = text.encode(self._encoding, "replace")
        while data and not self._gone:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                # Another program made the terminal non-blocking, and it is busy: the next frame replaces this one.
                return
            except OSError:
                # The connection was closed, or the reader of a pipe has ended.
                self._gone = True


def open_screen(descriptor: int, environment: Mapping[str, str], color: bool) -> Screen:
    """Return the screen of a descriptor: live on a terminal that can move the cursor, plain lines anywhere else."""
    live = os.isatty(descriptor) and environment.get("TERM", "dumb") != "dumb"
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    return Screen(descriptor, encoding, live, color and not environment.get("NO_COLOR"))


def cut_line(line: str, width: int) -> str:
    """Return a line that takes less than `width` columns of a terminal; East Asian characters take two.

    >>> cut_line("optimize", 6), cut_line("ok", 6)
    ('op...', 'ok')
    """
    if sum(map(_count_columns, line)) < width:
        return line
    kept, columns = "", 0
    for character in line:
        columns += _count_columns(character)
        if columns > width - 4:
            break
        kept += character
    return kept + "..."


def _count_columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _join_lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}{ERASE_LINE}\n" for line in lines)
