"""Retry policy: after an error that may pass, whether a request is tried again, and after which pause."""

from __future__ import annotations

import random

from collide.llm.transport.errors import FatalError, TransientError, UnclearRefusal

# Longest pause between two tries, unless the endpoint asks for more. Outages of minutes are common; longer pauses would only
# delay the notice that an endpoint has recovered.
LONGEST_PAUSE = 60.0
# A job stops when the endpoint asks for a longer pause than this: such a limit is a daily quota, and the user should know.
LONGEST_REQUESTED_PAUSE = 900.0
# Pauses double from here.
FIRST_PAUSE = 0.5
# Overloads of one request that use up no retry. Their pauses add up to more than a minute, so that a limit per minute is
# outlasted whether or not the endpoint names the wait.
UNCOUNTED_OVERLOADS = 8
# After a refusal that may concern this request alone, the pause is as long as after this many earlier ones: 4 to 8 seconds, in
# which the other calls that are in flight are usually answered.
UNCLEAR_REFUSAL_PAUSES = 4


class Retries:
    """Retries of one request. `allowed` is the number of tries after the first."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._errors = self._pauses = self._refusals = 0

    @property
    def failures(self) -> int:
        """Return the number of failed tries so far."""
        return self._pauses + self._refusals

    def next_pause(self, error: TransientError | UnclearRefusal, others_answered: bool) -> float:
        """Return the seconds to wait before the next try.

        `others_answered` says that the endpoint answered other calls during the failed try. Raises FatalError when the
        request is given up.
        """
        if isinstance(error, UnclearRefusal):
            return self._await_other_replies(error)
        if (error.retry_after or 0) > LONGEST_REQUESTED_PAUSE:
            raise FatalError(f"{error}; the endpoint asks to wait {error.retry_after:.0f} s, rerun after that time")
        # A 429 uses up no retry while other calls succeed: the endpoint works, and this call only waits for its turn.
        self._errors += not (error.overloaded and (others_answered or self._pauses < UNCOUNTED_OVERLOADS))
        if self._errors > self._allowed:
            raise FatalError(f"{error}; {self._pauses + 1} tries failed, rerun when the endpoint works again")
        pause = choose_pause(self._pauses, error.retry_after)
        self._pauses += 1
        return pause

    def _await_other_replies(self, error: UnclearRefusal) -> float:
        """Return the wait for replies to other requests, which show that only this one is refused. Raises FatalError at the
        second refusal."""
        self._refusals += 1
        if self._refusals > 1:
            raise FatalError(
                f"{error}; the endpoint does not accept this kind of request and answered no other one: check the settings of"
                " the endpoint and the model in config.yaml"
            )
        return choose_pause(UNCLEAR_REFUSAL_PAUSES, None)


def choose_pause(earlier_pauses: int, requested: float | None) -> float:
    """Return the seconds before the next try: doubling each time, and never less than the endpoint requested.

    The random part keeps calls that failed together from being tried again together.
    """
    return (requested or 0.0) + min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**earlier_pauses) * random.uniform(0.5, 1.0)
