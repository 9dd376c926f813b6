"""What a failure of an endpoint means: its status and words, as the error that tells the client what to do."""

from __future__ import annotations

import datetime
import email.utils
import json
import re
import time
from collections.abc import Mapping

from collide.llm.transport.errors import FatalError, ProviderError, RejectedError, TransientError

OVERLOADED = {429, 503, 529}
PASSING = {408, 409, 425}
QUOTA = re.compile(r"insufficient_quota|billing|credit|quota exceeded|payment", re.IGNORECASE)
RATE = re.compile(r"rate.?limit|per[ _-]?(second|minute|hour)", re.IGNORECASE)
"""A quota that these words speak of fills again by itself."""
REFUSED = re.compile(
    r"context.{0,20}length|maximum context|too long|input token count|content.{0,10}(filter|policy)", re.IGNORECASE
)
FLAGGED = re.compile(
    r"(input|prompt|content|message|request|text)s?\b.{0,40}\bflagged|flagged.{0,20}(input|prompt|content)|requires moderation",
    re.IGNORECASE,
)
"""Of an account that is flagged these words do not speak."""
NAMED = {
    "insufficient_quota": 402,
    "billing_hard_limit_reached": 402,
    "billing_not_active": 402,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "model_not_found": 404,
    "not_found_error": 404,
    "context_length_exceeded": 400,
    "content_filter": 400,
    "content_policy_violation": 400,
    "invalid_request_error": 400,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "overloaded_error": 529,
}
"""The statuses of errors that are told by a name, as inside a reply with a good status."""
LONGEST_TOLD = 200
"""Letters of an endpoint's words that a message repeats."""
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
SINCE_1970 = 1e9
"""A number above this is a time, not a duration."""


def meaning(place: str, model: str, status: int | None, said: str, headers: Mapping[str, str]) -> ProviderError:
    """What an error answer to a request for `model` means; `status` is None for an error inside a reply that tells none."""
    told = f"{place} answered {status or '200 with an error inside'}: {in_short(said)}"
    if (status in {None, 400, 413, 422} and REFUSED.search(said)) or (status in {None, 400, 403, 422} and FLAGGED.search(said)):
        return RejectedError(told)
    if status == 402 or (status in {None, 403, 429} and QUOTA.search(said) and not RATE.search(said)):
        return FatalError(f"{told}; the quota or credit is used up, top it up and start again")
    if status in {401, 403}:
        return FatalError(f"{told}; the key is not accepted, check the variable that api_key_env names")
    if status == 404:
        return FatalError(f"{told}; check the model's name {model!r} and base_url in config.yaml")
    if status is None or status in OVERLOADED | PASSING or status >= 500:
        return TransientError(told, _wait(status, headers), overloaded=status in OVERLOADED)
    return FatalError(f"{told}; the endpoint does not take such a request, check its settings in config.yaml")


def status_of(error: object) -> int | None:
    """The status that an error inside a reply stands for, by number or name; None when it tells none that is known."""
    if not isinstance(error, Mapping):
        return None
    for key in ("code", "type"):
        value = str(error.get(key))
        if value in NAMED:
            return NAMED[value]
        if re.fullmatch("[45][0-9]{2}", value):
            return int(value)
    return None


def words_of_body(body: str) -> str:
    """What the body of an error says: the message of a JSON one, else its text."""
    try:
        return words_of(json.loads(body))
    except (ValueError, RecursionError):
        return body


def words_of(error: object) -> str:
    """What an error says, in the way of the API ({"error": {"message": ..., "code": ...}}) or any other."""
    inner = error.get("error", error) if isinstance(error, Mapping) else error
    if not isinstance(inner, Mapping):
        return str(inner)
    # A service between passes on what the model's own endpoint said under "metadata".
    further = inner.get("metadata")
    raw = further.get("raw") if isinstance(further, Mapping) else None
    return " ".join(str(part) for part in (*map(inner.get, ("message", "code", "type")), raw) if part) or str(inner)


def in_short(text: str, longest: int = LONGEST_TOLD) -> str:
    """One line, short enough for a message."""
    return re.sub(r"\s+", " ", text[:longest]).strip()


def rest(headers: Mapping[str, str], untold: str = "") -> float:
    """Seconds until all limits that the headers call used up are reset; 0 where none is.

    `untold` is what counts as left of a limit of which the headers tell a reset and not what is left.
    """
    return max(
        _seconds_until(headers.get(f"x-ratelimit-reset{kind}", ""))
        if re.fullmatch(r"0(\.0*)?", headers.get(f"x-ratelimit-remaining{kind}", untold))
        else 0.0
        for kind in ("-requests", "-tokens", "")
    )


def _wait(status: int | None, headers: Mapping[str, str]) -> float | None:
    """Seconds that an endpoint asks to wait for: by Retry-After, or, where a limit is reached, until it is reset."""
    asked = _retry_after(headers.get("retry-after", ""))
    if asked is None and status == 429:
        return rest(headers, untold="0") or None
    return asked


def _retry_after(value: str) -> float | None:
    """Seconds from now, out of a Retry-After header in seconds or as a date; None for anything else."""
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
        return max(0.0, date.replace(tzinfo=date.tzinfo or datetime.UTC).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _seconds_until(reset: str) -> float:
    """Seconds from now, out of a duration ("6m0s", "20ms"), a number of them, or a time since 1970 in seconds or milliseconds.

    >>> _seconds_until("1m2s"), _seconds_until("20ms"), _seconds_until("7")
    (62.0, 0.02, 7.0)
    """
    if re.fullmatch(r"\d+(\.\d+)?", reset):
        value = float(reset)
        if value > SINCE_1970:
            value = (value / 1000 if value > 1000 * SINCE_1970 else value) - time.time()
        return max(0.0, value)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", reset)
    return sum(float(value) * UNITS[unit] for value, unit in parts)
