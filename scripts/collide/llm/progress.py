"""Progress of a job as lines that behave in a log file: calls done, rate, time left, cost so far."""

from __future__ import annotations

import sys
import time
from typing import TextIO

TOLD_EVERY = 60.0
"""Seconds between two lines on the terminal, where several jobs tell of themselves."""


class Progress:
    """Writes a line when `interval` seconds have passed since the last; `expected` calls make the time left known."""

    def __init__(self, title: str, log: TextIO, expected: int | None = None, interval: float = 5.0) -> None:
        self._title, self._log, self.expected, self._interval = title, log, expected, interval
        self._start = self._last = self._told = time.monotonic()

    def tick(self, calls: int, sent: int, retries: int, spent: float) -> None:
        """Tell how far the job is, if it is time to."""
        now = time.monotonic()
        if now - self._last >= self._interval:
            self._write(calls, sent, retries, spent, now)
            self._last = now
        if now - self._told >= TOLD_EVERY and sys.__stderr__ is not None:
            print(self._line(calls, sent, retries, spent, now), file=sys.__stderr__, flush=True)
            self._told = now

    def note(self, message: str) -> None:
        """Tell of something that a reader of the log would wonder about."""
        print(f"{self._title}: {message}", file=self._log, flush=True)

    def close(self, calls: int, sent: int, retries: int, spent: float) -> None:
        """Tell what the job came to."""
        self._write(calls, sent, retries, spent, time.monotonic(), "done: ")

    def _write(self, calls: int, sent: int, retries: int, spent: float, now: float, word: str = "") -> None:
        print(self._line(calls, sent, retries, spent, now, word), file=self._log, flush=True)

    def _line(self, calls: int, sent: int, retries: int, spent: float, now: float, word: str = "") -> str:
        seconds = max(now - self._start, 1e-3)
        rate = calls / seconds
        parts = [f"{calls}/{self.expected} calls" if self.expected and not word else f"{calls} calls"]
        parts.append(f"{sent} sent, {calls - min(sent, calls)} from the journal")
        parts.append(f"{rate:.0f}/s")
        if self.expected and not word and calls:
            parts.append(f"about {_clock(max(self.expected - calls, 0) / rate)} left")
        if retries:
            parts.append(f"{retries} retries")
        parts.append(f"${spent:.4f}")
        parts.append(_clock(seconds))
        return f"{self._title}: {word}{', '.join(parts)}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
