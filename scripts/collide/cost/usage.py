"""What calls came to: counts, tokens, money and time, by role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from collide.llm.request import Reply

COUNTS = ("calls", "replies", "sent", "borrowed", "retries")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def of_tokens(self, tokens_in: float, tokens_out: float) -> float:
        """US dollars that so many tokens cost."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


@dataclass(slots=True)
class RoleUsage:
    """Of one role: `calls` that were answered, by so many `replies`, `sent` of them now and the rest replayed from the
    job's journal; and by `borrowed` ones, which another job paid for.

    Tokens and `cost` (US dollars) are those of `replies`; `spent` is the part of it that was paid now. `seconds` adds up
    the waiting of single calls. `untold` counts replies without token counts, which are guessed from the texts.
    """

    calls: int = 0
    missing: int = 0
    replies: int = 0
    sent: int = 0
    borrowed: int = 0
    retries: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    untold: int = 0
    cost: float = 0.0
    spent: float = 0.0
    seconds: float = 0.0
    models: dict[str, int] = field(default_factory=dict)

    def count(self, reply: Reply, price: Price, sent: bool, borrowed: bool = False, guess: Sequence[int] = (0, 0)) -> None:
        """Add a reply; `guess` are the tokens, in and out, to take for those that the provider did not tell."""
        self.models[reply.model] = self.models.get(reply.model, 0) + 1
        if borrowed:
            self.borrowed += 1
            return
        tokens_in = guess[0] if reply.tokens_in is None else reply.tokens_in
        tokens_out = guess[1] if reply.tokens_out is None else reply.tokens_out
        cost = price.of_tokens(tokens_in, tokens_out)
        self.replies += 1
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self.untold += reply.tokens_in is None or reply.tokens_out is None
        self.cost += cost
        if sent:
            self.sent += 1
            self.spent += cost


def report(roles: Mapping[str, RoleUsage]) -> dict[str, object]:
    """The usage of a job as it is written: by role, and added up."""
    totals = {name: sum(getattr(usage, name) for usage in roles.values()) for name in COUNTS}
    money = {name: round(sum(getattr(usage, name) for usage in roles.values()), 6) for name in ("cost", "spent")}
    return {"total": totals | money, "roles": {role: asdict(usage) for role, usage in sorted(roles.items())}}
