"""Senders of completion requests: the `openai` client, or plain aiohttp, which takes a third of its processor time.

Both send through a `ConnectionPool` and return what the endpoint answered, whatever the status.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import httpx2
import openai

from collide.llm.transport.connection_pool import ConnectionPool, HttpReply

COMPLETIONS_PATH = "/chat/completions"


class Sender(Protocol):
    """Anything that posts the body of a completion request."""

    async def send(self, body: bytes) -> HttpReply:
        """Post a body of JSON. Raises the errors of `openai` and aiohttp when no reply arrives."""

    async def close(self) -> None:
        """Release connections."""


class OpenAISender:
    """Sends with the `openai` client, over a connection pool of our own. The client's retries are off: the callers count every
    try."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout: float) -> None:
        self._client = make_openai_client(base_url, timeout, httpx2.AsyncClient(transport=_PoolTransport(base_url)))
        self._options: Any = {"headers": replace_client_key(headers)}

    async def send(self, body: bytes) -> HttpReply:
        """Post a body of JSON. Raises openai.APIConnectionError when no reply arrives."""
        try:
            # The cheapest public path of the client: a body that is ready, and a response that it does not parse. The checks of
            # `chat.completions.create` would take a fifth more processor time.
            response = await self._client.post(COMPLETIONS_PATH, cast_to=httpx2.Response, content=body, options=self._options)
        except openai.APIStatusError as error:
            response = error.response
        return HttpReply(response.status_code, response.headers, response.content)

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()


class AiohttpSender:
    """Sends the same bodies as `OpenAISender` straight through the connection pool, with the headers that the API needs."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout: float) -> None:
        self._pool = ConnectionPool(base_url)
        address = urlsplit(base_url)
        self._url = address._replace(path=address.path.rstrip("/") + COMPLETIONS_PATH).geturl()
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}

    async def send(self, body: bytes) -> HttpReply:
        """Post a body of JSON. Raises aiohttp's errors when no reply arrives."""
        return await self._pool.post(self._url, self._headers, body)

    async def close(self) -> None:
        """Release connections."""
        await self._pool.close()


# Senders by the name that the setting `http_client` of an endpoint gives.
SENDERS: dict[str, type[OpenAISender] | type[AiohttpSender]] = {"openai": OpenAISender, "aiohttp": AiohttpSender}
DEFAULT_SENDER = "openai"


class _PoolTransport(httpx2.AsyncBaseTransport):
    """Sends the requests of httpx2 through a connection pool, which takes half the time of httpx2's own transport."""

    def __init__(self, base_url: str) -> None:
        self._pool = ConnectionPool(base_url)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return its response. Raises aiohttp's errors."""
        reply = await self._pool.post(str(request.url), request.headers, await request.aread())
        # The body is decompressed already.
        headers = [(name, value) for name, value in reply.headers.items() if name.lower() != "content-encoding"]
        return httpx2.Response(reply.status, headers=headers, content=reply.body, request=request)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.close()


def make_openai_client(base_url: str, timeout: float, http_client: httpx2.AsyncClient | None = None) -> openai.AsyncOpenAI:
    """Return an `openai` client that tries each request once, without a key. The query of `base_url` goes with each request."""
    address = urlsplit(base_url)
    with _hide_openai_variables():
        return openai.AsyncOpenAI(
            base_url=address._replace(query="").geturl(),
            default_query=dict(parse_qsl(address.query)),
            # The client insists on a key.
            api_key="none",
            max_retries=0,
            timeout=timeout,
            http_client=http_client,
        )


def replace_client_key(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return headers that keep the `openai` client from sending its own key."""
    return {"Authorization": openai.Omit(), **headers}


@contextlib.contextmanager
def _hide_openai_variables() -> Iterator[None]:
    """Hide the variables of the environment that the `openai` client reads when it is made.

    OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS, for example, would be sent to every endpoint, whoever runs it.
    """
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OPENAI_")}
    try:
        yield
    finally:
        os.environ.update(hidden)
