"""The command `snakemake batch`: send the requests of jobs in batches, wait, and take the replies into the jobs' journals.

It may be stopped at any time. The batches go on at the endpoint, and the next start goes on from the files in the folder of
batches. A request is in at most one batch at a time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from collide.errors import InputError
from collide.llm.batches.batch_endpoint import BatchEndpoint
from collide.llm.batches.batch_job import BatchJob
from collide.llm.batches.batch_store import RECEIVED, UNDER_WAY, WRITTEN, BatchStore
from collide.llm.batches.exchange import Exchange
from collide.llm.batches.job_pass import BatchSettings, JobOutcome, JobPass
from collide.llm.transport.errors import FatalError

# Seconds between two looks at the batches: the first ones soon, for small batches, later ones rarely.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0


async def run_batches(
    jobs: Sequence[BatchJob], settings: BatchSettings, folder: Path, log: TextIO, tell: Callable[[str], None]
) -> None:
    """Send and take until no batch is under way and no request is left to send. `folder` holds the batches.

    Raises InputError if no job has a model behind an endpoint, and FatalError for an error that stops all batches.
    """
    urls = {job.model["endpoint"]: job.model["base_url"] for job in jobs if job.model["base_url"]}
    if not urls:
        raise InputError("batches are sent to endpoints, and the simulator is none; use --config source=live")
    endpoints = {name: BatchEndpoint(name, url, settings.client["endpoints"][name]) for name, url in urls.items()}
    try:
        with_api = {name: endpoint for name, endpoint in endpoints.items() if await endpoint.has_batches()}
        await _run(jobs, with_api, settings, BatchStore(folder), log, tell)
    finally:
        for endpoint in endpoints.values():
            await endpoint.close()


async def _run(
    jobs: Sequence[BatchJob],
    endpoints: dict[str, BatchEndpoint],
    settings: BatchSettings,
    store: BatchStore,
    log: TextIO,
    tell: Callable[[str], None],
) -> None:
    """`endpoints` are those that have a Batch API."""
    exchange = Exchange(store, endpoints, tell)
    outcomes: dict[str, JobOutcome] = {}
    due, taken = jobs, 0
    await exchange.receive()
    while True:
        job_pass = JobPass(store, endpoints, settings, log, tell)
        await job_pass.run(due)
        outcomes |= job_pass.outcomes
        taken += job_pass.taken
        _check_failures(job_pass, exchange)
        await exchange.send()
        if not store.list_names(WRITTEN, UNDER_WAY):
            break
        await _await_end(exchange)
        received = {journal for name in store.list_names(RECEIVED) for journal in store.batches[name].journals}
        due = [job for job in jobs if job.journal in received]
    tell(describe_outcomes(jobs, outcomes, taken))


async def _await_end(exchange: Exchange) -> None:
    """Wait until a batch has ended."""
    wait = FIRST_WAIT
    while not await exchange.receive():
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
        # A batch may have to wait for the end of others, or for an endpoint that was not reached.
        await exchange.send()


def _check_failures(job_pass: JobPass, exchange: Exchange) -> None:
    """Raise FatalError if batches were cancelled, or if they brought failures alone: the next ones would bring the same."""
    if exchange.cancelled:
        raise FatalError(
            f"cancelled at the endpoint: batch {', '.join(exchange.cancelled)}; the replies received before that are in the"
            " journals; run the same command again to send the rest"
        )
    if job_pass.failures and not job_pass.taken:
        raise FatalError(
            f"{len(job_pass.failures)} requests failed in batches and none succeeded, the first with: {job_pass.failures[0]};"
            " rerun when the endpoint works again"
        )


def describe_outcomes(jobs: Sequence[BatchJob], outcomes: dict[str, JobOutcome], taken: int) -> str:
    """Return a table of jobs by kind and state, and a sentence on the replies that were taken and the calls that are left."""
    counts = Counter((job.kind, outcomes[job.journal].state) for job in jobs)
    states = sorted({state for _, state in counts})
    rows = [["jobs", *states]]
    rows += [[kind, *(str(counts[kind, state]) for state in states)] for kind in dict.fromkeys(job.kind for job in jobs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    resampled = sum(outcome.resampled for outcome in outcomes.values())
    rest = f"; {resampled} calls had an unusable reply, and their jobs will sample them again" if resampled else ""
    return "\n".join([*table, f"{taken} replies were taken into journals{rest}. docs/batch.md says what to run next."])
