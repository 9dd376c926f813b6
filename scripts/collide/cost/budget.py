"""Spending limits of a run, a study and the total. Jobs share what they have spent in a small file beside each journal.

A job claims an amount before it spends it: its file holds the cost of its replies and an advance, and it sends requests only
while its cost is below this claim. It claims more under a lock, so that the claims of all jobs together never exceed a limit.
A limit is therefore exceeded by no more than the calls that are in flight when it is reached.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from collide.common.locks.file_lock import lock_descriptor
from collide.common.replace_file import replace_file
from collide.cost.usage import PaidReplies, Price

SPENT_SUFFIX = ".spent"
# Name of the folder that holds the journals of all studies.
JOURNAL_ROOT = "journal"
# Name of the file in this folder that a job locks while it claims an amount.
LOCK_NAME = "spending.lock"
# Part of what is left below a limit, and of what the job has spent, that it claims at once. Smaller parts mean more reading of
# other jobs' files; larger ones make a job stop earlier while others hold advances, or count for more after a job was killed.
ADVANCE_SHARE = 1 / 16
# Seconds between two looks at the other jobs while a job has spent nothing: a free model would look before every call.
REFRESH_SECONDS = 2.0
# A claim takes some milliseconds. A job that holds the lock for longer is suspended, or its machine is gone.
LOCK_SECONDS = 10.0
# Seconds between two looks at a lock that another job holds.
LOOK_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class ReachedLimit:
    """A spending limit that is reached: its name (run, study or total) and value, the amount spent, and the advances that
    other jobs hold, in US dollars."""

    name: str
    limit: float
    spent: float
    advances: float


@dataclass(frozen=True, slots=True)
class RoleAccount:
    """Replies of one role in a journal, the name of their model in config.yaml, and their cost at the time of writing."""

    model: str
    paid: PaidReplies
    cost: float

    def price_at(self, prices: Mapping[str, Price]) -> float:
        """Return the cost at these prices, as limits count it; a model without a price counts with the cost written."""
        return limited_cost(prices[self.model], self.paid) if self.model in prices else self.cost


@dataclass(frozen=True, slots=True)
class JobSpending:
    """Spending of one job by role, and the `advance` in US dollars that it may spend before it writes this again."""

    roles: Mapping[str, RoleAccount]
    advance: float

    def price_at(self, prices: Mapping[str, Price]) -> float:
        """Return the cost of all roles at these prices."""
        return math.fsum(role.price_at(prices) for role in self.roles.values())


def limited_cost(price: Price, paid: PaidReplies) -> float:
    """Return the cost that limits count: the computed one, or the one that the endpoint reports if that is larger."""
    return max(price.price_replies(paid), paid.cost_reported)


class Spending:
    """Spending of a job and of the other jobs under the same limits.

    `limits` are US dollars by run, study and total; None means no limit. A run is the folder of the journal, a study the
    folder directly below the root of all journals. `prices` are the current ones by the model's name in config.yaml, so that a
    corrected price also corrects what finished jobs have spent.
    """

    def __init__(self, journal: Path, limits: Mapping[str, float | None], prices: Mapping[str, Price]) -> None:
        self._file, self._prices = journal.with_suffix(SPENT_SUFFIX), prices
        self._root = next((folder for folder in journal.parents if folder.name == JOURNAL_ROOT), journal.parent)
        study = self._root / journal.relative_to(self._root).parts[0]
        folders = {"run": journal.parent, "study": study if study.is_dir() else journal.parent, "total": self._root}
        self._limits = [(name, folders[name], limit) for name, limit in limits.items() if limit is not None]
        # The cost up to which this job may send requests without a look at the others, and the time of the last look.
        self._claim, self._last_look = 0.0, float("-inf")
        self._patience = LOCK_SECONDS
        self._reached: ReachedLimit | None = None

    def find_reached_limit(self, roles: Mapping[str, RoleAccount]) -> ReachedLimit | None:
        """Return the first limit that is reached when this job's journal holds the replies of `roles`."""
        cost = math.fsum(role.cost for role in roles.values())
        if cost < self._claim:
            return None
        if not cost and time.monotonic() - self._last_look < REFRESH_SECONDS:
            return self._reached
        with self._lock() if self._limits else contextlib.nullcontext():
            self._last_look = time.monotonic()
            free, self._reached = self._look_at_jobs(cost)
            # The price of one more reply, at least.
            least = cost / max(sum(role.paid.replies for role in roles.values()), 1)
            advance = max(0.0, min(free, max(least, ADVANCE_SHARE * min(free, cost))))
            self._claim = cost + advance
            self.write_spending(roles, advance)
        return self._reached

    def admits_cost(self, further: float) -> bool:
        """Return whether no limit is reached by `further` US dollars beyond what all jobs, this one included, have claimed."""
        return self._look_at_jobs(further, [self._file])[1] is None

    def write_spending(self, roles: Mapping[str, RoleAccount], advance: float = 0.0) -> None:
        """Write what this job has paid for the other jobs to read, if it has paid anything."""
        if any(role.cost for role in roles.values()):
            text = json.dumps(asdict(JobSpending(roles, advance)), separators=(",", ":"))
            # A full disk is no reason to fail: the journal holds the costs, and the next start writes this file again.
            with contextlib.suppress(OSError):
                replace_file(self._file, f"{text}\n".encode("ascii"), sync=False)

    def mean_cost(self, models: Collection[str]) -> float | None:
        """Return the mean cost in US dollars of the replies of these models to other jobs; None if there are none."""
        roles = [role for job in self._read_others_below(self._root) for role in job.roles.values() if role.model in models]
        replies = sum(role.paid.replies for role in roles)
        return math.fsum(role.price_at(self._prices) for role in roles) / replies if replies else None

    def _look_at_jobs(self, cost: float, own: Sequence[Path] = ()) -> tuple[float, ReachedLimit | None]:
        """Return what `cost` and the other jobs leave below all limits in US dollars, and the first limit that is reached.

        `own` holds this job's file if that counts, too.
        """
        mine = [job for path in own for job in _read_spending(path)]
        free = float("inf")
        for name, folder, limit in self._limits:
            jobs = [*mine, *self._read_others_below(folder)]
            spent = cost + math.fsum(job.price_at(self._prices) for job in jobs)
            advances = math.fsum(job.advance for job in jobs)
            free = min(free, limit - spent - advances)
            if free <= 0:
                return free, ReachedLimit(name, limit, spent, advances)
        return free, None

    def _read_others_below(self, folder: Path) -> Iterator[JobSpending]:
        """Yield what the other jobs whose journals are in a folder have paid."""
        for path in folder.rglob(f"*{SPENT_SUFFIX}"):
            if path != self._file:
                yield from _read_spending(path)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other jobs from claiming an amount. Where no lock can be had, two jobs may claim the same amount."""
        file, end = None, time.monotonic() + self._patience
        with contextlib.suppress(OSError):
            file = os.open(self._root / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
            while not _try_lock(file):
                if time.monotonic() >= end:
                    self._patience = 0.0
                    break
                time.sleep(LOOK_SECONDS)
        try:
            yield
        finally:
            if file is not None:
                os.close(file)


def _try_lock(file: int) -> bool:
    """Lock a file. Returns whether there is nothing to wait for: the lock is held now, or the file system has no locks."""
    with contextlib.suppress(BlockingIOError):
        lock_descriptor(file)
        return True
    return False


def _read_spending(path: Path) -> Iterator[JobSpending]:
    """Yield what a job's file holds; nothing for a file that cannot be read."""
    # A file may vanish while it is replaced, or be cut off by a power failure; its job writes it again.
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        content = json.loads(path.read_text(encoding="ascii"))
        roles = {
            name: RoleAccount(role["model"], PaidReplies(**role["paid"]), role["cost"])
            for name, role in content["roles"].items()
        }
        yield JobSpending(roles, content["advance"])
