"""Spending limits: of a run, of its study and of the whole, which jobs keep together by a small file beside each journal."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collide.llm.journal import replace_file

SUFFIX = ".spent"
ROOT = "journal"
"""Name of the folder that holds the journals of all studies."""
LOOKED_AT = 2.0
"""Seconds for which what other jobs have spent is taken as known, and a job's own file as fresh: limits are overrun by what is
in flight and by what other jobs spend in that time."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit (run, study or whole) that is reached: its dollars and those spent."""

    name: str
    limit: float
    spent: float


class Spending:
    """What the job of a journal and its neighbours have paid. `limits` are US dollars by run, study and whole; None: no limit.

    A run is the folder of the journal, a study the folder below the journals' root that holds it.
    """

    def __init__(self, journal: Path, limits: Mapping[str, float | None]) -> None:
        self._file = journal.with_suffix(SUFFIX)
        root = next((folder for folder in journal.parents if folder.name == ROOT), journal.parent)
        study = root / journal.relative_to(root).parts[0]
        folders = {"run": journal.parent, "study": study if study.is_dir() else journal.parent, "total": root}
        self._limits = [(name, folders[name], limit) for name, limit in limits.items() if limit is not None]
        self._others: dict[str, float] = {}
        self._looked = self._written = float("-inf")

    def reached(self, own: float) -> Reached | None:
        """The first limit that is reached when this job's journal holds replies for `own` dollars."""
        now = time.monotonic()
        if self._limits and now - self._looked > LOOKED_AT:
            self._others = {name: self._spent_below(folder) for name, folder, _ in self._limits}
            self._looked = now
        if own and now - self._written > LOOKED_AT:
            self.write(own)
            self._written = now
        for name, _, limit in self._limits:
            if own + self._others[name] >= limit:
                return Reached(name, limit, own + self._others[name])
        return None

    def write(self, own: float) -> None:
        """Tell other jobs what this one has paid, if anything."""
        if own:
            # A full disk is no reason to fail: the journal holds what was paid, and the next start writes this file again.
            with contextlib.suppress(OSError):
                replace_file(self._file, f"{own:.6f}\n".encode("ascii"), force=False)

    def _spent_below(self, folder: Path) -> float:
        spent = 0.0
        for path in folder.rglob(f"*{SUFFIX}"):
            # A file may just be replaced, or be cut short where a machine went down; its job writes it again.
            with contextlib.suppress(OSError, ValueError):
                spent += float(path.read_text(encoding="ascii")) if path != self._file else 0.0
        return spent
