"""Usage of models by role: counts of calls and replies, tokens, cost and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from collide.llm.request import Reply

SUMMED_COUNTS = ("calls", "replies", "sent", "retries")
# Digits after the point of a cost in US dollars. One token of a cheap model costs some 1e-7 dollars, one call 1e-5.
COST_DIGITS = 6


# Finish reason of a reply that was cut off, in the chat-completion API.
CUT_OFF = "length"


@dataclass(frozen=True, slots=True)
class Price:
    """Price of a model in US dollars per million tokens."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def price_tokens(self, tokens_in: float, tokens_out: float) -> float:
        """Return the cost of this many tokens in US dollars."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


@dataclass(slots=True)
class RoleUsage:
    """Usage of the model of one role in one job.

    calls: answered calls
    missing: calls among them without a usable value
    replies: distinct replies that answered them; a call has several if replies were unusable, and equal calls share one
    sent: replies that were requested since this start of the job; the others come from its journal
    retries: further tries after errors, since this start
    tokens_in, tokens_out: tokens of all replies
    cut: replies that the endpoint cut off, at `max_tokens` or at the end of the model's context
    without_token_counts: replies whose provider reported no tokens; they are assumed from the length of the texts
    cost: US dollars for all replies
    spent: US dollars for the sent replies
    seconds: sum of the waiting times of single tries, since this start
    models: number of replies by the name of the model that the provider reports
    """

    calls: int = 0
    missing: int = 0
    replies: int = 0
    sent: int = 0
    retries: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cut: int = 0
    without_token_counts: int = 0
    cost: float = 0.0
    spent: float = 0.0
    seconds: float = 0.0
    models: dict[str, int] = field(default_factory=dict)

    def count_reply(self, reply: Reply, price: Price, sent: bool, assumed_tokens: Sequence[int] = (0, 0)) -> None:
        """Add a reply. `assumed_tokens` (in, out) replace the token counts that the provider did not report."""
        self.models[reply.model] = self.models.get(reply.model, 0) + 1
        tokens_in = assumed_tokens[0] if reply.tokens_in is None else reply.tokens_in
        tokens_out = assumed_tokens[1] if reply.tokens_out is None else reply.tokens_out
        cost = price.price_tokens(tokens_in, tokens_out)
        self.replies += 1
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self.cut += reply.finish_reason == CUT_OFF
        self.without_token_counts += reply.tokens_in is None or reply.tokens_out is None
        self.cost += cost
        if sent:
            self.sent += 1
            self.spent += cost


def summarize_usage(roles: Mapping[str, RoleUsage]) -> dict[str, object]:
    """Return the usage of a job as its usage file holds it: `total` over all roles, and each of `roles`."""
    counts = {name: sum(getattr(usage, name) for usage in roles.values()) for name in SUMMED_COUNTS}
    money = {name: round(sum(getattr(usage, name) for usage in roles.values()), COST_DIGITS) for name in ("cost", "spent")}
    return {"total": counts | money, "roles": {role: asdict(usage) for role, usage in sorted(roles.items())}}
