"""Serve the simulator as an OpenAI-compatible endpoint on this machine, to try the live path without a key.

    python tools/serve_simulator.py --port 8000 --latency 0.05 --max-in-flight 20

Then set an endpoint's base_url to http://127.0.0.1:8000/v1. GET /count returns the number of
requested completions, and how many are under way.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import argparse
import asyncio
import json
import os
import random
import time
from collections.abc import Sequence
from typing import Any

from tools.http_server import RESET, HttpServer, Piece, build_error, build_head, build_reply, read_header
from tools.served_batches import ServedBatches

from collide.common.simulated_notice import add_served_mark
from collide.llm.request import Reply, Request
from collide.llm.transport.errors import FatalError
from collide.simulator import Simulator
from collide.simulator.models import SIMULATED_MODELS

# A test that is killed cannot stop its server, so the server looks whether its parent still runs.
PARENT_CHECK_SECONDS = 0.5
# Longer than any time-out that a test sets.
STALL_SECONDS = 5.0
# Errors that may pass, each as the pieces of a reply (see `http_server`). The last one of each kind closes the connection.
TRANSIENT_ERRORS: tuple[Sequence[Piece], ...] = (
    [RESET],
    [build_head(200, 1000), b'{"choices": [{"message": ', RESET],
    [STALL_SECONDS, RESET],
    build_reply(200, b""),
    build_reply(200, b"<html>back soon</html>", kind="text/html"),
    build_reply(200, {"error": {"message": "upstream died", "code": 502}}),
    *(build_error(status, "an error on demand", "demanded", "Retry-After: 0") for status in (429, 500, 503)),
)


class ServedSimulator:
    """Answers completions after `latency` seconds, and with 429 when more than `max_in_flight` (0: no limit) are under way.

    `batches` is its Batch API.
    """

    def __init__(self, latency: float, max_in_flight: int, key: str, error_rate: float) -> None:
        self.latency, self.max_in_flight, self.key, self.error_rate = latency, max_in_flight, key, error_rate
        # Seeded, so that a failing test fails again.
        self.random = random.Random(0)
        self.simulator = Simulator()
        self.requests = self.in_flight = 0
        self.last_request = time.monotonic()
        self.batches = ServedBatches(self.answer_body)

    async def respond(self, head: str, body: bytes) -> Sequence[Piece]:
        """Return the reply to any request."""
        match head.split(" ")[:2]:
            case ["POST", "/v1/chat/completions"]:
                return await self.respond_to_completion(head, body)
            case ["GET", "/v1/models"]:
                return build_reply(
                    200, {"object": "list", "data": [{"id": name, "object": "model"} for name in SIMULATED_MODELS]}
                )
            case ["GET", "/count"]:
                return build_reply(200, {"requests": self.requests, "in_flight": self.in_flight})
        return self._check_key(head) or await self.batches.respond(head, body)

    async def respond_to_completion(self, head: str, body: bytes) -> Sequence[Piece]:
        """Return a completion or an error."""
        self.requests += 1
        self.last_request = time.monotonic()
        if refusal := self._check_key(head):
            return refusal
        if self.max_in_flight and self.in_flight >= self.max_in_flight:
            message = f"more than {self.max_in_flight} requests at once"
            return build_error(429, message, "rate_limit_exceeded", "Retry-After: 0.05")
        if self.random.random() < self.error_rate:
            return self.random.choice(TRANSIENT_ERRORS)
        self.in_flight += 1
        try:
            await asyncio.sleep(self.latency)
            return build_reply(*await self.answer_body(json.loads(body)))
        finally:
            self.in_flight -= 1

    async def answer_body(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return status and body of the answer to the body of a request."""
        try:
            return 200, describe_completion(await self.simulator.complete(read_request(body)))
        except FatalError as error:
            return 404, {"error": {"message": str(error), "code": "model_not_found"}}
        except (ValueError, KeyError, TypeError) as error:
            return 400, {"error": {"message": f"the request cannot be read: {error!r}", "code": "invalid_request_error"}}

    def _check_key(self, head: str) -> Sequence[Piece]:
        """Return the refusal of a wrong key, empty if the key is right."""
        if self.key and read_header(head, "authorization") != f"Bearer {self.key}":
            return build_error(401, "the key is not known here", "invalid_api_key")
        return ()


def read_request(body: dict[str, Any]) -> Request:
    """Return the request in a decoded body. Raises KeyError or TypeError for a field that is missing or invalid."""
    return Request(
        endpoint="served",
        model=body["model"],
        messages=tuple({"role": m["role"], "content": m["content"]} for m in body["messages"]),
        temperature=body.get("temperature", 1.0),
        max_tokens=body.get("max_tokens", 1024),
        seed=body.get("seed", 0),
        attempt=1,
        extra_body={"simulator": body["simulator"]} if "simulator" in body else {},
    )


def describe_completion(reply: Reply) -> dict[str, Any]:
    """Return a reply in the form of the OpenAI API, with the mark of served simulated replies."""
    message = {"role": "assistant", "content": add_served_mark(reply.text)}
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


async def serve_until_idle(simulator: ServedSimulator, port: int, idle_seconds: float) -> None:
    """Serve until the parent process ends or no request came for `idle_seconds`."""
    async with HttpServer(simulator.respond, port) as server:
        print(f"serving {server.url}", flush=True)
        parent = os.getppid()
        while os.getppid() == parent and time.monotonic() - simulator.last_request < idle_seconds:
            await asyncio.sleep(PARENT_CHECK_SECONDS)


def main(arguments: Sequence[str]) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--max-in-flight", type=int, default=0, help="requests at once before 429; 0 for no limit")
    parser.add_argument("--key", default="", help="the API key to require; none by default")
    parser.add_argument("--error-rate", type=float, default=0.0, help="share of requests answered with an error that may pass")
    parser.add_argument("--batch-seconds", type=float, default=0.0, help="seconds that a batch takes")
    parser.add_argument("--idle", type=float, default=3600.0, help="seconds without a request before the server ends")
    given = parser.parse_args(arguments)
    simulator = ServedSimulator(given.latency, given.max_in_flight, given.key, given.error_rate)
    simulator.batches = ServedBatches(simulator.answer_body, given.batch_seconds)
    asyncio.run(serve_until_idle(simulator, given.port, given.idle))


if __name__ == "__main__":
    main(sys.argv[1:])
