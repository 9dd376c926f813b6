"""A server that misbehaves on demand: each fault is what is written back to one request, byte by byte if need be."""

import asyncio
import contextlib
import json

GOOD = {
    "model": "model/a",
    "choices": [{"message": {"role": "assistant", "content": "4"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 1},
}
SILENCE = 30.0
RESET = object()


def http(status, body, *headers, kind="application/json"):
    """A whole reply."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [head(status, len(data), *headers, kind=kind) + data]


def head(status, length, *headers, kind="application/json"):
    """What stands before a body of `length` bytes."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", f"Content-Length: {length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def error(status, message, code="", *headers):
    """A reply that says what is wrong in the way of the API."""
    return http(status, {"error": {"message": message, "code": code}}, *headers)


def good(**changes):
    """A completion with some of its fields changed."""
    return http(200, {**GOOD, **changes})


def content(text, finish="stop", **more):
    """A completion with this content."""
    return good(choices=[{"message": {"role": "assistant", "content": text, **more}, "finish_reason": finish}])


class FaultServer:
    """Serves on 127.0.0.1 inside the running loop. `replies` is what to write to each request in turn; the last one stays.

    A reply is a list of bytes to write, of seconds to wait, or RESET. `certificate` is an SSL context to serve https with.
    """

    def __init__(self, *replies, certificate=None):
        self.replies, self.requests, self._writers = list(replies), [], []
        self._certificate = certificate

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._certificate)
        scheme = "https" if self._certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    @property
    def connections(self):
        """How many were made."""
        return len(self._writers)

    async def _serve(self, reader, writer):
        self._writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))[15:])
                self.requests.append((head.decode(), await reader.readexactly(length)))
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                for piece in reply:
                    if isinstance(piece, float):
                        await asyncio.sleep(piece)
                    elif piece is RESET:
                        writer.transport.abort()
                        return
                    else:
                        writer.write(piece)
                        await writer.drain()


def unfinished(reply, share=0.5):
    """The first part of a reply's bytes."""
    return reply[0][: int(len(reply[0]) * share)]
