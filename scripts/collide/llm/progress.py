"""Progress of a job as plain lines for a log file: calls done, rate, time left, and cost since this start of the job."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple, TextIO

# Many jobs share the terminal, so each writes there rarely. Its own log gets a line every few seconds.
TERMINAL_SECONDS = 60.0
LOG_SECONDS = 5.0
# A log without a line for longer than this looks like a job that hangs.
SILENT_SECONDS = 30.0
# Variable of the environment that a display of all jobs sets: then no job writes its progress to the terminal.
DISPLAY_VARIABLE = "COLLIDE_DISPLAY"


class Totals(NamedTuple):
    """Totals over all roles since this start of the job.

    calls: answered calls
    replies: replies that answered them, including those from the journal
    sent: replies to requests that were sent now
    retries: further tries after errors
    spent: US dollars for the sent replies
    """

    calls: int
    replies: int
    sent: int
    retries: int
    spent: float


class Progress:
    """Writes progress lines to the job's log, and fewer to the terminal. `expected_calls` is needed for the time left."""

    def __init__(self, title: str, log: TextIO, expected_calls: int | None = None, log_seconds: float = LOG_SECONDS) -> None:
        self.expected_calls = expected_calls
        self._title, self._log, self._log_seconds = title, log, log_seconds
        self._start = self._last_log = self._last_terminal = time.monotonic()

    def report_progress(self, totals: Totals) -> None:
        """Write a line if enough time has passed since the last."""
        now = time.monotonic()
        if now - self._last_log >= self._log_seconds:
            print(self._format_line(totals, now), file=self._log, flush=True)
            self._last_log = now
        if now - self._last_terminal >= TERMINAL_SECONDS and DISPLAY_VARIABLE not in os.environ:
            write_terminal(f"{self._format_line(totals, now)}\n")
            self._last_terminal = now

    def log_message(self, message: str) -> None:
        """Write a message to the log that explains a delay or another event."""
        print(f"{self._title}: {message}", file=self._log, flush=True)

    def report_waiting(
        self, totals: Totals, in_flight: int, oldest_seconds: float, waiting: Sequence[str], last_error: str
    ) -> None:
        """Write a line about the calls in flight, what others wait for, and the last error that is tried again, if the log has
        been silent."""
        now = time.monotonic()
        in_words = [f"{in_flight} in flight, the oldest for {format_duration(oldest_seconds)}"] if in_flight else []
        in_words += waiting
        if in_words and now - self._last_log >= SILENT_SECONDS:
            error = f"; last error: {last_error}" if last_error else ""
            print(f"{self._format_line(totals, now)}; {', '.join(in_words)}{error}", file=self._log, flush=True)
            self._last_log = now

    def report_end(self, totals: Totals) -> None:
        """Write the totals of the job to its log."""
        print(self._format_line(totals, time.monotonic(), ended=True), file=self._log, flush=True)

    def _format_line(self, totals: Totals, now: float, ended: bool = False) -> str:
        seconds = max(now - self._start, 1e-3)  # never divide by zero in a job of no time
        calls, rate = totals.calls, totals.calls / seconds
        expected = None if ended else self.expected_calls
        parts = [f"{calls}/{expected} calls" if expected else f"{calls} calls"]
        # Neither number is one of calls: a call may need several replies, and equal calls share one.
        parts.append(f"{totals.sent} new replies, {totals.replies - totals.sent} from the journal")
        # Two digits of a slow rate: a local model answers one call in 20 seconds.
        parts.append(f"{rate:.0f}/s" if rate >= 10 else f"{rate:.2g}/s")
        if expected and calls:
            parts.append(f"about {format_duration(max(expected - calls, 0) / rate)} left")
        if totals.retries:
            parts.append(f"{totals.retries} retries")
        parts.append(f"${totals.spent:.4f} since this start")
        parts.append(format_duration(seconds))
        return f"{self._title}: {'done: ' if ended else ''}{', '.join(parts)}"


def write_terminal(text: str) -> None:
    """Write a text to the terminal, past the redirection to the log; do nothing where the terminal is gone."""
    # A detached process has no terminal: sys.__stderr__ is None, or the terminal was closed.
    if sys.__stderr__ is not None:
        with contextlib.suppress(OSError, ValueError):
            print(text, end="", file=sys.__stderr__, flush=True)


def format_duration(seconds: float) -> str:
    """Return a duration with hours or minutes where it has some.

    >>> [format_duration(seconds) for seconds in (4, 236, 5000)]
    ['4s', '3m56s', '1h23m']
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
