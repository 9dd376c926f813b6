"""The clients that the benchmark compares: plain aiohttp, the bare `openai` client, and the client of this project."""

import asyncio
import contextlib
import io
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import openai
from mock_server import CRITERIA

from collide.cost.usage import Price
from collide.llm.client import Client, LimitedProvider
from collide.llm.journal import Journal
from collide.llm.progress import Progress
from collide.llm.request import Call, CallOrigin, Model
from collide.llm.transport.endpoint import Endpoint

# About 4 KB, the size of a judge's prompt with a news article.
PROMPT = "word " * 800
ROLES = ("task", "loss", "gradient", "optimizer")
ATTEMPTS = 5
RETRIES = 3
# Called with the text of each reply.
Parse = Callable[[str], str]


class CpuMeter:
    """Measures the processor time per call as the median over groups of replies, so that start and end have no effect."""

    group_size = 100

    def __init__(self) -> None:
        self.replies = 0
        self.seconds: list[float] = []

    def parse_any(self, text: str) -> str:
        """Accept any reply and count it. Used as the parser of calls."""
        self.replies += 1
        if self.replies % self.group_size == 0:
            self.seconds.append(time.process_time())
        return text

    def median_milliseconds(self) -> float:
        """Return the median processor time of a call in milliseconds."""
        spent = [later - earlier for earlier, later in itertools.pairwise(self.seconds)]
        return 1000 * statistics.median(spent) / self.group_size


def build_messages(number: int) -> tuple[dict[str, str], ...]:
    """Return a prompt of 4 KB that differs from all others."""
    return ({"role": "system", "content": "Rate the summary."}, {"role": "user", "content": f"{number} {PROMPT}"})


async def call_with_aiohttp(url: str, calls: int, in_flight: int, parse: Parse) -> None:
    """Make calls with plain aiohttp, the least that a client can do."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def make_call(number: int) -> None:
            body = {"model": "m", "messages": build_messages(number)}
            async with session.post(f"{url}/chat/completions", json=body) as reply:
                parse(json.loads(await reply.read())["choices"][0]["message"]["content"])

        await _make_calls(calls, in_flight, make_call)


async def call_with_openai(url: str, calls: int, in_flight: int, parse: Parse) -> None:
    """Make calls with the `openai` client as it comes."""
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def make_call(number: int) -> None:
            arguments = {"messages": list(build_messages(number)), "temperature": 0.1, "max_tokens": 256}
            parse((await client.chat.completions.create(model="m", **arguments)).choices[0].message.content)

        await _make_calls(calls, in_flight, make_call)


async def call_with_ours(url: str, calls: int, in_flight: int, parse: Parse, http_client: str) -> None:
    """Make calls with the client of this project and its journal. `http_client` is the setting of an endpoint."""
    async with open_mock_client(url, in_flight, http_client) as client:
        made = (Call("task", build_messages(n), n, CallOrigin(1, f"d{n}", CRITERIA)) for n in range(calls))
        await asyncio.gather(*(client.answer_call(call, parse) for call in made))


@contextlib.asynccontextmanager
async def open_mock_client(url: str, in_flight: int, http_client: str) -> AsyncIterator[Client]:
    """Yield our client for all roles at the mock server, with a journal that is synced as for paid replies."""
    endpoint = Endpoint("mock", url, {"http_client": http_client})
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal", sync=True) as journal:
        client = Client(
            dict.fromkeys(ROLES, Model("mock", "m", 0.1, 256, {})),
            dict.fromkeys(ROLES, Price(0.1, 0.2)),
            {"mock": LimitedProvider(endpoint, in_flight, RETRIES)},
            journal,
            ATTEMPTS,
            {},
            Progress("bench", io.StringIO()),
        )
        yield client
        await client.close()
        await endpoint.close()


async def _make_calls(calls: int, in_flight: int, make_call: Callable[[int], Awaitable[object]]) -> None:
    free = asyncio.Semaphore(in_flight)

    async def wait_and_call(number: int) -> None:
        async with free:
            await make_call(number)

    await asyncio.gather(*(wait_and_call(number) for number in range(calls)))
