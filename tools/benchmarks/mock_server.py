"""A server faster than any endpoint, in a process of its own, that answers as models of all roles would."""

import asyncio
import json
import multiprocessing
import time

CRITERIA = ("fluency", "relevance", "coherence", "consistency")
RATINGS = json.dumps(dict.fromkeys(CRITERIA, 4))
REWRITE = b"full new"
"""What only an optimizer's prompt says."""


class Mock(asyncio.Protocol):
    """HTTP at its barest: each request is answered after the latency, by a reply of its role, or refused at once with 429 when
    more than `slots` are in flight. GET tells the replies, the refusals and the seconds from the first request to the last
    reply; GET /reset begins to count anew."""

    latency = 0.05
    rewriting = 0.05
    slots = 10_000
    flying = replies = refused = 0
    first = last = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport, self.data = transport, b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end].lower()
            if head.startswith(b"get"):
                self.data = b""
                if b"/reset" in head:
                    Mock.replies, Mock.refused, Mock.first = 0, 0, 0.0
                self.write({"replies": Mock.replies, "refused": Mock.refused, "seconds": Mock.last - Mock.first})
                return
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self.data) < end + 4 + length:
                return
            body, self.data = self.data[end + 4 : end + 4 + length], self.data[end + 4 + length :]
            Mock.first = Mock.first or time.monotonic()
            if Mock.flying >= self.slots:
                Mock.refused += 1
                self.write({"error": {"message": "slow down"}}, b"429 Too Many Requests")
                continue
            Mock.flying += 1
            latency = self.rewriting if REWRITE in body else self.latency
            asyncio.get_running_loop().call_later(latency, self.answer, body)

    def answer(self, body: bytes) -> None:
        Mock.flying -= 1
        Mock.replies += 1
        Mock.last = time.monotonic()
        text = RATINGS
        if REWRITE in body:
            # A new wording each time, so that every candidate differs from the prompt in force.
            names = [name for name in CRITERIA if f'criterion name=\\"{name}\\"'.encode() in body]
            text = json.dumps({name: f"Rate {name} by {hash(body)}." for name in names})
        reply = {
            "model": "mock",
            "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 20},
        }
        self.write(reply)

    def write(self, reply: object, status: bytes = b"200 OK") -> None:
        data = json.dumps(reply).encode()
        head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.transport.write(head % (status, len(data)) + data)


def serve(latency: float, slots: int, rewriting: float, port: "multiprocessing.Queue[int]") -> None:
    """Run the mock until the parent ends it."""

    async def run() -> None:
        Mock.latency, Mock.slots, Mock.rewriting = latency, slots, rewriting
        server = await asyncio.get_running_loop().create_server(Mock, "127.0.0.1", 0, backlog=1024)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


class Served:
    """The mock in a process of its own. An optimizer's rewrite takes `rewriting` seconds, all else `latency`."""

    def __init__(self, latency: float, slots: int = 10_000, rewriting: float | None = None) -> None:
        queue: multiprocessing.Queue[int] = multiprocessing.Queue()
        self.process = multiprocessing.Process(target=serve, args=(latency, slots, rewriting or latency, queue), daemon=True)
        self.process.start()
        self.url = f"http://127.0.0.1:{queue.get(timeout=20)}/v1"

    def __enter__(self) -> str:
        return self.url

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.join()
