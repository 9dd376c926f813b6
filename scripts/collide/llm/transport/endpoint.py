"""An OpenAI-compatible endpoint as a provider: one request, one try, every failure named for what it is.

The retries of the `openai` client are off: the client above counts each try.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai

from collide.errors import InputError
from collide.llm.request import Message, Reply, Request
from collide.llm.transport import error_mapping
from collide.llm.transport.connection_pool import drop_used, first_bytes, http_client
from collide.llm.transport.errors import FatalError, ProviderError, RejectedError, TransientError

LOCAL = {"127.0.0.1", "localhost", "::1"}
LONGEST_BODY = 8_000_000
"""Bytes of a reply that are read; the longest reply asked for is far shorter."""
SHORTEST_SECRET = 8
"""Letters of a key that is hidden wherever it is repeated; a shorter one is a placeholder, which may stand in any text."""
SHORTEST_NAME = 16
"""Letters of a reply's id that names one reply alone; a shorter one may be a counter, or always the same."""


class Endpoint:
    """Sends requests to `base_url` with the key from the environment variable `api_key_env`."""

    def __init__(self, name: str, base_url: str, settings: Mapping[str, Any]) -> None:
        """Raises InputError when the key is not set or can be none, or when the address holds one or would show it to all."""
        self.endpoint = base_url
        address = urlsplit(self.endpoint)
        if "@" in address.netloc:
            raise InputError(
                f"endpoints.{name}.base_url holds a user or a password, which would end in logs; take them out, and name the"
                " environment variable of the key in api_key_env"
            )
        if address.scheme == "http" and address.hostname not in LOCAL and not settings.get("allow_plain_http"):
            raise InputError(
                f"endpoints.{name}.base_url is plain HTTP to another machine, which would show the key and the texts to all"
                " between; use https, or say allow_plain_http: true"
            )
        variable = settings.get("api_key_env")
        key = _key(name, variable) if variable else "none"
        self._secret = key if len(key) >= SHORTEST_SECRET else ""
        self._place = f"endpoint {name} ({address.scheme}://{address.netloc})"
        self._timeout = settings.get("timeout", 120)
        self._given: set[int] = set()
        self._client = openai.AsyncOpenAI(
            base_url=self.endpoint,
            api_key=key,
            max_retries=0,
            timeout=self._timeout,
            http_client=http_client(self._timeout),
        )

    async def complete(self, request: Request) -> Reply:
        """Send one request once. Raises TransientError, RejectedError or FatalError; no message holds the key."""
        try:
            async with asyncio.timeout(self._timeout):
                body, headers = await self._send(request)
        except openai.APIStatusError as error:
            said = error_mapping.words_of_body(str(error.body))
            raise self._failed(error.status_code, said, error.response.headers, request) from None
        except (TimeoutError, openai.APIConnectionError, httpx2.HTTPError, aiohttp.ClientError) as error:
            raise self._unanswered(error) from None
        return replace(self._parsed(body, headers, request), pause_seconds=error_mapping.rest(headers))

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _send(self, request: Request) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers of a reply with a good status; the body is read in pieces so that an endless one is noticed."""
        body: dict[str, object] = {
            "messages": [_sendable(message) for message in request.messages],
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
            received = await first_bytes(response.http_response.aiter_bytes(), LONGEST_BODY + 1)
        if len(received) > LONGEST_BODY:
            raise RejectedError(f"{self._place} sent a reply of more than {LONGEST_BODY} bytes")
        return received, response.headers

    def _parsed(self, body: bytes, headers: Mapping[str, str], request: Request) -> Reply:
        """The reply that a body holds. What is no chat completion may pass; an error inside a good status is read as one."""
        try:
            data = json.loads(body.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            start = error_mapping.in_short(self._hide(body.decode("utf-8", "replace")), 60)
            what = f"starting {start!r}" if body.strip() else "that is empty"
            raise TransientError(f"{self._place} answered with a body {what}, no JSON") from None
        error = _error_inside(data)
        if error:
            raise self._failed(error_mapping.status_of(error), error_mapping.words_of(error), headers, request)
        try:
            choice = data["choices"][0]
            content = choice["message"].get("content")
        except (KeyError, IndexError, TypeError, AttributeError):
            raise TransientError(f"{self._place} answered with JSON that is no chat completion") from None
        self._check_new(body, data.get("id"))
        usage = data.get("usage") or {}
        return Reply(
            text=self._hide(content) if isinstance(content, str) else "",
            model=self._hide(str(data.get("model") or request.model)),
            finish_reason=self._hide(str(choice.get("finish_reason") or "unknown")),
            tokens_in=_count(usage, "prompt_tokens"),
            tokens_out=_count(usage, "completion_tokens"),
        )

    def _check_new(self, body: bytes, name: object) -> None:
        """Raises TransientError for a reply that was given before: a copy that came when the next request was under way."""
        if not isinstance(name, str) or len(name) < SHORTEST_NAME:
            return
        digest = hash(body)
        if digest in self._given:
            drop_used()
            raise TransientError(f"{self._place} answered with a copy of the reply to an earlier request")
        self._given.add(digest)

    def _failed(self, status: int | None, said: str, headers: Mapping[str, str], request: Request) -> ProviderError:
        """What an error answer means."""
        return error_mapping.meaning(self._place, request.model, status, self._hide(said), headers)

    def _unanswered(self, error: BaseException) -> ProviderError:
        """What a failure without a reply was, by its causes: the transport calls a refused connection a time-out, too."""
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return FatalError(f"{self._place} shows a certificate that does not verify; nothing was sent")
        if any(isinstance(cause, TimeoutError) for cause in causes):
            return TransientError(f"{self._place} gave no reply within {self._timeout:g} s")
        return TransientError(
            f"{self._place} cannot be reached, or broke off: {error_mapping.in_short(self._hide(str(causes[-1])))}"
        )

    def _hide(self, text: str) -> str:
        """The text without the key. A text is cut after this, not before: a part of the key would not be found."""
        return text.replace(self._secret, "***") if self._secret else text


def _key(name: str, variable: str) -> str:
    """The key of an endpoint. Raises InputError for one that is not set, or that no header can hold."""
    key = os.environ.get(variable, "")
    if not key:
        raise InputError(
            f"the environment variable {variable} is not set; it must hold the key of endpoint {name}"
            f" (export {variable}=...), or choose --config source=simulated"
        )
    if not re.fullmatch("[!-~]+", key):
        raise InputError(
            f"the environment variable {variable} holds a blank, a line break or a letter that is not ASCII; it must hold the"
            f" key of endpoint {name} and nothing else"
        )
    return key


def _sendable(message: Message) -> Message:
    """A message that is UTF-8: halves of a letter (lone surrogates), as a model may write them, are replaced."""
    try:
        message["content"].encode()
        return message
    except UnicodeEncodeError:
        return {**message, "content": message["content"].encode("utf-16", "surrogatepass").decode("utf-16", "replace")}


def _error_inside(data: Any) -> object:
    """The error that a reply with a good status tells, as a whole or in its choice; None without one."""
    try:
        return data.get("error") or data["choices"][0].get("error")
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what led to it, the first cause last."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _count(usage: Mapping[str, Any], key: str) -> int | None:
    """Tokens by an endpoint's count; None without a number of them."""
    value = usage.get(key) if isinstance(usage, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
