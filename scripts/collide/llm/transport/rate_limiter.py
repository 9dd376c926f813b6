"""Slots: how many calls may be in flight at an endpoint, a number that finds its level by itself, and how fast they start."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PACE = 0.5
"""Calls start at least this share of (time a call takes / limit) apart, but no more than PROCESSED. Calls that start together
also end together, and then wait for each other's processing; spread out they do not. Below 1, so that it never binds."""
PROCESSED = 0.0015
"""Seconds that the processing of a call takes, rather more than less."""
REMEMBERED = 20
"""Replies over which the time that a call takes is averaged."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What may be asked in a minute: requests, and tokens in and out; None where there is no limit."""

    requests: float | None = None
    tokens: float | None = None


UNLIMITED = Rates()
CONCURRENCY = 16


def levels(endpoint: Mapping[str, Any]) -> tuple[int, int]:
    """Calls that one job may have in flight at an endpoint of config.yaml: at the start, and at most.

    >>> levels({"concurrency": 8, "max_concurrency": 16, "max_in_flight": 4})
    (4, 4)
    """
    start = endpoint.get("concurrency", CONCURRENCY)
    most = endpoint.get("max_concurrency", start)
    most = min(most, endpoint.get("max_in_flight", most))
    return min(start, most), most


class Slots:
    """At most `limit` calls in flight: it starts at `start`, grows by one for every `limit` replies up to `most`, and is halved
    when the endpoint says that it is asked too much. Calls start in the order in which they asked.

    Of the calls that were in flight together only the first such word halves the limit: the others speak of the same moment.
    Limits a minute are kept by spacing: a call keeps the next one waiting for as long as its share of the minute.
    """

    def __init__(self, start: int, most: int, rates: Rates = UNLIMITED) -> None:
        self.limit, self._most = start, max(start, most)
        self.in_flight = self.replies = 0
        self._rates = rates
        self._grown = 0
        self._era = 0
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._closed: Exception | None = None
        self._closing = asyncio.Event()
        self._seconds: dict[str, float] = {}  # that a call takes, by role
        self._next_start = self._rest_until = 0.0  # in the loop's time

    async def acquire(self, role: str, tokens: int = 0) -> int:
        """Wait for a slot, and until a call of so many tokens may start; returns the era, which `overloaded` asks for."""
        if self._closed:
            raise self._closed
        if self.in_flight < self.limit and not self._waiting:
            self.in_flight += 1
            era = self._era
        else:
            era = await self._turn()
        try:
            await self._start(role, tokens)
        except BaseException:
            self.release()
            raise
        return era

    def release(self) -> None:
        """Give a slot back."""
        self.in_flight -= 1
        self._wake()

    def succeeded(self, role: str, seconds: float) -> None:
        """Count a reply and the time that it took; enough of them in a row earn one more slot."""
        self.replies += 1
        known = self._seconds.get(role, 0.0)
        self._seconds[role] = known + (seconds - known) / REMEMBERED
        self._grown += 1
        if self._grown >= self.limit and self.limit < self._most:
            self._grown = 0
            self.limit += 1
            self._wake()

    def overloaded(self, era: int) -> None:
        """Halve the limit, unless that was done since the call's slot was given."""
        self._grown = 0
        if era == self._era:
            self._era += 1
            self.limit = max(1, self.limit // 2)

    def rest(self, seconds: float) -> None:
        """Start nothing for so long, as the endpoint asked."""
        self._rest_until = max(self._rest_until, asyncio.get_running_loop().time() + seconds)

    def close(self, error: Exception) -> None:
        """Start nothing more: whoever waits, and whoever comes, gets `error`."""
        self._closed = self._closed or error
        self._closing.set()
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(self._closed)

    async def _start(self, role: str, tokens: int) -> None:
        """Wait until a call may start, a little after the one before."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            start = max(now, self._next_start, self._rest_until)
            self._next_start = start + self._apart(role, tokens)
            if start > now:
                await self._pass(start - now)
            if loop.time() >= self._rest_until:
                return

    def _apart(self, role: str, tokens: int) -> float:
        """Seconds between the start of this call and of the next."""
        apart = min(PROCESSED, PACE * self._seconds.get(role, 0.0) / self.limit)
        if self._rates.requests:
            apart = max(apart, 60 / self._rates.requests)
        if self._rates.tokens:
            apart = max(apart, 60 * tokens / self._rates.tokens)
        return apart

    async def _pass(self, seconds: float) -> None:
        """Let time pass, unless the slots are closed meanwhile."""
        if seconds < 0.1:
            await asyncio.sleep(seconds)
        else:
            await unless(self._closing, seconds)
        if self._closed:
            raise self._closed

    async def _turn(self) -> int:
        waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                self.release()
            raise

    def _wake(self) -> None:
        """Hand free slots to those who have waited longest."""
        while self._waiting and self.in_flight < self.limit:
            waiter = self._waiting.popleft()
            if not waiter.done():
                self.in_flight += 1
                waiter.set_result(self._era)


async def unless(event: asyncio.Event, seconds: float) -> None:
    """Let so many seconds pass, or fewer when the event comes."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
