"""Account of one job: usage by role, spending limits, and progress lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX
from collide.cost.budget import RoleAccount, Spending, limited_cost
from collide.cost.usage import Price, RoleUsage, summarize_usage
from collide.llm.journal import Journal
from collide.llm.progress import Progress, Totals
from collide.llm.request import CHARACTERS_PER_TOKEN, Reply, Request
from collide.llm.transport.errors import BudgetError

# Asking for the time after every answer would be wasted work; a quick job gives some 5,000 answers a second.
ANSWERS_PER_PROGRESS_CHECK = 50
# Difference between the reported and the computed cost, as a share, above which the job warns of wrong prices. Providers of one
# model differ by more; rounding and changed token counts by less.
LARGEST_USUAL_GAP = 0.05


class JobAccount:
    """Counts the calls and replies of a job and stops it at a spending limit. `roles` is the usage by role.

    `prices` are those of the roles, `all_prices` those of all models by name, which price what other jobs have paid for.
    """

    def __init__(
        self,
        prices: Mapping[str, Price],
        journal: Journal,
        limits: Mapping[str, float | None],
        progress: Progress,
        all_prices: Mapping[str, Price],
    ) -> None:
        self.roles = {role: RoleUsage() for role in prices}
        self.progress = progress
        self._prices, self._journal = prices, journal
        self._spending = Spending(journal.path, limits, all_prices)
        # Equal calls share a reply, which is counted and paid for once.
        self._counted_keys: set[str] = set()
        self._told_of_cache = False

    @property
    def any_simulated(self) -> bool:
        """Return whether a simulated model wrote any reply so far."""
        return any(model.startswith(SIMULATED_MODEL_PREFIX) for usage in self.roles.values() for model in usage.models)

    def summarize(self) -> dict[str, object]:
        """Return the usage so far, by role and in total."""
        for role, usage in self.roles.items():
            usage.set_cost(self._prices[role])
        return summarize_usage(self.roles)

    def count_answer(self, role: str, missing: bool) -> None:
        """Count an answered call and report the progress from time to time."""
        usage = self.roles[role]
        usage.calls += 1
        usage.missing += missing
        if usage.calls % ANSWERS_PER_PROGRESS_CHECK == 0:
            self.progress.report_progress(self._sum_totals())

    def count_sent_reply(self, role: str, key: str, request: Request, reply: Reply) -> None:
        """Count a reply that was requested now."""
        if reply.repeated and not self._told_of_cache:
            self._told_of_cache = True
            self.progress.log_message(
                f"warning: the endpoint sent the same reply to two requests of role {role}: a cache in front of it ignores the"
                " seed, so that further samples and retests are copies; switch the cache off"
            )
        self._counted_keys.add(key)
        self.roles[role].count_reply(reply, self._prices[role], sent=True, assumed_tokens=assume_tokens(request, reply))

    def count_replayed_reply(self, role: str, key: str, request: Request, reply: Reply) -> None:
        """Count a reply from the journal, unless it was counted before."""
        if key not in self._counted_keys:
            self._counted_keys.add(key)
            self.roles[role].count_reply(reply, self._prices[role], sent=False, assumed_tokens=assume_tokens(request, reply))

    def check_budget(self) -> None:
        """Raise BudgetError if a spending limit is reached."""
        reached = self._spending.find_reached_limit(self._list_paid())
        if reached:
            advances = f" and {format_dollars(reached.advances)} set aside for running jobs" if reached.advances else ""
            raise BudgetError(
                f"the spending limit of ${reached.limit:g} (budget.{reached.name} in config.yaml) is reached:"
                f" {format_dollars(reached.spent)} spent{advances}; {self._describe_rest()}; `snakemake forecast` shows the"
                " calls and the cost that are left in all jobs; all replies are in the journal: raise the limit and run the"
                " same command again to continue"
            )

    def report_waiting(self, in_flight: int, oldest_seconds: float, waiting: Sequence[str], last_error: str) -> None:
        """Report calls in flight and what others wait for, if the log has been silent for long."""
        self.progress.report_waiting(self._sum_totals(), in_flight, oldest_seconds, waiting, last_error)

    def close(self) -> None:
        """Write the spending for other jobs, warnings, and the last progress line."""
        self._spending.write_spending(self._list_paid())
        for role, usage in self.roles.items():
            self._warn_of_replies(role, usage)
        self.progress.report_end(self._sum_totals())

    def _warn_of_replies(self, role: str, usage: RoleUsage) -> None:
        """Write warnings to the log: missing values, replies that were cut off, and prices that are not those of the
        endpoint."""
        if usage.missing:
            self.progress.log_message(f"warning: {usage.missing} of {usage.calls} calls of role {role} have no usable reply")
        if usage.cut:
            counts = f"{usage.cut} of {usage.replies} replies of role {role}"
            self.progress.log_message(f"warning: {counts} were cut off; raise roles.{role}.max_tokens")
        usage.set_cost(self._prices[role])
        gap = _describe_gap(usage)
        if gap:
            charged = f"the endpoint charged {format_dollars(usage.cost_reported)} for {usage.with_cost} replies of role {role}"
            place = f"models.{self._prices[role].model} in config.yaml"
            self.progress.log_message(f"warning: {charged}, {gap}: check the prices of {place}")

    def _list_paid(self) -> dict[str, RoleAccount]:
        """Return what has been paid for all replies in this job's journal, including those of earlier starts."""
        return {
            role: RoleAccount(self._prices[role].model, paid, limited_cost(self._prices[role], paid))
            for role, paid in self._journal.paid.items()
        }

    def _describe_rest(self) -> str:
        """Describe the answered calls of this job and those left, with their cost at the mean of the calls so far.

        A job without a paid reply of its own has the mean of other jobs' replies by the same models.
        """
        calls = self._sum_totals().calls
        expected = self.progress.expected_calls
        if not expected:
            return f"{calls} calls of this job are answered"
        left = max(expected - calls, 0)
        paid = math.fsum(role.cost for role in self._list_paid().values())
        mean = paid / calls if calls and paid else self._spending.mean_cost({price.model for price in self._prices.values()})
        cost = "an unknown amount" if mean is None else f"about {format_dollars(left * mean)}"
        return f"{calls} calls of this job are answered, at most {left} are left, for {cost}"

    def _sum_totals(self) -> Totals:
        usages = self.roles.values()
        return Totals(
            calls=sum(usage.calls for usage in usages),
            replies=sum(usage.replies for usage in usages),
            sent=sum(usage.sent for usage in usages),
            retries=sum(usage.retries for usage in usages),
            spent=math.fsum(usage.spent for usage in usages),
        )


def format_dollars(amount: float) -> str:
    """Return an amount with four digits after the point, or with two significant digits if that would show zero.

    >>> format_dollars(2), format_dollars(0.0000123), format_dollars(0)
    ('$2.0000', '$0.000012', '$0.0000')
    """
    return f"${amount:.4f}" if amount >= 0.001 or amount <= 0 else f"${amount:.{1 - math.floor(math.log10(amount))}f}"


def _describe_gap(usage: RoleUsage) -> str:
    """Describe how far the reported cost is from the computed one; empty if it is as near as usual, or not reported."""
    if usage.cost_apart is None:
        return "but they cost nothing at the configured prices" if usage.cost_reported else ""
    if abs(usage.cost_apart) <= LARGEST_USUAL_GAP:
        return ""
    return f"{abs(usage.cost_apart):.0%} {'more' if usage.cost_apart > 0 else 'less'} than the configured prices give"


def assume_tokens(request: Request, reply: Reply) -> tuple[int, int]:
    """Return tokens in and out by the length of the texts. Spending limits must hold without reported counts, too."""
    return request.count_prompt_tokens(), len(reply.text) // CHARACTERS_PER_TOKEN
