"""The display of one run: prints what happens, and draws the live lines from time to time in a thread of its own."""

from __future__ import annotations

import contextlib
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from collide.display.capture import CapturedStreams
from collide.display.screen import Screen
from collide.display.state import Failure, RunState
from collide.display.view import (
    count_things,
    describe_end,
    describe_failure,
    describe_forecast,
    describe_progress,
    describe_waiting,
    draw_progress,
    format_optimization,
    list_places,
)

# Seconds between two frames of live lines, and between two looks at the files of running jobs, which may lie on a file server.
FRAME_SECONDS, POLL_SECONDS = 0.5, 2.0
# A log file gets a line per tenth of the work, and a line after so many seconds without one.
REPORTED_SHARES = 10
SILENT_SECONDS = 600.0
# The rules file that makes the corpus.
CORPUS_STAGE = "corpus"

# The line that a script prints to its standard error before it fails; see common/script_context.
_SCRIPT_ERROR = re.compile(r"(?:Error: )?(.*) \(log: (\S.*)\)")


class Display:
    """Shows a run on a screen. Its methods are called by Snakemake's threads and its own; `lock` keeps them apart."""

    def __init__(self, screen: Screen, state: RunState, log: str, targets: Sequence[str], table: tuple[str, Path]) -> None:
        """Show a run whose messages go to `log`. Its end points to the files `targets`.

        It prints the table of prompts, given as title and CSV file, if that is one of them.
        """
        self.screen, self.state, self.lock = screen, state, threading.RLock()
        self._log, self._targets, self._table = log, targets, table
        # The first warning of each kind with the number of them all: those that differ in numbers alone are of one kind.
        self._warnings: dict[str, tuple[str, int]] = {}
        # Called when the corpus is there, which the forecast of a cost needs.
        self.expect_rest: Callable[[], None] | None = None
        self._sentences: dict[str, str] = {}
        self._shown: set[str] = set()
        self._reported, self._next_poll, self._last_line = 0, 0.0, time.monotonic()
        # Without live lines nothing is captured, and the errors of jobs on this machine stand in the log file already.
        self.errors_printed = False
        # True after a signal. A job that ends before its log begins has no other reason then.
        self.ending = False
        self._streams: CapturedStreams | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, captured: Sequence[int], fall_back: Callable[[Exception], None]) -> None:
        """Capture the streams `captured` and start to draw. The first error of the drawing thread is passed to `fall_back`."""
        self._streams = CapturedStreams(captured)

        def draw_frames() -> None:
            while not self._stop.wait(FRAME_SECONDS if self.screen.live else POLL_SECONDS):
                try:
                    with self.lock:
                        self.update()
                except Exception as error:  # noqa: BLE001 (the display must not fail a run)
                    fall_back(error)
                    return

        self._thread = threading.Thread(target=draw_frames, name="display", daemon=True)
        self._thread.start()

    def update(self) -> None:
        """Read what jobs wrote, and draw the live lines or print a line per tenth of the work."""
        self._print_captured(self._streams.read_new() if self._streams else "")
        if time.monotonic() >= self._next_poll:
            self._next_poll = time.monotonic() + POLL_SECONDS
            self.add_warnings(self.state.poll())
        if self.screen.live:
            self.screen.draw(draw_progress(self.state, *self.screen.size))
            return
        share = int(self.state.share * REPORTED_SHARES)
        if share > self._reported or time.monotonic() - self._last_line > SILENT_SECONDS:
            self._reported = share
            waiting = "".join(f"; {line}" for line in describe_waiting(self.state))
            self._print_dated(f"{share * 100 // REPORTED_SHARES}% of the work: {describe_progress(self.state)}{waiting}")

    def start_job(self, number: int, title: str) -> None:
        """Note that a job starts."""
        self.state.start_job(number, title)

    def finish_job(self, number: int) -> None:
        """Note that a job has ended well; a log file gets a line when it was the last of its stage."""
        self.add_warnings(self.state.finish_job(number))
        job = self.state.jobs.get(number)
        if job is None or self.state.done_stages[job.stage] < self.state.planned_stages[job.stage]:
            return
        if not self.screen.live:
            self._print_dated(f"{job.stage}: {count_things(self.state.planned_stages[job.stage], 'job')} done")
        if job.stage == CORPUS_STAGE and not self.state.cost_known and self.expect_rest:
            self.expect_rest()
            self.print(describe_forecast(self.state))

    def fail_job(self, number: int, rule: str, log: str, find_sentence: Callable[[float], str]) -> None:
        """Show a failed job. `find_sentence` returns the sentence of its error, given the time at which the job started."""
        self._print_captured(self._streams.read_new() if self._streams else "")
        sentence = self._sentences.pop(log, "") or find_sentence(self.state.start_of(number))
        interrupted = _is_interrupt(sentence) or (self.ending and not sentence)
        failure = Failure(self.state.title_of(number) or rule, log, sentence, interrupted)
        self.add_warnings(self.state.fail_job(number, failure))
        # After a signal all running jobs end in this way, and a sentence for each would say nothing more.
        if not failure.interrupted:
            known = self.errors_printed and not self.screen.live
            self.print(describe_failure(replace(failure, sentence="") if known else failure), "failure")

    def print(self, text: str, style: str = "") -> None:
        """Print a message."""
        self.screen.print(text, style)

    def print_once(self, text: str, style: str = "") -> None:
        """Print a message unless the same one was printed before."""
        if text not in self._shown:
            self._shown.add(text)
            self.print(text, style)

    def end(self) -> None:
        """Stop drawing, give the streams back, and print how the run ended."""
        with self.lock:
            self.add_warnings(self.state.poll())
            self.stop()
            complete = self.state.done == self.state.total
            if complete:
                self._print_results()
            # A target without files, such as `costs`, has printed all that there is to see.
            if complete and not self._targets and not self._warnings:
                return
            for line, style in describe_end(self.state, list(self._warnings.values()), self._log):
                self.print(line, style)

    def stop(self) -> None:
        """Stop drawing and give the streams back."""
        self._stop.set()
        self.screen.clear()
        if self._streams:
            rest = self._streams.restore()
            self._streams = None
            self._print_captured(rest)
        for log, sentence in self._sentences.items():
            self.print(f"{sentence} (log: {log})")
        self._sentences.clear()

    def _print_results(self) -> None:
        made = [target for target in self._targets if Path(target).exists()]
        if made:
            # The plan ends with an empty line, which stands here once the live lines are gone.
            gap = [] if self.screen.live else [""]
            self.print("\n".join([*gap, "Results:", *(f"  {place}" for place in list_places(made))]))
        # A table of another version may lack a column; then it is left to its reader.
        title, path = self._table
        if str(path) in made:
            with contextlib.suppress(OSError, KeyError, ValueError):
                self.print("\n".join(["", f"{title} ({path}):", *format_optimization(path)]))

    def _print_captured(self, text: str) -> None:
        """Print what jobs wrote to the standard streams: each message once, as many jobs may write the same one."""
        for line in text.splitlines():
            found = _SCRIPT_ERROR.fullmatch(line)
            if found:
                self._sentences[found[2]] = found[1]
            elif line:
                self.print_once(line)
            else:
                self.print(line)

    def add_warnings(self, warnings: Iterable[str]) -> None:
        """Print the first warning of each kind, and count the others."""
        for text in warnings:
            kind = re.sub(r"\d+", "", text)
            first, count = self._warnings.get(kind, (text, 0))
            self._warnings[kind] = (first, count + 1)
            if not count:
                self.print(f"Warning: {text}", "warning")

    def _print_dated(self, text: str) -> None:
        self._last_line = time.monotonic()
        self.print(f"{time.strftime('%H:%M:%S')} {text}")


def _is_interrupt(sentence: str) -> bool:
    return sentence.startswith(("Interrupted", "stopped by SIG"))


def list_captured(screen: Screen, descriptor: int) -> list[int]:
    """Return the standard streams that would be printed into the live lines on `descriptor`, 1 or 2: those on a terminal."""
    if not screen.live:
        return []
    others = ((1, sys.stdout), (2, sys.stderr))
    return [descriptor, *(other for other, stream in others if other != descriptor and _is_terminal(stream))]


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())
