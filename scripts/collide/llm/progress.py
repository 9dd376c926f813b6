"""Progress of a job as lines that behave in a log file: calls done, rate, time left, cost so far."""

from __future__ import annotations

import time
from typing import TextIO


class Progress:
    """Writes a line when `interval` seconds have passed since the last; `expected` calls make the time left known."""

    def __init__(self, title: str, log: TextIO, expected: int | None = None, interval: float = 5.0) -> None:
        self._title, self._log, self._expected, self._interval = title, log, expected, interval
        self._start = self._last = time.monotonic()
        self._sent_before = 0

    def tick(self, calls: int, sent: int, retries: int, spent: float) -> None:
        """Tell how far the job is, if it is time to."""
        now = time.monotonic()
        if now - self._last >= self._interval:
            self._write(calls, sent, retries, spent, now)
            self._last = now

    def close(self, calls: int, sent: int, retries: int, spent: float) -> None:
        """Tell what the job came to."""
        self._write(calls, sent, retries, spent, time.monotonic(), "done: ")

    def _write(self, calls: int, sent: int, retries: int, spent: float, now: float, word: str = "") -> None:
        seconds = max(now - self._start, 1e-3)
        rate = calls / seconds
        parts = [f"{calls}/{self._expected} calls" if self._expected and not word else f"{calls} calls"]
        parts.append(f"{sent} sent, {calls - min(sent, calls)} from the journal")
        parts.append(f"{rate:.0f}/s")
        if self._expected and not word and calls:
            parts.append(f"about {_clock(max(self._expected - calls, 0) / rate)} left")
        if retries:
            parts.append(f"{retries} retries")
        parts.append(f"${spent:.4f}")
        parts.append(_clock(seconds))
        print(f"{self._title}: {word}{', '.join(parts)}", file=self._log, flush=True)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
