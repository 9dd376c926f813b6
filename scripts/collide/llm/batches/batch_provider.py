"""A provider that answers requests from the replies of batches, and collects the requests that have no reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from collide.llm.batches.asking import DeferredCall
from collide.llm.batches.batch_endpoint import BatchEndpoint
from collide.llm.request import Reply, Request
from collide.llm.transport.errors import TransientError


class ReplyPlace(NamedTuple):
    """The place of a reply: a file, and the number of bytes before its line."""

    path: Path
    start: int


class BatchProvider:
    """Answers the requests of one job to one endpoint.

    places: where the replies of ended batches are, by the request's key
    under_way: name of the batch of each request that is under way, by key
    collected: requests without a reply, by key
    waiting: number of requests that are under way, by the name of their batch
    resampled: number of further samples after an unusable reply. They are left to the job itself: they are few, and a batch
        may take a day.
    taken: number of replies that were taken from batches
    failures: messages of requests that failed in a batch and may succeed in the next one
    """

    def __init__(self, endpoint: BatchEndpoint, places: Mapping[str, ReplyPlace], under_way: Mapping[str, str]) -> None:
        # Part of the key of each request.
        self.endpoint = endpoint.endpoint
        self._reader, self._places, self._under_way = endpoint, places, under_way
        self.collected: dict[str, Request] = {}
        self.waiting: dict[str, int] = {}
        self.resampled = self.taken = 0
        self.failures: list[str] = []

    async def complete(self, request: Request) -> Reply:
        """Answer a request from a batch. Raises the error that a batch holds for it, DeferredCall where there is nothing."""
        key = request.compute_key()
        if key in self._under_way:
            name = self._under_way[key]
            self.waiting[name] = self.waiting.get(name, 0) + 1
            raise DeferredCall
        if key in self._places:
            try:
                reply = self._reader.read_line(_read_line(self._places[key]), request)
            except TransientError as error:
                self.failures.append(str(error))
            else:
                self.taken += 1
                return replace(reply, batched=True)
        if request.attempt > 1:
            self.resampled += 1
        else:
            self.collected[key] = request
        raise DeferredCall

    async def close(self) -> None:
        """Do nothing: the connections serve all jobs."""


def _read_line(place: ReplyPlace) -> dict[str, Any]:
    with place.path.open("rb") as file:
        file.seek(place.start)
        return json.loads(file.readline())
