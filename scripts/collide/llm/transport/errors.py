"""Errors of a request, by what the client does about them: try again, record as missing, or stop the job."""

from __future__ import annotations


class ProviderError(Exception):
    """A request got no reply. The message is one sentence and holds no secrets."""


class TransientError(ProviderError):
    """Another try may succeed: overload, a limit, a time-out, a broken connection, an empty body.

    `retry_after` is the wait in seconds that the server asked for, or None. `overloaded` is True if the endpoint reported
    overload (status 429, 503 or 529).
    """

    def __init__(self, message: str, retry_after: float | None = None, overloaded: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.overloaded = overloaded


class NoReply(TransientError):
    """No complete reply came within the time-out."""


class Unreachable(TransientError):
    """Nothing listens at the address, or the connection was closed before the reply was complete."""


class RejectedError(ProviderError):
    """The endpoint will always refuse this request (context too long, content filter). It is recorded as missing."""


class UnclearRefusal(ProviderError):
    """The endpoint refuses a request, and its message does not say whether it would refuse every request.

    It is about this request alone if the endpoint answers others of the same role; otherwise it stops the job.
    """


class FatalError(ProviderError):
    """The job stops at once and sends no further request.

    Either no request can succeed until the user acts (key, quota, model name, certificate), or the retries of a request are
    used up, the endpoint asks for a very long pause, a signal stopped the job, or the client is closed.
    """


class KeyRefused(FatalError):
    """The endpoint does not accept the key, or wants one and got none."""


class CreditUsedUp(FatalError):
    """Quota or credit is used up and does not reset within minutes."""


class ModelUnknown(FatalError):
    """The endpoint has no model of the requested name."""


class WrongAddress(FatalError):
    """Nothing answers completions at the address."""


class FieldRefused(FatalError):
    """The model does not accept a field of the request's body. `new_name` is its other name; None to leave it out."""

    def __init__(self, message: str, field: str, new_name: str | None) -> None:
        super().__init__(message)
        self.field, self.new_name = field, new_name


class SwitchRefused(FatalError):
    """The model does not accept how reasoning is turned off. `switch` is the value of `thinking_off` that it accepts."""

    def __init__(self, message: str, switch: str) -> None:
        super().__init__(message)
        self.switch = switch


class LimitRefused(FatalError):
    """The model writes fewer tokens than `max_tokens` allows. `most` is the number that it writes at most."""

    def __init__(self, message: str, most: int) -> None:
        super().__init__(message)
        self.most = most


class BudgetError(FatalError):
    """A spending limit is reached. No further request is sent."""
