"""Serves the simulator as an OpenAI-compatible endpoint on this machine, to try the live path without a key.

    python tools/serve_simulator.py --port 8000 --latency 0.05 --slots 20

Then set an endpoint's base_url to http://127.0.0.1:8000/v1. GET /count tells how many completions were asked for.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import argparse
import asyncio
import os
import random
import time
from typing import Any

from aiohttp import web

from collide.llm.request import Reply, Request
from collide.llm.transport.errors import FatalError
from collide.simulator import Simulator
from collide.simulator.models import SIMULATED_MODELS

PARENT_CHECK_SECONDS = 0.5
STALL_SECONDS = 5.0
"""How long a request hangs that is to time out."""


class Server:
    """Answers completions after `latency` seconds; beyond `slots` (0: no limit) at once it says 429, as endpoints do."""

    def __init__(self, latency: float, slots: int, key: str, faults: float) -> None:
        self.latency, self.slots, self.key, self.faults = latency, slots, key, faults
        self.chance = random.Random(0)
        self.simulator = Simulator()
        self.requests = self.under_way = 0
        self.last = time.monotonic()

    async def complete(self, request: web.Request) -> web.Response:
        """POST /v1/chat/completions."""
        self.requests += 1
        self.last = time.monotonic()
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return _error(401, "the key is not known here", "invalid_api_key")
        if self.slots and self.under_way >= self.slots:
            return _error(429, f"more than {self.slots} requests at once", "rate_limit_exceeded", {"Retry-After": "0.05"})
        if self.chance.random() < self.faults:
            return await self.fail(request)
        self.under_way += 1
        try:
            body = await request.json()
            await asyncio.sleep(self.latency)
            return web.json_response(_completion(await self.simulator.complete(_request(body))))
        except FatalError as error:
            return _error(404, str(error), "model_not_found")
        except (ValueError, KeyError, TypeError) as error:
            return _error(400, f"the request cannot be read: {error!r}", "invalid_request_error")
        finally:
            self.under_way -= 1

    async def fail(self, request: web.Request) -> web.StreamResponse:
        """One of the failures that may pass, at random."""
        match self.chance.randrange(9):
            case 0:
                return _broken_off(request, web.Response(body=b""))
            case 1:
                response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
                await response.prepare(request)
                await response.write(b'{"choices": [{"message": ')
                return _broken_off(request, response)
            case 2:
                await asyncio.sleep(STALL_SECONDS)
                return _broken_off(request, web.Response(body=b""))
            case 3:
                return web.Response(body=b"")
            case 4:
                return web.Response(text="<html>back soon</html>", content_type="text/html")
            case 5:
                return web.json_response({"error": {"message": "upstream died", "code": 502}})
            case other:
                return _error((429, 500, 503)[other - 6], "a fault on demand", "fault", {"Retry-After": "0"})

    async def count(self, request: web.Request) -> web.Response:
        """GET /count."""
        return web.json_response({"requests": self.requests})

    async def models(self, request: web.Request) -> web.Response:
        """GET /v1/models."""
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in SIMULATED_MODELS]})


def _broken_off(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The response on a connection that is closed under it."""
    if request.transport is not None:
        request.transport.close()
    return response


def _request(body: dict[str, Any]) -> Request:
    extra = {"simulator": body["simulator"]} if "simulator" in body else {}
    return Request(
        endpoint="served",
        model=body["model"],
        messages=tuple({"role": m["role"], "content": m["content"]} for m in body["messages"]),
        temperature=body.get("temperature", 1.0),
        max_tokens=body.get("max_tokens", 1024),
        seed=body.get("seed", 0),
        attempt=1,
        extra_body=extra,
    )


def _completion(reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text}
    return {
        "id": "simulated",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": reply.model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
        "usage": {
            "prompt_tokens": reply.tokens_in,
            "completion_tokens": reply.tokens_out,
            "total_tokens": (reply.tokens_in or 0) + (reply.tokens_out or 0),
        },
    }


def _error(status: int, message: str, code: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message, "type": code, "code": code}}, status=status, headers=headers)


async def serve(server: Server, port: int, idle: float) -> None:
    """Listen on 127.0.0.1 until the parent process ends or no request came for `idle` seconds."""
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/v1/chat/completions", server.complete)
    app.router.add_get("/v1/models", server.models)
    app.router.add_get("/count", server.count)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
    await site.start()
    bound = runner.addresses[0][1]
    print(f"serving http://127.0.0.1:{bound}/v1", flush=True)
    parent = os.getppid()
    try:
        while os.getppid() == parent and time.monotonic() - server.last < idle:
            await asyncio.sleep(PARENT_CHECK_SECONDS)
    finally:
        await runner.cleanup()


def main(arguments: list[str]) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--slots", type=int, default=0, help="requests at once before 429; 0 for no limit")
    parser.add_argument("--key", default="", help="the bearer key to demand; none by default")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that fail in a way that may pass")
    parser.add_argument("--idle", type=float, default=3600.0, help="seconds without a request before it stops by itself")
    given = parser.parse_args(arguments)
    asyncio.run(serve(Server(given.latency, given.slots, given.key, given.faults), given.port, given.idle))


if __name__ == "__main__":
    main(sys.argv[1:])
