"""Exchange of batches with their endpoints: send what is written, look at what is under way, receive what has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from openai.types import Batch as ReportedBatch

from collide.common.replace_file import replace_file
from collide.llm.batches.batch_endpoint import BatchEndpoint, NoSuchAddress
from collide.llm.batches.batch_store import RECEIVED, UNDER_WAY, WRITTEN, BatchStore
from collide.llm.transport.errors import FatalError, TransientError

# Statuses of the API in which nothing more happens to a batch.
ENDED = {"completed", "failed", "expired", "cancelled"}
# Error of a batch with more tokens than may wait at the endpoint.
TOO_MANY_TOKENS = "token_limit_exceeded"
# Errors of a refused file that a message quotes. A file may have one per line.
QUOTED_ERRORS = 3


class Exchange:
    """Sends and receives the batches in a store. `tell` prints a sentence for the user."""

    def __init__(self, store: BatchStore, endpoints: Mapping[str, BatchEndpoint], tell: Callable[[str], None]) -> None:
        self._store, self._endpoints, self._tell = store, endpoints, tell
        # The most tokens under way at an endpoint: the setting, or less after the endpoint refused that many.
        self._most_tokens = {name: endpoint.most_tokens or float("inf") for name, endpoint in endpoints.items()}
        self._last_told = ""
        self.cancelled: list[str] = []

    async def send(self) -> None:
        """Send the batches that are written, as far as the endpoint's limit of tokens admits."""
        for name in self._store.list_names(WRITTEN):
            batch = self._store.batches[name]
            tokens = self._count_tokens_under_way(batch.endpoint)
            if tokens and tokens + batch.tokens > self._most_tokens[batch.endpoint]:
                continue
            try:
                await self._send_batch(name)
            except TransientError as error:
                self._tell_delay(error)

    async def receive(self) -> bool:
        """Look at the batches under way, and return whether any of them ended. Their replies are on the disk then.

        Raises FatalError for a batch that the endpoint refused; it costs nothing.
        """
        ended = False
        reports = []
        for name in self._store.list_names(UNDER_WAY):
            batch = self._store.batches[name]
            try:
                report = await self._endpoints[batch.endpoint].retrieve(batch.batch_id)
                if report.status.lower() in ENDED:
                    await self._receive_batch(name, report)
                    ended = True
            except NoSuchAddress as error:
                raise FatalError(
                    f"{error}; batch {name} is not there any more: delete {self._store.requests_file(name)} and the other"
                    " files of this name, to send its requests again"
                ) from None
            except TransientError as error:
                self._tell_delay(error)
            else:
                reports.append(report)
        self._tell_state(reports)
        return ended

    async def _send_batch(self, name: str) -> None:
        """Upload the requests and create the batch. Each step is saved, so that no batch is created twice."""
        batch = self._store.batches[name]
        endpoint = self._endpoints[batch.endpoint]
        created = None
        if batch.file_id:
            # An earlier try may have created the batch without learning so.
            created = await endpoint.find_batch(batch.file_id)
        else:
            batch.file_id = await endpoint.upload(self._store.requests_file(name))
            self._store.save(name)
        created = created or await endpoint.create(batch.file_id)
        batch.batch_id, batch.status = created.id, UNDER_WAY
        self._store.save(name)
        self._tell(f"batch {name}: {batch.requests} requests for {batch.model} sent to {batch.endpoint} as {batch.batch_id}")

    async def _receive_batch(self, name: str, report: ReportedBatch) -> None:
        """Save the replies of a batch that has ended."""
        batch, status = self._store.batches[name], report.status.lower()
        if status == "failed":
            self._handle_failure(name, report)
            return
        endpoint = self._endpoints[batch.endpoint]
        # A batch in which all requests succeeded has no file of errors, and one in which none did no other file.
        parts = [await endpoint.download(file_id) for file_id in (report.output_file_id, report.error_file_id) if file_id]
        replace_file(self._store.replies_file(name), b"\n".join(parts), sync=True)
        batch.status = RECEIVED
        self._store.save(name)
        self._tell(f"batch {name}: {status} with {_count_done(report)} of {batch.requests} requests done")
        if status == "cancelled":
            self.cancelled.append(name)

    def _handle_failure(self, name: str, report: ReportedBatch) -> None:
        """Send a batch with too many tokens again later. Raises FatalError for any other failure, and deletes the batch."""
        batch = self._store.batches[name]
        errors = (report.errors and report.errors.data) or []
        messages = "; ".join(str(error.message or error.code) for error in errors[:QUOTED_ERRORS]) or "no reason given"
        others = self._count_tokens_under_way(batch.endpoint) - batch.tokens
        too_many = any(error.code == TOO_MANY_TOKENS for error in errors)
        if too_many and others:
            self._most_tokens[batch.endpoint] = others + batch.tokens - 1
            batch.status, batch.batch_id = WRITTEN, ""
            # The batch of this file has failed; a new file makes sure that it is not taken for the next one.
            batch.file_id = ""
            self._store.save(name)
            self._tell(f"batch {name}: waits for the end of another batch ({messages})")
            return
        self._store.delete(name)
        advice = f"set endpoints.{batch.endpoint}.batch_tokens to less than this limit" if too_many else "nothing was charged"
        raise FatalError(f"batch {name} was refused by endpoint {batch.endpoint}: {messages}; {advice}, then rerun")

    def _count_tokens_under_way(self, endpoint: str) -> int:
        batches = (self._store.batches[name] for name in self._store.list_names(UNDER_WAY))
        return sum(batch.tokens for batch in batches if batch.endpoint == endpoint)

    def _tell_state(self, reports: list[ReportedBatch]) -> None:
        """Tell how many requests are done, if that has changed."""
        waiting = [report for report in reports if report.status.lower() not in ENDED]
        counts = f"{sum(map(_count_done, waiting))} of {sum(_count_all(report) for report in waiting)} requests are done"
        text = f"{len(waiting)} batches under way, {counts}; an interrupt leaves them there, and the same command goes on"
        if waiting and text != self._last_told:
            self._tell(text)
            self._last_told = text

    def _tell_delay(self, error: TransientError) -> None:
        """Tell of an error that may pass, once for as long as it is the same."""
        text = f"{error}; trying again every minute"
        if text != self._last_told:
            self._tell(text)
            self._last_told = text


def _count_done(report: ReportedBatch) -> int:
    return report.request_counts.completed + report.request_counts.failed if report.request_counts else 0


def _count_all(report: ReportedBatch) -> int:
    return report.request_counts.total if report.request_counts else 0
