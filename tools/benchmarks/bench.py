"""Speed of the model layer, against a server in a process of its own and bare clients in the same run. `make bench` prints it.

Every row has the time that its calls take at best (latency x calls / slots, or the run's critical path) as its bound.
"""

import argparse
import asyncio
import contextlib
import io
import itertools
import json
import math
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import aiohttp
import openai
from mock_server import CRITERIA, Served

from collide.corpus.pairs import Pair, write_pairs
from collide.cost.usage import Price
from collide.experiment.criteria import Criterion
from collide.experiment.gates import Decision
from collide.experiment.modes import parse_mode
from collide.llm.client import Client, LimitedProvider
from collide.llm.journal import Journal
from collide.llm.progress import Progress
from collide.llm.request import Call, CallOrigin, Model
from collide.llm.transport.endpoint import Endpoint
from collide.optimize.textgrad import Optimization, Settings
from collide.simulator import Simulator
from evaluate.evaluate import evaluate

PROMPT = "word " * 800
Read = Callable[[str], str]


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


async def with_aiohttp(url: str, calls: int, slots: int, read: Read) -> None:
    """Plain aiohttp: the least that a client can do."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call(number: int) -> None:
            async with session.post(f"{url}/chat/completions", json={"model": "m", "messages": messages(number)}) as reply:
                read(json.loads(await reply.read())["choices"][0]["message"]["content"])

        await bounded(calls, slots, call)


async def with_openai(url: str, calls: int, slots: int, read: Read) -> None:
    """The bare `openai` client, as it comes."""
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def call(number: int) -> None:
            sent = {"messages": list(messages(number)), "temperature": 0.1, "max_tokens": 256}
            read((await client.chat.completions.create(model="m", **sent)).choices[0].message.content)

        await bounded(calls, slots, call)


@contextlib.asynccontextmanager
async def our_client(url: str, slots: int) -> AsyncIterator[Client]:
    """Our client on the mock, for all roles, with a journal that is synced as for paid replies."""
    roles, endpoint = ("task", "loss", "gradient", "optimizer"), Endpoint("mock", url, {})
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal", sync=True) as journal:
        client = Client(
            dict.fromkeys(roles, Model("mock", "m", 0.1, 256, {})),
            dict.fromkeys(roles, Price(0.1, 0.2)),
            {"mock": LimitedProvider(endpoint, slots, 3)},
            journal,
            5,
            {},
            Progress("bench", io.StringIO()),
        )
        yield client
        await client.close()
        await endpoint.close()


async def with_ours(url: str, calls: int, slots: int, read: Read) -> None:
    """Our client, with its journal."""
    async with our_client(url, slots) as client:
        asked = (Call("task", messages(n), n, CallOrigin(1, f"d{n}", CRITERIA)) for n in range(calls))
        await asyncio.gather(*(client.answer_call(call, read) for call in asked))


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


class Marks:
    """Processor time at every hundredth reply, of which a call's median is told: start and end do not count."""

    every = 100

    def __init__(self) -> None:
        self.replies, self.seconds = 0, [time.process_time()]

    def read(self, text: str) -> str:
        """A parser that takes any reply, and counts it."""
        self.replies += 1
        if self.replies % self.every == 0:
            self.seconds.append(time.process_time())
        return text

    def median(self) -> float:
        """Milliseconds a call."""
        spent = [later - earlier for earlier, later in itertools.pairwise(self.seconds)]
        return 1000 * statistics.median(spent) / self.every


def told(what: str, work: Callable[[], Awaitable[None]], bound: float, marks: Marks | None = None) -> None:
    """Do the work in a process of its own and print a row: wall time against its bound, the median of a call's processor time,
    and the peak of memory."""

    def run() -> None:
        start = time.perf_counter()
        asyncio.run(work())
        wall = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cpu = f"{marks.median():8.2f} ms cpu a call" if marks else " " * 22
        print(f"{what:<52}{wall:8.2f} s{wall / bound:7.3f} x bound{cpu}{memory:7.0f} MB", flush=True)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"{what}: failed")


def flat(latency: float, slots: int, calls: int) -> None:
    """A batch of calls, by all three clients."""
    bound = calls * latency / slots
    with Served(latency) as url:
        for name, function in {"plain aiohttp": with_aiohttp, "bare openai": with_openai, "ours": with_ours}.items():
            marks = Marks()
            what = f"{calls} calls, {latency * 1000:.0f} ms x {slots} slots: {name}"
            told(what, lambda function=function, marks=marks: function(url, calls, slots, marks.read), bound, marks)


def evaluation(latency: float, slots: int, prompts: int, pairs: int) -> None:
    """The evaluating job of a run whose prompts are all different, from its files to its file."""

    async def work(url: str, folder: Path) -> None:
        human = dict.fromkeys(CRITERIA, 4.0)
        write_pairs(
            folder / "test.parquet", [Pair(f"d{n}/s", f"d{n}", "s", f"{n} {PROMPT}", "A.", human) for n in range(pairs)]
        )
        lines = (json.dumps({"instructions": dict.fromkeys(CRITERIA, f"Rate it, {n}.")}) + "\n" for n in range(prompts))
        (folder / "prompts.jsonl").write_text("".join(lines))
        criterion = {"description": "what it means", "scale": [1, 5], "initial_instruction": "Rate from 1 to 5."}
        config = {
            "criteria": dict.fromkeys(CRITERIA, criterion),
            "models": {"judge": {"live": {"endpoint": "mock", "name": "m"}}},
            "endpoints": {"mock": {"base_url": url, "concurrency": slots}},
            "roles": {"task": {"temperature": 0.1, "max_tokens": 256}},
            "replies": {"attempts": 5, "max_missing_share": 0.05},
            "budget": {},
        }
        run = {"source": "live", "seed": 0, "model": "judge", "title": "evaluate"}
        splits = {"test": folder / "test.parquet"}
        places = (folder / "prompts.jsonl", splits, folder / "journal", [], folder / "predictions.parquet")
        await evaluate(*places, run, config, io.StringIO())

    with Served(latency) as url, tempfile.TemporaryDirectory() as folder:
        bound = prompts * pairs * latency / slots
        told(f"evaluating job, {prompts} x {pairs} calls", lambda: work(url, Path(folder)), bound)


def optimizations(latency: float, slots: int) -> None:
    """The critical path: task, loss, gradient, optimizer and the validation in rounds, 12 times, after a first validation. With
    an optimizer ten times as slow as the others, which must not slow them down."""
    rounds = math.ceil(100 / slots)
    for what, accept, rewriting in (
        ("all accepted", True, latency),
        ("all rejected", False, latency),
        ("slow optimizer", True, 10 * latency),
    ):
        bound = latency * (12 * (3 + rounds) + rounds) + 12 * rewriting
        with Served(latency, rewriting=rewriting) as url:
            told(f"SSS run, gate mae, {what}", lambda url=url, accept=accept: optimization(url, slots, accept), bound)


def four_runs(latency: float, slots: int) -> None:
    """Four runs of a study through Snakemake, which share one endpoint's slots, after the evaluation of the prompt that they
    start from. Their jobs' time is from the first request to the last reply; Snakemake's own start is told beside it."""
    root = Path(__file__).parents[2]
    with Served(latency, slots) as url, tempfile.TemporaryDirectory() as folder:
        model = {"live": {"endpoint": "mock", "name": "m"}}
        endpoint = {
            "base_url": url,
            "concurrency": slots // 4,
            "max_concurrency": slots // 4,
            "max_in_flight": slots,
            "retries": 20,
        }
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
        initial = [f"results/live/initial/qwen3-8b/together/seed{seed}/validation.usage.json" for seed in range(4)]
        command = ["snakemake", "--snakefile", str(root / "Snakefile"), "--directory", folder, "--cores", "4"]
        for targets in (initial, runs):
            with urllib.request.urlopen(f"{url}/reset"):
                start = time.perf_counter()
            done = [*command, *targets, "--quiet", "all", "--configfile", f"{folder}/bench.json"]
            subprocess.run(done, check=True, cwd=root, stderr=subprocess.DEVNULL)
            whole = time.perf_counter() - start
        with urllib.request.urlopen(f"{url}/count") as reply:
            seen = json.load(reply)
        wall, bound = seen["seconds"], seen["replies"] * latency / slots
        print(f"{'four runs at once, one endpoint':<52}{wall:8.2f} s{wall / bound:7.3f} x bound")
        print(
            f"    {seen['replies']} replies, {seen['refused']} refused with 429; with Snakemake's start {whole:.2f} s",
            flush=True,
        )


def in_process(calls: int) -> None:
    """The simulator with client and journal; then a replay of what that wrote."""
    marks = Marks()

    async def run() -> None:
        system = {"role": "system", "content": 'Keys:\n{"fluency": <whole number from 1 to 5>}'}
        with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal") as journal:
            model = {"task": Model("here", "simulated/small", 0.1, 256, {})}
            channel = {"here": LimitedProvider(Simulator())}
            client = Client(model, {"task": Price()}, channel, journal, 5, {}, Progress("bench", io.StringIO()))
            texts = [f"<article>\n{n} {PROMPT}\n</article>\n\n<summary>\nA word of {n}.\n</summary>" for n in range(400)]
            asked = (
                Call("task", (system, {"role": "user", "content": texts[n % 400]}), n, CallOrigin(1, f"d{n}", CRITERIA))
                for n in range(calls)
            )
            await asyncio.gather(*(client.answer_call(call, marks.read) for call in asked))
            await client.close()
            size, start = (Path(folder) / "journal").stat().st_size, time.perf_counter()
            with Journal(Path(folder) / "journal2", [Path(folder) / "journal"]) as again:
                print(f"replay of {len(again)} replies: {time.perf_counter() - start:.2f} s, {size / calls:.0f} bytes each")

    told(f"simulator in process, {calls} calls", run, calls * 0.00025, marks)


def imports() -> None:
    """Seconds to import what a job needs, and whether that brings the HTTP stack."""
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "scripts")}
    for what, provider in {"simulated": "simulator", "live": "endpoint"}.items():
        modules = f"collide.llm.session, collide.llm.{provider}, collide.optimize.textgrad, collide.optimize.predictions"
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
    evaluation(0.05, 20, 13, 480 // share)
    flat(0.2, 64, 2000 // share)
    optimizations(0.05, 20)
    four_runs(0.05, 20)
    in_process(8000)
    imports()


if __name__ == "__main__":
    main()
