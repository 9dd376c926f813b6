"""Bodies of successful answers, with what gateways put around the JSON."""

import json

import pytest

from collide.llm.transport.errors import TransientError
from collide.llm.transport.reply_body import decode_body

from .asking import ask
from .fault_server import GOOD, http

REPLY = json.dumps(GOOD)
LINES = json.dumps(GOOD, indent=1)


def event(**fields):
    return "data: " + json.dumps({"id": "reply", "model": "model/a", **fields})


def delta(text, finish=None):
    return event(choices=[{"delta": {"content": text}, "finish_reason": finish}])


STREAM = "\n\n".join(
    [
        ": OPENROUTER PROCESSING",
        event(choices=[{"delta": {"role": "assistant"}}]),
        delta('{"fluency"'),
        delta(": 4}"),
        delta("", "stop"),
        event(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 1}),
        "data: [DONE]",
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        REPLY,
        "\ufeff" + REPLY,
        REPLY + "\0\0\0",
        "\n\n   " + REPLY + "\n",
        f": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n{REPLY}",
        f": ping\n{LINES}",
        f"data: {REPLY}\n\ndata: [DONE]\n\n",
        f"event: message\ndata: {REPLY}\n\n",
    ],
)
def test_a_reply_is_read_whatever_surrounds_it(text):
    assert decode_body(text) == GOOD


def test_line_ends_within_a_text_are_kept():
    assert decode_body('{"text": "a\u2028b"}') == {"text": "a\u2028b"}


def test_the_events_of_a_stream_are_joined_to_one_reply():
    reply, _ = ask(http(200, STREAM.encode(), kind="text/event-stream"))
    assert (reply.text, reply.finish_reason, reply.model) == ('{"fluency": 4}', "stop", "model/a")
    assert (reply.tokens_in, reply.tokens_out) == (7, 1)


def test_a_stream_that_ends_early_is_tried_again():
    cut = STREAM[: STREAM.index(": 4}")].rpartition("\n")[0]
    with pytest.raises(TransientError, match="no JSON"):
        ask(http(200, cut.encode(), kind="text/event-stream"))


def test_an_error_in_a_stream_is_an_error():
    body = delta("{") + "\n\n" + event(error={"message": "upstream died", "code": 502})
    with pytest.raises(TransientError, match="answered 502: upstream died"):
        ask(http(200, body.encode(), kind="text/event-stream"))


@pytest.mark.parametrize("text", ["", "\0", ": only comments\n: more", "data: [DONE]", "<html>", REPLY + "x", "data: {"])
def test_a_body_without_a_reply_is_refused(text):
    with pytest.raises(ValueError, match=r"Expecting|Extra data|stream ended"):
        decode_body(text)
