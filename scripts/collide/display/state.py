"""State of a run: which jobs are done, how many calls are answered, and how much time is left."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from collide.cost.usage import Price
from collide.display.tails import JournalTail, LogTail

# Processor time of a job beside its calls, mostly interpreter and imports, in seconds (measured on two cores of a 2024 server).
JOB_SECONDS = 0.7
# The calls a second are those of the last so many seconds.
RATE_SECONDS = 15.0
# Below this share of the work, the time so far says less about the time left than the forecast.
TRUSTED_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class ExpectedCalls:
    """Expected calls of a job, whose replies go to `journal`.

    cost: US dollars; None while the length of the prompts is not known
    seconds: time of the calls one after another, divided by the calls that the job may have in flight
    prices: price of the model by role; empty if all are free
    """

    journal: str
    calls: float
    cost: float | None
    seconds: float
    prices: Mapping[str, Price] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job to run: Snakemake's number, the stage (the name of its rules file) and its log."""

    number: int
    stage: str
    log: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that failed: its title, its log and the sentence of its error (both may be empty), and if a signal ended it."""

    title: str
    log: str
    sentence: str
    interrupted: bool = False


class _RunningJob:
    def __init__(self, job: PlannedJob, title: str, calls: Sequence[ExpectedCalls]) -> None:
        self.title, self.start = title, time.time()
        self.log = LogTail(job.log, self.start)
        self.journals = [JournalTail(part.journal, part.prices) for part in calls]


class RunState:
    """Counts of a run, updated by events of Snakemake and by reading the files of running jobs.

    All sums are kept up to date job by job, because a run may have tens of thousands of jobs and is shown twice a second.
    """

    def __init__(self, jobs: Sequence[PlannedJob], clock: Callable[[], float] = time.monotonic) -> None:
        """Start a run of these jobs, which make no calls unless `expect_calls` says so."""
        self.jobs = {job.number: job for job in jobs}
        self.planned_stages = Counter(job.stage for job in jobs)
        self.done_stages: Counter[str] = Counter()
        self.running: dict[int, _RunningJob] = {}
        self.failures: dict[int, Failure] = {}
        self._clock, self._begin = clock, clock()
        self._done: set[int] = set()
        self._done_work = 0.0
        # Totals of ended jobs: answered calls (of failed jobs apart, as they may be started again), the new ones, their cost.
        self._done_calls = self._ended_new = 0
        self._failed_calls: dict[int, int] = {}
        self._ended_spent = 0.0
        self._history: deque[tuple[float, int]] = deque([(self._begin, 0)])
        self.expect_calls({}, JOB_SECONDS * len(jobs))

    def expect_calls(self, calls: Mapping[int, tuple[ExpectedCalls, ...]], seconds: float) -> None:
        """Take these calls, by number of the job, for those of all jobs that have not ended, and `seconds` for the whole time.

        The expected calls of a running job may change, but not its journals.
        """
        self._calls, self.expected_seconds = calls, seconds
        open_parts = [part for number in self.jobs if number not in self._done for part in calls.get(number, ())]
        self._open_calls = math.fsum(part.calls for part in open_parts)
        self._open_cost = math.fsum(part.cost or 0.0 for part in open_parts)
        self.cost_known = all(part.cost is not None for part in open_parts)
        self._work = self._done_work + JOB_SECONDS * (self.total - self.done) + math.fsum(part.seconds for part in open_parts)

    def start_job(self, number: int, title: str) -> None:
        """Note that a job starts. `title` describes it."""
        if number in self.jobs and number not in self._done:
            self.running[number] = _RunningJob(self.jobs[number], title, self._calls.get(number, ()))
            self.failures.pop(number, None)
            self._failed_calls.pop(number, None)

    def finish_job(self, number: int) -> list[str]:
        """Note that a job has ended well; return its last warnings."""
        if number not in self.jobs or number in self._done:
            return []
        replies, warnings = self._end_job(number)
        calls = self._calls.get(number, ())
        self._done_calls += replies
        self._done.add(number)
        self.done_stages[self.jobs[number].stage] += 1
        self._done_work += JOB_SECONDS + math.fsum(part.seconds for part in calls)
        self._open_calls -= math.fsum(part.calls for part in calls)
        self._open_cost -= math.fsum(part.cost or 0.0 for part in calls)
        return warnings

    def fail_job(self, number: int, failure: Failure) -> list[str]:
        """Note that a job has failed; return its last warnings."""
        self._failed_calls[number], warnings = self._end_job(number)
        self.failures[number] = failure
        return warnings

    def title_of(self, number: int) -> str:
        """Return the title of a running or failed job; empty for any other one."""
        found = self.running.get(number) or self.failures.get(number)
        return found.title if found else ""

    def start_of(self, number: int) -> float:
        """Return the time at which a running job started, in seconds since 1970; now for any other job."""
        return self.running[number].start if number in self.running else time.time()

    def poll(self) -> list[str]:
        """Read what running jobs have appended to their files; return their warnings."""
        warnings = []
        for job in self.running.values():
            warnings += job.log.poll()
            for journal in job.journals:
                journal.poll()
        now = self._clock()
        self._history.append((now, self.new_calls))
        while len(self._history) > 2 and now - self._history[1][0] > RATE_SECONDS:
            self._history.popleft()
        return warnings

    def _end_job(self, number: int) -> tuple[int, list[str]]:
        """Read the files of a job for the last time; return the replies in its journals and its last warnings."""
        job = self.running.pop(number, None)
        if job is None:
            return 0, []
        for journal in job.journals:
            journal.poll()
            self._ended_new += journal.replies - journal.before
            self._ended_spent += journal.spent
        return sum(journal.replies for journal in job.journals), job.log.poll()

    @property
    def total(self) -> int:
        """Return the number of planned jobs."""
        return len(self.jobs)

    @property
    def done(self) -> int:
        """Return the number of jobs that have ended well."""
        return len(self._done)

    @property
    def seconds(self) -> float:
        """Return the time since the start of the run."""
        return self._clock() - self._begin

    @property
    def calls(self) -> int:
        """Return the answered calls of the jobs that were started, those from earlier starts included."""
        return self._done_calls + sum(self._failed_calls.values()) + sum(journal.replies for journal in self._open_journals())

    @property
    def new_calls(self) -> int:
        """Return the calls that were answered since the start of the run."""
        return self._ended_new + sum(journal.replies - journal.before for journal in self._open_journals())

    @property
    def expected_calls(self) -> float:
        """Return the calls of all jobs: those of jobs that have ended, and the forecast for the others."""
        more = math.fsum(max(journal.replies - part.calls, 0.0) for part, journal in self._pair_journals())
        return self._done_calls + self._open_calls + more

    @property
    def spent(self) -> float:
        """Return the cost of the new calls in US dollars."""
        return self._ended_spent + math.fsum(journal.spent for journal in self._open_journals())

    @property
    def expected_cost(self) -> float:
        """Return the cost of the new calls and the forecast for jobs that have not ended, in US dollars."""
        return max(self._ended_spent + self._open_cost, self.spent)

    @property
    def rate(self) -> float:
        """Return the new calls a second in the last seconds."""
        (start, before), (end, after) = self._history[0], self._history[-1]
        return (after - before) / (end - start) if end > start else 0.0

    @property
    def share(self) -> float:
        """Return the share of the work that is done, from 0 to 1. Calls of running jobs count."""
        partial = math.fsum(
            part.seconds * min(journal.replies / part.calls, 1.0) for part, journal in self._pair_journals() if part.calls
        )
        return min((self._done_work + partial) / self._work, 1.0) if self._work else 1.0

    @property
    def seconds_left(self) -> float:
        """Return the expected time until the end: first the forecast, later as the work so far took."""
        share, passed = self.share, self.seconds
        if share < TRUSTED_SHARE:
            return max(self.expected_seconds - passed, 0.0)
        return passed * (1 - share) / share

    @property
    def waiting(self) -> Counter[str]:
        """Return what running jobs wait for, with the number of jobs."""
        return Counter(job.log.waiting for job in self.running.values() if job.log.waiting)

    def _open_journals(self) -> Iterable[JournalTail]:
        return (journal for job in self.running.values() for journal in job.journals)

    def _pair_journals(self) -> Iterable[tuple[ExpectedCalls, JournalTail]]:
        for number, job in self.running.items():
            yield from zip(self._calls.get(number, ()), job.journals, strict=True)
