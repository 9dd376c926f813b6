"""Account of one job: usage by role, spending limits, and progress lines."""

from __future__ import annotations

from collections.abc import Mapping

from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX
from collide.cost.budget import Spending
from collide.cost.usage import Price, RoleUsage, summarize_usage
from collide.llm.journal import Journal
from collide.llm.progress import Progress, Totals
from collide.llm.request import CHARACTERS_PER_TOKEN, Reply, Request
from collide.llm.transport.errors import BudgetError

# Asking for the time after every answer would be wasted work; a quick job gives some 5,000 answers a second.
ANSWERS_PER_PROGRESS_CHECK = 50


class JobAccount:
    """Counts the calls and replies of a job and stops it at a spending limit. `roles` is the usage by role."""

    def __init__(
        self, prices: Mapping[str, Price], journal: Journal, limits: Mapping[str, float | None], progress: Progress
    ) -> None:
        self.roles = {role: RoleUsage() for role in prices}
        self.progress = progress
        self._prices, self._journal = prices, journal
        self._spending = Spending(journal.path, limits)
        # Equal calls share a reply, which is counted and paid for once.
        self._counted_keys: set[str] = set()
        self._told_of_cache = False

    @property
    def any_simulated(self) -> bool:
        """Return whether a simulated model wrote any reply so far."""
        return any(model.startswith(SIMULATED_MODEL_PREFIX) for usage in self.roles.values() for model in usage.models)

    def summarize(self) -> dict[str, object]:
        """Return the usage so far, by role and in total."""
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
        reached = self._spending.find_reached_limit(self._sum_paid())
        if reached:
            raise BudgetError(
                f"the spending limit of ${reached.limit:g} (budget.{reached.name} in config.yaml) is reached:"
                f" ${reached.spent:.4f} spent; {self._describe_rest()}; `snakemake forecast` shows the calls and the cost that"
                " are left in all jobs; all replies are in the journal: raise the limit and run the same command again to"
                " continue"
            )

    def report_waiting(self, in_flight: int, oldest_seconds: float, last_error: str) -> None:
        """Report calls in flight if the log has been silent for long."""
        self.progress.report_waiting(self._sum_totals(), in_flight, oldest_seconds, last_error)

    def close(self) -> None:
        """Write the spending for other jobs, and the last progress line."""
        self._spending.write_spending(self._sum_paid())
        for role, usage in self.roles.items():
            if usage.cut:
                counts = f"{usage.cut} of {usage.replies} replies of role {role}"
                self.progress.log_message(f"warning: {counts} were cut off; raise roles.{role}.max_tokens")
        self.progress.report_end(self._sum_totals())

    def _sum_paid(self) -> float:
        """Return the cost in US dollars of all replies in this job's journal, including those of earlier starts."""
        return sum(self._prices[role].price_tokens(*tokens) for role, tokens in self._journal.tokens.items())

    def _describe_rest(self) -> str:
        """Describe the answered calls of this job and those left, with their cost at the mean of the calls so far."""
        calls = self._sum_totals().calls
        expected = self.progress.expected_calls
        if not expected:
            return f"{calls} calls of this job are answered"
        left = max(expected - calls, 0)
        cost = f"about ${left * self._sum_paid() / calls:.4f}" if calls else "an unknown amount"
        return f"{calls} calls of this job are answered, at most {left} are left, for {cost}"

    def _sum_totals(self) -> Totals:
        usages = self.roles.values()
        return Totals(
            calls=sum(usage.calls for usage in usages),
            replies=sum(usage.replies for usage in usages),
            sent=sum(usage.sent for usage in usages),
            retries=sum(usage.retries for usage in usages),
            spent=sum(usage.spent for usage in usages),
        )


def assume_tokens(request: Request, reply: Reply) -> tuple[int, int]:
    """Return tokens in and out by the length of the texts. Spending limits must hold without reported counts, too."""
    return request.count_prompt_tokens(), len(reply.text) // CHARACTERS_PER_TOKEN
