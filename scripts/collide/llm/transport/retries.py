"""Retry policy: after an error that may pass, whether a request is tried again, and after which pause."""

from __future__ import annotations

import random

from collide.llm.transport.errors import FatalError, TransientError

# Longest pause between two tries, unless the endpoint asks for more. Outages of minutes are common; longer pauses would only
# delay the notice that an endpoint has recovered.
LONGEST_PAUSE = 60.0
# A job stops when the endpoint asks for a longer pause than this: such a limit is a daily quota, and the user should know.
LONGEST_REQUESTED_PAUSE = 900.0
# Pauses double from here.
FIRST_PAUSE = 0.5


class Retries:
    """Retries of one request. `allowed` is the number of tries after the first."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._errors = self._pauses = 0

    def next_pause(self, error: TransientError, others_answered: bool) -> float:
        """Return the seconds to wait before the next try.

        `others_answered` says that the endpoint answered other calls during the failed try. Raises FatalError when the
        request is given up.
        """
        if (error.retry_after or 0) > LONGEST_REQUESTED_PAUSE:
            raise FatalError(f"{error}; the endpoint asks to wait {error.retry_after:.0f} s, rerun after that time")
        # A 429 uses up no retry while other calls succeed: the endpoint works, and this call only waits for its turn.
        self._errors += not (error.overloaded and others_answered)
        if self._errors > self._allowed:
            raise FatalError(f"{error}; {self._pauses + 1} tries failed, rerun when the endpoint works again")
        pause = choose_pause(self._pauses, error.retry_after)
        self._pauses += 1
        return pause


def choose_pause(earlier_pauses: int, requested: float | None) -> float:
    """Return the seconds before the next try: doubling each time, and never less than the endpoint requested.

    The random part keeps calls that failed together from being tried again together.
    """
    return (requested or 0.0) + min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**earlier_pauses) * random.uniform(0.5, 1.0)
