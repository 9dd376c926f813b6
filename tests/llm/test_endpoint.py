"""Every way in which an endpoint is known to fail, against a server that fails so. docs/faults.md is the table of these."""

import asyncio
import datetime
import email.utils
import gzip
import ssl
import time

import pytest

from collide.errors import InputError
from collide.llm import endpoint as endpoint_module
from collide.llm.endpoint import Endpoint
from collide.llm.errors import FatalError, RejectedError, TransientError
from collide.llm.request import Request

from .fault_server import GOOD, RESET, SILENCE, FaultServer, content, error, good, http, unfinished

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


PAST = "Mon, 01 Jan 2024 00:00:00 GMT"
WELL = good()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ([RESET], "cannot be reached, or broke off"),
        ([unfinished(WELL), RESET], "broke off"),
        ([unfinished(WELL, 0.2), RESET], "broke off"),
        ([SILENCE], "no reply within 0.3 s"),
        ([unfinished(WELL, 0.6), SILENCE], "no reply within 0.3 s"),
        (error(429, "slow down", ""), "answered 429"),
        (error(429, "Quota exceeded: 60 requests per minute"), "answered 429"),
        (error(500, "oops"), "answered 500"),
        (error(502, "bad gateway"), "answered 502"),
        (error(503, "overloaded"), "answered 503"),
        (error(529, "overloaded"), "answered 529"),
        (http(200, {"error": {"message": "upstream died", "code": 502}}), "answered 502: upstream died"),
        (http(200, {"error": "upstream died"}), "upstream died"),
        (http(200, b"<html><body>maintenance</body></html>", kind="text/html"), "starting '<html><body>maintenance"),
        (http(200, b""), "a body that is empty"),
        (http(200, {"choices": []}), "no chat completion"),
        (http(200, []), "no chat completion"),
    ],
)
def test_what_may_pass_is_worth_another_try(reply, says):
    with pytest.raises(TransientError) as caught:
        ask(reply)
    assert says in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_nobody_listening_is_worth_another_try():
    class Nobody(FaultServer):
        async def __aenter__(self):
            await super().__aenter__()
            self._server.close()
            return self

    with pytest.raises(TransientError, match="cannot be reached"):
        ask(good(), server=Nobody(good()))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 3", 3.0),
        ("Retry-After: 0.5", 0.5),
        (f"Retry-After: {PAST}", 0.0),
        ("Retry-After: soon", None),
        ("X: y", None),
    ],
)
def test_the_wait_that_an_endpoint_asks_for_is_read(header, seconds):
    with pytest.raises(TransientError) as caught:
        ask(error(429, "slow down", "", header))
    assert caught.value.retry_after == seconds
    assert caught.value.overloaded


def test_a_wait_until_a_date_is_read():
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60)
    with pytest.raises(TransientError) as caught:
        ask(error(503, "later", "", f"Retry-After: {email.utils.format_datetime(later, usegmt=True)}"))
    assert 50 < caught.value.retry_after <= 60


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (error(401, "bad key"), "the key is not accepted"),
        (error(403, "not allowed"), "the key is not accepted"),
        (error(404, "no model model/a"), "check the model's name 'model/a'"),
        (error(402, "pay first"), "quota or credit is used up"),
        (error(429, "You exceeded your quota", "insufficient_quota"), "quota or credit is used up"),
        (http(200, {"error": {"message": "Insufficient credits", "code": 402}}), "quota or credit is used up"),
        (error(400, "unknown field seed"), "does not take such a request"),
        (http(307, {}, "Location: https://example.org/v1"), "307"),
    ],
)
def test_what_no_retry_can_mend_stops_the_run(reply, says):
    with pytest.raises(FatalError) as caught:
        ask(reply)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        error(400, "This model's maximum context length is 8192 tokens", "context_length_exceeded"),
        error(413, "prompt too long"),
        error(400, "blocked by content filter", "content_filter"),
    ],
)
def test_a_request_that_is_refused_for_what_it_holds_is_recorded_as_missing(reply):
    with pytest.raises(RejectedError):
        ask(reply)


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


def test_an_endless_body_is_cut_short(monkeypatch):
    monkeypatch.setattr(endpoint_module, "LONGEST_BODY", 1_000_000)
    with pytest.raises(RejectedError, match="more than 1000000 bytes"):
        ask(http(200, b" " * 3_000_000), timeout=5)


def test_a_small_body_that_unpacks_to_a_huge_one_is_cut_short_too(monkeypatch):
    monkeypatch.setattr(endpoint_module, "LONGEST_BODY", 1_000_000)
    with pytest.raises(RejectedError):
        ask(http(200, gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip"), timeout=5)


def test_a_late_reply_does_not_answer_the_next_request():
    async def session():
        late, prompt = content("late"), content("prompt")
        async with FaultServer([SILENCE, *late], prompt) as server:
            endpoint = Endpoint("test", settings(server.url))
            with pytest.raises(TransientError):
                await endpoint.complete(REQUEST)
            found = await endpoint.complete(REQUEST)
            await endpoint.close()
            return found.text

    assert asyncio.run(session()) == "prompt"


def test_a_certificate_that_does_not_verify_stops_the_run(monkeypatch):
    async def refuse(self, request):
        try:
            raise ssl.SSLCertVerificationError("CERTIFICATE_VERIFY_FAILED")
        except ssl.SSLCertVerificationError as cause:
            import httpx2

            raise httpx2.ConnectError("no") from cause

    monkeypatch.setattr(Endpoint, "_send", refuse)
    with pytest.raises(FatalError, match="certificate that does not verify"):
        ask(good())


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


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["x-ratelimit-remaining-requests: 0", "x-ratelimit-reset-requests: 1m2s"], 62.0),
        (["x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: 20ms"], 0.02),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 7"], 7.0),
        (["X-RateLimit-Remaining: 0", f"X-RateLimit-Reset: {1000 * (time.time() + 100):.0f}"], pytest.approx(100, abs=60)),
        (["x-ratelimit-remaining-requests: 0"], 0.0),
        (["x-ratelimit-remaining-requests: 3", "x-ratelimit-reset-requests: 1m2s"], 0.0),
        ([], 0.0),
    ],
)
def test_a_limit_that_the_headers_call_used_up_is_waited_for(headers, seconds):
    reply, _ = ask(http(200, GOOD, *headers))
    assert reply.rest == seconds
