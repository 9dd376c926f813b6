"""An event loop with a virtual clock: it sets the clock forward to the next timer instead of waiting for it."""

import asyncio
import selectors
from unittest.mock import patch


class ClockSelector(selectors.DefaultSelector):
    """A selector that moves `now`, in seconds, over the time for which the loop would wait."""

    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        """Return the events that are there; wait only if nothing but an event can go on."""
        if timeout is None:
            return super().select()
        events = super().select(0)
        self.now += 0 if events else max(0, timeout)
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while all tasks wait."""

    def __init__(self):
        self._clock = ClockSelector()
        super().__init__(self._clock)

    def time(self):
        """Return the virtual time in seconds."""
        return self._clock.now


def run_in_virtual_time(coroutine):
    """Return the result of a coroutine. Its sleeps take no time and end in their order, on any machine.

    `time.monotonic` gives the virtual time, too.
    """
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner, patch("time.monotonic", runner.get_loop().time):
        return runner.run(coroutine)
