"""The client: answers calls from the journal first, then from the provider, and keeps account of all of it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from collide.common.simulated_notice import SIMULATED_MODEL_PREFIX
from collide.cost.budget import Spending
from collide.cost.usage import Price, RoleUsage, report
from collide.errors import InputError
from collide.llm.journal import Journal
from collide.llm.progress import Progress
from collide.llm.request import LETTERS_PER_TOKEN, Answer, Call, Model, Provider, Reply, Request, T, UnusableReply, derive_seed
from collide.llm.transport.errors import BudgetError, FatalError, RejectedError, TransientError
from collide.llm.transport.rate_limiter import UNLIMITED, Rates, Slots, unless

LONGEST_WAIT = 60.0
"""Seconds between two tries, at most, unless the endpoint asks for more."""
LONGEST_ASKED = 900.0
"""Seconds of waiting that an endpoint may ask for; a job that it asks for more stops instead."""
NOTED_WAIT = 5.0
"""A wait that an endpoint asks for is told in the log from so many seconds on."""


@dataclass(frozen=True, slots=True)
class LimitedProvider:
    """A provider with its limits: calls in flight at the start (0: no limit at all) and at most (0: as at the start), further
    tries after a failure that may pass, and what may be asked in a minute."""

    provider: Provider
    concurrency: int = 0
    retries: int = 0
    max_concurrency: int = 0
    rates: Rates = UNLIMITED


class Client:
    """Answers calls of a job. All attempts go through the journal; what is paid for is recorded before it is used."""

    def __init__(
        self,
        models: Mapping[str, Model],
        prices: Mapping[str, Price],
        channels: Mapping[str, LimitedProvider],
        journal: Journal,
        attempts: int,
        limits: Mapping[str, float | None],
        progress: Progress,
    ) -> None:
        self._models, self._prices, self._channels = models, prices, channels
        self._journal, self._attempts, self._progress = journal, attempts, progress
        self._spending = Spending(journal.path, limits)
        self._slots = {name: Slots(c.concurrency, c.max_concurrency, c.rates) for name, c in channels.items() if c.concurrency}
        self._usage = {role: RoleUsage() for role in models}
        self._waiting: dict[str, asyncio.Future[Reply | str]] = {}
        self._counted: set[str] = set()
        self._stopped: Exception | None = None
        self._stopping = asyncio.Event()
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def answer_call(self, call: Call, parse: Callable[[str], T]) -> Answer[T]:
        """Answer a call with the first usable of at most `attempts` replies.

        Raises FatalError (BudgetError at the spending limit) when no further request can or may be sent.
        """
        usage = self._usage[call.role]
        reply, reason = None, ""
        for attempt in range(1, self._attempts + 1):
            found = await self._reply(self._request(call, attempt), call)
            if isinstance(found, str):
                reason = found
                break
            reply = found
            try:
                value = parse(reply.text)
            except UnusableReply as error:
                reason = f"{error} (finish reason {reply.finish_reason})" if reply.finish_reason != "stop" else str(error)
                continue
            self._answered(usage)
            return Answer(value, reply.text, attempt, reply.model, "", reply.tokens_in, reply.tokens_out)
        usage.missing += 1
        self._answered(usage)
        text, model = (reply.text, reply.model) if reply else ("", self._models[call.role].name)
        tokens = (reply.tokens_in, reply.tokens_out) if reply else (None, None)
        return Answer(None, text, attempt, model, reason, *tokens)

    @property
    def simulated(self) -> bool:
        """Whether any reply so far came from a simulated model."""
        return any(model.startswith(SIMULATED_MODEL_PREFIX) for usage in self._usage.values() for model in usage.models)

    def usage(self) -> dict[str, object]:
        """Calls, tokens, cost and time so far, by role and in total."""
        return report(self._usage)

    def stop(self, error: Exception, drain: float | None = None) -> None:
        """Send nothing new: every call that waits, or comes, raises `error`. What is in flight may still come in, for `drain`
        seconds (None: until its own time is out)."""
        self._stopped = self._stopped or error
        self._stopping.set()
        for slots in self._slots.values():
            slots.close(self._stopped)
        if drain is not None:
            asyncio.get_running_loop().call_later(drain, self._drop)

    async def close(self) -> None:
        """Stop, and wait for what is in flight, so that it reaches the journal."""
        self.stop(FatalError("the client is closed"))
        if self._in_flight:
            self._progress.note(f"waiting for {len(self._in_flight)} calls that are in flight; an interrupt drops them")
        await self._idle.wait()
        self._spending.write(self._paid())
        self._progress.close(*self._totals())

    def _drop(self) -> None:
        """Wait no longer for what is in flight."""
        for task in self._in_flight:
            task.cancel()

    def _request(self, call: Call, attempt: int) -> Request:
        model = self._models[call.role]
        seed = call.seed if attempt == 1 else derive_seed(call.seed, attempt)
        endpoint = getattr(self._channels[model.endpoint].provider, "endpoint", model.endpoint)
        return Request(
            endpoint, model.name, call.messages, model.temperature, model.max_tokens, seed, attempt, model.extra_body
        )

    async def _reply(self, request: Request, call: Call) -> Reply | str:
        """The reply, or the reason of a refusal: from the journal, from a request already under way, or sent now."""
        key = request.compute_key()
        found = self._journal.get(key)
        if found is not None:
            if isinstance(found, Reply) and key not in self._counted:
                self._counted.add(key)
                borrowed = self._journal.borrowed(key)
                self._usage[call.role].count(found, self._prices[call.role], False, borrowed, _guess(request, found))
            return found
        if key in self._waiting:
            return await asyncio.shield(self._waiting[key])
        future = self._waiting[key] = asyncio.get_running_loop().create_future()
        try:
            found = await self._send(key, request, call)
        except BaseException as error:
            future.set_exception(error)
            future.exception()  # it is raised here; nobody else may be waiting
            raise
        finally:
            del self._waiting[key]
        future.set_result(found)
        return found

    async def _send(self, key: str, request: Request, call: Call) -> Reply | str:
        """Send a request, again after failures that may pass, and record what came of it."""
        name = self._models[call.role].endpoint
        channel, slots = self._channels[name], self._slots.get(name)
        tried = waited = 0
        while True:
            replies = slots.replies if slots else 0
            try:
                return await self._in_slot(key, request, call, channel, slots)
            except TransientError as error:
                self._usage[call.role].retries += 1
                failure = error
            if (failure.retry_after or 0) > LONGEST_ASKED:
                raise self._given_up(f"{failure}; it asks to wait {failure.retry_after:.0f} s, start again after that")
            # An endpoint that is asked too much, and answers other calls meanwhile, is well: this call waits for its turn.
            tried += not (failure.overloaded and slots and slots.replies > replies)
            if tried > channel.retries:
                raise self._given_up(f"{failure}; {tried} tries failed, start again when the endpoint is well")
            self._note(f"{failure}; trying again", failure.retry_after or 0.0)
            await unless(self._stopping, _pause(waited, failure.retry_after))
            waited += 1
            if self._stopped:
                raise self._stopped

    def _note(self, message: str, wait: float) -> None:
        if wait >= NOTED_WAIT:
            self._progress.note(f"{message} in {wait:.0f} s")

    def _given_up(self, message: str) -> FatalError:
        error = FatalError(f"{message}; every reply received so far is in the journal")
        self.stop(error)
        return error

    async def _in_slot(
        self, key: str, request: Request, call: Call, channel: LimitedProvider, slots: Slots | None
    ) -> Reply | str:
        """Send a request once, when a slot is free, and record what came of it. A wait before another try holds no slot."""
        if slots is None:
            self._check()
            return await self._try(key, request, call, channel)
        era = await slots.acquire(call.role, request.count_limited_tokens())
        try:
            self._check()
            start = time.monotonic()
            reply = await self._try(key, request, call, channel)
            slots.succeeded(call.role, time.monotonic() - start)
            if isinstance(reply, Reply) and reply.pause_seconds:
                slots.rest(min(reply.pause_seconds, LONGEST_ASKED))
                self._note("the endpoint says that its limit is used up; going on", reply.pause_seconds)
            return reply
        except TransientError as error:
            if error.overloaded:
                slots.overloaded(era)
                slots.rest(error.retry_after or 0.0)
            raise
        finally:
            slots.release()

    async def _try(self, key: str, request: Request, call: Call, channel: LimitedProvider) -> Reply | str:
        usage, start, task = self._usage[call.role], time.monotonic(), asyncio.current_task()
        assert task
        self._in_flight.add(task)
        self._idle.clear()
        try:
            reply = await channel.provider.complete(request)
            guess = _guess(request, reply)
            usage.count(reply, self._prices[call.role], sent=True, guess=guess)
            self._counted.add(key)
            self._journal.append(key, reply, call.role, call.origin, request.attempt, guess)
            return reply
        except RejectedError as error:
            self._journal.append(key, str(error), call.role, call.origin, request.attempt)
            return str(error)
        except (FatalError, InputError) as error:
            self.stop(error)
            raise
        except asyncio.CancelledError:
            if self._stopped and task.uncancel() == 0:
                raise self._stopped from None
            raise
        finally:
            self._in_flight.discard(task)
            if not self._in_flight:
                self._idle.set()
            usage.seconds += time.monotonic() - start

    def _check(self) -> None:
        if self._stopped:
            raise self._stopped
        reached = self._spending.reached(self._paid())
        if reached:
            error = BudgetError(
                f"the spending limit of ${reached.limit:g} (budget.{reached.name} in config.yaml) is reached:"
                f" ${reached.spent:.4f} spent; {self._left()}; `snakemake forecast` says what is left of everything and what"
                " it would cost; all replies are in the journal: raise the limit and give the same command again to go on from"
                " there"
            )
            self.stop(error)
            raise error

    def _paid(self) -> float:
        """US dollars for all replies in this job's journal, those of earlier tries included."""
        return sum(self._prices[role].of_tokens(*tokens) for role, tokens in self._journal.tokens.items())

    def _left(self) -> str:
        """What a job that stops has done and would still do, with its cost at the mean of its calls so far."""
        calls, _, _, _ = self._totals()
        if not self._progress.expected:
            return f"{calls} calls of this job are answered"
        left = max(self._progress.expected - calls, 0)
        cost = f"about ${left * self._paid() / calls:.4f}" if calls else "an unknown sum"
        return f"{calls} calls of this job are answered, at most {left} are left, for {cost}"

    def _answered(self, usage: RoleUsage) -> None:
        usage.calls += 1
        if usage.calls % 50 == 0:
            self._progress.tick(*self._totals())

    def _totals(self) -> tuple[int, int, int, float]:
        usages = self._usage.values()
        return (
            sum(usage.calls for usage in usages),
            sum(usage.sent for usage in usages),
            sum(usage.retries for usage in usages),
            sum(usage.spent for usage in usages),
        )


def _guess(request: Request, reply: Reply) -> tuple[int, int]:
    """Tokens in and out, for a provider that does not tell them: it must not void the spending limits."""
    return request.count_prompt_tokens(), len(reply.text) // LETTERS_PER_TOKEN


def _pause(tried: int, asked: float | None) -> float:
    """Seconds before the next try: doubling from half a second, spread at random, and not before the endpoint asks for it."""
    return (asked or 0.0) + min(LONGEST_WAIT, 0.5 * 2**tried) * random.uniform(0.5, 1.0)
