"""An OpenAI-compatible endpoint as a provider: each request is one try, and each failure becomes one of the error classes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

import aiohttp
import openai

from collide.common.simulated_notice import remove_served_mark
from collide.errors import InputError, MissingKey
from collide.llm.replies.reported_usage import read_usage
from collide.llm.request import Message, Reply, Request
from collide.llm.transport import error_mapping, senders
from collide.llm.transport.connection_pool import LONGEST_BODY, HttpReply, close_used_connection, number_used_connection
from collide.llm.transport.errors import (
    FatalError,
    NoReply,
    ProviderError,
    RejectedError,
    TransientError,
    Unreachable,
    WrongAddress,
)
from collide.llm.transport.reply_body import decode_body, has_reasoning, read_message_text

LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}
# Seconds for one try. A long rewrite by a reasoning model takes about a minute.
DEFAULT_TIMEOUT = 120
# Characters of the shortest key that is masked in replies. A shorter key is a placeholder such as "none", a word that may
# occur in any reply.
SHORTEST_SECRET = 8
# Characters of a reply id that identifies one reply. A shorter one may be a counter, or always the same.
SHORTEST_REPLY_ID = 16
# Characters of a body without JSON that the error message quotes.
QUOTED_BODY_CHARACTERS = 60


class Endpoint:
    """Sends requests to `base_url`, with the key from the environment variable that the setting `api_key_env` names.

    The key is sent as a bearer token, or alone in the header that `api_key_header` names. An endpoint without `api_key_env`
    gets none. A query in `base_url`, such as Azure's api-version, is sent with each request, and so are the `headers`.
    """

    def __init__(self, name: str, base_url: str, settings: Mapping[str, Any]) -> None:
        """Raises MissingKey for a key that is not set, and InputError for an invalid one or an address that would expose it."""
        # The client puts it into Request.endpoint, and so into journal keys.
        self.endpoint = base_url
        address = urlsplit(base_url)
        _check_address(name, address, settings)
        variable = settings.get("api_key_env")
        key = _read_key(name, variable) if variable else ""
        self._secret = key if len(key) >= SHORTEST_SECRET else ""
        self._place = f"endpoint {name} ({address.scheme}://{address.netloc})"
        self._timeout = settings.get("timeout", DEFAULT_TIMEOUT)
        # The connection on which each body came first.
        self._seen_bodies: dict[int, int] = {}
        open_sender = senders.SENDERS[settings.get("http_client", senders.DEFAULT_SENDER)]
        self._headers = _build_headers(key, settings)
        self._sender: senders.Sender = open_sender(base_url, self._headers, self._timeout)

    async def complete(self, request: Request) -> Reply:
        """Send one request with a single try. Raises TransientError, RejectedError or FatalError; no message holds the key."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._sender.send(encode_body(request))
        except (TimeoutError, openai.APIConnectionError, aiohttp.ClientError) as error:
            # `from None`: the original error holds the request with the key, and tracebacks end up in logs.
            raise self._map_connection_error(error) from None
        if not 200 <= reply.status < 300:
            message = error_mapping.read_body_message(reply.body.decode("utf-8", "replace"))
            if 300 <= reply.status < 400:
                raise WrongAddress(self._describe_redirect(reply))
            raise self._map_error(reply.status, message, reply.headers, request)
        # Milliseconds: journals hold one of these for each reply, and more digits would tell nothing.
        seconds, pause = round(time.monotonic() - start, 3), error_mapping.read_pause(reply.headers)
        return replace(self._parse_reply(reply, request), pause_seconds=pause, seconds=seconds)

    async def close(self) -> None:
        """Release connections."""
        await self._sender.close()

    def _parse_reply(self, reply: HttpReply, request: Request) -> Reply:
        """Return the reply in a body. Raises the mapped error for an error in it, TransientError for anything else."""
        body = reply.body
        if len(body) > LONGEST_BODY:
            raise RejectedError(f"{self._place} sent a reply of more than {LONGEST_BODY} bytes")
        try:
            data = decode_body(body.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            # The key is removed before the text is cut: part of a key would not be recognized.
            start = error_mapping.shorten_text(self._remove_key(body.decode("utf-8", "replace")), QUOTED_BODY_CHARACTERS)
            content = f"starting {start!r}" if body.strip() else "that is empty"
            raise TransientError(f"{self._place} answered with a body {content}, no JSON") from None
        error = _find_error(data)
        if error:
            status, message = error_mapping.read_status(error), error_mapping.read_error_message(error)
            raise self._map_error(status, message, reply.headers, request)
        try:
            choice = data["choices"][0]
            text = read_message_text(choice, request.answer_in)
        except (KeyError, IndexError, TypeError, AttributeError):
            raise TransientError(f"{self._place} answered with JSON that is no chat completion") from None
        repeated = self._check_not_copy(body, data.get("id"))
        text, model = remove_served_mark(text, str(data.get("model") or request.model))
        usage = read_usage(data, reply.headers)
        return Reply(
            text=self._remove_key(text),
            model=self._remove_key(model),
            finish_reason=self._remove_key(str(choice.get("finish_reason") or "unknown")),
            provider=self._remove_key(data["provider"]) if isinstance(data.get("provider"), str) else "",
            received=int(time.time()),
            reasoning_only=not text.strip() and has_reasoning(choice["message"]),
            repeated=repeated,
            **usage._asdict(),
        )

    def _check_not_copy(self, body: bytes, reply_id: object) -> bool:
        """Return whether an earlier request got the same body, as a cache in front of the endpoint sends it.

        Raises TransientError for a body that came on the same connection before: it may be a second copy that arrived while
        the next request was under way. Replies with no id or a short one are not checked, because two different replies may be
        equal in every byte.
        """
        if not isinstance(reply_id, str) or len(reply_id) < SHORTEST_REPLY_ID:
            return False
        digest, connection = hash(body), number_used_connection()
        repeated = digest in self._seen_bodies
        if self._seen_bodies.setdefault(digest, connection) != connection or not repeated:
            return repeated
        # The reply to this request is still to come on the connection, and would answer the next one.
        close_used_connection()
        raise TransientError(f"{self._place} answered with a copy of the reply to an earlier request")

    def _map_error(self, status: int | None, message: str, headers: Mapping[str, str], request: Request) -> ProviderError:
        fields = _build_body(request).keys() - {"messages"}
        return error_mapping.map_error(self._place, request.model, status, self._remove_key(message), headers, fields)

    def _map_connection_error(self, error: BaseException) -> ProviderError:
        """Return the error for a failure without a reply."""
        causes = list(_iterate_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return FatalError(f"{self._place} has a certificate that does not verify; nothing was sent")
        # Only a TimeoutError is a time-out. The openai client also reports other failures as time-outs.
        if any(isinstance(cause, TimeoutError) for cause in causes):
            return NoReply(f"{self._place} gave no reply within {self._timeout:g} s")
        reason = error_mapping.shorten_text(self._remove_key(str(causes[-1])))
        return Unreachable(f"{self._place} cannot be reached, or closed the connection: {reason}")

    def _describe_redirect(self, reply: HttpReply) -> str:
        """Return the message for a redirect, with its target but without what may hold a secret."""
        target = urlsplit(reply.headers.get("location", ""))
        address = target._replace(netloc=target.netloc.rpartition("@")[2], query="", fragment="").geturl()
        place = f"to {error_mapping.shorten_text(self._remove_key(address))}" if address else "without a target"
        return (
            f"{self._place} answered {reply.status}, a redirect {place}, which is not followed because the other host would get"
            " the key: if you trust it, write its address in base_url, without /chat/completions"
        )

    def _remove_key(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text


def _check_address(name: str, address: SplitResult, settings: Mapping[str, Any]) -> None:
    """Raise InputError for an address that would expose a secret, or that is not the base of an API."""
    if "@" in address.netloc:
        raise InputError(
            f"endpoints.{name}.base_url holds a user or a password, which would end up in logs; remove them, and name the"
            " environment variable of the key in api_key_env"
        )
    if address.scheme == "http" and address.hostname not in LOCAL_HOSTS and not settings.get("allow_plain_http"):
        raise InputError(
            f"endpoints.{name}.base_url is plain HTTP to another machine, so that anyone on the network path could read the"
            " key and the texts; use https, or set allow_plain_http: true"
        )
    if address.path.rstrip("/").endswith("/chat/completions"):
        raise InputError(f"endpoints.{name}.base_url ends with /chat/completions, which is added to it; leave it out")


def _build_headers(key: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of each request beyond those of any HTTP request."""
    name = settings.get("api_key_header")
    bearer = {"Authorization": f"Bearer {key}"} if key and not name else {}
    return bearer | ({name: key} if key and name else {}) | settings.get("headers", {})


def _read_key(name: str, variable: str) -> str:
    """Return the key of an endpoint. Raises MissingKey for a variable that is not set, InputError for one that no header
    can hold."""
    key = os.environ.get(variable, "")
    if not key:
        raise MissingKey(
            f"the environment variable {variable} is not set; it must hold the key of endpoint {name}"
            f" (export {variable}=...), or choose --config source=simulated"
        )
    if not re.fullmatch("[!-~]+", key):
        raise InputError(
            f"the environment variable {variable} holds a blank, a line break or a character that is not ASCII; it must hold"
            f" the key of endpoint {name} and nothing else"
        )
    return key


def encode_body(request: Request) -> bytes:
    """Return the body of a request as JSON."""
    body = {"model": request.model, **_build_body(request)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _build_body(request: Request) -> dict[str, object]:
    """Return the fields of a request's body, apart from the model: renamed or left out as `Request.fields` says."""
    body: dict[str, object] = {
        "messages": [_replace_surrogates(message) for message in request.messages],
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        **request.extra_body,
    }
    for name, new_name in request.fields.items():
        value = body.pop(name, None)
        if new_name is not None and value is not None:
            body[new_name] = value
    return body


def _replace_surrogates(message: Message) -> Message:
    """Return a message that can be encoded as UTF-8: a lone surrogate, as a model may write it, is replaced."""
    try:
        message["content"].encode()
        return message
    except UnicodeEncodeError:
        return {**message, "content": message["content"].encode("utf-16", "surrogatepass").decode("utf-16", "replace")}


def _find_error(data: Any) -> object:
    """Return the error in a decoded reply, at the top or in its first choice, or None."""
    try:
        return data.get("error") or data["choices"][0].get("error")
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


def _iterate_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and the chain of its causes, the original one last."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
