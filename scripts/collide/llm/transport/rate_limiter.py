"""Limits at one endpoint: how many calls are in flight, adapted to what the endpoint accepts, and how fast calls start."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Calls that start at the same time also end at the same time and then wait for each other's processing. They are therefore
# started apart by this share of (duration of a call / limit). It is below 1 so that spacing never limits the throughput.
SPACING_SHARE = 0.5
# Longest spacing in seconds: the processing of a call takes about 1 ms (tools/benchmarks), so more would gain nothing.
PROCESSING_SECONDS = 0.0015
# The duration of a call is a moving average over about this many replies: stable, but quick to follow a change.
AVERAGED_REPLIES = 20
# Most hosted endpoints accept this many calls of one key at a time.
DEFAULT_CONCURRENCY = 16
# Sleeps shorter than this are not interrupted by a stop; that is cheaper.
SHORT_SLEEP_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Rates:
    """Limits per minute: requests, and tokens in and out. None means no limit."""

    requests: float | None = None
    tokens: float | None = None


UNLIMITED = Rates()


def read_call_limits(endpoint: Mapping[str, Any]) -> tuple[int, int]:
    """Return the calls that one job may have in flight at an endpoint of config.yaml: at the start, and at most.

    >>> read_call_limits({"concurrency": 8, "max_concurrency": 16, "max_in_flight": 4})
    (4, 4)
    """
    start = endpoint.get("concurrency", DEFAULT_CONCURRENCY)
    most = endpoint.get("max_concurrency", start)
    most = min(most, endpoint.get("max_in_flight", most))
    return min(start, most), most


class CallLimiter:
    """Admits at most `limit` calls at a time, in the order in which they ask.

    `limit` begins at `start`, grows by one after every `limit` replies up to `most`, and is halved when the endpoint reports
    overload, once per group of calls in flight together. Limits per minute are kept by spacing: each call delays the start
    of the next one by its share of a minute.
    """

    def __init__(self, start: int, most: int, rates: Rates = UNLIMITED) -> None:
        self.limit, self._most = start, max(start, most)
        self.in_flight = self.reply_count = 0
        self._rates = rates
        self._replies_at_limit = 0
        self._waiting_for_start = 0
        self._halvings = 0
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._close_error: Exception | None = None
        self._closing = asyncio.Event()
        # Mean duration of a call by role: a slow optimizer must not space out the quick judge.
        self._seconds: dict[str, float] = {}
        # In the time of the event loop.
        self._next_start = self._pause_until = 0.0

    async def acquire(self, role: str, tokens: int = 0, first: bool = False) -> int:
        """Wait until a call with this many tokens may start. With `first` it starts before all calls that wait.

        Returns the number of halvings so far, to be passed to `record_overload`. Raises the error given to `close`.
        """
        if self._close_error:
            raise self._close_error
        if self.in_flight < self.limit and not self._waiting:
            self.in_flight += 1
            halvings = self._halvings
        else:
            halvings = await self._wait_in_queue(first)
        try:
            await self._wait_for_start(role, tokens)
        except BaseException:
            self.release()
            raise
        return halvings

    def release(self) -> None:
        """Count a call as no longer in flight and admit the next call."""
        self.in_flight -= 1
        self._admit_waiting()

    def record_reply(self, role: str, seconds: float) -> None:
        """Count a reply and its duration. After `limit` replies in a row, raise the limit by one."""
        self.reply_count += 1
        known = self._seconds.get(role, 0.0)
        self._seconds[role] = known + (seconds - known) / AVERAGED_REPLIES
        self._replies_at_limit += 1
        if self._replies_at_limit >= self.limit and self.limit < self._most:
            self._replies_at_limit = 0
            self.limit += 1
            self._admit_waiting()

    def record_overload(self, halvings: int) -> None:
        """Halve the limit, unless it was halved since the call was admitted (after `halvings` halvings).

        The calls that were in flight together all report the same moment of overload.
        """
        self._replies_at_limit = 0
        if halvings == self._halvings:
            self._halvings += 1
            self.limit = max(1, self.limit // 2)

    def pause_starts(self, seconds: float) -> None:
        """Start no call for this time, as the endpoint asked."""
        self._pause_until = max(self._pause_until, asyncio.get_running_loop().time() + seconds)

    def close(self, error: Exception) -> None:
        """Admit no further call: raise `error` in all that wait and all that ask later."""
        self._close_error = self._close_error or error
        self._closing.set()
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(self._close_error)

    async def _wait_for_start(self, role: str, tokens: int) -> None:
        """Wait until the time at which this call may start."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            start = max(now, self._next_start, self._pause_until)
            self._next_start = start + self._space_after(role, tokens)
            if start > now:
                self._waiting_for_start += 1
                try:
                    await self._sleep(start - now)
                finally:
                    self._waiting_for_start -= 1
            # The endpoint may have asked for a pause in the meantime.
            if loop.time() >= self._pause_until:
                return

    def _space_after(self, role: str, tokens: int) -> float:
        """Return the seconds between the start of this call and the next."""
        seconds = min(PROCESSING_SECONDS, SPACING_SHARE * self._seconds.get(role, 0.0) / self.limit)
        if self._rates.requests:
            seconds = max(seconds, 60 / self._rates.requests)
        if self._rates.tokens:
            seconds = max(seconds, 60 * tokens / self._rates.tokens)
        return seconds

    async def _sleep(self, seconds: float) -> None:
        """Sleep. Raises the error given to `close` as soon as the limiter is closed."""
        if seconds < SHORT_SLEEP_SECONDS:
            await asyncio.sleep(seconds)
        else:
            await sleep_unless_set(self._closing, seconds)
        if self._close_error:
            raise self._close_error

    async def _wait_in_queue(self, first: bool) -> int:
        waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft(waiter)
        else:
            self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            # Admitted and cancelled at the same time: pass the place on.
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                self.release()
            raise

    def list_waiting(self) -> list[str]:
        """Return in words how many calls wait for what; an empty list if none waits."""
        queue = sum(not waiter.done() for waiter in self._waiting)
        waiting = [f"{queue} wait for one of {self.limit} places"] if queue else []
        if self._waiting_for_start:
            now = asyncio.get_running_loop().time()
            reason = "as the endpoint asked" if self._pause_until > now else "for the limit per minute"
            waiting.append(f"{self._waiting_for_start} wait {reason}")
        return waiting

    def _admit_waiting(self) -> None:
        while self._waiting and self.in_flight < self.limit:
            waiter = self._waiting.popleft()
            if not waiter.done():
                self.in_flight += 1
                waiter.set_result(self._halvings)


async def sleep_unless_set(event: asyncio.Event, seconds: float) -> None:
    """Sleep, and return early if the event is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
