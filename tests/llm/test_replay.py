"""Replay of a journal without the key of its endpoint."""

import asyncio
import io

import pytest

from collide.errors import MissingKey
from collide.llm.client import LimitedProvider
from collide.llm.request import Call, CallOrigin, Reply
from collide.llm.session import open_client

MODEL = {
    "model": "m", "endpoint": "e", "base_url": "https://example.org/v1", "name": "m", "temperature": 0, "max_tokens": 5,
    "extra_body": {}, "fields": {}, "structured_output": "", "user_mark": "", "answer_in": "",
}  # fmt: skip
SETTINGS = {
    "endpoints": {"e": {"api_key_env": "COLLIDE_TEST_KEY"}},
    "prices": {"m": {"price_in": 0.0, "price_out": 0.0}},
    "budget": {},
}


class Four:
    """Answers every request, at the address of the endpoint."""

    endpoint = MODEL["base_url"]

    async def complete(self, request):
        return Reply("4", "m")

    async def close(self):
        pass


def ask(journal, *seeds, connect=None):
    """Return the answers to calls with these seeds."""

    async def answer():
        async with open_client({"task": MODEL}, SETTINGS, journal, "test", io.StringIO(), None, 2, connect) as client:
            origin = CallOrigin(2, "d/M0", ("fluency",))
            calls = [Call("task", ({"role": "user", "content": "?"},), seed, origin) for seed in seeds]
            return [(await client.answer_call(call, str)).text for call in calls]

    return asyncio.run(answer())


@pytest.fixture
def journal(tmp_path, monkeypatch):
    """A journal with the replies to the calls with seeds 1 and 2, and no key to send another call."""
    monkeypatch.delenv("COLLIDE_TEST_KEY", raising=False)
    path = tmp_path / "j.journal"
    ask(path, 1, 2, connect=lambda name, url, settings: LimitedProvider(Four()))
    return path


def test_a_journal_answers_without_a_key_and_is_left_as_it_is(journal):
    before = journal.read_bytes()
    assert ask(journal, 2, 1) == ["4", "4"]
    assert journal.read_bytes() == before


def test_a_call_that_the_journal_does_not_hold_is_named_with_the_variable_of_the_key(journal):
    with pytest.raises(MissingKey) as caught:
        ask(journal, 1, 3)
    asked = "role task, step 2, pair d/M0, criteria fluency, attempt 1"
    assert str(caught.value).startswith(
        f"{journal} has no reply to this call: {asked}; the environment variable COLLIDE_TEST_KEY"
    )
