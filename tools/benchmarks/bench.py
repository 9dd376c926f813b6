"""Measure the speed of the model layer against a mock server in another process, next to bare clients. Run by `make bench`.

The lower bound of each row is the time that its calls take at best: latency x calls / calls in flight, or the critical path of
a run.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import argparse
import asyncio
import functools
import io
import json
import math
import multiprocessing
import os
import resource
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable

from clients import (
    ATTEMPTS,
    PROMPT,
    CpuMeter,
    call_with_aiohttp,
    call_with_openai,
    call_with_ours,
    open_mock_client,
)
from mock_server import CRITERIA, MockServer

from collide.corpus.pairs import Pair, write_pairs
from collide.cost.usage import Price
from collide.experiment.criteria import Criterion
from collide.experiment.datasets import Dataset
from collide.experiment.gates import Decision
from collide.experiment.modes import parse_mode
from collide.experiment.scales import read_scales
from collide.experiment.texts import read_text_names
from collide.llm.client import Client, LimitedProvider
from collide.llm.journal import Journal
from collide.llm.progress import Progress
from collide.llm.request import Call, CallOrigin, Model
from collide.llm.session import open_client
from collide.optimize.known_predictions import read_known_predictions
from collide.optimize.loop.run_settings import Settings
from collide.optimize.loop.textgrad import Optimization
from collide.optimize.prompts import JudgePrompt, Skeleton
from collide.simulator import Simulator
from evaluate.evaluate import evaluate

HTTP_CLIENTS = ("openai", "aiohttp")
CLIENTS = {
    "plain aiohttp": call_with_aiohttp,
    "bare openai": call_with_openai,
    **{f"ours with {name}": functools.partial(call_with_ours, http_client=name) for name in HTTP_CLIENTS},
}
SCALES = read_scales({name: [1, 5] for name in CRITERIA})
DATASET = Dataset(
    {name: Criterion(name, "what it means", SCALES[name], "Rate from 1 to 5.") for name in CRITERIA},
    read_text_names({"inputs": [{"noun": "article"}], "output": {"noun": "summary"}}),
)
STEPS, BATCH_SIZE, VALIDATION_PAIRS, MAX_MISSING_SHARE = 12, 3, 100, 0.05
# Seconds that a call of the in-process row may take, so that it has a bound, too.
IN_PROCESS_SECONDS = 0.00025


def make_pairs(number: int) -> list[Pair]:
    """Return pairs with articles of 4 KB."""
    human = dict.fromkeys(CRITERIA, 4.0)
    return [Pair(f"d{n}/s", f"d{n}", "s", (f"{n} {PROMPT}",), "A summary.", human) for n in range(number)]


class RejectAlways:
    """A gate that validates every candidate and rejects it."""

    label = "never"
    metric = "mae"

    def decide(self, current: object, candidate: object) -> Decision:
        """Reject."""
        return Decision(False, "never")


def measure_row(title: str, work: Callable[[], Awaitable[None]], bound: float, meter: CpuMeter | None = None) -> None:
    """Do the work in its own process and print wall time, its ratio to the bound, processor time per call, and memory."""

    def run_and_print() -> None:
        start = time.perf_counter()
        asyncio.run(work())
        wall = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cpu = f"{meter.median_milliseconds():8.2f} ms cpu a call" if meter else " " * 22
        print(f"{title:<52}{wall:8.2f} s{wall / bound:7.3f} x bound{cpu}{memory:7.0f} MB", flush=True)

    # Forked, because a spawned process would have to pickle the work. Its peak of memory is then that of one row.
    process = multiprocessing.get_context("fork").Process(target=run_and_print)
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"{title}: failed")


def measure_clients(latency: float, in_flight: int, calls: int) -> None:
    """Measure a batch of equal calls with each client."""
    with MockServer(latency) as url:
        for name, make_calls in CLIENTS.items():
            meter = CpuMeter()
            title = f"{calls} calls, {latency * 1000:.0f} ms x {in_flight} in flight: {name}"
            work = functools.partial(make_calls, url, calls, in_flight, meter.parse_any)
            measure_row(title, work, calls * latency / in_flight, meter)


def measure_evaluation(latency: float, in_flight: int, prompts: int, pairs: int) -> None:
    """Measure the evaluation job of a run whose prompts are all different, with the reading and writing of its files."""

    async def run_evaluation(url: str, folder: Path, http_client: str) -> None:
        write_pairs(folder / "test.parquet", make_pairs(pairs))
        judges = [
            JudgePrompt(list(DATASET.criteria.values()), dict.fromkeys(CRITERIA, f"Rate it, {n}."), Skeleton(DATASET.texts))
            for n in range(prompts)
        ]
        model = {"model": "judge", "endpoint": "mock", "base_url": url, "name": "m"}
        model |= {"temperature": 0.1, "max_tokens": 256, "extra_body": {}, "fields": {}, "structured_output": ""}
        model |= {"user_mark": "", "answer_in": ""}
        settings = {
            "endpoints": {"mock": {"concurrency": in_flight, "http_client": http_client}},
            "prices": {"judge": {"price_in": 0.0, "price_out": 0.0}},
            "budget": {},
        }
        client_arguments = ({"task": model}, settings, folder / "journal", "evaluate", io.StringIO())
        await evaluate(
            judges,
            {"test": folder / "test.parquet"},
            read_known_predictions([], None),
            folder / "predictions.parquet",
            0,
            MAX_MISSING_SHARE,
            functools.partial(open_client, *client_arguments, attempts=ATTEMPTS),
        )

    bound = prompts * pairs * latency / in_flight
    for name in HTTP_CLIENTS:
        with MockServer(latency) as url, tempfile.TemporaryDirectory() as folder:
            work = functools.partial(run_evaluation, url, Path(folder), name)
            measure_row(f"evaluation job, {prompts} x {pairs} calls, {name}", work, bound)


async def run_optimization(url: str, in_flight: int, accept: bool, http_client: str) -> None:
    """Run an SSS optimization with the MAE gate, in which every candidate is accepted or every one is rejected."""
    pairs = make_pairs(160)
    settings = Settings(parse_mode("SSS", CRITERIA), "mae", 0, STEPS, BATCH_SIZE, MAX_MISSING_SHARE)
    async with open_mock_client(url, in_flight, http_client) as client:
        validation = pairs[:VALIDATION_PAIRS]
        known = read_known_predictions([], None)
        optimization = Optimization(settings, DATASET, pairs, validation, client, known)
        if not accept:
            optimization.gate = RejectAlways()
        await optimization.run(lambda record: None)


def measure_optimizations(latency: float, in_flight: int) -> None:
    """Measure an optimization run, whose bound is its critical path.

    The path is a first validation, then in each step task, loss, gradient, optimizer and the rounds of a validation. An
    optimizer ten times as slow as the other roles must not slow them down.
    """
    # A validation of more pairs than calls in flight takes several rounds.
    rounds = math.ceil(VALIDATION_PAIRS / in_flight)
    for name, accept, optimizer_latency in (
        ("all accepted", True, latency),
        ("all rejected", False, latency),
        ("slow optimizer", True, 10 * latency),
    ):
        bound = latency * (STEPS * (3 + rounds) + rounds) + STEPS * optimizer_latency
        for http_client in HTTP_CLIENTS:
            with MockServer(latency, optimizer_latency=optimizer_latency) as url:
                work = functools.partial(run_optimization, url, in_flight, accept, http_client)
                measure_row(f"SSS run, gate mae, {name}, {http_client}", work, bound)


def measure_workflow(latency: float, in_flight: int) -> None:
    """Measure four optimization runs through Snakemake that share one endpoint's limit.

    The evaluation of their initial prompt comes before and does not count. The time is from the first request to the last
    reply; the time with Snakemake's own start is printed below it.
    """
    with MockServer(latency, in_flight) as url, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bench.json"
        config.write_text(json.dumps(_describe_workflow(url, in_flight)))
        command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", folder, "--cores", "4"]
        initial = [
            f"results/live/initial/summeval/paper/qwen3-8b/together/seed{seed}/validation.usage.json" for seed in range(4)
        ]
        runs = [f"results/live/runs/main/SSS/mae/seed{seed}/steps.jsonl" for seed in range(4)]
        for targets in (initial, runs):
            with urllib.request.urlopen(f"{url}/reset"):
                start = time.perf_counter()
            arguments = [*command, *targets, "--quiet", "all", "--configfile", str(config)]
            subprocess.run(arguments, check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
            with_start = time.perf_counter() - start
        with urllib.request.urlopen(f"{url}/count") as reply:
            seen = json.load(reply)
    bound = seen["replies"] * latency / in_flight
    print(f"{'four runs at once, one endpoint':<52}{seen['seconds']:8.2f} s{seen['seconds'] / bound:7.3f} x bound")
    print(
        f"    {seen['replies']} replies, {seen['refused']} refused with 429; with Snakemake's start {with_start:.2f} s",
        flush=True,
    )


def _describe_workflow(url: str, in_flight: int) -> dict[str, object]:
    """Return what the workflow's configuration changes: four seeds, and all models at the mock server."""
    # The four shares add up to the limit, so that no 429 is expected. Retries let the row end all the same, and print them.
    share = in_flight // 4
    endpoint = {"base_url": url, "concurrency": share, "max_concurrency": share, "max_in_flight": in_flight, "retries": 20}
    names = ("qwen3-8b", "qwen3-235b", "deepseek-flash", "deepseek-pro", "claude-sonnet")
    return {
        "source": "live",
        "corpus": "embedded",
        "studies": {"main": {"seeds": [0, 1, 2, 3]}},
        "models": {name: {"live": {"endpoint": "mock", "name": "m"}} for name in names},
        "endpoints": {"mock": endpoint},
    }


def measure_simulator(calls: int) -> None:
    """Measure the simulator with client and journal in one process, and a replay of its journal."""
    meter = CpuMeter()

    async def call_simulator() -> None:
        system = {"role": "system", "content": 'Keys:\n{"fluency": <whole number from 1 to 5>}'}
        texts = [f"<article>\n{n} {PROMPT}\n</article>\n\n<summary>\nA word of {n}.\n</summary>" for n in range(400)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "journal"
            with Journal(path) as journal:
                models, providers = (
                    {"task": Model("here", "simulated/small", 0.1, 256, {})},
                    {"here": LimitedProvider(Simulator())},
                )
                progress = Progress("bench", io.StringIO())
                client = Client(models, {"task": Price()}, providers, journal, ATTEMPTS, {}, progress)
                made = (
                    Call("task", (system, {"role": "user", "content": texts[n % 400]}), n, CallOrigin(1, f"d{n}", CRITERIA))
                    for n in range(calls)
                )
                await asyncio.gather(*(client.answer_call(call, meter.parse_any) for call in made))
                await client.close()
            size, start = path.stat().st_size, time.perf_counter()
            with Journal(path) as again:
                print(f"replay of {len(again)} replies: {time.perf_counter() - start:.2f} s, {size / calls:.0f} bytes each")

    measure_row(f"simulator in process, {calls} calls", call_simulator, calls * IN_PROCESS_SECONDS, meter)


def measure_imports() -> None:
    """Measure the seconds to import what a job needs, and whether that loads the HTTP stack."""
    path = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    for source, provider in {"simulated": "simulator", "live": "llm.transport.endpoint"}.items():
        modules = f"collide.llm.session, collide.{provider}, collide.optimize.loop.textgrad, collide.optimize.predictions"
        code = f"import sys, time; t = time.perf_counter(); import {modules}"
        code += "; print(time.perf_counter() - t, 'openai' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True)
        seconds, loaded = done.stdout.split()
        print(f"import of a {source} job: {float(seconds):.2f} s, {'with' if loaded == 'True' else 'without'} the HTTP stack")


def main() -> None:
    """Measure all rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the calls")
    share = 10 if parser.parse_args().quick else 1
    measure_clients(0.05, 20, 6240 // share)
    measure_evaluation(0.05, 20, 13, 480 // share)
    measure_clients(0.2, 64, 2000 // share)
    measure_optimizations(0.05, 20)
    measure_workflow(0.05, 20)
    measure_simulator(8000)
    measure_imports()


if __name__ == "__main__":
    main()
