"""The simulator: a provider whose models read the request and answer from its text, deterministically.

It is a mechanism for trying the pipeline, not a stand-in for evidence. It is given what an endpoint is given and nothing else;
`docs/simulator.md` states how it works.
"""

from __future__ import annotations

from collide.llm.request import LETTERS_PER_TOKEN, Message, Reply, Request
from collide.simulator import evaluator, judge, writers
from collide.simulator.models import strength_of
from collide.simulator.reading import read

# Part of every journal key: replies of one version never answer requests to another. A test fails when replies change while
# this does not; set a new value then.
VERSION = "88724123cf39013b"


class Simulator:
    """A provider. Its settings travel in the request: extra_body["simulator"] = {"seed", "broken_reply_rate"}."""

    def __init__(self) -> None:
        self.endpoint = f"simulator:{VERSION}"

    async def complete(self, request: Request) -> Reply:
        """Answer a request. Raises FatalError for a model that is none of the simulated ones."""
        text = answer(request)
        limit = request.max_tokens * LETTERS_PER_TOKEN
        return Reply(
            text=text[:limit],
            model=request.model,
            finish_reason="length" if len(text) > limit else "stop",
            tokens_in=_tokens(sum(len(message["content"]) for message in request.messages)),
            tokens_out=_tokens(min(len(text), limit)),
        )

    async def close(self) -> None:
        """Nothing to release."""


def answer(request: Request) -> str:
    """The reply's text: a function of model, messages, temperature, seed and the simulator's settings."""
    strength = strength_of(request.model)
    extra = request.extra_body.get("simulator")
    settings = extra if isinstance(extra, dict) else {}
    broken = float(settings.get("broken_reply_rate", 0.0))
    seed = request.seed + 1_000_003 * int(settings.get("seed", 0))
    messages = request.messages
    reading = None if _plainly_judging(messages) else read(messages)
    if reading is None or reading.role == "judge":
        return judge.reply(messages, strength, request.temperature, seed, request.model, broken)
    if reading.role in evaluator.EVALUATORS:
        return evaluator.reply(reading, strength, seed)
    if reading.role in writers.WRITERS:
        return writers.reply(reading, strength, seed, broken)
    return "I can rate summaries, criticise ratings and improve instructions; I do not know what is asked of me here."


def _plainly_judging(messages: tuple[Message, ...]) -> bool:
    """A short cut for the most frequent request: a pair to judge, with nothing that another role's request has."""
    user = messages[-1]["content"]
    return user.startswith("<article>") and "<rating " not in user


def _tokens(characters: int) -> int:
    return -(-characters // LETTERS_PER_TOKEN)
