"""Points at which a process may be interrupted: before, within and after its calls and writes (see `torture`)."""

import errno
import functools
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from collide.common import csv_json
from collide.llm import journal as journal_module
from collide.llm.transport.endpoint import Endpoint
from diagnose import diagnose

FULL_DISK = "a full disk"


class Points:
    """Counts the points at which a process may be interrupted, and interrupts it at point number `at` (None: never)."""

    def __init__(self, at: int | None, interruption: signal.Signals | str) -> None:
        self.at, self.interruption = at, interruption
        self.passed: Counter[str] = Counter()

    def pass_point(self, name: str) -> None:
        """Count a point, and send the signal if it is the chosen one."""
        self.passed[name] += 1
        if self.passed.total() == self.at and self.interruption != FULL_DISK:
            os.kill(os.getpid(), self.interruption)

    def pass_write(self, name: str, write: Callable[[], Any], write_half: Callable[[], Any]) -> Any:
        """Write with a point before, a point at which half is written, and a point after."""
        self.pass_point(f"before {name}")
        # SIGKILL leaves half a write behind if the next point is the chosen one; a full disk does so and then raises.
        full = self.at is not None and self.passed.total() >= self.at and self.interruption == FULL_DISK
        if full or (self.passed.total() + 1 == self.at and self.interruption == signal.SIGKILL):
            write_half()
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.pass_point(f"within {name}")
        done = write()
        self.pass_point(f"after {name}")
        return done

    def patch_process(self) -> None:
        """Put points into the calls, the journal's writes, and the writes of outputs of this process."""
        Endpoint.complete = self._around_call(Endpoint.complete)
        journal_module.os = _JournalOs(self)
        # The functions where the jobs look them up: `diagnose` has imported write_csv by name.
        Path.write_text = self._around_output(Path.write_text, 0)
        Path.replace = self._around_replacement(Path.replace)
        pq.write_table = self._around_output(pq.write_table, 1)
        diagnose.write_csv = self._around_output(csv_json.write_csv, 0)

    def _around_call(self, complete: Callable) -> Callable:
        async def call_endpoint(endpoint: Endpoint, request: Any) -> Any:
            self.pass_point("before a call")
            reply = await complete(endpoint, request)
            self.pass_point("after a call")
            return reply

        return call_endpoint

    def _around_replacement(self, replace: Callable) -> Callable:
        def replace_path(path: Path, target: Path) -> Any:
            self.pass_point("before a replacement")
            done = replace(path, target)
            self.pass_point("after a replacement")
            return done

        return replace_path

    def _around_output(self, function: Callable, place: int) -> Callable:
        """Return a function with points around it. Its argument number `place` is the path that it writes."""

        @functools.wraps(function)
        def write_output(*args: Any, **kwargs: Any) -> Any:
            path = Path(args[place])

            # The writers of outputs are libraries, so half an output is a whole one that is cut.
            def write_half() -> None:
                function(*args, **kwargs)
                os.truncate(path, path.stat().st_size // 2)

            return self.pass_write(f"{path.suffix[1:]} output", lambda: function(*args, **kwargs), write_half)

        return write_output


class _JournalOs:
    """Replaces the module `os` of the journal alone, so that other writes of the process have no points."""

    def __init__(self, points: Points) -> None:
        self._points = points

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, file: int, line: bytes) -> int:
        return self._points.pass_write(
            "a journal's write", lambda: os.write(file, line), lambda: os.write(file, line[: len(line) // 2])
        )
