"""Spending limits of a run, a study and the total. Jobs share what they have spent in a small file beside each journal."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collide.common.replace_file import replace_file

SPENT_SUFFIX = ".spent"
# Name of the folder that holds the journals of all studies.
JOURNAL_ROOT = "journal"
# Seconds. Other jobs' spending is read, and this job's written, at most this often: reading the files of all jobs before every
# call would cost more than the calls. So a limit can be exceeded by what is spent in between, besides the calls in flight.
REFRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ReachedLimit:
    """A spending limit that is reached: its name (run, study or total), its value and the amount spent, in US dollars."""

    name: str
    limit: float
    spent: float


class Spending:
    """Spending of a job and of the other jobs under the same limits.

    `limits` are US dollars by run, study and total; None means no limit. A run is the folder of the journal, a study the
    folder directly below the root of all journals.
    """

    def __init__(self, journal: Path, limits: Mapping[str, float | None]) -> None:
        self._file = journal.with_suffix(SPENT_SUFFIX)
        root = next((folder for folder in journal.parents if folder.name == JOURNAL_ROOT), journal.parent)
        study = root / journal.relative_to(root).parts[0]
        folders = {"run": journal.parent, "study": study if study.is_dir() else journal.parent, "total": root}
        self._limits = [(name, folders[name], limit) for name, limit in limits.items() if limit is not None]
        self._spent_by_others: dict[str, float] = {}
        self._last_read = self._last_write = float("-inf")

    def find_reached_limit(self, own: float) -> ReachedLimit | None:
        """Return the first limit that is reached when this job's journal holds replies for `own` US dollars."""
        now = time.monotonic()
        if self._limits and now - self._last_read > REFRESH_SECONDS:
            self._spent_by_others = {name: self._sum_others_below(folder) for name, folder, _ in self._limits}
            self._last_read = now
        if own and now - self._last_write > REFRESH_SECONDS:
            self.write_spending(own)
            self._last_write = now
        for name, _, limit in self._limits:
            if own + self._spent_by_others[name] >= limit:
                return ReachedLimit(name, limit, own + self._spent_by_others[name])
        return None

    def write_spending(self, own: float) -> None:
        """Write this job's spending for the other jobs, if there is any."""
        if own:
            # A full disk is no reason to fail: the journal holds the costs, and the next start writes this file again.
            with contextlib.suppress(OSError):
                replace_file(self._file, f"{own:.6f}\n".encode("ascii"), sync=False)

    def _sum_others_below(self, folder: Path) -> float:
        spent = 0.0
        for path in folder.rglob(f"*{SPENT_SUFFIX}"):
            # A file may vanish while it is replaced, or be cut off by a power failure; its job writes it again.
            with contextlib.suppress(OSError, ValueError):
                spent += float(path.read_text(encoding="ascii")) if path != self._file else 0.0
        return spent
