"""The Batch API of the served simulator: files of requests, batches, and files of replies, all in memory."""

import email
import email.policy
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tools.http_server import Piece, build_error, build_reply, read_header

# Answers the body of one request: the status and the body of the reply.
Answer = Callable[[dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]


class ServedBatches:
    """Answers requests to the Batch API. A batch ends `seconds` after it was created, when it is next looked at.

    `most_tokens` is the limit of tokens in batches that have not ended, a quarter of the characters of their files; 0 for none.
    """

    def __init__(self, answer: Answer, seconds: float = 0.0, most_tokens: int = 0) -> None:
        self._answer, self._seconds, self._most_tokens = answer, seconds, most_tokens
        self._numbers = itertools.count(1)
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}

    async def respond(self, head: str, body: bytes) -> Sequence[Piece]:
        """Return the reply to a request to any address."""
        method, target = head.split(" ")[:2]
        match method, *target.partition("?")[0].removeprefix("/v1/").split("/"):
            case "POST", "files":
                return build_reply(200, self._add_file(head, body))
            case "GET", "files", name, "content" if name in self.files:
                return build_reply(200, self.files[name], kind="application/octet-stream")
            case "POST", "batches":
                return build_reply(200, self._create(json.loads(body)))
            case "GET", "batches":
                return build_reply(200, {"object": "list", "data": list(self.batches.values()), "has_more": False})
            case "GET", "batches", name if name in self.batches:
                return build_reply(200, await self._look(self.batches[name]))
        return build_error(404, "no such address", "not_found")

    async def answer_line(self, line: dict[str, Any]) -> dict[str, Any]:
        """Return the line of the reply to a line of a file of requests."""
        status, body = await self._answer(line["body"])
        response = {"status_code": status, "request_id": f"req_{next(self._numbers)}", "body": body}
        return {"id": f"batch_req_{next(self._numbers)}", "custom_id": line["custom_id"], "response": response, "error": None}

    def _add_file(self, head: str, body: bytes) -> dict[str, Any]:
        """Keep the file in a form of type multipart/form-data."""
        kind = f"Content-Type: {read_header(head, 'content-type')}\r\n\r\n".encode()
        form = email.message_from_bytes(kind + body, policy=email.policy.HTTP)
        (content,) = (part.get_payload(decode=True) for part in form.iter_parts() if part.get_filename())
        name = f"file-{next(self._numbers)}"
        self.files[name] = content
        return {"id": name, "object": "file", "bytes": len(content), "created_at": 0, "filename": name, "purpose": "batch"}

    def _create(self, order: dict[str, Any]) -> dict[str, Any]:
        name, requests = f"batch_{next(self._numbers)}", self.files[order["input_file_id"]]
        total = len(requests.splitlines())
        batch = {
            **order,
            "id": name,
            "object": "batch",
            "created_at": 0,
            "status": "in_progress",
            "ends": time.monotonic() + self._seconds,
            "request_counts": {"total": total, "completed": 0, "failed": 0},
        }
        waiting = [self.files[other["input_file_id"]] for other in self.batches.values() if other["status"] == "in_progress"]
        if self._most_tokens and sum(map(len, [requests, *waiting])) / 4 > self._most_tokens:
            message = f"Enqueued token limit reached. Limit: {self._most_tokens} enqueued tokens."
            batch |= {"status": "failed", "errors": {"data": [{"code": "token_limit_exceeded", "message": message}]}}
        self.batches[name] = batch
        return batch

    async def _look(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return a batch, with its replies if its time has come."""
        if batch["status"] == "in_progress" and time.monotonic() >= batch["ends"]:
            await self.end(batch, "completed")
        return batch

    async def end(self, batch: dict[str, Any], status: str) -> None:
        """Answer the requests of a batch, and end it with this status."""
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        answered = [await self.answer_line(line) for line in lines]
        # Batches promise no order.
        replies = [line for line in reversed(answered) if line["response"] and line["response"]["status_code"] == 200]
        errors = [line for line in answered if line not in replies]
        for kind, found in (("output_file_id", replies), ("error_file_id", errors)):
            name = f"file-{next(self._numbers)}"
            self.files[name] = "\n".join(json.dumps(line) for line in found).encode()
            batch[kind] = name if found else None
        batch["request_counts"] |= {"completed": len(replies), "failed": len(errors)}
        batch["status"] = status
