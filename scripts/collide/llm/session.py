"""Opens a client for a job: the models of its roles, their endpoints, the journal, progress, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from collide.cost.usage import Price
from collide.llm.client import Channel, Client
from collide.llm.journal import Journal
from collide.llm.progress import Progress
from collide.llm.request import Model, Provider
from collide.llm.transport.errors import FatalError
from collide.llm.transport.rate_limiter import Rates, levels

DRAIN_SECONDS = 5.0
"""How long a job that is told to stop waits for what is in flight."""


@contextlib.asynccontextmanager
async def open_client(
    config: Mapping[str, Any],
    source: str,
    models: Mapping[str, str],
    journal: Path,
    also_read: Sequence[Path],
    title: str,
    log: TextIO,
    expected: int | None,
) -> AsyncIterator[Client]:
    """A client that answers calls of the roles in `models` (role -> name in config.yaml's `models`).

    Raises InputError for a missing key, a damaged journal or one that another process writes.
    """
    used = {role: config["models"][name][source] for role, name in models.items()}
    names = {model["endpoint"] for model in used.values()}
    channels = {name: _channel(name, config["endpoints"][name]) for name in names}
    paid = any("base_url" in config["endpoints"][name] for name in names)
    with Journal(journal, also_read, log, sync=paid) as replies:
        client = Client(
            {
                role: _model(model, config["endpoints"][model["endpoint"]], config["roles"][role])
                for role, model in used.items()
            },
            {role: Price(model.get("price_in", 0.0), model.get("price_out", 0.0)) for role, model in used.items()},
            channels,
            replies,
            config["replies"]["attempts"],
            config["budget"],
            Progress(title, log, expected),
        )
        with _signals(client, log):
            try:
                yield client
            finally:
                try:
                    await client.close()
                finally:
                    for channel in channels.values():
                        await channel.provider.close()


def _channel(name: str, settings: Mapping[str, Any]) -> Channel:
    # Imported here: a simulated job loads no HTTP stack, a live one no simulator.
    if "base_url" not in settings:
        from collide.simulator import Simulator

        simulator: Provider = Simulator()
        return Channel(simulator)
    from collide.llm.transport.endpoint import Endpoint

    start, most = levels(settings)
    return Channel(Endpoint(name, settings), start, settings.get("retries", 6), most, _rates(settings))


def _rates(settings: Mapping[str, Any]) -> Rates:
    """This job's share of what may be asked in a minute: as large as its share of the slots of all jobs."""
    _, most = levels(settings)
    share = most / settings.get("max_in_flight", most)
    limits = (settings.get("requests_per_minute"), settings.get("tokens_per_minute"))
    return Rates(*(limit and limit * share for limit in limits))


def _model(model: Mapping[str, Any], endpoint: Mapping[str, Any], role: Mapping[str, Any]) -> Model:
    return Model(
        model["endpoint"], model["name"], role["temperature"], role["max_tokens"], dict(endpoint.get("extra_body", {}))
    )


@contextlib.contextmanager
def _signals(client: Client, log: TextIO) -> Any:
    """On the first SIGINT or SIGTERM nothing new is sent and what is in flight is awaited; a second one ends at once."""
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        client.stop(
            FatalError(
                f"stopped by {number.name}; every reply received so far is in the journal, the same command goes on from there"
            ),
            DRAIN_SECONDS,
        )
        for other in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(other)
        said = f"{number.name}: finishing what is in flight, for at most {DRAIN_SECONDS:g} s; again to drop it"
        for stream in (log, sys.__stderr__):
            print(said, file=stream, flush=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
