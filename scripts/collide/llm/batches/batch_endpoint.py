"""The Batch API of an endpoint: upload requests, create a batch, look at it, download its replies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import openai
from openai.types import Batch as ReportedBatch

from collide.llm.request import Reply, Request
from collide.llm.transport import error_mapping
from collide.llm.transport.connection_pool import HttpReply
from collide.llm.transport.endpoint import Endpoint
from collide.llm.transport.errors import FatalError, ProviderError, TransientError
from collide.llm.transport.senders import make_openai_client, replace_client_key

T = TypeVar("T")
# Statuses of an address that the endpoint does not serve.
NO_SUCH_ADDRESS = {404, 405, 501}
# Seconds for one request; a file of 100 MB needs 80 s at 10 Mbit/s.
TIMEOUT = 600.0


class NoSuchAddress(ProviderError):
    """The endpoint does not know the address of the Batch API, or the file or batch that a request names."""


class BatchEndpoint(Endpoint):
    """An endpoint whose requests are sent in batches. Each method is one try, and raises the errors of `Endpoint.complete`."""

    def __init__(self, name: str, base_url: str, settings: Mapping[str, Any]) -> None:
        super().__init__(name, base_url, settings)
        self.most_tokens: float | None = settings.get("batch_tokens")
        # A client of its own, because the pool of `Endpoint` reads the start of a body alone. Like that pool it does not follow
        # redirects, so that the key goes to no other host.
        self._api = make_openai_client(base_url, TIMEOUT, httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False))
        self._with_key: Any = {"extra_headers": replace_client_key(self._headers)}

    async def close(self) -> None:
        """Release connections."""
        await self._api.close()
        await super().close()

    async def has_batches(self) -> bool:
        """Return whether the endpoint has a Batch API."""
        try:
            await self._send(lambda: self._api.batches.list(limit=1, **self._with_key))
        except NoSuchAddress:
            return False
        return True

    async def upload(self, requests: Path) -> str:
        """Upload a file of requests and return its id."""
        with requests.open("rb") as file:
            return (await self._send(lambda: self._api.files.create(file=file, purpose="batch", **self._with_key))).id

    async def create(self, file_id: str) -> ReportedBatch:
        """Create a batch of an uploaded file."""
        return await self._send(
            lambda: self._api.batches.create(
                input_file_id=file_id, endpoint="/v1/chat/completions", completion_window="24h", **self._with_key
            )
        )

    async def find_batch(self, file_id: str) -> ReportedBatch | None:
        """Return the batch of an uploaded file, or None if there is none."""

        async def find() -> ReportedBatch | None:
            async for batch in self._api.batches.list(limit=100, **self._with_key):
                if batch.input_file_id == file_id:
                    return batch
            return None

        return await self._send(find)

    async def retrieve(self, batch_id: str) -> ReportedBatch:
        """Return the present state of a batch."""
        return await self._send(lambda: self._api.batches.retrieve(batch_id, **self._with_key))

    async def download(self, file_id: str) -> bytes:
        """Return the content of a file: a line per reply or error."""
        return (await self._send(lambda: self._api.files.content(file_id, **self._with_key))).content

    def read_line(self, line: Mapping[str, Any], request: Request) -> Reply:
        """Return the reply in a line of a batch's replies. Raises the error that the line holds, as `complete` does."""
        response = line.get("response") or {}
        if is_reply(line):
            return self._parse_reply(HttpReply(200, {}, json.dumps(response["body"]).encode("ascii")), request)
        error = line.get("error") or response.get("body") or {"message": "the batch holds neither reply nor error"}
        status = response.get("status_code") or error_mapping.read_status(error)
        raise self._map_error(status, error_mapping.read_error_message(error), {}, request)

    async def _send(self, ask: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(TIMEOUT):
                return await ask()
        except openai.APIStatusError as error:
            message = self._remove_key(error_mapping.read_body_message(str(error.body)))
            if error.status_code in NO_SUCH_ADDRESS:
                raise NoSuchAddress(
                    f"{self._place} answered {error.status_code}: {error_mapping.shorten_text(message)}"
                ) from None
            mapped = error_mapping.map_error(self._place, "", error.status_code, message, error.response.headers)
            # No other request shows whether the endpoint accepts this one.
            raise mapped if isinstance(mapped, (FatalError, TransientError)) else FatalError(str(mapped)) from None
        except (TimeoutError, openai.APIConnectionError) as error:
            raise self._map_connection_error(error) from None


def is_reply(line: Mapping[str, Any]) -> bool:
    """Return whether a line of a batch's replies holds a completion, which was paid for, and no error."""
    response = line.get("response")
    return isinstance(response, Mapping) and 200 <= (response.get("status_code") or 0) < 300
