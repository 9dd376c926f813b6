"""Run the calls of a job as far as replies are known, to take the replies of batches and to find the requests that are left."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

from collide.common.csv_json import read_json_lines
from collide.corpus.pairs import read_pairs
from collide.experiment.datasets import Dataset
from collide.experiment.modes import parse_mode
from collide.llm.batches.batch_job import BatchJob
from collide.llm.request import Answer, Call, ModelClient, T
from collide.optimize.diagnostics import list_diagnostics, rate_steps
from collide.optimize.judge import rate_pairs
from collide.optimize.known_predictions import read_known_predictions
from collide.optimize.prompts import read_prompts

# Turns of the event loop without an active call, after which all calls wait for batches. A call starts within two turns, and
# an error takes some ten to end the task.
IDLE_TURNS = 50
# Seconds between two looks at calls that sleep before another try.
LOOK_SECONDS = 0.05


class DeferredCall(Exception):
    """A call has no reply yet. It waits for a batch."""


class WaitingClient:
    """Answers the calls whose replies are known. All other calls wait until their task is cancelled."""

    def __init__(self, client: ModelClient) -> None:
        self._client = client
        self.active = 0

    async def answer_call(self, call: Call, parse: Callable[[str], T]) -> Answer[T]:
        """Answer a call, or never return."""
        self.active += 1
        try:
            return await self._client.answer_call(call, parse)
        except DeferredCall:
            pass
        finally:
            self.active -= 1
        return await asyncio.get_running_loop().create_future()


async def ask_known_calls(client: ModelClient, job: BatchJob, dataset: Dataset, rubrics: Sequence[str]) -> None:
    """Make all calls of a job, and return when each is answered or waits. The job's outputs are not written.

    Missing predictions are no error here: the job itself reports them.
    """
    waiting = WaitingClient(client)
    task = asyncio.create_task(ask_job(waiting, job, dataset, rubrics))
    idle_turns = 0
    while not task.done() and idle_turns < IDLE_TURNS:
        idle_turns = 0 if waiting.active else idle_turns + 1
        await asyncio.sleep(LOOK_SECONDS if waiting.active else 0)
    if task.done():
        task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def ask_job(client: ModelClient, job: BatchJob, dataset: Dataset, rubrics: Sequence[str]) -> None:
    """Ask what the job asks: ratings of pairs, or of the steps of a run."""
    prompts = Path(job.prompts)
    if job.kind == "diagnose":
        diagnostics = list_diagnostics(parse_mode(job.mode, list(dataset.criteria)), rubrics)
        await rate_steps(client, read_json_lines(prompts), dataset.criteria, diagnostics, job.seed)
        return
    # The predictions of the optimization are known to the evaluation of its run.
    known = read_known_predictions(map(Path, job.initial), prompts if job.kind == "evaluate" else None)
    pairs = [read_pairs(Path(path)) for path in job.splits.values()]
    judge_prompts = read_prompts(prompts, dataset, read_pairs(Path(job.examples)))
    grid = itertools.product(judge_prompts, pairs)
    await asyncio.gather(*(rate_pairs(client, prompt, rated, job.seed, known) for prompt, rated in grid))
