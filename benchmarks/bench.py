"""Speed of the model layer, against a server in a process of its own and bare clients in the same run. `make bench` prints it.

Every row has the time that its calls take at best (latency x calls / slots, or the run's critical path) as its bound.
"""

import argparse
import asyncio
import contextlib
import io
import json
import math
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import aiohttp
import openai

from collide.corpus.pairs import Pair
from collide.decomposition import parse_mode
from collide.gates import Decision
from collide.llm.client import Channel, Client
from collide.llm.endpoint import Endpoint
from collide.llm.journal import Journal
from collide.llm.progress import Progress
from collide.llm.request import Call, Labels, Model
from collide.llm.simulator import Simulator
from collide.llm.usage import Price
from collide.prompts import Criterion
from collide.textgrad import Optimization, Settings

PROMPT = "word " * 800
RATINGS = '{"fluency": 4, "relevance": 4, "coherence": 4, "consistency": 4}'
CRITERIA = ("fluency", "relevance", "coherence", "consistency")


class Mock(asyncio.Protocol):
    """HTTP at its barest: each request is answered after the latency, by a reply of its role, or refused at once with 429 when
    more than `slots` are in flight. GET tells the replies, the refusals and the seconds from the first request to the last
    reply."""

    latency = 0.05
    slots = 10_000
    flying = replies = refused = 0
    first = last = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport, self.data = transport, b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end].lower()
            if head.startswith(b"get"):
                self.data = b""
                self.write({"replies": Mock.replies, "refused": Mock.refused, "seconds": Mock.last - Mock.first})
                return
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self.data) < end + 4 + length:
                return
            body, self.data = self.data[end + 4 : end + 4 + length], self.data[end + 4 + length :]
            Mock.first = Mock.first or time.monotonic()
            if Mock.flying >= self.slots:
                Mock.refused += 1
                self.write({"error": {"message": "slow down"}}, b"429 Too Many Requests")
                continue
            Mock.flying += 1
            asyncio.get_running_loop().call_later(self.latency, self.answer, body)

    def answer(self, body: bytes) -> None:
        Mock.flying -= 1
        Mock.replies += 1
        Mock.last = time.monotonic()
        text = RATINGS
        if b"full new" in body:
            # A new wording each time, so that every candidate differs from the prompt in force.
            names = [name for name in CRITERIA if f'criterion name=\\"{name}\\"'.encode() in body]
            text = json.dumps({name: f"Rate {name} by {hash(body)}." for name in names})
        reply = {
            "model": "mock",
            "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 20},
        }
        self.write(reply)

    def write(self, reply: object, status: bytes = b"200 OK") -> None:
        data = json.dumps(reply).encode()
        head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.transport.write(head % (status, len(data)) + data)


def serve(latency: float, slots: int, port: "multiprocessing.Queue[int]") -> None:
    """Run the mock until the parent ends it."""

    async def run() -> None:
        Mock.latency, Mock.slots = latency, slots
        server = await asyncio.get_running_loop().create_server(Mock, "127.0.0.1", 0, backlog=1024)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


class Served:
    """The mock in a process of its own."""

    def __init__(self, latency: float, slots: int = 10_000) -> None:
        queue: multiprocessing.Queue[int] = multiprocessing.Queue()
        self.process = multiprocessing.Process(target=serve, args=(latency, slots, queue), daemon=True)
        self.process.start()
        self.url = f"http://127.0.0.1:{queue.get(timeout=20)}/v1"

    def __enter__(self) -> str:
        return self.url

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.join()


def messages(number: int) -> tuple[dict[str, str], ...]:
    """A prompt of 4 KB that is like no other."""
    return ({"role": "system", "content": "Rate the summary."}, {"role": "user", "content": f"{number} {PROMPT}"})


async def bounded(calls: int, slots: int, call: Callable[[int], Awaitable[object]]) -> None:
    """Make calls, at most `slots` at once."""
    free = asyncio.Semaphore(slots)

    async def one(number: int) -> None:
        async with free:
            await call(number)

    await asyncio.gather(*(one(number) for number in range(calls)))


async def with_aiohttp(url: str, calls: int, slots: int) -> None:
    """Plain aiohttp: the least that a client can do."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call(number: int) -> None:
            async with session.post(f"{url}/chat/completions", json={"model": "m", "messages": messages(number)}) as reply:
                json.loads(await reply.read())["choices"][0]["message"]["content"]

        await bounded(calls, slots, call)


async def with_openai(url: str, calls: int, slots: int) -> None:
    """The bare `openai` client, as it comes."""
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def call(number: int) -> None:
            await client.chat.completions.create(model="m", messages=list(messages(number)), temperature=0.1, max_tokens=256)

        await bounded(calls, slots, call)


@contextlib.asynccontextmanager
async def our_client(url: str, slots: int) -> AsyncIterator[Client]:
    """Our client on the mock, for all roles, with a journal that is synced as for paid replies."""
    roles, endpoint = ("task", "loss", "gradient", "optimizer"), Endpoint("mock", {"base_url": url})
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal", sync=True) as journal:
        client = Client(
            dict.fromkeys(roles, Model("mock", "m", 0.1, 256, {})),
            dict.fromkeys(roles, Price(0.1, 0.2)),
            {"mock": Channel(endpoint, slots, 3)},
            journal,
            5,
            {},
            Progress("bench", io.StringIO()),
        )
        yield client
        await client.close()
        await endpoint.close()


async def with_ours(url: str, calls: int, slots: int) -> None:
    """Our client, with its journal."""
    async with our_client(url, slots) as client:
        asked = (Call("task", messages(n), n, Labels(1, f"d{n}", CRITERIA)) for n in range(calls))
        await asyncio.gather(*(client.ask(call, lambda text: text) for call in asked))


async def optimization(url: str, slots: int, accept: bool) -> None:
    """One SSS run with the MAE gate over 100 validation pairs, every candidate accepted or every one rejected."""
    human = dict.fromkeys(CRITERIA, 4.0)
    pairs = [Pair(f"d{n}/s", f"d{n}", "s", f"{n} {PROMPT}", "A summary.", human) for n in range(160)]
    settings = Settings(parse_mode("SSS", CRITERIA), "mae", 0, 12, 3, 0.05)
    criteria = {name: Criterion(name, "what it means", (1, 5), "Rate from 1 to 5.") for name in CRITERIA}
    async with our_client(url, slots) as client:
        run = Optimization(settings, criteria, pairs, pairs[:100], client)
        if not accept:
            run.gate = _Never()
        await run.run(lambda record: None)


class _Never:
    metric = "mae"

    def decide(self, current: object, candidate: object) -> object:
        return Decision(False, "never")


def timed(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Wall and processor seconds of a coroutine."""
    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(work())
    return time.perf_counter() - wall, time.process_time() - cpu


def row(what: str, calls: int, seconds: tuple[float, float | None], bound: float) -> None:
    wall, cpu = seconds
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    own = "" if cpu is None else f"{1000 * cpu / calls:8.2f} ms cpu a call{memory:7.0f} MB"
    print(f"{what:<52}{wall:8.2f} s{wall / bound:7.3f} x bound{own}", flush=True)


def flat(latency: float, slots: int, calls: int) -> None:
    """A batch of calls, by all three clients."""
    bound = calls * latency / slots
    with Served(latency) as url:
        for name, function in {"plain aiohttp": with_aiohttp, "bare openai": with_openai, "ours": with_ours}.items():
            spent = timed(lambda function=function: function(url, calls, slots))
            row(f"{calls} calls, {latency * 1000:.0f} ms x {slots} slots: {name}", calls, spent, bound)


def optimizations(latency: float, slots: int) -> None:
    """The critical path: task, loss, gradient, optimizer and the validation in rounds, 12 times, after a first validation."""
    rounds = math.ceil(100 / slots)
    bound = latency * (12 * (4 + rounds) + rounds)
    with Served(latency) as url:
        for accept in (True, False):
            spent = timed(lambda accept=accept: optimization(url, slots, accept))
            row(f"SSS run, gate mae, all {'accepted' if accept else 'rejected'}", 12 * 127 + 100, spent, bound)


def four_runs(latency: float, slots: int) -> None:
    """Four runs of a study through Snakemake, which share one endpoint's slots. Their jobs' time is from the first request to
    the last reply; Snakemake's own start is told beside it."""
    root = Path(__file__).parents[1]
    with Served(latency, slots) as url, tempfile.TemporaryDirectory() as folder:
        model = {"live": {"endpoint": "mock", "name": "m"}}
        endpoint = {"base_url": url, "concurrency": slots // 4, "max_concurrency": slots // 4, "slots": slots, "retries": 20}
        names = ("qwen3-8b", "qwen3-235b", "deepseek-flash", "deepseek-pro", "claude-sonnet")
        (Path(folder) / "bench.json").write_text(
            json.dumps(
                {
                    "source": "live",
                    "corpus": "embedded",
                    "studies": {"main": {"seeds": [0, 1, 2, 3]}},
                    "models": dict.fromkeys(names, model),
                    "endpoints": {"mock": endpoint},
                }
            )
        )
        runs = [f"results/live/runs/main/SSS/mae/seed{seed}/steps.jsonl" for seed in range(4)]
        command = ["snakemake", "--snakefile", str(root / "Snakefile"), "--directory", folder, "--cores", "4"]
        for targets in (["results/live/corpus/split.csv"], runs):
            start = time.perf_counter()
            subprocess.run([*command, *targets, "--quiet", "all", "--configfile", f"{folder}/bench.json"], check=True, cwd=root)
            whole = time.perf_counter() - start
        with urllib.request.urlopen(f"{url}/count") as reply:
            seen = json.load(reply)
        row("four runs at once, one endpoint", seen["replies"], (seen["seconds"], None), seen["replies"] * latency / slots)
        print(f"    {seen['replies']} replies, {seen['refused']} refused with 429; with Snakemake's start {whole:.2f} s")


def in_process(calls: int) -> None:
    """The simulator with client and journal."""

    async def run() -> None:
        system = {"role": "system", "content": 'Keys:\n{"fluency": <whole number from 1 to 5>}'}
        with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal") as journal:
            model = {"task": Model("here", "simulated/small", 0.1, 256, {})}
            channel = {"here": Channel(Simulator())}
            client = Client(model, {"task": Price()}, channel, journal, 5, {}, Progress("bench", io.StringIO()))
            texts = [f"<article>\n{n} {PROMPT}\n</article>\n\n<summary>\nA word of {n}.\n</summary>" for n in range(400)]
            asked = (
                Call("task", (system, {"role": "user", "content": texts[n % 400]}), n, Labels(1, f"d{n}", CRITERIA))
                for n in range(calls)
            )
            await asyncio.gather(*(client.ask(call, lambda text: text) for call in asked))
            await client.close()
            start = time.perf_counter()
            with Journal(Path(folder) / "journal2", [Path(folder) / "journal"]) as again:
                print(f"replay of {len(again)} replies: {time.perf_counter() - start:.2f} s")

    row(f"simulator in process, {calls} calls", calls, timed(run), calls * 0.00025)


def imports() -> None:
    """Seconds to import what a job needs, and whether that brings the HTTP stack."""
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "scripts")}
    for what, provider in {"simulated": "simulator", "live": "endpoint"}.items():
        modules = f"collide.llm.open, collide.llm.{provider}, collide.textgrad, collide.predictions"
        code = f"import sys, time; t = time.perf_counter(); import {modules}"
        code += "; print(time.perf_counter() - t, 'openai' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True)
        seconds, stack = done.stdout.split()
        print(f"import of a {what} job: {float(seconds):.2f} s, {'with' if stack == 'True' else 'without'} the HTTP stack")


def main() -> None:
    """Run all rows, or those of one kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the calls")
    share = 10 if parser.parse_args().quick else 1
    flat(0.05, 20, 6240 // share)
    flat(0.2, 64, 2000 // share)
    optimizations(0.05, 20)
    four_runs(0.05, 20)
    in_process(8000)
    imports()


if __name__ == "__main__":
    main()
