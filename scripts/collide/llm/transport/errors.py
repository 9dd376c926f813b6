"""How a request can fail: for now (worth another try), for good (this request), or for all (the run must stop)."""

from __future__ import annotations


class ProviderError(Exception):
    """A request got no reply; the message is one sentence without secrets."""


class TransientError(ProviderError):
    """Another try may succeed: overload, a limit, a time-out, a broken connection, an empty body.

    `retry_after` is the wait in seconds that the server asked for, or None. `overloaded` is True where the
    endpoint said that it is asked too much (429, 503, 529).
    """

    def __init__(self, message: str, retry_after: float | None = None, overloaded: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.overloaded = overloaded


class RejectedError(ProviderError):
    """The endpoint refuses this one request, and always will (context too long, content filter): recorded as missing."""


class FatalError(ProviderError):
    """No request can succeed until the user acts (key, quota, model name, certificate): the run stops at once."""


class BudgetError(FatalError):
    """The spending limit is reached: nothing new is sent."""
