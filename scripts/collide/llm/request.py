"""The vocabulary of the boundary to models: what is asked, what comes back, and the key that names the two.

Judging code builds a `Call`; the client completes it to a `Request` with the model of the call's role; a provider
answers a request with a `Reply`; the client hands back an `Answer`, the parsed value or the reason why there is none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
Message = dict[str, str]
"""{"role": "system" | "user", "content": text}"""
LETTERS = 4
"""Letters of a token, on average, in English text."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Where a call belongs in a run. Labels describe and never shape a reply: they are not part of the key."""

    step: int | None = None
    pair: str = ""
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A question to the model that plays `role`; `seed` is that of the first attempt."""

    role: str
    messages: tuple[Message, ...]
    seed: int
    labels: Labels = Labels()


@dataclass(frozen=True, slots=True)
class Model:
    """The model of a role at an endpoint, with its sampling parameters."""

    endpoint: str
    name: str
    temperature: float
    max_tokens: int
    extra_body: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """All that shapes a reply."""

    endpoint: str
    model: str
    messages: tuple[Message, ...]
    temperature: float
    max_tokens: int
    seed: int
    attempt: int
    extra_body: dict[str, object] = field(default_factory=dict)

    def key(self) -> str:
        """Name of this request in the journal: 32 hexadecimal digits over every field.

        Spellings of one request, as 0 and 0.0 or an address with and without a slash at its end, have one name.
        """
        shape = [
            self.endpoint.rstrip("/"),
            self.model,
            self.messages,
            float(self.temperature),
            self.max_tokens,
            self.seed,
            self.attempt,
            self.extra_body,
        ]
        text = json.dumps(shape, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def tokens(self) -> int:
        """Tokens that an endpoint may count against a limit: those of the messages, and the most that the reply may have."""
        return self.prompt_tokens() + self.max_tokens

    def prompt_tokens(self) -> int:
        """About how many tokens the messages have."""
        return sum(len(message["content"]) for message in self.messages) // LETTERS


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider returned. `text` is empty where the model gave none; `finish_reason` says why it stopped.

    `model` is the model that the provider says it served, which may differ from the one asked for.
    Token counts are None where the provider did not tell them. `rest` is the seconds for which it wants nothing further sent;
    the journal does not keep it. Half a surrogate pair in the text, such as an emoji cut by the token limit leaves, becomes
    "?": no file could hold it.
    """

    text: str
    model: str
    finish_reason: str = "stop"
    tokens_in: int | None = None
    tokens_out: int | None = None
    rest: float = 0.0

    def __post_init__(self) -> None:
        if not self.text.isascii():
            object.__setattr__(self, "text", self.text.encode("utf-8", "replace").decode("utf-8"))


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The first usable value of at most `attempts` replies, or None with the reason why the last was not usable."""

    value: T | None
    text: str
    attempts: int
    model: str
    reason: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None


class Unusable(ValueError):
    """A reply that does not hold what was asked for; the message is the reason that the data records."""


class Provider(Protocol):
    """Anything that answers requests: an HTTP endpoint or the simulator."""

    async def complete(self, request: Request) -> Reply:
        """Answer one request, once. Raises `ProviderError` (see `errors`) when there is no answer."""

    async def close(self) -> None:
        """Release connections."""


class Asker(Protocol):
    """What judging code sees of a client."""

    async def ask(self, call: Call, parse: Callable[[str], T]) -> Answer[T]:
        """Answer a call, from the journal where it can; `parse` raises `Unusable` for a reply to sample again."""


def seed_of(*parts: object) -> int:
    """A seed in [0, 2**31) from what names a call, so that it never depends on the order of completion.

    >>> seed_of(0, "task", "doc1/M0") == seed_of(0, "task", "doc1/M0")
    True
    """
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big") >> 1
