"""A server faster than any real endpoint, in its own process, with replies for all roles."""

import asyncio
import json
import multiprocessing
import time
from collections.abc import Sequence

from tools.http_server import HttpServer, Piece, build_error, build_reply

CRITERIA = ("fluency", "relevance", "coherence", "consistency")
# A reply that each role but the optimizer can use: words for critiques and gradients, and the ratings of a judge.
RATINGS = "The summary is good: " + json.dumps(dict.fromkeys(CRITERIA, 4))
# Occurs only in an optimizer's prompt.
OPTIMIZER_WORDS = b"full new"
# More calls in flight than any row of the benchmark has.
UNLIMITED = 10_000


class Mock:
    """Answers each request after the latency, or at once with 429 when more than `max_in_flight` are under way.

    GET returns the replies, the refusals and the seconds from the first request to the last reply; GET .../reset starts
    counting anew.
    """

    def __init__(self, latency: float, optimizer_latency: float, max_in_flight: int) -> None:
        self.latency, self.optimizer_latency, self.max_in_flight = latency, optimizer_latency, max_in_flight
        self.in_flight = self.replies = self.refused = 0
        self.first = self.last = 0.0

    async def respond(self, head: str, body: bytes) -> Sequence[Piece]:
        """Return the reply to a request."""
        if head.startswith("GET"):
            if "/reset" in head:
                self.replies, self.refused, self.first = 0, 0, 0.0
            return build_reply(200, {"replies": self.replies, "refused": self.refused, "seconds": self.last - self.first})
        self.first = self.first or time.monotonic()
        if self.in_flight >= self.max_in_flight:
            self.refused += 1
            return build_error(429, "slow down")
        self.in_flight += 1
        await asyncio.sleep(self.optimizer_latency if OPTIMIZER_WORDS in body else self.latency)
        self.in_flight -= 1
        self.replies += 1
        self.last = time.monotonic()
        return build_reply(
            200,
            {
                "model": "mock",
                "choices": [{"message": {"content": write_text(body)}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1000, "completion_tokens": 20},
            },
        )


def write_text(body: bytes) -> str:
    """Return new instructions for an optimizer's prompt, and words with ratings for any other."""
    if OPTIMIZER_WORDS not in body:
        return RATINGS
    # A new wording each time, so that every candidate differs from the prompt in force.
    names = [name for name in CRITERIA if f'criterion name=\\"{name}\\"'.encode() in body]
    return json.dumps({name: f"Rate {name} by {hash(body)}." for name in names})


def serve_mock(latency: float, optimizer_latency: float, max_in_flight: int, url: "multiprocessing.Queue[str]") -> None:
    """Serve until the parent process ends this one."""

    async def serve() -> None:
        async with HttpServer(Mock(latency, optimizer_latency, max_in_flight).respond) as server:
            url.put(server.url)
            await asyncio.Event().wait()

    asyncio.run(serve())


class MockServer:
    """The mock in its own process. An optimizer's rewrite takes `optimizer_latency` seconds, all else `latency`."""

    def __init__(self, latency: float, max_in_flight: int = UNLIMITED, optimizer_latency: float | None = None) -> None:
        queue: multiprocessing.Queue[str] = multiprocessing.Queue()
        arguments = (latency, optimizer_latency or latency, max_in_flight, queue)
        self.process = multiprocessing.Process(target=serve_mock, args=arguments, daemon=True)
        self.process.start()
        self.url = queue.get(timeout=20)

    def __enter__(self) -> str:
        return self.url

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.join()
