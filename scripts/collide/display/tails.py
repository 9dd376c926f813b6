"""Files that running jobs append to, read piece by piece: journals (calls and their cost) and job logs (warnings)."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from collide.cost.usage import Price
from collide.llm.journal_lines import read_reply
from collide.llm.request import Reply

# Bytes that are read at once. A rerun starts with the whole journal of the earlier start, which may hold gigabytes.
CHUNK = 1 << 20
# A log that is older than its job by more than this, in seconds, is that of an earlier start. Clocks of two hosts differ.
CLOCK_TOLERANCE = 2.0

WARNING = "warning: "
# Words of log lines that say what a job waits for.
WAITING_WORDS = ("wait", "trying again in", "continuing in", "in flight, the oldest for")
# The counts at the beginning of such a line, after the name of the job.
_COUNTS = re.compile(r"\d+(/\d+)? calls, [^;]*; ")


class JournalTail:
    """Counter of the replies in a journal. `before` counts those of earlier starts, `spent` prices the later ones (dollars)."""

    def __init__(self, path: str, prices: Mapping[str, Price]) -> None:
        self._path, self._prices, self._offset = path, prices, 0
        self.replies, self.spent = 0, 0.0
        self.before = self._count_lines(priced=False)

    def poll(self) -> None:
        """Count the replies that were appended since the last call."""
        self._count_lines(priced=bool(self._prices))

    def _count_lines(self, priced: bool) -> int:
        for lines in _read_appended(self._path, self._offset):
            self.replies += lines.count(b"\n")
            if priced:
                self.spent += math.fsum(map(self._price_line, lines.splitlines()))
            self._offset += len(lines)
        return self.replies

    def _price_line(self, line: bytes) -> float:
        try:
            record = json.loads(line.partition(b" ")[2])
            reply, price = read_reply(record), self._prices[record["role"]]
        except (ValueError, KeyError, TypeError):
            # A damaged line is reported by the job that reads the journal.
            return 0.0
        return price.price_reply(reply, record.get("guess", (0, 0))) if isinstance(reply, Reply) else 0.0


class LogTail:
    """Reader of a job's log. `waiting` is the last line if it says that the job waits, without the job's name; else empty."""

    def __init__(self, path: str, start: float) -> None:
        """Read the log of a job that starts now; `start` is the time in seconds since 1970."""
        self._path, self._start, self._offset = path, start, 0
        self.waiting = ""

    def poll(self) -> list[str]:
        """Return the warnings that were appended since the last call, without the name of the job."""
        warnings = []
        if not is_newer(self._path, self._start):
            return []
        for lines in _read_appended(self._path, self._offset):
            self._offset += len(lines)
            for line in lines.decode("utf-8", "replace").splitlines():
                # Some libraries begin the line with a capital.
                before, mark, text = line.partition(WARNING) if WARNING in line else line.partition(WARNING.capitalize())
                if mark:
                    warnings.append(text.strip())
                elif before.strip():
                    waits = any(words in line for words in WAITING_WORDS)
                    self.waiting = _COUNTS.sub("", line.partition(": ")[2].strip(), count=1) if waits else ""
        return warnings


def is_newer(path: str, start: float) -> bool:
    """Return True if a file was written after `start` (seconds since 1970)."""
    with contextlib.suppress(OSError):
        return os.stat(path).st_mtime >= start - CLOCK_TOLERANCE  # noqa: PTH116 (a Path takes three times as long)
    return False


def find_error(path: str, start: float) -> str:
    """Return the sentence of the error that ends a job's log, or an empty text. `start` is that of the job."""
    if not is_newer(path, start):
        return ""
    with contextlib.suppress(OSError), Path(path).open("rb") as stream:
        stream.seek(max(stream.seek(0, os.SEEK_END) - CHUNK, 0))
        lines = [line.strip() for line in stream.read().decode("utf-8", "replace").splitlines()]
        for line in reversed(lines):
            if line.startswith(("Error: ", "Interrupted")):
                return line.removeprefix("Error: ")
        return next((line for line in reversed(lines) if line), "") if "Traceback (most recent call last):" in lines else ""
    return ""


def _read_appended(path: str, offset: int) -> Iterator[bytes]:
    """Yield the whole lines that follow `offset` in a file, in chunks. An incomplete line is left for the next time."""
    with contextlib.suppress(OSError):
        if os.stat(path).st_size <= offset:  # noqa: PTH116 (asked twice a second for each running job)
            return
        with Path(path).open("rb") as stream:
            stream.seek(offset)
            rest = b""
            while chunk := stream.read(CHUNK):
                chunk = rest + chunk
                end = chunk.rfind(b"\n") + 1
                rest = chunk[end:]
                if end:
                    yield chunk[:end]
