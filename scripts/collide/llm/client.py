"""The client: answers calls from the journal where possible, and otherwise from a provider."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

from collide.cost.usage import CUT_OFF, Price
from collide.errors import InputError, MissingKey
from collide.llm.account import JobAccount, assume_tokens
from collide.llm.journal import Journal
from collide.llm.progress import SILENT_SECONDS, Progress
from collide.llm.request import (
    Answer,
    Call,
    CutOffText,
    Model,
    Provider,
    Reply,
    Request,
    T,
    UnusableReply,
    build_request,
    explain_unusable,
)
from collide.llm.transport.errors import FatalError, ProviderError, RejectedError, TransientError, UnclearRefusal
from collide.llm.transport.rate_limiter import UNLIMITED, CallLimiter, Rates, sleep_unless_set
from collide.llm.transport.retries import LONGEST_REQUESTED_PAUSE, Retries

# Shorter pauses are normal; longer ones would look like a hang to a reader of the log.
LOGGED_PAUSE = 5.0


@dataclasses.dataclass(frozen=True, slots=True)
class LimitedProvider:
    """A provider with its limits.

    `concurrency` calls may be in flight at the start (0: no limit at all) and `max_concurrency` at most (0: as at the
    start). `retries` is the number of further tries after an error that may pass. `rates` are limits per minute.
    """

    provider: Provider
    concurrency: int = 0
    retries: int = 0
    max_concurrency: int = 0
    rates: Rates = UNLIMITED


class Client:
    """Answers the calls of one job. Each layer adds one thing, from the outermost to the innermost:

    - `answer_call` parses the reply, and samples again when it cannot be parsed;
    - `_find_reply` looks in the journal, and sends equal requests that are under way at the same time only once;
    - `_send_with_retries` tries a request again after errors that may pass;
    - `_send_within_limits` waits for the endpoint's limits and the budget, and tells the limiter how the call ended;
    - `_send_once` calls the provider, and records the reply or the refusal in the journal.
    """

    def __init__(
        self,
        models: Mapping[str, Model],
        prices: Mapping[str, Price],
        providers: Mapping[str, LimitedProvider],
        journal: Journal,
        attempts: int,
        limits: Mapping[str, float | None],
        progress: Progress,
        all_prices: Mapping[str, Price] | None = None,
    ) -> None:
        """`prices` are those of the roles, `all_prices` those of all models by name, for what other jobs have spent."""
        self._models, self._providers, self._journal, self._attempts = models, providers, journal, attempts
        self._account = JobAccount(prices, journal, limits, progress, all_prices or {})
        # Endpoints with one address share a limiter: they are one server.
        shared: dict[str, CallLimiter] = {}
        self._limiters = {
            name: shared.setdefault(
                getattr(limited.provider, "endpoint", name).rstrip("/"),
                CallLimiter(limited.concurrency, limited.max_concurrency, limited.rates),
            )
            for name, limited in providers.items()
            if limited.concurrency
        }
        self._under_way: dict[str, asyncio.Future[Reply | str]] = {}
        self._stop_error: Exception | None = None
        self._stopping = asyncio.Event()
        # The calls in flight, with the time at which each was sent.
        self._in_flight: dict[asyncio.Task[Any], float] = {}
        self._last_failure, self._pausing = "", 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def answer_call(self, call: Call, parse: Callable[[str], T]) -> Answer[T]:
        """Answer a call with the first usable of at most `attempts` replies.

        Raises FatalError when no further request can be sent (BudgetError at a spending limit), and InputError when the
        journal cannot be written.
        """
        reply, reason, cut_off = None, "", False
        for attempt in range(1, self._attempts + 1):
            found = await self._find_reply(call, self._build_request(call, attempt))
            if isinstance(found, str):
                # The endpoint refuses these messages; it would refuse them with another seed, too.
                reason = found
                break
            reply, cut_off = found, found.finish_reason == CUT_OFF
            try:
                value = parse(CutOffText(reply.text) if cut_off else reply.text)
            except UnusableReply as error:
                reason = explain_unusable(reply, error)
                continue
            self._account.count_answer(call.role, missing=False)
            return Answer(value, reply.text, attempt, reply.model, "", reply.tokens_in, reply.tokens_out, cut_off)
        self._account.count_answer(call.role, missing=True)
        last = reply or Reply("", self._models[call.role].name)
        return Answer(None, last.text, attempt, last.model, reason, last.tokens_in, last.tokens_out, cut_off)

    @property
    def simulated(self) -> bool:
        """Return whether a simulated model wrote any reply so far."""
        return self._account.any_simulated

    def usage(self) -> dict[str, object]:
        """Return calls, tokens, cost and time so far, by role and in total."""
        return self._account.summarize()

    def stop(self, error: Exception, drain: float | None = None) -> None:
        """Send no further request: raise `error` in every call that waits or comes later.

        Calls in flight may still end, for `drain` seconds (None: until their own time-out).
        """
        self._stop_error = self._stop_error or error
        self._stopping.set()
        for limiter in self._limiters.values():
            limiter.close(self._stop_error)
        if drain is not None:
            asyncio.get_running_loop().call_later(drain, self._drop_calls)

    async def close(self) -> None:
        """Stop, and wait for the calls in flight, so that their replies reach the journal."""
        self.stop(FatalError("the client is closed"))
        if self._in_flight:
            self._account.progress.log_message(f"waiting for {len(self._in_flight)} calls in flight; an interrupt drops them")
        await self._idle.wait()
        self._account.close()

    async def report_waiting(self) -> None:
        """Report from time to time what calls wait for, until the task that runs this is cancelled. Slow models need minutes a
        call."""
        while True:
            await asyncio.sleep(SILENT_SECONDS / 10)
            waiting = [part for limiter in set(self._limiters.values()) for part in limiter.list_waiting()]
            if self._pausing:
                waiting.append(f"{self._pausing} wait for their next try")
            oldest = min(self._in_flight.values(), default=0.0)
            self._account.report_waiting(len(self._in_flight), time.monotonic() - oldest, waiting, self._last_failure)

    def _drop_calls(self) -> None:
        for task in self._in_flight:
            task.cancel()

    def _build_request(self, call: Call, attempt: int) -> Request:
        model = self._models[call.role]
        return build_request(call, model, self._providers[model.endpoint].provider, attempt)

    async def _find_reply(self, call: Call, request: Request) -> Reply | str:
        """Return the reply or the reason of a refusal: from the journal, from an equal request under way, or sent now."""
        key = request.compute_key()
        found = self._journal.get(key)
        if found is not None:
            if isinstance(found, Reply):
                self._account.count_replayed_reply(call.role, key, request, found)
            return found
        if key in self._under_way:
            # Shielded, so that a cancelled caller does not cancel the request of the others.
            return await asyncio.shield(self._under_way[key])
        # No await since the lookup in the journal, so no equal request can have been sent in between.
        future = self._under_way[key] = asyncio.get_running_loop().create_future()
        try:
            found = await self._send_with_retries(call, request, key)
        except BaseException as error:
            future.set_exception(error)
            # Marks the exception as retrieved: it is raised here, and perhaps no other call waits for it.
            future.exception()
            raise
        finally:
            del self._under_way[key]
        future.set_result(found)
        return found

    async def _send_with_retries(self, call: Call, request: Request, key: str) -> Reply | str:
        """Send a request, and again after errors that may pass. Raises FatalError and stops the job when it is given up."""
        name = self._models[call.role].endpoint
        limiter, retries = self._limiters.get(name), Retries(self._providers[name].retries)
        while True:
            replies_before = limiter.reply_count if limiter else 0
            failure: ProviderError
            try:
                return await self._send_within_limits(call, request, key, retries.failures)
            except (TransientError, UnclearRefusal) as error:
                self._account.roles[call.role].retries += 1
                failure, self._last_failure = error, str(error)
            others_answered = limiter is not None and limiter.reply_count > replies_before
            try:
                pause = retries.next_pause(failure, others_answered)
            except FatalError as error:
                kept = "all replies received so far are in the journal; the call is"
                final = FatalError(f"{error}; {kept}: {call.describe(request.attempt)}")
                self.stop(final)
                raise final from None
            self._log_pause(f"{failure}; trying again", pause)
            self._pausing += 1
            try:
                await sleep_unless_set(self._stopping, pause)
            finally:
                self._pausing -= 1
            if self._stop_error:
                raise self._stop_error

    async def _send_within_limits(self, call: Call, request: Request, key: str, failures: int) -> Reply | str:
        """Send a request once when the limits of the endpoint and the budget admit it. Pauses before retries are not inside,
        so that a call that waits for its next try leaves its place to others."""
        limiter = self._limiters.get(self._models[call.role].endpoint)
        if limiter is None:
            self._check_may_send()
            return await self._send_once(call, request, key, failures)
        # Further samples of a call come before calls that have none yet. Otherwise all pairs would be rated once before it
        # shows that no reply is usable.
        halvings = await limiter.acquire(call.role, request.count_limited_tokens(), first=request.attempt > 1)
        try:
            self._check_may_send()
            start = time.monotonic()
            reply = await self._send_once(call, request, key, failures)
            limiter.record_reply(call.role, time.monotonic() - start)
            if isinstance(reply, Reply) and reply.pause_seconds:
                pause = min(reply.pause_seconds, LONGEST_REQUESTED_PAUSE)
                limiter.pause_starts(pause)
                self._log_pause("the endpoint reports that its limit is used up; continuing", pause)
            return reply
        except TransientError as error:
            if error.overloaded:
                limiter.record_overload(halvings)
                limiter.pause_starts(error.retry_after or 0.0)
            raise
        finally:
            limiter.release()

    async def _send_once(self, call: Call, request: Request, key: str, failures: int) -> Reply | str:
        """Call the provider once, after `failures` tries. Record and count the reply or refusal. Stop at a fatal error."""
        task = asyncio.current_task()
        assert task
        self._in_flight[task] = time.monotonic()
        self._idle.clear()
        try:
            reply = await self._providers[self._models[call.role].endpoint].provider.complete(request)
            if failures:
                reply = dataclasses.replace(reply, retries=failures)
            # Counted first: if the journal cannot be written, the reply was paid for all the same.
            self._account.count_sent_reply(call.role, key, request, reply)
            self._journal.append(key, reply, call.role, call.origin, request.attempt, assume_tokens(request, reply))
            return reply
        except (RejectedError, UnclearRefusal) as error:
            # An endpoint that answered other requests of this role accepts their form, so the refusal is about this one alone.
            if isinstance(error, UnclearRefusal) and not self._account.roles[call.role].replies:
                raise
            self._journal.append(key, str(error), call.role, call.origin, request.attempt)
            return str(error)
        except MissingKey as error:
            described = f"{self._journal.path} has no reply to this call: {call.describe(request.attempt)}; {error}"
            self.stop(missing := MissingKey(described))
            raise missing from None
        except (FatalError, InputError) as error:
            self.stop(error)
            raise
        except asyncio.CancelledError:
            # Cancelled by `_drop_calls` alone: report why the job stops. Any other cancellation goes on.
            if self._stop_error and task.uncancel() == 0:
                raise self._stop_error from None
            raise
        finally:
            self._in_flight.pop(task, None)
            if not self._in_flight:
                self._idle.set()

    def _check_may_send(self) -> None:
        """Raise the error that stopped the job, or BudgetError at a spending limit."""
        if self._stop_error:
            raise self._stop_error
        try:
            self._account.check_budget()
        except FatalError as error:
            self.stop(error)
            raise

    def _log_pause(self, message: str, seconds: float) -> None:
        if seconds >= LOGGED_PAUSE:
            self._account.progress.log_message(f"{message} in {seconds:.0f} s")
