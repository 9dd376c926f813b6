"""A server that misbehaves on demand: each reply is written as a script says, byte by byte if need be."""

from tools.http_server import RESET, HttpServer, build_error, build_head, build_reply

__all__ = ["GOOD", "RESET", "SILENCE", "FaultServer", "content", "error", "good", "head", "http", "unfinished"]

GOOD = {
    "model": "model/a",
    "choices": [{"message": {"role": "assistant", "content": "4"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 1},
}
SILENCE = 30.0
http, head, error = build_reply, build_head, build_error


def good(**changes):
    """A completion with some of its fields changed."""
    return http(200, {**GOOD, **changes})


def content(text, finish="stop", **more):
    """A completion with this content."""
    return good(choices=[{"message": {"role": "assistant", "content": text, **more}, "finish_reason": finish}])


class FaultServer(HttpServer):
    """Serves `replies` in turn, and the last one to all later requests. Keeps the requests as (head, body)."""

    def __init__(self, *replies, certificate=None):
        super().__init__(self.reply_in_turn, certificate=certificate)
        self.replies, self.requests = list(replies), []

    async def reply_in_turn(self, head, body):
        self.requests.append((head, body))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def unfinished(reply, share=0.5):
    """The first part of a reply's bytes."""
    return reply[0][: int(len(reply[0]) * share)]
