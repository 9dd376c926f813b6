"""Open a client for one job: models, endpoints, journal and progress, with an orderly end on success, error or signal."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TextIO

from collide.common.locks.file_lock import LockHeld
from collide.common.signals import list_handled_signals
from collide.cost.usage import Price, read_price
from collide.errors import InputError, MissingKey, MissingPredictions
from collide.llm.batches.batch_store import find_batch_state
from collide.llm.client import Client, LimitedProvider
from collide.llm.journal import Journal
from collide.llm.progress import Progress, write_terminal
from collide.llm.request import Model, Provider, Reply, Request
from collide.llm.transport.errors import FatalError
from collide.llm.transport.rate_limiter import Rates, read_call_limits

# A job that receives a signal waits this long for calls in flight. Slurm and docker kill a job some 10 to 30 s after the
# signal, so a longer wait would lose the end of the journal and the log.
DRAIN_SECONDS = 5.0
# Most outages end within six retries, whose pauses add up to 16 to 32 s.
DEFAULT_RETRIES = 6
# After a kill of Snakemake its jobs may live on, on a cluster in particular. Most end within this time: those that got a signal
# after DRAIN_SECONDS, the others with their last calls. Then the journal answers this job.
JOURNAL_SECONDS = 300.0
# Seconds between two looks at the lock of a journal, and between two messages about it.
LOOK_SECONDS = 1.0
MESSAGE_SECONDS = 30.0


ClientOpener = Callable[[int], AbstractAsyncContextManager[Client]]
Connector = Callable[[str, str, Mapping[str, Any]], LimitedProvider]


@contextlib.asynccontextmanager
async def open_client(
    models: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Any],
    journal: Path,
    title: str,
    log: TextIO,
    expected_calls: int | None,
    attempts: int,
    connect: Connector | None = None,
) -> AsyncIterator[Client]:
    """Yield a client that answers calls of the roles in `models`.

    `models` holds, by role, what shapes a reply: model (its name in config.yaml), endpoint, base_url (empty for the
    simulator), name (at the endpoint), and the other fields of `Model`. `settings` holds what does not: "endpoints" by name,
    "prices" by the model's name in config.yaml, and "budget". `connect` returns the provider of an endpoint with its limits, as
    `connect_endpoint` does, which is the default. Where an endpoint's key is not set, the journal alone answers, and a call
    that it cannot answer raises MissingKey.
    Raises InputError for a damaged journal, or a journal that another process still writes after JOURNAL_SECONDS.
    """
    base_urls = {model["endpoint"]: model["base_url"] for model in models.values()}
    providers = {name: _connect_or_replay(connect or connect_endpoint, name, url, settings) for name, url in base_urls.items()}
    # Simulated replies can be made again for free, so only paid ones are worth the wait for the disk.
    with await _open_journal(journal, log, any(base_urls.values()), title) as replies:
        progress = Progress(title, log, expected_calls)
        for name in sorted({model["name"] for model in models.values() if model["fields"].get("seed", "sent") is None}):
            progress.log_message(f"warning: {describe_missing_seed(name)}")
        client = Client(
            {role: make_model(model) for role, model in models.items()},
            {role: find_price(settings, model["model"]) for role, model in models.items()},
            providers,
            replies,
            attempts,
            settings["budget"],
            progress,
            {name: find_price(settings, name) for name in settings["prices"]},
        )
        with _stop_on_signals(client, log):
            waiting = asyncio.create_task(client.report_waiting())
            try:
                yield client
            except MissingPredictions as error:
                shown = f"`python tools/journal.py show {journal} --role task` shows all replies"
                raise MissingPredictions(f"{title}: {error}; {shown}") from None
            finally:
                waiting.cancel()
                try:
                    await client.close()
                finally:
                    for limited in providers.values():
                        await limited.provider.close()


async def _open_journal(path: Path, log: TextIO, sync: bool, title: str) -> Journal:
    """Return the open journal of a job; wait for at most JOURNAL_SECONDS while another process writes it.

    Raises LockHeld after that time, and InputError for a damaged journal.
    """
    start = time.monotonic()
    messages = 0
    while True:
        waited = time.monotonic() - start
        try:
            return Journal(path, log, sync, title)
        except LockHeld as held:
            if waited >= JOURNAL_SECONDS:
                raise
            if waited >= messages * MESSAGE_SECONDS:
                whose = held.owner.describe() if held.owner else "another process"
                left = f"waiting for its journal, for at most {JOURNAL_SECONDS - waited:.0f} s more"
                message = f"{title}: {left}, while this writes it: {whose}\n"
                log.write(message)
                # Many jobs share the terminal, so each writes there once.
                write_terminal("" if messages else message)
                messages += 1
        # No blocking sleep: an interrupt must end it.
        await asyncio.sleep(LOOK_SECONDS)


def describe_missing_seed(model: str) -> str:
    """Return the sentence on a model whose requests hold no seed."""
    return (
        f"{model} gets no seed (fields: seed: null), so it draws a new sample for each request: replies in the journal are used"
        " again, but without the journal a rerun gives other replies"
    )


def prepare_client(
    models: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Any],
    journal: str,
    title: str,
    log: TextIO,
    attempts: int,
) -> ClientOpener:
    """Return a function that opens the client of a job, given the expected number of calls.

    The other arguments are those of `open_client`. Raises InputError if requests of the job are in a batch: their replies are
    paid for there.
    """
    if state := find_batch_state(Path(journal)):
        raise InputError(
            f"{title}: requests of this job are in a batch ({state}); run `snakemake batch` to take the replies, or delete"
            f" {state} to send the requests again"
        )

    def open_job_client(expected_calls: int) -> AbstractAsyncContextManager[Client]:
        return open_client(models, settings, Path(journal), title, log, expected_calls, attempts)

    return open_job_client


class JournalOnly:
    """Provider of an endpoint whose key is not set. It answers no request, and raises the error that says so."""

    def __init__(self, base_url: str, error: MissingKey) -> None:
        # The same as that of the endpoint, as it is part of the keys in the journal.
        self.endpoint = base_url
        self._error = error

    async def complete(self, request: Request) -> Reply:
        """Raise MissingKey."""
        raise self._error

    async def close(self) -> None:
        """Do nothing: there is no connection."""


def _connect_or_replay(connect: Connector, name: str, base_url: str, settings: Mapping[str, Any]) -> LimitedProvider:
    """Return an endpoint with its limits, or one that answers nothing where its key is not set."""
    try:
        return connect(name, base_url, settings)
    except MissingKey as error:
        return LimitedProvider(JournalOnly(base_url, error))


def connect_endpoint(name: str, base_url: str, settings: Mapping[str, Any]) -> LimitedProvider:
    """Return an endpoint, or the simulator where `base_url` is empty, with its limits. `settings` are those of `open_client`.

    Raises InputError for a key or an address that cannot be used.
    """
    # Imported here so that a simulated job loads no HTTP stack and a live job no simulator.
    if not base_url:
        from collide.simulator import Simulator

        simulator: Provider = Simulator()
        return LimitedProvider(simulator)
    from collide.llm.transport.endpoint import Endpoint

    endpoint = settings["endpoints"][name]
    start, most = read_call_limits(endpoint)
    return LimitedProvider(
        Endpoint(name, base_url, endpoint), start, endpoint.get("retries", DEFAULT_RETRIES), most, _share_rates(endpoint)
    )


def _share_rates(endpoint: Mapping[str, Any]) -> Rates:
    """Return this job's share of the limits per minute, in proportion to its share of the calls in flight of all jobs."""
    _, most = read_call_limits(endpoint)
    share = most / endpoint.get("max_in_flight", most)
    limits = (endpoint.get("requests_per_minute"), endpoint.get("tokens_per_minute"))
    return Rates(*(limit and limit * share for limit in limits))


def make_model(model: Mapping[str, Any]) -> Model:
    """Return the model of a role from its resolved settings, which are the fields of `Model` and some for other readers."""
    return Model(**{field.name: model[field.name] for field in dataclasses.fields(Model)})


def find_price(settings: Mapping[str, Any], model: str) -> Price:
    """Return the price of a model, given its name in config.yaml."""
    return read_price(settings["prices"][model], model)


@contextlib.contextmanager
def _stop_on_signals(client: Client, log: TextIO) -> Iterator[None]:
    """Handle signals that end a process: the first stops new requests and waits for those in flight, a second SIGINT ends the
    job."""
    loop = asyncio.get_running_loop()
    handled = list_handled_signals()

    def stop_client(number: signal.Signals) -> None:
        client.stop(
            FatalError(
                f"stopped by {number.name}; all replies received so far are in the journal; run the same command again to"
                " continue"
            ),
            DRAIN_SECONDS,
        )
        # `timeout`, a shell or a scheduler may send a signal twice. Only a second Ctrl-C tells that a user cannot wait.
        for other in handled:
            loop.add_signal_handler(other, lambda: None)
        loop.remove_signal_handler(signal.SIGINT)
        notice = f"{number.name}: waiting at most {DRAIN_SECONDS:g} s for calls in flight; Ctrl-C drops them\n"
        for write in (log.write, write_terminal):
            write(notice)

    for number in handled:
        loop.add_signal_handler(number, stop_client, number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
