"""Usage of models by role: counts of calls and replies, tokens, cost and time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from collide.llm.request import Reply

SUMMED_COUNTS = ("calls", "replies", "sent", "retries")
MONEY = ("cost", "cost_reported", "spent")
# Digits after the point of a cost in US dollars. One token of a cheap model costs some 1e-7 dollars, one call 1e-5.
COST_DIGITS = 6
# Digits of the share by which two costs differ: a hundredth of a percent.
SHARE_DIGITS = 4

# Finish reason of a reply that was cut off, in the chat-completion API.
CUT_OFF = "length"
# Part of the price that is paid for replies from a batch API: OpenAI, Anthropic, Google, DashScope, Mistral and Groq all charge
# half.
BATCH_SHARE = 0.5


@dataclass(slots=True)
class PaidReplies:
    """Replies of one model with all that their cost follows from.

    replies: number of replies
    tokens_in, tokens_out: tokens of all replies
    tokens_cached: part of `tokens_in` that was read from the provider's cache, as far as it is reported
    batched: replies from a batch API
    batched_tokens_in, batched_tokens_cached, batched_tokens_out: parts of the tokens that belong to these
    with_cost: replies whose endpoint reported a cost
    cost_reported: sum of these costs in US dollars
    """

    replies: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    batched: int = 0
    batched_tokens_in: int = 0
    batched_tokens_cached: int = 0
    batched_tokens_out: int = 0
    with_cost: int = 0
    cost_reported: float = 0.0

    def add_reply(self, reply: Reply, assumed_tokens: Sequence[int] = (0, 0)) -> None:
        """Add a reply. `assumed_tokens` (in, out) replace the token counts that the provider did not report."""
        tokens_in = assumed_tokens[0] if reply.tokens_in is None else reply.tokens_in
        tokens_out = assumed_tokens[1] if reply.tokens_out is None else reply.tokens_out
        cached = reply.tokens_cached or 0
        self.replies += 1
        self.tokens_in += tokens_in
        self.tokens_cached += cached
        self.tokens_out += tokens_out
        if reply.batched:
            self.batched += 1
            self.batched_tokens_in += tokens_in
            self.batched_tokens_cached += cached
            self.batched_tokens_out += tokens_out
        if reply.cost is not None:
            self.with_cost += 1
            self.cost_reported += reply.cost


@dataclass(frozen=True, slots=True)
class Price:
    """Price of a model in US dollars per million tokens. `model` is its name in config.yaml.

    `tokens_cached` is the price of tokens of the prompt that are read from the provider's cache; None: that of other tokens of
    the prompt.
    """

    tokens_in: float = 0.0
    tokens_out: float = 0.0
    tokens_cached: float | None = None
    model: str = ""

    def price_tokens(self, tokens_in: float, tokens_out: float, cached: float = 0.0) -> float:
        """Return the cost of this many tokens in US dollars. `cached` is a part of `tokens_in`."""
        discount = 0.0 if self.tokens_cached is None else cached * (self.tokens_in - self.tokens_cached)
        return (tokens_in * self.tokens_in - discount + tokens_out * self.tokens_out) / 1e6

    def price_replies(self, paid: PaidReplies) -> float:
        """Return the cost of replies in US dollars."""
        batched = self.price_tokens(paid.batched_tokens_in, paid.batched_tokens_out, paid.batched_tokens_cached)
        return self.price_tokens(paid.tokens_in, paid.tokens_out, paid.tokens_cached) - (1 - BATCH_SHARE) * batched

    def price_reply(self, reply: Reply, assumed_tokens: Sequence[int] = (0, 0)) -> float:
        """Return the cost of one reply in US dollars."""
        paid = PaidReplies()
        paid.add_reply(reply, assumed_tokens)
        return self.price_replies(paid)


def read_price(settings: Mapping[str, Any], model: str = "") -> Price:
    """Return the price in the settings of a model. `model` is its name in config.yaml, if that matters."""
    return Price(settings["price_in"], settings["price_out"], settings.get("price_cached"), model)


@dataclass(slots=True)
class RoleUsage(PaidReplies):
    """Usage of the model of one role in one job: its replies, and

    calls: answered calls
    missing: calls among them without a usable value
    sent: replies that were requested since this start of the job; the others come from its journal. A call has several replies
        if they were unusable, and equal calls share one
    retries: further tries after errors
    cut: replies that the endpoint cut off, at `max_tokens` or at the end of the model's context
    without_token_counts: replies whose provider reported no tokens; they are assumed from the length of the texts
    cost: US dollars for all replies at the prices of config.yaml
    cost_apart: share by which the reported cost exceeds the computed one (see `compare_costs`); None where it is unknown
    spent: US dollars for the sent replies at the prices of config.yaml
    timed: replies whose time is known; that of a simulated one is not
    seconds: sum of these times
    models: number of replies by the name of the model that the provider reports
    """

    calls: int = 0
    missing: int = 0
    sent: int = 0
    retries: int = 0
    cut: int = 0
    without_token_counts: int = 0
    cost: float = 0.0
    cost_apart: float | None = None
    spent: float = 0.0
    timed: int = 0
    seconds: float = 0.0
    models: dict[str, int] = field(default_factory=dict)

    def count_reply(self, reply: Reply, price: Price, sent: bool, assumed_tokens: Sequence[int] = (0, 0)) -> None:
        """Add a reply. `assumed_tokens` (in, out) replace the token counts that the provider did not report.

        Retries before a reply that is sent now are counted when they fail.
        """
        self.add_reply(reply, assumed_tokens)
        self.models[reply.model] = self.models.get(reply.model, 0) + 1
        self.cut += reply.finish_reason == CUT_OFF
        self.without_token_counts += reply.tokens_in is None or reply.tokens_out is None
        if reply.seconds is not None:
            self.timed += 1
            self.seconds += reply.seconds
        if sent:
            self.sent += 1
            self.spent += price.price_reply(reply, assumed_tokens)
        else:
            self.retries += reply.retries

    def set_cost(self, price: Price) -> None:
        """Compute the cost of all replies, and how far the reported cost is from it."""
        self.cost = price.price_replies(self)
        self.cost_apart = compare_costs([self])


def compare_costs(usages: Iterable[RoleUsage]) -> float | None:
    """Return the share by which the reported cost exceeds the computed cost; None where one of them is not known.

    Where an endpoint reported the cost of some replies alone, these count with the mean cost of all.
    """
    usages = [usage for usage in usages if usage.with_cost]
    computed = math.fsum(usage.cost * usage.with_cost / usage.replies for usage in usages)
    return round(math.fsum(usage.cost_reported for usage in usages) / computed - 1, SHARE_DIGITS) if computed else None


def summarize_usage(roles: Mapping[str, RoleUsage]) -> dict[str, object]:
    """Return the usage of a job as its usage file holds it: `total` over all roles, and each of `roles`."""
    usages = roles.values()
    counts = {name: sum(getattr(usage, name) for usage in usages) for name in SUMMED_COUNTS}
    money = {name: round(math.fsum(getattr(usage, name) for usage in usages), COST_DIGITS) for name in MONEY}
    total = counts | money | {"cost_apart": compare_costs(usages)}
    return {"total": total, "roles": {role: asdict(usage) for role, usage in sorted(roles.items())}}
