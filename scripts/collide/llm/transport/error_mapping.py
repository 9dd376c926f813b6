"""Map an endpoint's error answer (status, message, headers) to the error class that tells the client what to do."""

from __future__ import annotations

import datetime
import email.utils
import json
import math
import re
import time
from collections.abc import Collection, Mapping

from collide.llm.transport.errors import (
    CreditUsedUp,
    FatalError,
    KeyRefused,
    ModelUnknown,
    ProviderError,
    RejectedError,
    TransientError,
    UnclearRefusal,
    WrongAddress,
)
from collide.llm.transport.refused_settings import find_refused_limit, find_refused_setting

OVERLOADED = {429, 503, 529}
# Request time-out, conflict, too early, and two statuses of gateways (498: capacity exceeded, 499: connection closed): the same
# request may succeed later.
TRANSIENT = {408, 409, 425, 498, 499}
# A router answers 400 with this message when the model's own endpoint failed and nothing else is known.
UPSTREAM_FAILED = re.compile(r"^provider returned error\W*(\d+)?\W*$", re.IGNORECASE)
# Statuses and messages overlap between providers: a 400, 403 or 429 may be a used-up quota, a 400 or 403 a refused prompt.
QUOTA_USED_UP = re.compile(
    r"insufficient_quota|insufficient (balance|funds)|billing|credit|quota exceeded|payment|key limit exceeded"
    r"|budget ?(has been |was )?exceeded|exceeded ?budget",
    re.IGNORECASE,
)
# At status 400 these words alone speak of money: a refused prompt may mention credit, too.
MONEY_USED_UP = re.compile(
    r"credit balance|insufficient (credit|balance|funds)|billing_hard_limit|budget ?(has been )?exceeded", re.I
)
# "Quota exceeded: 60 requests per minute" is a rate limit, and so is any quota that names the wait. Rate limits reset; treat as
# transient.
RATE_LIMIT = re.compile(r"rate.?limit|per[ _-]?(second|minute|hour)|(re)?try (again )?(in|after)\b|retrydelay", re.IGNORECASE)
# The wait that a message asks for: "Please retry in 34.2s", "try again in 1m2s", or "retryDelay": "34s".
ASKED_WAIT = re.compile(
    r"(?:try (?:again )?(?:in|after)|retrydelay)\W{0,5}((?:\d+(?:\.\d+)?\s?(?:ms|s|m|h|d)[a-z]*\s?)+)", re.IGNORECASE
)
PROMPT_REFUSED = re.compile(
    r"context.{0,20}(length|size|window)|maximum (context|model length)|too long|longer than|input token count"
    r"|content.{0,10}(filter|policy|exists risk)|data_inspection_failed|inappropriate content|prohibited_content",
    re.IGNORECASE,
)
# A gateway may answer 400 for a key or a model that it does not know.
KEY_REFUSED = re.compile(
    r"invalid (proxy server token|api.?key)|(api.?key|token).{0,30}(invalid|not valid)|authentication.?error"
    # A LiteLLM proxy without a database looks up any key but its master key there.
    r"|no_db_connection|no connected db",
    re.I,
)
MODEL_UNKNOWN = re.compile(
    r"invalid model name|model.{0,60}(not found|does not exist|not exist|unknown)|not a valid model", re.IGNORECASE
)
# Must not match "your account was flagged", which no other prompt would change.
PROMPT_FLAGGED = re.compile(
    r"(input|prompt|content|message|request|text)s?\b.{0,40}\bflagged|flagged.{0,20}(input|prompt|content)|requires moderation",
    re.IGNORECASE,
)
# Some services answer 200 and put the error in the body, with a name in place of the status.
STATUS_BY_NAME = {
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
# An error message must fit in a line of the log; endpoints send whole HTML pages.
QUOTED_CHARACTERS = 200
SECONDS_BY_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# A number above this is seconds since 1970, and a thousand times larger one milliseconds. No duration is this long.
SMALLEST_TIMESTAMP = 1e9


def map_error(
    place: str, model: str, status: int | None, message: str, headers: Mapping[str, str], fields: Collection[str] = ()
) -> ProviderError:
    """Return the error for an error answer to a request for `model`.

    `place` names the endpoint in messages. `status` is None for an error in a reply with status 200 that names none. `fields`
    are the fields of the request's body that settings can change.
    """
    text = f"{place} answered {status or '200 with an error inside'}: {shorten_text(message)}"
    refused = status in {None, 400, 413, 422} and PROMPT_REFUSED.search(message)
    flagged = status in {None, 400, 403, 422} and PROMPT_FLAGGED.search(message)
    if status in {None, 400, 422} and (error := find_refused_limit(text, model, message)):
        return error
    if refused or flagged:
        return RejectedError(text)
    if _is_about_money(status, message):
        return CreditUsedUp(f"{text}; the quota or credit is used up, top it up and rerun")
    if status in {401, 403} or (status == 400 and KEY_REFUSED.search(message)):
        return KeyRefused(f"{text}; the key is not accepted, check the variable that api_key_env names")
    if status in {None, 400, 422} and (setting_refused := find_refused_setting(text, model, message, fields)):
        return setting_refused
    if status == 404 or (status == 400 and MODEL_UNKNOWN.search(message)):
        # A server answers 404 to a wrong path, too, and then names no model.
        kind = ModelUnknown if re.search("model|deployment|no endpoints found", message, re.IGNORECASE) else WrongAddress
        return kind(f"{text}; check the model's name {model!r} and base_url in config.yaml")
    passing = status is None or status in OVERLOADED | TRANSIENT or status >= 500 or UPSTREAM_FAILED.search(message)
    if passing:
        return TransientError(text, _read_retry_after(status, headers, message), overloaded=status in OVERLOADED)
    if status in {400, 422}:
        return UnclearRefusal(text)
    return FatalError(f"{text}; the endpoint does not accept this kind of request, check its settings in config.yaml")


def _is_about_money(status: int | None, message: str) -> bool:
    """Return whether an error says that quota or credit is used up, and does not reset within minutes."""
    if status == 400:
        return bool(MONEY_USED_UP.search(message))
    used_up = status in {None, 403, 429} and QUOTA_USED_UP.search(message) and not RATE_LIMIT.search(message)
    return status == 402 or bool(used_up)


def read_status(error: object) -> int | None:
    """Return the status that an error in a reply names by number or name, or None."""
    if not isinstance(error, Mapping):
        return None
    for key in ("code", "type"):
        value = str(error.get(key))
        if value in STATUS_BY_NAME:
            return STATUS_BY_NAME[value]
        if re.fullmatch("[45][0-9]{2}", value):
            return int(value)
    return None


def read_body_message(body: str) -> str:
    """Return the message of an error body: that of its JSON, or else the whole text."""
    try:
        return read_error_message(json.loads(body))
    except (ValueError, RecursionError):
        return body


def read_error_message(error: object) -> str:
    """Return the message of a decoded error, in the API's form {"error": {"message": ..., "code": ...}} or any other."""
    inner = error.get("error", error) if isinstance(error, Mapping) else error
    if not isinstance(inner, Mapping):
        return str(inner)
    # A router such as OpenRouter passes the answer of the model's own endpoint on under "metadata".
    metadata = inner.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    return " ".join(str(part) for part in (*map(inner.get, ("message", "code", "type")), raw) if part) or str(inner)


def shorten_text(text: str, longest: int = QUOTED_CHARACTERS) -> str:
    """Return the start of a text as one line."""
    return re.sub(r"\s+", " ", text[:longest]).strip()


def read_pause(headers: Mapping[str, str], default_remaining: str = "") -> float:
    """Return the seconds until all used-up limits in the headers are reset, or 0 if there is none.

    `default_remaining` is the remaining amount of a limit for which the headers give only the reset.
    """
    return max(
        _read_seconds(headers.get(f"x-ratelimit-reset{kind}", ""))
        if re.fullmatch(r"0(\.0*)?", headers.get(f"x-ratelimit-remaining{kind}", default_remaining))
        else 0.0
        for kind in ("-requests", "-tokens", "")
    )


def _read_retry_after(status: int | None, headers: Mapping[str, str], message: str) -> float | None:
    """Return the wait in seconds that an endpoint asks for: Retry-After, its message, or at a 429 the reset of the limit.

    A gateway (LiteLLM) passes the header of the model's own endpoint on under a longer name.
    """
    asked = _read_wait(headers.get("retry-after") or headers.get("llm_provider-retry-after", ""))
    if asked is None and (told := ASKED_WAIT.search(message)):
        asked = _read_seconds(re.sub(r"milliseconds?", "ms", told[1].lower()).replace(" ", "")) or None
    if asked is None and status == 429:
        # After a 429 a limit whose remaining amount is not given must be the used-up one.
        return read_pause(headers, default_remaining="0") or None
    return asked


def _read_wait(value: str) -> float | None:
    """Return the seconds from now of a Retry-After header (seconds or a date), or None for anything else."""
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
        # A date with the zone "-0000" is parsed without a zone; it is in UTC.
        return max(0.0, date.replace(tzinfo=date.tzinfo or datetime.UTC).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _read_seconds(reset: str) -> float:
    """Return the seconds from now of a reset: a duration ("6m0s"), a number of seconds, or a time since 1970 in s or ms.

    >>> _read_seconds("1m2s"), _read_seconds("20ms"), _read_seconds("7")
    (62.0, 0.02, 7.0)
    """
    if re.fullmatch(r"\d+(\.\d+)?", reset):
        value = float(reset)
        if value > SMALLEST_TIMESTAMP:
            value = (value / 1000 if value > 1000 * SMALLEST_TIMESTAMP else value) - time.time()
        return max(0.0, value)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", reset)
    return math.fsum(float(value) * SECONDS_BY_UNIT[unit] for value, unit in parts)
