"""Slots: how many calls may be in flight at an endpoint, a number that finds its level by itself."""

from __future__ import annotations

import asyncio
from collections import deque


class Slots:
    """At most `limit` calls in flight: it starts at `start`, grows by one for every `limit` replies up to `most`, and is halved
    when the endpoint says that it is asked too much.

    Of the calls that were in flight together only the first such word halves the limit: the others speak of the same moment.
    """

    def __init__(self, start: int, most: int) -> None:
        self.limit, self._most = start, most
        self.in_flight = 0
        self._grown = 0
        self._era = 0
        self._waiting: deque[asyncio.Future[int]] = deque()

    async def acquire(self) -> int:
        """Wait for a slot; returns the era that it was given in, which `overloaded` asks for."""
        if self.in_flight < self.limit and not self._waiting:
            self.in_flight += 1
            return self._era
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Give a slot back."""
        self.in_flight -= 1
        self._wake()

    def succeeded(self) -> None:
        """Count a reply; enough of them in a row earn one more slot."""
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

    def _wake(self) -> None:
        """Hand free slots to those who have waited longest."""
        while self._waiting and self.in_flight < self.limit:
            waiter = self._waiting.popleft()
            if not waiter.done():
                self.in_flight += 1
                waiter.set_result(self._era)
