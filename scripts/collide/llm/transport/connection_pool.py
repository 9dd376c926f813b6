"""Connections to an endpoint that never mix up the replies to different requests.

HTTP/1.1 does not say which request a reply belongs to: the next bytes on a connection answer the last request. If a server,
or a proxy on the way, sends a reply twice, the second copy would answer the next request, and so on for all later ones.
"""

from __future__ import annotations

import itertools
import os
import ssl
import urllib.request
import weakref
from collections.abc import AsyncIterable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import httpx2

from collide.errors import InputError

# Bytes of a reply. The longest reply that we ask for (16384 tokens) is far shorter; more would fill the memory.
LONGEST_BODY = 8_000_000
# Bytes of an error body. Its message is at the start.
LONGEST_ERROR_BODY = 100_000
# Bytes that are read, and decompressed, at a time: a compressed piece may grow a thousandfold.
PIECE_BYTES = 16_384
# Seconds for which an idle connection is kept. Many servers close theirs after five seconds or more; to send a request on a
# connection that the server is just closing costs a retry.
KEEPALIVE_SECONDS = 5.0

# The protocol of the connection on which the current task sent its last request.
_used_protocol: ContextVar[Any] = ContextVar("_used_protocol", default=None)
# The connections in use, with a number that no other one has: the place of an object in memory is used again.
_numbers: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
_counter = itertools.count(1)


def close_used_connection() -> None:
    """Close the connection on which the current task sent its last request, even if it is idle or used again by now."""
    if (protocol := _used_protocol.get()) is not None:
        protocol.close()


def number_used_connection() -> int:
    """Return the number of the connection on which the current task sent its last request; each connection has its own."""
    return _numbers[_used_protocol.get()]


class HttpReply(NamedTuple):
    """A reply of any status: headers by name in upper or lower case, and the start of the body, decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class CheckedConnector(aiohttp.TCPConnector):
    """Keeps connections for further requests, unless bytes arrived on them while they were idle."""

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Return a connection for a request of the current task."""
        while True:
            connection = await super().connect(*args, **kwargs)
            protocol: Any = connection.protocol
            # Bytes that arrived on an idle connection answer no request of ours. Only used connections are checked: a
            # server that speaks first would otherwise be tried forever.
            if protocol in _numbers and protocol.should_close:
                connection.close()
                continue
            if protocol not in _numbers:
                _numbers[protocol] = next(_counter)
            _used_protocol.set(protocol)
            return connection


class ConnectionPool:
    """Posts requests to one endpoint, directly or through the proxy that the environment names for `base_url`."""

    def __init__(self, base_url: str) -> None:
        self._proxy = _find_proxy(base_url)
        self._ssl_context = _make_ssl_context()
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, headers: Mapping[str, str], content: bytes) -> HttpReply:
        """Post a body and return the reply with the start of its body. Raises aiohttp's errors.

        Redirects are not followed, so that the key goes to no other host.
        """
        if self._session is None:
            # A session can be made only in a running event loop.
            self._session = self._open_session()
        async with self._session.post(url, headers=headers, data=content, allow_redirects=False, proxy=self._proxy) as response:
            body = await _read_start(response, LONGEST_BODY + 1 if response.ok else LONGEST_ERROR_BODY)
            return HttpReply(response.status, response.headers, body)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        # No limit of connections: the client above limits the calls in flight, and a pool with a lower limit would close
        # and open connections all the time.
        connector = CheckedConnector(ssl=self._ssl_context, keepalive_timeout=KEEPALIVE_SECONDS, limit=0)
        # `_read_start` decompresses, piece by piece. The endpoint sets the time-out of the whole request.
        return aiohttp.ClientSession(connector=connector, auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None))


async def _read_start(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the first `most` bytes of a body, decompressed, without reading far beyond them."""
    pieces: AsyncIterable[bytes] = response.content.iter_chunked(PIECE_BYTES)
    if "Content-Encoding" in response.headers:
        # httpx2 has decoders that work piece by piece, so that a small body cannot grow to fill the memory.
        pieces = httpx2.Response(response.status, headers=response.raw_headers, content=pieces).aiter_bytes()
    received = bytearray()
    async for piece in pieces:
        received += piece
        if len(received) >= most:
            # The rest would have to be read before the connection could be used again.
            response.close()
            break
    return bytes(received[:most])


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
