"""Connections to an endpoint that never mix up the replies to different requests.

HTTP/1.1 does not say which request a reply belongs to: the next bytes on a connection answer the last request. If a server,
or a proxy on the way, sends a reply twice, the second copy would answer the next request, and so on for all later ones.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import urllib.request
import weakref
from collections.abc import AsyncGenerator, AsyncIterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai

from collide.errors import InputError

# Bytes of an error body. Its message is at the start.
LONGEST_ERROR_BODY = 100_000
# Bytes that are read, and decompressed, at a time: a compressed piece may grow a thousandfold.
PIECE_BYTES = 16_384
# Seconds for which an idle connection is kept. Many servers close theirs after five seconds or more; to send a request on a
# connection that the server is just closing costs a retry.
KEEPALIVE_SECONDS = 5.0

# The protocol of the connection on which the current task sent its last request.
_used_protocol: ContextVar[Any] = ContextVar("_used_protocol", default=None)


def open_http_client(base_url: str, timeout: float) -> httpx2.AsyncClient:
    """Return the HTTP client that `openai` sends through.

    Its transport is aiohttp, which takes half the processor time of the default one. Redirects are not followed, so that the
    key goes to no other host.
    """
    return httpx2.AsyncClient(
        transport=AiohttpTransport(base_url),
        follow_redirects=False,
        timeout=timeout,
        event_hooks={"response": [_raise_for_status]},
    )


def close_used_connection() -> None:
    """Close the connection on which the current task sent its last request, even if it is idle or used again by now."""
    if (protocol := _used_protocol.get()) is not None:
        protocol.close()


async def read_start(pieces: AsyncGenerator[bytes, None], most: int) -> bytes:
    """Return the first `most` bytes of a body, without reading further than the piece that holds the last of them."""
    received = bytearray()
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            received += piece
            if len(received) >= most:
                break
    return bytes(received[:most])


class CheckedConnector(aiohttp.TCPConnector):
    """Keeps connections for further requests, unless bytes arrived on them while they were idle."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._used: weakref.WeakSet[Any] = weakref.WeakSet()

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Return a connection for a request of the current task."""
        while True:
            connection = await super().connect(*args, **kwargs)
            protocol: Any = connection.protocol
            # Bytes that arrived on an idle connection answer no request of ours. Only used connections are checked: a
            # server that speaks first would otherwise be tried forever.
            if protocol in self._used and protocol.should_close:
                connection.close()
                continue
            self._used.add(protocol)
            _used_protocol.set(protocol)
            return connection


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """Sends httpx2 requests with aiohttp, directly or through the proxy that the environment names for `base_url`."""

    def __init__(self, base_url: str) -> None:
        self._proxy = _find_proxy(base_url)
        self._ssl_context = _make_ssl_context()
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return its response with the body still to be read. Raises aiohttp's errors."""
        if self._session is None:
            # A session can be made only in a running event loop.
            self._session = self._open_session()
        response = await self._session.request(
            request.method,
            str(request.url),
            headers=request.headers,
            data=await request.aread(),
            allow_redirects=False,
            proxy=self._proxy,
        )
        return httpx2.Response(response.status, headers=response.raw_headers, stream=_Body(response), request=request)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        # No limit of connections: the client above limits the calls in flight, and a pool with a lower limit would close
        # and open connections all the time.
        connector = CheckedConnector(ssl=self._ssl_context, keepalive_timeout=KEEPALIVE_SECONDS, limit=0)
        # httpx2 decompresses, piece by piece. The endpoint sets the time-out of the whole request.
        return aiohttp.ClientSession(connector=connector, auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None))


class _Body(httpx2.AsyncByteStream):
    """The body of a response, read in small pieces."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._response.content.iter_chunked(PIECE_BYTES):
            yield piece

    async def aclose(self) -> None:
        """Return the connection to the pool, or close it if part of the body is unread."""
        self._response.release()


def _find_proxy(base_url: str) -> str | None:
    """Return the proxy that the environment (https_proxy, no_proxy, ...) names for an address."""
    address = urlsplit(base_url)
    if urllib.request.proxy_bypass(address.netloc):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if proxy and "://" not in proxy:
        # As curl and others read it.
        return f"http://{proxy}"
    if proxy and not proxy.lower().startswith(("http://", "https://")):
        # The address is not shown: it may hold a password.
        raise InputError(
            f"the environment names a {proxy.partition('://')[0]} proxy for {address.netloc}, but only http and https proxies"
            f" are supported: set {address.scheme}_proxy to one of them, or no_proxy={address.hostname} to use none"
        )
    return proxy


def _make_ssl_context() -> ssl.SSLContext:
    """Return the settings of encrypted connections. The environment may name the trusted certificates, and nothing else.

    Raises InputError for certificates that cannot be read.
    """
    # Python would write the secrets of each connection to this file, and fails where it cannot.
    hidden = os.environ.pop("SSLKEYLOGFILE", None)
    try:
        for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            path = os.environ.get(variable)
            if path and not Path(path).exists():
                raise InputError(f"the environment variable {variable} names {path}, which does not exist; correct or unset it")
        return httpx2.create_ssl_context()
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: {error}") from None
    finally:
        if hidden is not None:
            os.environ["SSLKEYLOGFILE"] = hidden


async def _raise_for_status(response: httpx2.Response) -> None:
    """Raise APIStatusError with the start of the body for a status that is not 2xx. `openai` would read all of the body."""
    if not response.is_success:
        body = await read_start(response.aiter_bytes(), LONGEST_ERROR_BODY)
        raise openai.APIStatusError("", response=response, body=body.decode("utf-8", "replace"))
