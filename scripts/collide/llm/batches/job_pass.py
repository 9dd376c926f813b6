"""A pass over the jobs: take the replies of ended batches into journals, and write the other requests to new batches."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from collide.cost.budget import Spending
from collide.cost.usage import BATCH_SHARE
from collide.experiment.datasets import read_dataset
from collide.llm.batches.asking import ask_known_calls
from collide.llm.batches.batch_endpoint import BatchEndpoint, is_reply
from collide.llm.batches.batch_job import BatchJob
from collide.llm.batches.batch_provider import BatchProvider, ReplyPlace
from collide.llm.batches.batch_store import KEPT, RECEIVED, UNDER_WAY, WRITING, WRITTEN, BatchStore, BatchWriter
from collide.llm.client import LimitedProvider
from collide.llm.journal_lines import read_records
from collide.llm.request import Request
from collide.llm.session import find_price, open_client
from collide.llm.transport.endpoint import encode_body


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """Settings of all jobs: `client` as `collect_client_settings` returns it, the others as in config.yaml."""

    client: Mapping[str, Any]
    datasets: Mapping[str, Mapping[str, Any]]
    rubrics: Sequence[str]
    attempts: int


@dataclass(slots=True)
class JobOutcome:
    """Result of a pass for one job.

    state: finished, complete (the job will send nothing), unusable replies, waiting for a batch, files missing, over budget or
        no batch API
    waiting: calls that wait for a batch
    resampled: calls whose first reply was unusable. They are left to the job, which samples them again.
    """

    state: str
    waiting: int = 0
    resampled: int = 0


class JobPass:
    """One pass over jobs.

    outcomes: by the path of the job's journal
    taken: number of replies that were taken into journals
    failures: messages of requests that failed in a batch and may succeed in the next one
    """

    def __init__(
        self,
        store: BatchStore,
        endpoints: Mapping[str, BatchEndpoint],
        settings: BatchSettings,
        log: TextIO,
        tell: Callable[[str], None],
    ) -> None:
        """`endpoints` are those that have a Batch API. `tell` prints a sentence for the user."""
        self._store, self._endpoints, self._settings, self._log, self._tell = store, endpoints, settings, log, tell
        self._places = {
            str(line.get("custom_id")): ReplyPlace(store.replies_file(name), start)
            for name in store.list_names(KEPT, RECEIVED)
            for start, line in store.read_replies(name)
        }
        self._under_way = {key: name for name in store.list_names(WRITTEN, UNDER_WAY) for key in store.read_request_keys(name)}
        self._writers: dict[tuple[str, str], BatchWriter] = {}
        self._prices = {name: find_price(settings.client, name) for name in settings.client["prices"]}
        self.outcomes: dict[str, JobOutcome] = {}
        self.taken = 0
        self.failures: list[str] = []

    async def run(self, jobs: Sequence[BatchJob]) -> None:
        """Ask all calls of the jobs, and delete the batches whose replies are all in journals.

        Raises FatalError for an error in a batch that stops a job, such as an unknown model.
        """
        asked = []
        for job in jobs:
            state = self._find_state(job)
            self.outcomes[job.journal] = await self._ask_job(job) if state is None else JobOutcome(state)
            asked += [job.journal] if state is None else []
        for writer in self._writers.values():
            writer.close()
        for name in self._store.list_names(RECEIVED):
            if self._store.batches[name].journals.keys() <= set(asked):
                self._settle_batch(name)

    def _find_state(self, job: BatchJob) -> str | None:
        """Return the state of a job that asks nothing now, or None."""
        if not job.is_ready():
            return "files missing"
        if job.is_finished() and not any(job.journal in batch.journals for batch in self._store.batches.values()):
            return "finished"
        return None if job.model["endpoint"] in self._endpoints else "no batch API"

    async def _ask_job(self, job: BatchJob) -> JobOutcome:
        endpoint = job.model["endpoint"]
        provider = BatchProvider(self._endpoints[endpoint], self._places, self._under_way)
        async with open_client(
            job.models,
            # Replies of a batch are paid for, so no limit keeps them out of the journal.
            {**self._settings.client, "budget": {}},
            Path(job.journal),
            f"batch {job.journal}",
            self._log,
            None,
            self._settings.attempts,
            lambda name, base_url, settings: LimitedProvider(provider),
        ) as client:
            await ask_known_calls(client, job, read_dataset(self._settings.datasets[job.dataset]), self._settings.rubrics)
        self.taken += provider.taken
        self.failures += provider.failures
        for name in provider.waiting:
            # Another job sent the same request; this one takes the reply, too.
            self._store.batches[name].journals.setdefault(job.journal, 0.0)
            if self._store.batches[name].status != WRITING:
                self._store.save(name)
        waiting, affordable = sum(provider.waiting.values()), self._admits_cost(job, provider.collected.values())
        if affordable:
            self._write_requests(job, provider.collected)
            waiting += len(provider.collected)
        states = {
            "over budget": not affordable,
            "waiting for a batch": waiting,
            "unusable replies": provider.resampled,
            "complete": True,
        }
        return JobOutcome(next(state for state, holds in states.items() if holds), waiting, provider.resampled)

    def _admits_cost(self, job: BatchJob, requests: Collection[Request]) -> bool:
        """Return whether all spending limits admit the most that the requests of a job may cost.

        All requests under way count against each limit, so that no limit is exceeded, whichever jobs they belong to.
        """
        under_way = (self._store.batches[name] for name in self._store.list_names(WRITING, WRITTEN, UNDER_WAY))
        claimed = math.fsum(cost for batch in under_way for cost in batch.journals.values())
        further = claimed + math.fsum(self._bound_cost(job, request) for request in requests)
        spending = Spending(Path(job.journal), self._settings.client["budget"], self._prices)
        return not requests or spending.admits_cost(further)

    def _write_requests(self, job: BatchJob, requests: Mapping[str, Request]) -> None:
        endpoint, model = job.model["endpoint"], job.model["name"]
        limit = self._endpoints[endpoint].most_tokens
        writer = self._writers.setdefault((endpoint, model), BatchWriter(self._store, endpoint, model, limit))
        for key, request in requests.items():
            body, cost = json.loads(encode_body(request)), self._bound_cost(job, request)
            self._under_way[key] = writer.write(key, body, request.count_limited_tokens(), job.journal, cost)

    def _bound_cost(self, job: BatchJob, request: Request) -> float:
        """Return the most that a request may cost in a batch, in US dollars."""
        price = self._prices[job.model["model"]]
        return BATCH_SHARE * price.price_tokens(request.count_prompt_tokens(), request.max_tokens)

    def _settle_batch(self, name: str) -> None:
        """Delete a batch if all of its replies are in journals. Otherwise keep it: the replies were paid for."""
        batch = self._store.batches[name]
        recorded = {record["key"] for journal in batch.journals for record in read_records(Path(journal))}
        replies = {line["custom_id"] for _, line in self._store.read_replies(name) if is_reply(line)}
        if left := len(replies - recorded):
            batch.status, batch.journals = KEPT, {}
            self._store.save(name)
            self._tell(
                f"batch {name}: {left} replies answer no call of the present configuration; they are kept in"
                f" {self._store.replies_file(name)} for a configuration that asks for them again"
            )
        else:
            self._store.delete(name)
