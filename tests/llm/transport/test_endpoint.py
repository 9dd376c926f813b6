"""Requests to an endpoint, its replies, and the secrecy of its key."""

import asyncio
import dataclasses
import json
import os

import pytest

from collide.cost.usage import Price, RoleUsage
from collide.errors import InputError
from collide.llm.transport.endpoint import Endpoint
from collide.llm.transport.errors import FatalError, TransientError

from ...patience import REPLY_PATIENCE
from .asking import REQUEST, ask
from .fault_server import GOOD, FaultServer, content, error, good, http

pytestmark = pytest.mark.usefixtures("each_sender")
KEY = "sk-secret-1234567890"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("COLLIDE_TEST_KEY", KEY)


def with_key(*replies, **settings):
    return ask(*replies, api_key_env="COLLIDE_TEST_KEY", **settings)


def test_a_request_carries_all_that_shapes_the_reply_and_the_key_in_its_header_alone():
    reply, server = with_key(good())
    assert (reply.text, reply.model, reply.tokens_in, reply.tokens_out) == ("4", "model/a", 7, 1)
    head, body = server.requests[0]
    assert f"authorization: bearer {KEY}" in head.lower()
    assert KEY.encode() not in body
    for part in (b'"seed":7', b'"max_tokens":100', b'"temperature":0.1', b'"reasoning":{"enabled":false}'):
        assert part in body.replace(b": ", b":")


def test_a_field_is_renamed_or_left_out():
    fields = {"max_tokens": "max_completion_tokens", "seed": None, "temperature": None, "top_k": "k"}
    _, server = ask(good(), request=dataclasses.replace(REQUEST, fields=fields))
    body = json.loads(server.requests[0][1])
    assert sorted(body) == ["max_completion_tokens", "messages", "model", "reasoning"]
    assert body["max_completion_tokens"] == 100


def test_no_variable_of_the_openai_client_reaches_an_endpoint(monkeypatch):
    variables = {
        "OPENAI_API_KEY": "sk-of-another-service",
        "OPENAI_BASE_URL": "https://example.org/v1",
        "OPENAI_ORG_ID": "org-of-mine",
        "OPENAI_PROJECT_ID": "project-of-mine",
        "OPENAI_CUSTOM_HEADERS": "X-Mine: header-of-mine\nAuthorization: Bearer header-of-mine",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _, server = with_key(good())
    head = server.requests[0][0]
    assert "of-mine" not in head and "of-another" not in head and f"Bearer {KEY}" in head
    assert all(os.environ[name] == value for name, value in variables.items())


def test_an_endpoint_without_a_key_variable_gets_no_key():
    _, server = ask(good())
    assert "authorization" not in server.requests[0][0].lower()


def test_the_key_and_further_headers_are_sent_in_the_headers_that_the_settings_name():
    _, server = with_key(good(), api_key_header="api-key", headers={"OpenAI-Organization": "org-1"})
    head = server.requests[0][0].lower()
    assert f"api-key: {KEY}" in head and "openai-organization: org-1" in head and "authorization" not in head


def test_a_query_in_the_address_is_sent_with_each_request():
    async def session():
        async with FaultServer(good()) as server:
            endpoint = Endpoint("test", f"{server.url}/deployments/a?api-version=2024-10-21", {"timeout": REPLY_PATIENCE})
            await endpoint.complete(REQUEST)
            await endpoint.close()
            return server.requests[0][0].split(" ")[1]

    assert asyncio.run(session()) == "/v1/deployments/a/chat/completions?api-version=2024-10-21"


def test_a_lone_surrogate_in_a_prompt_is_replaced():
    messages = ({"role": "user", "content": "a half \ud83d, a whole \ud83d\ude00"},)
    _, server = ask(good(), request=dataclasses.replace(REQUEST, messages=messages))
    assert json.loads(server.requests[0][1])["messages"][0]["content"] == "a half \ufffd, a whole \U0001f600"


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
def test_a_reply_without_an_answer_is_returned_for_parsing_to_refuse(reply, text, finish):
    found, _ = ask(reply)
    assert (found.text, found.finish_reason) == (text, finish)


@pytest.mark.parametrize(
    ("reply", "answer_in", "text"),
    [
        (content(None, reasoning_content='{"fluency": 4}'), "reasoning_content", '{"fluency": 4}'),
        (content(" \n", reasoning="4"), "reasoning", "4"),
        (content("4", reasoning="Perhaps 5."), "reasoning", "4"),
        (content("", reasoning="Perhaps 5."), "", ""),
        (content("", reasoning="Perhaps 5."), "reasoning_content", ""),
        # The model was still reasoning, so nothing here is an answer.
        (content("", "length", reasoning="Perhaps 5."), "reasoning", ""),
        (content([{"type": "thinking", "thinking": "5?"}, {"type": "text", "text": "4"}]), "", "4"),
        (content([{"type": "text", "text": '{"a"'}, {"type": "text", "text": ": 4}"}, "5", {"type": "text"}]), "", '{"a": 4}'),
        (content(5), "", ""),
    ],
)
def test_the_answer_is_the_content_or_the_field_that_the_settings_name(reply, answer_in, text):
    assert ask(reply, request=dataclasses.replace(REQUEST, answer_in=answer_in))[0].text == text


@pytest.mark.parametrize(
    ("more", "reasoning_only"),
    [({}, False), ({"reasoning": ""}, False), ({"reasoning_content": "hm"}, True), ({"reasoning": "hm"}, True)],
)
def test_a_reply_of_reasoning_only_is_told_from_an_empty_one(more, reasoning_only):
    assert ask(content("", **more))[0].reasoning_only == reasoning_only
    assert not ask(content("4", **more))[0].reasoning_only


def test_the_model_that_replied_is_reported():
    found, _ = ask(good(model="model/cheaper"))
    assert found.model == "model/cheaper"


@pytest.mark.parametrize(
    "usage", [None, [], {}, {"prompt_tokens": -(10**12), "completion_tokens": True}, {"prompt_tokens": "7"}]
)
def test_an_invalid_token_count_counts_as_unreported(usage):
    found, _ = ask(good(usage=usage))
    assert (found.tokens_in, found.tokens_out) == (None, None)
    account = RoleUsage()
    account.count_reply(found, Price(1.0, 1.0), sent=True)
    assert (account.without_token_counts, account.cost) == (1, 0.0)


@pytest.mark.parametrize(
    ("usage", "tokens_out"),
    [
        ({"prompt_tokens": 7.0, "completion_tokens": 12.0}, 12),
        ({"prompt_tokens": 7, "completion_tokens": 12.5}, None),
        ({"prompt_tokens": 7, "completion_tokens": float("inf")}, None),
        # Reasoning within the completion, and beside it.
        ({"prompt_tokens": 7, "completion_tokens": 12, "total_tokens": 19, "reasoning_tokens": 10}, 12),
        ({"prompt_tokens": 7, "completion_tokens": 12, "total_tokens": 1019, "reasoning_tokens": 1000}, 1012),
        ({"prompt_tokens": 7, "completion_tokens": 12, "reasoning_tokens": 1000}, 12),
    ],
)
def test_all_tokens_that_are_paid_for_are_counted(usage, tokens_out):
    details = {"completion_tokens_details": {"reasoning_tokens": usage.get("reasoning_tokens", 0)}}
    assert ask(good(usage=usage | details))[0].tokens_out == tokens_out


def test_provider_cached_tokens_cost_and_time_of_a_reply_are_kept():
    usage = {"prompt_tokens": 7, "completion_tokens": 1, "cost": 0.25, "prompt_tokens_details": {"cached_tokens": 4}}
    found, _ = ask([0.05, *good(provider="Provider A", usage=usage)])
    assert (found.provider, found.tokens_cached, found.cost) == ("Provider A", 4, 0.25)
    assert 0.05 <= found.seconds < 5
    plain, _ = ask(good(provider={"name": "?"}))
    assert (plain.provider, plain.tokens_cached, plain.cost) == ("", None, None)


def test_the_cost_of_a_gateway_is_read_from_its_header():
    found, _ = ask(http(200, GOOD, "x-litellm-response-cost: 0.000123"))
    assert found.cost == 0.000123


def test_a_wrong_charset_replaces_a_letter_and_raises_no_error():
    body = b'{"model": "m", "choices": [{"message": {"content": "caf\xe9 4"}, "finish_reason": "stop"}]}'
    assert ask(http(200, body, kind="application/json; charset=latin-1"))[0].text == "caf\ufffd 4"


@pytest.mark.parametrize(
    "reply",
    [
        error(401, f"the key {KEY} is not known"),
        http(500, f"{'x' * 190}{KEY}".encode(), kind="text/plain"),
        http(200, f"{'x' * 45}{KEY}".encode(), kind="text/plain"),
        http(200, {"error": f"the key {KEY} is not known"}),
    ],
)
def test_no_message_holds_the_key_or_a_part_of_it_even_when_the_server_repeats_it(reply):
    with pytest.raises((FatalError, TransientError)) as caught:
        with_key(reply)
    assert KEY[:9] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_reply_that_repeats_the_key_is_kept_without_it():
    message = {"choices": [{"message": {"content": f"Your key is {KEY}."}, "finish_reason": KEY}], "model": KEY}
    found, _ = with_key(good(**message))
    assert (found.text, found.model, found.finish_reason) == ("Your key is ***.", "***", "***")


def test_a_placeholder_for_a_key_may_stand_in_a_reply(monkeypatch):
    monkeypatch.setenv("COLLIDE_TEST_KEY", "none")
    assert with_key(content("There are none."))[0].text == ask(content("There are none."))[0].text == "There are none."


def refused(url="https://example.org/v1", **changes):
    """Return the error message for an endpoint with these settings."""
    with pytest.raises(InputError) as caught:
        Endpoint("test", url, {"api_key_env": "COLLIDE_TEST_KEY", **changes})
    return str(caught.value)


def test_a_missing_key_names_its_variable(monkeypatch):
    monkeypatch.delenv("COLLIDE_TEST_KEY")
    assert "COLLIDE_TEST_KEY is not set" in refused()


@pytest.mark.parametrize("value", ["sk-abc\n", "sk-abc\r", "schl\u00fcssel", "sk abc", "sk-\udcff"])
def test_an_invalid_key_names_its_variable_and_is_not_shown(monkeypatch, value):
    monkeypatch.setenv("COLLIDE_TEST_KEY", value)
    message = refused()
    assert "COLLIDE_TEST_KEY holds a blank, a line break or a character that is not ASCII" in message
    assert value not in message and value.strip() not in message


def test_an_address_with_a_password_is_refused_and_not_shown():
    message = refused("https://someone:hunter2@example.org/v1")
    assert "endpoints.test.base_url holds a user or a password" in message
    assert "hunter2" not in message and "someone" not in message


def test_an_address_that_already_names_the_call_is_refused():
    assert "ends with /chat/completions, which is added to it" in refused("https://example.org/v1/chat/completions/")


def test_a_key_is_not_sent_over_plain_http_unless_allowed():
    assert "plain HTTP to another machine" in refused("http://example.org/v1")
    Endpoint("test", "http://example.org/v1", {"allow_plain_http": True})
