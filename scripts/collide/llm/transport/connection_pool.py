"""Connections to an endpoint, on each of which replies stay in step with requests.

HTTP/1.1 does not say which request a reply belongs to: the next bytes on a connection answer what was asked last. Where a
server, or a proxy between, sends a reply twice, the second one would answer the next request, and the reply to that the next.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from typing import Any

import aiohttp
import httpx2
import openai

LONGEST_ERROR = 100_000
"""Bytes of an error's body that are read; what it says stands at its start."""

_used: ContextVar[Any] = ContextVar("_used", default=None)
"""The protocol of the connection that the current task sent its last request on."""


def http_client(timeout: float) -> httpx2.AsyncClient:
    """The client that `openai` sends through: aiohttp's, which takes about half the processor time of its default one.

    Redirects are not followed, so that the key goes nowhere else.
    """
    return _Client(follow_redirects=False, timeout=timeout, event_hooks={"response": [_raise_for_status]})


def drop_used() -> None:
    """Close the connection that the current task sent its last request on, also when it is idle or used again by now."""
    if (protocol := _used.get()) is not None:
        protocol.close()


async def first_bytes(pieces: AsyncGenerator[bytes, None], most: int) -> bytes:
    """The first `most` bytes of a body; what comes after the piece that holds the last of them is not read."""
    received = bytearray()
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            received += piece
            if len(received) >= most:
                break
    return bytes(received[:most])


class Pool(aiohttp.TCPConnector):
    """Connections that are kept for further requests, as long as nothing is left to read on them."""

    async def _get(self, key: Any, traces: Any) -> Any:
        """A connection that was used before, or None. What came on it meanwhile answers no request of ours."""
        while True:
            connection: Any = await super()._get(key, traces)
            if connection is None or not connection.protocol.should_close:
                return connection
            connection.close()

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        """A connection for a request of the current task."""
        connection = await super().connect(*args, **kwargs)
        _used.set(connection.protocol)
        return connection


class _Client(openai.DefaultAioHttpClient):
    """The client with `Pool`, straight and through the proxies that the environment names."""

    def _init_transport(self, *args: Any, **kwargs: Any) -> httpx2.AsyncBaseTransport:
        return _with_pool(super()._init_transport(*args, **kwargs))

    def _init_proxy_transport(self, *args: Any, **kwargs: Any) -> httpx2.AsyncBaseTransport:
        return _with_pool(super()._init_proxy_transport(*args, **kwargs))


def _with_pool(transport: Any) -> httpx2.AsyncBaseTransport:
    # The client above bounds what is in flight; a pool with a limit would close and open connections all the time.
    settings = {"ssl": transport.ssl_context, "keepalive_timeout": transport.limits.keepalive_expiry, "limit": 0}
    transport.client = lambda: aiohttp.ClientSession(connector=Pool(**settings))
    return transport


async def _raise_for_status(response: httpx2.Response) -> None:
    """Raise APIStatusError with the start of the body where the status is not a good one. `openai` would read all of it."""
    if not response.is_success:
        body = await first_bytes(response.aiter_bytes(), LONGEST_ERROR)
        raise openai.APIStatusError("", response=response, body=body.decode("utf-8", "replace"))
