"""Every way in which an endpoint is known to fail, against a server that fails so. docs/faults.md is the table of these."""

import asyncio

import pytest

from collide.errors import InputError
from collide.llm.endpoint import Endpoint
from collide.llm.errors import FatalError
from collide.llm.request import Request

from .fault_server import GOOD, FaultServer, content, error, good, http

KEY = "sk-secret-1234567890"
REQUEST = Request(
    "x", "model/a", ({"role": "user", "content": "How good?"},), 0.1, 100, 7, 1, {"reasoning": {"enabled": False}}
)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("COLLIDE_TEST_KEY", KEY)


def settings(url, **changes):
    return {"base_url": url, "key_variable": "COLLIDE_TEST_KEY", "timeout": 0.3, **changes}


def ask(*replies, server=None, **changes):
    """What the endpoint makes of the server's first reply."""

    async def session():
        async with server or FaultServer(*replies) as running:
            endpoint = Endpoint("test", settings(running.url, **changes))
            try:
                return await endpoint.complete(REQUEST), running
            finally:
                await endpoint.close()

    return asyncio.run(session())


def test_a_request_carries_all_that_shapes_the_reply_and_the_key_in_its_header_alone():
    reply, server = ask(good())
    assert (reply.text, reply.model, reply.tokens_in, reply.tokens_out) == ("4", "model/a", 7, 1)
    head, body = server.requests[0]
    assert f"authorization: bearer {KEY}" in head.lower()
    assert KEY.encode() not in body
    for part in (b'"seed":7', b'"max_tokens":100', b'"temperature":0.1', b'"reasoning":{"enabled":false}'):
        assert part in body.replace(b": ", b":")


@pytest.mark.parametrize(
    ("reply", "text", "finish"),
    [
        (content(""), "", "stop"),
        (content(None, reasoning="long thoughts"), "", "stop"),
        (content('{"fluency": 4, "rele', "length"), '{"fluency": 4, "rele', "length"),
        (content("", "content_filter"), "", "content_filter"),
        (content(None, refusal="I cannot rate this."), "", "stop"),
        (content("I'm sorry, I cannot rate this."), "I'm sorry, I cannot rate this.", "stop"),
    ],
)
def test_a_reply_without_an_answer_is_a_reply_for_parsing_to_refuse(reply, text, finish):
    found, _ = ask(reply)
    assert (found.text, found.finish_reason) == (text, finish)


def test_the_model_that_was_served_is_told_and_usage_may_be_missing():
    found, _ = ask(good(model="model/cheaper", usage=None))
    assert (found.model, found.tokens_in, found.tokens_out) == ("model/cheaper", None, None)


def test_a_wrong_charset_harms_a_letter_and_not_the_run():
    body = b'{"model": "m", "choices": [{"message": {"content": "caf\xe9 4"}, "finish_reason": "stop"}]}'
    assert ask(http(200, body, kind="application/json; charset=latin-1"))[0].text == "caf\ufffd 4"


def test_no_message_holds_the_key_even_when_the_server_repeats_it():
    with pytest.raises(FatalError) as caught:
        ask(error(401, f"the key {KEY} is not known"))
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_key_names_its_variable(monkeypatch):
    monkeypatch.delenv("COLLIDE_TEST_KEY")
    with pytest.raises(InputError, match="COLLIDE_TEST_KEY is not set"):
        Endpoint("test", settings("https://example.org/v1"))


def test_a_key_is_not_sent_in_the_open_unless_told_so():
    with pytest.raises(InputError, match="plain HTTP to another machine"):
        Endpoint("test", settings("http://example.org/v1"))
    Endpoint("test", settings("http://example.org/v1", allow_plain_http=True))
    assert GOOD["model"] == "model/a"
