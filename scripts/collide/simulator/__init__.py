"""The simulator: a provider whose models read the request and compute a reply from its text, deterministically.

It makes the pipeline run without an endpoint; its results are no evidence about the paper. It is given the request and nothing
else, as an endpoint is. `docs/simulator.md` describes how it works.
"""

from __future__ import annotations

from collections.abc import Callable

from collide.llm.request import CHARACTERS_PER_TOKEN, Message, Reply, Request
from collide.simulator.models import SimulatedModel, find_model
from collide.simulator.parsed_request import FIRST_TAG, ParsedRequest, parse_request
from collide.simulator.roles import evaluator, gradient, judge, loss, optimizer

# Part of every journal key, so that replies of one version never answer requests to another. A test fails if replies change
# and this does not; set a new value then.
VERSION = "3d896c2a1fe6d8c7"

# The simulator's seed shifts the request's seed by multiples of a large prime: nearby seeds of both rarely give equal sums.
SEED_STRIDE = 1_000_003

Writer = Callable[[ParsedRequest, SimulatedModel, int, float], str]

# Every role but the judge, whose reply also depends on the temperature.
WRITERS: dict[str, Writer] = {
    "loss": loss.write_reply,
    "gradient": gradient.write_reply,
    "optimizer": optimizer.write_reply,
    "specificity": evaluator.write_reply,
    "adherence": evaluator.write_reply,
}


class Simulator:
    """A provider without network. Its settings are in the request: extra_body["simulator"] = {"seed", "broken_reply_rate"}."""

    def __init__(self) -> None:
        self.endpoint = f"simulator:{VERSION}"

    async def complete(self, request: Request) -> Reply:
        """Answer a request. Raises FatalError for an unknown model."""
        text = answer_request(request)
        limit = request.max_tokens * CHARACTERS_PER_TOKEN
        return Reply(
            text=text[:limit],
            model=request.model,
            finish_reason="length" if len(text) > limit else "stop",
            tokens_in=_count_tokens(sum(len(message["content"]) for message in request.messages)),
            tokens_out=_count_tokens(min(len(text), limit)),
        )

    async def close(self) -> None:
        """Do nothing: there is no connection to release."""


def answer_request(request: Request) -> str:
    """Return the reply's text, a function of model, messages, temperature, seed and the simulator's settings."""
    model = find_model(request.model)
    extra = request.extra_body.get("simulator")
    settings = extra if isinstance(extra, dict) else {}
    broken_rate = float(settings.get("broken_reply_rate", 0.0))
    seed = request.seed + SEED_STRIDE * int(settings.get("seed", 0))
    parsed = None if _is_judge_request(request.messages) else parse_request(request.messages)
    if parsed is None or parsed.role == "judge":
        return judge.write_reply(request.messages, model, request.temperature, seed, broken_rate)
    if parsed.role in WRITERS:
        return WRITERS[parsed.role](parsed, model, seed, broken_rate)
    return "I can rate summaries, criticise ratings and improve instructions; I do not know what is asked of me here."


def _is_judge_request(messages: tuple[Message, ...]) -> bool:
    """Recognise a judge's request without parsing it: nearly all requests are of this kind."""
    user = messages[-1]["content"]
    return FIRST_TAG.match(user) is not None and "<rating " not in user


def _count_tokens(characters: int) -> int:
    """Return the number of tokens of a text, rounded up. No tokenizer is simulated."""
    return -(-characters // CHARACTERS_PER_TOKEN)
