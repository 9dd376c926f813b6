"""A small HTTP/1.1 server on 127.0.0.1 for tools and tests. It can also write replies that break the protocol.

A reply is a list of pieces: bytes to write, seconds to wait (a float), or RESET to reset the connection. `build_reply` makes
the usual reply of one piece. Connections stay open for further requests.
"""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum

# Many jobs may connect at the same moment; the default of 100 would refuse some of them.
BACKLOG = 1024


class Action(Enum):
    """A piece of a reply that writes nothing."""

    RESET = "reset"


RESET = Action.RESET
Piece = bytes | float | Action
# Takes the head of a request (request line and headers, as text) and its body, and returns the pieces of the reply.
Respond = Callable[[str, bytes], Awaitable[Sequence[Piece]]]


class HttpServer:
    """Answers requests with `respond` while it is entered. `certificate` is an SSL context to serve https with."""

    def __init__(self, respond: Respond, port: int = 0, certificate: ssl.SSLContext | None = None) -> None:
        self._respond, self._port, self._certificate = respond, port, certificate
        self._open: set[asyncio.StreamWriter] = set()
        self.connections = 0

    async def __aenter__(self) -> "HttpServer":
        self._server = await asyncio.start_server(
            self._serve_connection, "127.0.0.1", self._port, ssl=self._certificate, backlog=BACKLOG
        )
        scheme = "https" if self._certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop_listening()
        for writer in self._open:
            writer.transport.abort()
        await self._server.wait_closed()

    def stop_listening(self) -> None:
        """Refuse new connections."""
        self._server.close()

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        # The client may close the connection at any time.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                body = await reader.readexactly(int(read_header(head, "content-length") or 0))
                for piece in await self._respond(head, body):
                    if isinstance(piece, float):
                        await asyncio.sleep(piece)
                    elif piece is RESET:
                        writer.transport.abort()
                    else:
                        writer.write(piece)
                        await writer.drain()
        self._open.discard(writer)
        writer.close()


def read_header(head: str, name: str) -> str:
    """Return the value of a header by its name in lower case, or "" if it is missing."""
    fields = (line.partition(":") for line in head.split("\r\n")[1:])
    return next((value.strip() for field, _, value in fields if field.lower() == name), "")


def build_head(status: int, length: int, *headers: str, kind: str = "application/json") -> bytes:
    """Return the status line and headers of a reply with a body of `length` bytes."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", f"Content-Length: {length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def build_reply(status: int, body: object, *headers: str, kind: str = "application/json") -> list[Piece]:
    """Return a whole reply; a body that is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [build_head(status, len(data), *headers, kind=kind) + data]


def build_error(status: int, message: str, code: str = "", *headers: str) -> list[Piece]:
    """Return an error reply in the form of the OpenAI API."""
    return build_reply(status, {"error": {"message": message, "code": code}}, *headers)
