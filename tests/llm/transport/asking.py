"""Helpers that send requests to an endpoint at a scripted server."""

import asyncio

from collide.llm.request import Request
from collide.llm.transport.endpoint import Endpoint
from collide.llm.transport.errors import ProviderError

from ...patience import REPLY_PATIENCE
from .fault_server import FaultServer

REQUEST = Request(
    "x", "model/a", ({"role": "user", "content": "How good?"},), 0.1, 100, 7, 1, {"reasoning": {"enabled": False}}
)


def ask(*replies, server=None, request=REQUEST, **settings):
    """Return the endpoint's reply to one request, and the server."""

    async def session():
        async with server or FaultServer(*replies) as running:
            endpoint = Endpoint("test", running.url, {"timeout": REPLY_PATIENCE, **settings})
            try:
                return await endpoint.complete(request), running
            finally:
                await endpoint.close()

    return asyncio.run(session())


def ask_in_turn(times, *replies, pause=0.0, **settings):
    """Return the text or error of each of several requests with pauses between them, and the number of connections."""

    async def session():
        found = []
        async with FaultServer(*replies) as server:
            endpoint = Endpoint("test", server.url, {"timeout": REPLY_PATIENCE, **settings})
            for _ in range(times):
                try:
                    found.append((await endpoint.complete(REQUEST)).text)
                except ProviderError as error:
                    found.append(error)
                await asyncio.sleep(pause)
            await endpoint.close()
            return found, server.connections

    return asyncio.run(session())
