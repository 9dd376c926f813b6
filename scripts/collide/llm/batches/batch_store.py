"""Batches on the disk: for each batch a file of requests, its state and, when it has ended, a file of replies.

The files of a batch are `0001.requests.jsonl` in the form of the Batch API, `0001.json` (the state) and `0001.replies.jsonl`.
All are deleted when its replies are in journals. The `custom_id` of a request is its key in the journal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from collide.common.replace_file import replace_file
from collide.cost.budget import JOURNAL_ROOT

# Name of the folder of batches, beside that of all journals.
FOLDER = "batches"
REQUESTS_SUFFIX, STATE_SUFFIX, REPLIES_SUFFIX = ".requests.jsonl", ".json", ".replies.jsonl"
# OpenAI takes 50,000 requests and 200 MB in a file; other services take 100 MB.
MOST_REQUESTS = 50_000
MOST_BYTES = 100_000_000

# Statuses of our own: the file of requests is being written, is written, is created at the endpoint; the replies are here; and
# some of these replies belong to no job of the configuration.
WRITING, WRITTEN, UNDER_WAY, RECEIVED, KEPT = "writing", "written", "under way", "received", "kept"


@dataclass(slots=True)
class Batch:
    """The state of a batch.

    endpoint: the endpoint's name in config.yaml
    model: the model's name at the endpoint
    status: one of the statuses above
    requests: number of requests
    tokens: the most tokens that all requests may take
    journals: the most that the requests of each job may cost, in US dollars, by the path of the job's journal
    file_id: the endpoint's name of the file of requests; empty before it is uploaded
    batch_id: the endpoint's name of the batch; empty before it is created
    """

    endpoint: str
    model: str
    status: str = WRITING
    requests: int = 0
    tokens: int = 0
    journals: dict[str, float] = field(default_factory=dict)
    file_id: str = ""
    batch_id: str = ""


class BatchStore:
    """The batches in a folder, by name in the order in which they were made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.batches = {
            path.name.removesuffix(STATE_SUFFIX): Batch(**json.loads(path.read_text(encoding="utf-8")))
            for path in sorted(folder.glob(f"*{STATE_SUFFIX}"))
        }
        # A process that was killed while it wrote requests leaves a file without a state. Nothing of it was sent.
        for path in folder.glob(f"*{REQUESTS_SUFFIX}"):
            if path.name.removesuffix(REQUESTS_SUFFIX) not in self.batches:
                path.unlink()

    def list_names(self, *statuses: str) -> list[str]:
        """Return the names of the batches with one of these statuses."""
        return [name for name, batch in self.batches.items() if batch.status in statuses]

    def add(self, batch: Batch) -> str:
        """Add a batch whose requests are being written, and return its name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{max(map(int, self.batches), default=0) + 1:04d}"
        self.batches[name] = batch
        return name

    def save(self, name: str) -> None:
        """Write the state of a batch, all of it or none of it."""
        content = json.dumps(asdict(self.batches[name]), indent=2)
        replace_file(self._state_file(name), content.encode("ascii"), sync=True)

    def delete(self, name: str) -> None:
        """Delete a batch. The state comes last: what is left after an interruption can be found and deleted again."""
        for path in (self.requests_file(name), self.replies_file(name), self._state_file(name)):
            path.unlink(missing_ok=True)
        del self.batches[name]

    def requests_file(self, name: str) -> Path:
        """Return the path of the requests of a batch."""
        return self._folder / f"{name}{REQUESTS_SUFFIX}"

    def replies_file(self, name: str) -> Path:
        """Return the path of the replies of a batch."""
        return self._folder / f"{name}{REPLIES_SUFFIX}"

    def read_request_keys(self, name: str) -> set[str]:
        """Return the keys of the requests of a batch."""
        with self.requests_file(name).open(encoding="utf-8") as file:
            return {json.loads(line)["custom_id"] for line in file}

    def read_replies(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the number of bytes before each line in the replies of a batch, and the line: a reply or an error."""
        start = 0
        with self.replies_file(name).open("rb") as file:
            for line in file:
                if line.strip():
                    yield start, json.loads(line)
                start += len(line)

    def _state_file(self, name: str) -> Path:
        return self._folder / f"{name}{STATE_SUFFIX}"


class BatchWriter:
    """Writes the requests for one model of an endpoint to batches, none of which exceeds the limits.

    `most_tokens` is the limit of tokens in a batch; None for no limit.
    """

    def __init__(self, store: BatchStore, endpoint: str, model: str, most_tokens: float | None) -> None:
        self._store, self._endpoint, self._model = store, endpoint, model
        self._most_tokens = most_tokens or float("inf")
        self._file: BinaryIO | None = None
        self._name, self._bytes = "", 0

    def write(self, key: str, body: Mapping[str, object], tokens: int, journal: str, cost: float) -> str:
        """Write a request of the job with this journal, and return the name of its batch.

        `tokens` and `cost` (US dollars) are the most that it may take.
        """
        request = {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body}
        # ASCII alone: a server that splits the file at all line ends of Unicode would split a text, too.
        line = json.dumps(request, separators=(",", ":")).encode("ascii") + b"\n"
        if self._file is not None and self._is_full(len(line), tokens):
            self.close()
        if self._file is None:
            self._name, self._bytes = self._store.add(Batch(self._endpoint, self._model)), 0
            self._file = self._store.requests_file(self._name).open("wb")
        self._file.write(line)
        self._bytes += len(line)
        batch = self._store.batches[self._name]
        batch.requests += 1
        batch.tokens += tokens
        batch.journals[journal] = batch.journals.get(journal, 0.0) + cost
        return self._name

    def close(self) -> None:
        """End the present batch, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._store.batches[self._name].status = WRITTEN
            self._store.save(self._name)

    def _is_full(self, further_bytes: int, further_tokens: int) -> bool:
        batch = self._store.batches[self._name]
        return (
            batch.requests >= MOST_REQUESTS
            or self._bytes + further_bytes > MOST_BYTES
            or batch.tokens + further_tokens > self._most_tokens
        )


def find_batch_state(journal: Path) -> Path | None:
    """Return the state file of a batch that holds requests of the job with this journal, or None."""
    root = next((folder for folder in journal.parents if folder.name == JOURNAL_ROOT), None)
    for path in sorted((root.parent / FOLDER).glob(f"*{STATE_SUFFIX}")) if root else ():
        if str(journal) in json.loads(path.read_text(encoding="utf-8"))["journals"]:
            return path
    return None
