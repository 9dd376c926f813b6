"""Data types between the code that asks models and the models: calls, requests, replies and answers.

The code that asks models builds a `Call`. The client turns it into a `Request` by adding the model of the call's role. A
provider answers a request with a `Reply`. The client returns an `Answer`: the parsed value, or the reason why it is missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from collide.llm.replies.forms import FORMS

T = TypeVar("T")
# {"role": "system" | "user", "content": text}
Message = dict[str, str]
# Average for English text. Used where an endpoint reports no token counts, and for rate limits and forecasts.
CHARACTERS_PER_TOKEN = 4
# One encoder for all keys and seeds: `json.dumps` makes a new one each time.
_ENCODE_PARTS = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class CallOrigin:
    """The place of a call in a run. It is recorded in the journal for readers, but it is not part of the key."""

    step: int | None = None
    pair: str = ""
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """Messages for the model that plays `role`. `seed` is the sampling seed of the first attempt.

    `schema` is the JSON schema of the reply (see `replies.forms`); None for free text.
    """

    role: str
    messages: tuple[Message, ...]
    seed: int
    origin: CallOrigin = CallOrigin()
    schema: dict[str, object] | None = None

    def describe(self, attempt: int) -> str:
        """Return the place of the call in words, as a journal records it.

        >>> Call("task", (), 0, CallOrigin(2, "doc1/M3", ("fluency",))).describe(1)
        'role task, step 2, pair doc1/M3, criteria fluency, attempt 1'
        """
        step = "" if self.origin.step is None else f"step {self.origin.step}"
        pair = f"pair {self.origin.pair}" if self.origin.pair else ""
        criteria = f"criteria {' '.join(self.origin.criteria)}" if self.origin.criteria else ""
        return ", ".join(filter(None, (f"role {self.role}", step, pair, criteria, f"attempt {attempt}")))


@dataclass(frozen=True, slots=True)
class Model:
    """The model of a role, with its sampling parameters. `endpoint` is the endpoint's name in config.yaml.

    `extra_body`, `fields` and `answer_in` are those of `Request`. `structured_output` names the form of `replies.forms` in
    which the server is asked for replies that have a schema; empty where the prompt alone asks for it. `user_mark` is a line
    that follows the last user message, such as /no_think; empty for none.
    """

    endpoint: str
    name: str
    temperature: float
    max_tokens: int
    extra_body: dict[str, object] = field(default_factory=dict)
    fields: dict[str, str | None] = field(default_factory=dict)
    structured_output: str = ""
    user_mark: str = ""
    answer_in: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that shapes a reply. `endpoint` is the base URL, or the name and version of the simulator.

    `extra_body` holds further fields of the body. `fields` gives fields of the body other names, or leaves them out (None).
    Without a seed in the body, a model draws a new sample for every request, and the attempts differ by that alone. `answer_in`
    names the field of the reply's message that holds the answer where the content is empty; empty for none.
    """

    endpoint: str
    model: str
    messages: tuple[Message, ...]
    temperature: float
    max_tokens: int
    seed: int
    attempt: int
    extra_body: dict[str, object] = field(default_factory=dict)
    fields: dict[str, str | None] = field(default_factory=dict)
    answer_in: str = ""

    def compute_key(self) -> str:
        """Return the journal key of this request: a hash of all fields, 32 hexadecimal digits.

        Different spellings of the same request (0 and 0.0, an address with and without a final slash) have the same key.
        """
        parts = [
            self.endpoint.rstrip("/"),
            self.model,
            self.messages,
            float(self.temperature),
            self.max_tokens,
            self.seed,
            self.attempt,
            self.extra_body,
            # Only where they are set, so that the keys of all other requests are those of journals without these fields.
            *([self.fields] if self.fields else []),
            *([self.answer_in] if self.answer_in else []),
        ]
        text = _ENCODE_PARTS(parts)
        # A prompt may quote a reply that holds lone surrogates; strict UTF-8 would refuse to encode them.
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def count_prompt_tokens(self) -> int:
        """Return the approximate number of tokens in the messages."""
        return sum(len(message["content"]) for message in self.messages) // CHARACTERS_PER_TOKEN

    def count_limited_tokens(self) -> int:
        """Return the tokens that an endpoint may count against a limit: the messages and the longest allowed reply."""
        return self.count_prompt_tokens() + self.max_tokens


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of a provider. `text` is empty when the model wrote none; `finish_reason` says why it stopped.

    `model` is the model name that the provider reports, which may differ from the requested one. Token counts are None
    when the provider does not report them. `pause_seconds` is the time for which the provider wants no further request;
    the journal does not keep it. Lone surrogates in the text, such as an emoji cut off by the token limit, become "?",
    because no file can hold them.

    provider: the provider behind a router, as the endpoint names it; empty if it names none
    tokens_cached: tokens among `tokens_in` that were read from the provider's cache of prompts; None if not reported
    cost: US dollars that the endpoint says it charged; None if it does not say
    seconds: time of the try that brought this reply; None for the simulator in the process
    received: time at which it came, in whole seconds since 1970; None for the simulator in the process
    retries: further tries before that one
    batched: True for a reply from a batch API
    reasoning_only: True for an empty text beside reasoning
    repeated: True for a reply that the endpoint sent to an earlier request, too, as a cache does that ignores the seed; the
        journal does not keep it
    """

    text: str
    model: str
    finish_reason: str = "stop"
    tokens_in: int | None = None
    tokens_out: int | None = None
    pause_seconds: float = 0.0
    provider: str = ""
    tokens_cached: int | None = None
    cost: float | None = None
    seconds: float | None = None
    received: int | None = None
    retries: int = 0
    batched: bool = False
    reasoning_only: bool = False
    repeated: bool = False

    def __post_init__(self) -> None:
        if not self.text.isascii():
            object.__setattr__(self, "text", self.text.encode("utf-8", "replace").decode("utf-8"))


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The value parsed from the first usable reply, or None with the reason why the last reply was not usable.

    `text` is that of the last reply, `attempts` the number of replies or refusals. `cut_off` is True if the endpoint cut the
    last reply off.
    """

    value: T | None
    text: str
    attempts: int
    model: str
    reason: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cut_off: bool = False


class CutOffText(str):
    """The text of a reply that the endpoint cut off. More may have followed the last word or number."""

    __slots__ = ()


class UnusableReply(ValueError):
    """A reply does not contain what the prompt asked for. The message is the reason recorded in the data."""


def explain_unusable(reply: Reply, error: UnusableReply) -> str:
    """Return the reason why a reply is unusable, as the data record it."""
    reason = str(error)
    if reply.reasoning_only:
        reason = "the reply is empty; the endpoint sent reasoning only: raise max_tokens or switch thinking off"
    return f"{reason} (finish reason {reply.finish_reason})" if reply.finish_reason != "stop" else reason


class Provider(Protocol):
    """Anything that answers requests: an HTTP endpoint or the simulator."""

    async def complete(self, request: Request) -> Reply:
        """Answer one request with a single try. Raises a `ProviderError` (see `transport.errors`) without a reply."""

    async def close(self) -> None:
        """Release connections."""


class ModelClient(Protocol):
    """The part of the client that the code that asks models uses."""

    async def answer_call(self, call: Call, parse: Callable[[str], T]) -> Answer[T]:
        """Answer a call, from the journal if possible. `parse` raises `UnusableReply` to request another sample."""


def derive_seed(*parts: object) -> int:
    """Return a seed in [0, 2**31) that depends only on the given parts, so that the order of calls does not matter.

    >>> derive_seed(0, "task", "doc1/M0") == derive_seed(0, "task", "doc1/M0")
    True
    """
    # JSON separates the parts, so that ("a", "bc") and ("ab", "c") differ. Some endpoints take only signed 32-bit seeds.
    text = _ENCODE_PARTS(parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big") >> 1


def add_user_mark(messages: tuple[Message, ...], mark: str) -> tuple[Message, ...]:
    """Return the messages with a mark on a line of its own at the end of the last user message."""
    last = max(number for number, message in enumerate(messages) if message["role"] == "user")
    marked = {**messages[last], "content": f"{messages[last]['content']}\n{mark}"}
    return (*messages[:last], marked, *messages[last + 1 :])


def build_request(call: Call, model: Model, provider: Provider, attempt: int) -> Request:
    """Return the request of an attempt, from 1, at a call. Each attempt has a sampling seed of its own."""
    seed = call.seed if attempt == 1 else derive_seed(call.seed, attempt)
    # A base URL, or the version of the simulator, so that replies of one version never answer requests to another.
    endpoint = getattr(provider, "endpoint", model.endpoint)
    sampling = (model.temperature, model.max_tokens, seed, attempt)
    form = FORMS[model.structured_output](call.schema) if model.structured_output and call.schema else {}
    messages = add_user_mark(call.messages, model.user_mark) if model.user_mark else call.messages
    return Request(endpoint, model.name, messages, *sampling, model.extra_body | form, model.fields, model.answer_in)
