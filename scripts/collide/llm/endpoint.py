"""An OpenAI-compatible endpoint as a provider: one request, one try, every failure named for what it is.

The `openai` client sends through its aiohttp transport, which takes about half the processor time of its default one. Its own
retries are off: the client above counts each try. Redirects are not followed, so that the key goes nowhere else.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import os
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from collide.errors import InputError
from collide.llm.errors import FatalError, ProviderError, RejectedError, TransientError
from collide.llm.request import Reply, Request

LOCAL = {"127.0.0.1", "localhost", "::1"}
OVERLOADED = {429, 503, 529}
QUOTA = re.compile(r"insufficient_quota|billing|credit|quota exceeded|payment", re.IGNORECASE)
RATE = re.compile(r"rate.?limit|per[ _-]?(second|minute|hour)", re.IGNORECASE)
"""A quota that these words speak of fills again by itself."""
REFUSED = re.compile(r"context.{0,20}length|maximum context|too long|content.{0,10}(filter|policy)", re.IGNORECASE)
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
SINCE_1970 = 1e9
"""A number above this is a time, not a duration."""
LONGEST_BODY = 8_000_000
"""Bytes of a reply that are read; the longest reply asked for is far shorter."""


class Endpoint:
    """Sends requests to `base_url` with the key from the environment variable `key_variable`."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        """Raises InputError when the key is not set or the address would carry it in the open."""
        self.endpoint = settings["base_url"]
        address = urlsplit(self.endpoint)
        self._place = f"endpoint {name} ({address.scheme}://{address.netloc.rpartition('@')[2]})"
        if address.scheme == "http" and address.hostname not in LOCAL and not settings.get("allow_plain_http"):
            raise InputError(
                f"endpoints.{name}.base_url is plain HTTP to another machine, which would show the key and the texts to all"
                " between; use https, or say allow_plain_http: true"
            )
        variable = settings.get("key_variable")
        self._key = os.environ.get(variable, "") if variable else "none"
        if not self._key:
            raise InputError(
                f"the environment variable {variable} is not set; it must hold the key of endpoint {name}"
                f" (export {variable}=...), or choose --config source=simulated"
            )
        self._timeout = settings.get("timeout", 120)
        self._client = openai.AsyncOpenAI(
            base_url=self.endpoint,
            api_key=self._key,
            max_retries=0,
            timeout=self._timeout,
            http_client=openai.DefaultAioHttpClient(
                follow_redirects=False,
                timeout=self._timeout,
                # The client above bounds what is in flight; a smaller pool would close and open connections all the time.
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
            ),
        )

    async def complete(self, request: Request) -> Reply:
        """Send one request once. Raises TransientError, RejectedError or FatalError; no message holds the key."""
        try:
            async with asyncio.timeout(self._timeout):
                body, headers = await self._send(request)
        except openai.APIStatusError as error:
            raise self._status(error.status_code, _text(error.body, error.message), error.response.headers, request) from None
        except (TimeoutError, openai.APIConnectionError, httpx2.HTTPError) as error:
            raise self._unanswered(error) from None
        return replace(self._parsed(body, request), rest=_rest(headers))

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _send(self, request: Request) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers of a reply with a good status; the body is read in pieces so that an endless one is noticed."""
        body: dict[str, object] = {
            "messages": request.messages,
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "seed": request.seed,
            **request.extra_body,
        }
        # The client walks the declared types of all named arguments, which takes 40% of a call's processor time; the fields of
        # extra_body it lays over the request as they are.
        async with self._client.chat.completions.with_streaming_response.create(
            model=request.model, messages=(), extra_body=body
        ) as response:
            received = bytearray()
            async for piece in response.iter_bytes():
                received += piece
                if len(received) > LONGEST_BODY:
                    raise RejectedError(f"{self._place} sent a reply of more than {LONGEST_BODY} bytes")
            return bytes(received), response.headers

    def _parsed(self, body: bytes, request: Request) -> Reply:
        """The reply that a body holds. What is no chat completion may pass; an error inside a good status is read as one."""
        try:
            data = json.loads(body.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            what = f"starting {self._scrub(body[:60].decode('utf-8', 'replace'))!r}" if body.strip() else "that is empty"
            raise TransientError(f"{self._place} answered with a body {what}, no JSON") from None
        if isinstance(data, dict) and data.get("error"):
            code = data["error"].get("code") if isinstance(data["error"], dict) else None
            status = int(str(code)) if str(code).isdigit() else 502
            raise self._status(status, _text(data["error"], ""), {}, request)
        try:
            choice = data["choices"][0]
            content = choice["message"].get("content")
        except (KeyError, IndexError, TypeError, AttributeError):
            raise TransientError(f"{self._place} answered with JSON that is no chat completion") from None
        usage = data.get("usage") or {}
        return Reply(
            text=content if isinstance(content, str) else "",
            model=str(data.get("model") or request.model),
            finish_reason=str(choice.get("finish_reason") or "unknown"),
            tokens_in=_count(usage, "prompt_tokens"),
            tokens_out=_count(usage, "completion_tokens"),
        )

    def _status(self, status: int, said: str, headers: Mapping[str, str], request: Request) -> ProviderError:
        """What a status means, with what the endpoint said of it."""
        told = f"{self._place} answered {status}: {self._scrub(said)}"
        if status == 402 or (status in {403, 429} and QUOTA.search(said) and not RATE.search(said)):
            return FatalError(f"{told}; the quota or credit is used up, top it up and start again")
        if status in {401, 403}:
            return FatalError(f"{told}; the key is not accepted, check the variable that key_variable names")
        if status == 404:
            return FatalError(f"{told}; check the model's name {request.model!r} and base_url in config.yaml")
        if status in OVERLOADED or status in {408, 409, 425} or status >= 500:
            return TransientError(told, _retry_after(headers), overloaded=status in OVERLOADED)
        if status in {400, 413, 422} and REFUSED.search(said):
            return RejectedError(told)
        return FatalError(f"{told}; the endpoint does not take such a request, check its settings in config.yaml")

    def _unanswered(self, error: BaseException) -> ProviderError:
        """What a failure without a reply was, by its causes: the transport calls a refused connection a time-out, too."""
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return FatalError(f"{self._place} shows a certificate that does not verify; nothing was sent")
        if any(isinstance(cause, TimeoutError) for cause in causes):
            return TransientError(f"{self._place} gave no reply within {self._timeout:g} s")
        return TransientError(f"{self._place} cannot be reached, or broke off: {self._scrub(str(causes[-1]))}")

    def _scrub(self, text: str) -> str:
        """One line without the key, short enough for a message."""
        return re.sub(r"\s+", " ", text.replace(self._key, "***"))[:200].strip()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what led to it, the first cause last."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _text(body: object, otherwise: str) -> str:
    """What an error body says."""
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        if isinstance(inner, Mapping):
            return " ".join(str(inner[key]) for key in ("message", "code", "type") if inner.get(key))
        return str(inner)
    return str(body or otherwise)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a Retry-After header in seconds or as a date; None without one."""
    value = headers.get("retry-after")
    if not value:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _rest(headers: Mapping[str, str]) -> float:
    """Seconds until a limit that the headers call used up is reset; 0 where none is."""
    for kind in ("-requests", "-tokens", ""):
        if re.fullmatch(r"0(\.0*)?", headers.get(f"x-ratelimit-remaining{kind}", "")):
            return _seconds_until(headers.get(f"x-ratelimit-reset{kind}", ""))
    return 0.0


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


def _count(usage: Mapping[str, Any], key: str) -> int | None:
    value = usage.get(key) if isinstance(usage, Mapping) else None
    return value if isinstance(value, int) else None
