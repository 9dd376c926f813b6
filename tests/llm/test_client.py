import asyncio
import dataclasses
import io

import pytest

from collide.cost.usage import Price
from collide.llm import client, progress
from collide.llm.client import Client, LimitedProvider
from collide.llm.journal import Journal
from collide.llm.parsing import parse_rating
from collide.llm.progress import Progress
from collide.llm.request import Call, CallOrigin, Model, Reply, Request, UnusableReply
from collide.llm.transport import retries
from collide.llm.transport.errors import BudgetError, FatalError, RejectedError, TransientError, UnclearRefusal

from ..virtual_time import run_in_virtual_time

MODEL = Model("here", "model/a", 0.1, 100, {})
MESSAGES = ({"role": "user", "content": "How good?"},)


class Scripted:
    """A provider whose function `answer` maps a request to a text or to an error to raise."""

    endpoint = "scripted"

    def __init__(self, answer=lambda request: "4", delay=0.0):
        self.answer, self.delay, self.requests = answer, delay, []

    async def complete(self, request):
        self.requests.append(request)
        if self.delay:
            await asyncio.sleep(self.delay)
        answer = self.answer(request)
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer, "served/a", "stop", 1_000_000, 100_000)

    async def close(self):
        pass


def call(seed=1, **changes):
    return dataclasses.replace(Call("task", MESSAGES, seed, CallOrigin(1, "d/M0", ("fluency",))), **changes)


def whole_number(text):
    if not text.isdigit():
        raise UnusableReply(f"{text!r} is no number")
    return int(text)


def run(path, provider, ask, model=MODEL, log=None, **settings):
    """Open a client on the journal at `path`, await `ask(client)`, and return its result and the client."""

    async def session():
        with Journal(path) as journal:
            made = Client(
                {"task": model},
                {"task": settings.get("price", Price(1.0, 10.0))},
                {
                    "here": LimitedProvider(
                        provider, settings.get("concurrency", 0), settings.get("retries", 0), settings.get("most", 0)
                    )
                },
                journal,
                settings.get("attempts", 3),
                settings.get("limits", {}),
                Progress("test", log or io.StringIO(), settings.get("expected")),
            )
            try:
                return await ask(made), made
            finally:
                await made.close()

    return run_in_virtual_time(session())


def ask_one(made, one=None):
    return made.answer_call(one or call(), whole_number)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(retries, "choose_pause", lambda tried, asked: 0.0)


def test_a_recorded_reply_is_never_asked_for_again(path):
    first, again = Scripted(), Scripted()
    answer, _ = run(path, first, ask_one)
    replayed, made = run(path, again, ask_one)
    assert (answer, len(first.requests), len(again.requests)) == (replayed, 1, 0)
    usage = made.usage()["roles"]["task"]
    assert (usage["calls"], usage["sent"], usage["spent"], usage["cost"]) == (1, 0, 0.0, 2.0)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "elsewhere"},
        {"model": "model/b"},
        {"messages": ({"role": "user", "content": "How good? "},)},
        {"temperature": 0.2},
        {"max_tokens": 101},
        {"seed": 2},
        {"attempt": 2},
        {"extra_body": {"reasoning": {"enabled": False}}},
        {"fields": {"seed": None}},
        {"answer_in": "reasoning"},
    ],
)
def test_all_that_shapes_a_reply_is_in_its_key(change):
    request = Request("here", "model/a", MESSAGES, 0.1, 100, 1, 1, {})
    assert dataclasses.replace(request, **change).compute_key() != request.compute_key()
    assert set(change) <= {field.name for field in dataclasses.fields(Request)}


def test_a_mark_follows_the_last_user_message(path):
    marked = dataclasses.replace(MODEL, user_mark="/no_think", answer_in="reasoning")
    conversation = (*MESSAGES, {"role": "assistant", "content": "4"}, *MESSAGES, {"role": "system", "content": "Now."})
    provider = Scripted()
    run(path, provider, lambda made: ask_one(made, call(messages=conversation)), marked)
    contents = [message["content"] for message in provider.requests[0].messages]
    assert contents == ["How good?", "4", "How good?\n/no_think", "Now."]
    assert provider.requests[0].answer_in == "reasoning"


def test_a_further_sample_comes_before_calls_that_wait(path):
    provider = Scripted(lambda request: "prose", delay=0.001)

    async def ask(made):
        return await asyncio.gather(*(ask_one(made, call(seed)) for seed in range(20)))

    run(path, provider, ask, concurrency=2, attempts=3)
    # Only the two calls in flight, and those that took their places once, were started before the first had its last sample.
    attempts = [request.attempt for request in provider.requests]
    assert len(attempts) == 60
    assert attempts.index(3) < 8


def test_the_origin_of_a_call_is_not_in_its_key(path):
    run(path, Scripted(), ask_one)
    again = Scripted()
    run(path, again, lambda made: ask_one(made, call(origin=CallOrigin(9, "other", ("coherence",)))))
    assert again.requests == []


def test_an_unusable_reply_is_sampled_again_with_another_seed(path):
    provider = Scripted(lambda request: "4" if request.attempt == 3 else "four")
    answer, _ = run(path, provider, ask_one)
    assert (answer.value, answer.attempts) == (4, 3)
    assert len({request.seed for request in provider.requests}) == 3


def test_after_the_last_attempt_the_value_is_missing_with_its_reason_and_stays_missing(path):
    answer, made = run(path, Scripted(lambda request: "four"), ask_one)
    assert (answer.value, answer.attempts, answer.reason) == (None, 3, "'four' is no number")
    assert made.usage()["roles"]["task"]["missing"] == 1
    again = Scripted()
    assert run(path, again, ask_one)[0] == answer
    assert again.requests == []


def test_a_refusal_is_recorded_and_not_sent_again(path):
    answer, _ = run(path, Scripted(lambda request: RejectedError("context too long")), ask_one)
    assert (answer.value, answer.reason) == (None, "context too long")
    again = Scripted()
    assert run(path, again, ask_one)[0].reason == "context too long"
    assert again.requests == []


def test_a_transient_error_is_tried_again_and_counted(path):
    failures = [TransientError("busy"), TransientError("reset"), "4"]
    answer, made = run(path, Scripted(lambda request: failures.pop(0)), ask_one, retries=2)
    assert answer.value == 4
    assert made.usage()["roles"]["task"]["retries"] == 2


def test_when_all_tries_failed_the_run_stops_with_the_last_reason(path):
    with pytest.raises(FatalError, match="busy; 3 tries failed"):
        run(path, Scripted(lambda request: TransientError("busy")), ask_one, retries=2)


def test_the_log_gives_the_real_pause_before_a_retry_also_if_the_endpoint_asked_for_none(path, monkeypatch):
    monkeypatch.setattr(retries, "choose_pause", lambda tried, asked: (asked or 0.0) + 7.0)
    monkeypatch.setattr(client, "sleep_unless_set", lambda event, seconds: asyncio.sleep(0))
    failures, log = [TransientError("reset"), TransientError("busy", 20.0), "4"], io.StringIO()
    run(path, Scripted(lambda request: failures.pop(0)), ask_one, retries=2, log=log)
    assert "reset; trying again in 7 s" in log.getvalue()
    assert "busy; trying again in 27 s" in log.getvalue()


def test_the_log_gives_the_pause_that_is_kept_when_an_endpoint_reports_a_longer_one(path):
    class UsedUp(Scripted):
        async def complete(self, request):
            return Reply("4", "served/a", pause_seconds=86400.0)

    log = io.StringIO()
    run(path, UsedUp(), ask_one, concurrency=1, log=log)
    assert f"limit is used up; continuing in {retries.LONGEST_REQUESTED_PAUSE:.0f} s" in log.getvalue()


def test_the_log_counts_new_replies_and_replies_from_the_journal_apart_from_calls(path):
    """Each call is asked twice with equal messages, and every first reply is unusable: 4 calls are answered by 4 replies."""

    def usable_at_second(request):
        return "4" if request.attempt == 2 else "four"

    def ask_twice(count):
        return lambda made: asyncio.gather(*(ask_one(made, call(seed)) for seed in range(count) for _ in range(2)))

    log = io.StringIO()
    run(path, Scripted(usable_at_second), ask_twice(2), log=log)
    assert "done: 4 calls, 4 new replies, 0 from the journal" in log.getvalue()
    assert "$8.0000 since this start" in log.getvalue()
    log = io.StringIO()
    run(path, Scripted(usable_at_second), ask_twice(3), log=log)
    assert "done: 6 calls, 2 new replies, 4 from the journal" in log.getvalue()
    assert "$4.0000 since this start" in log.getvalue()


def test_a_request_that_is_given_up_names_all_its_tries():
    policy, error = retries.Retries(1), TransientError("slow down", overloaded=True)
    for _ in range(10):
        policy.next_pause(error, others_answered=True)
    policy.next_pause(error, others_answered=False)
    with pytest.raises(FatalError, match="slow down; 12 tries failed"):
        policy.next_pause(error, others_answered=False)


def test_the_first_retry_is_used_up_only_after_a_minute_of_overload(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(retries.random, "uniform", lambda low, high: low)
    policy, error = retries.Retries(0), TransientError("slow down", overloaded=True)
    waited = sum(policy.next_pause(error, others_answered=False) for _ in range(retries.UNCOUNTED_OVERLOADS))
    assert waited > 60
    with pytest.raises(FatalError, match="9 tries failed"):
        policy.next_pause(error, others_answered=False)


def test_a_refusal_of_one_request_is_missing_where_others_are_answered(path):
    """The first request is refused before any other is answered, and again afterwards."""
    refusal = UnclearRefusal("answered 400: unclear")
    provider = Scripted(lambda request: refusal if request.seed == 1 else "4", delay=0.01)

    def ask_both(made):
        return asyncio.gather(ask_one(made, call(1)), ask_one(made, call(2)))

    (refused, answered), _ = run(path, provider, ask_both)
    assert (refused.value, refused.reason, answered.value) == (None, "answered 400: unclear", 4)
    run(path, again := Scripted(), ask_both)
    assert not again.requests


def test_a_refusal_of_every_request_stops_the_job(path):
    provider = Scripted(lambda request: UnclearRefusal("answered 400: unclear"))
    with pytest.raises(FatalError, match="does not accept this kind of request and answered no other one"):
        run(path, provider, many)
    assert path.read_bytes() == b""


def many(made, count=20):
    return asyncio.gather(*(made.answer_call(call(seed), whole_number) for seed in range(count)))


def test_no_more_calls_are_in_flight_than_allowed(path):
    flying = most = 0

    class Counted(Scripted):
        async def complete(self, request):
            nonlocal flying, most
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(0.001)
            flying -= 1
            return Reply("4", "served/a")

    run(path, Counted(), many, concurrency=3)
    assert most == 3


class Limited(Scripted):
    """An endpoint that answers 429 when more than `allowed` calls are in flight."""

    def __init__(self, allowed):
        super().__init__()
        self.allowed, self.flying, self.most, self.refused = allowed, 0, 0, 0

    async def complete(self, request):
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            if self.flying > self.allowed:
                self.refused += 1
                raise TransientError("slow down", overloaded=True)
            await asyncio.sleep(0.001)
            return Reply("4", "served/a")
        finally:
            self.flying -= 1


def test_the_limit_rises_while_the_endpoint_keeps_up_and_never_above_the_maximum(path):
    provider = Limited(100)
    run(path, provider, lambda made: many(made, 300), concurrency=2, most=7)
    assert provider.most == 7


def test_the_limit_falls_when_the_endpoint_is_overloaded_and_no_call_is_lost(path):
    provider = Limited(4)
    answers, made = run(path, provider, lambda made: many(made, 300), concurrency=16, most=16, retries=50)
    assert {answer.value for answer in answers} == {4}
    assert provider.refused == made.usage()["roles"]["task"]["retries"] > 0
    # Sixteen at a time would be refused three times out of four.
    assert provider.refused < 150


def test_equal_calls_at_once_are_sent_once(path):
    provider = Scripted(delay=0.01)
    answers, _ = run(path, provider, lambda made: asyncio.gather(*(ask_one(made) for _ in range(5))))
    assert len(provider.requests) == 1
    assert {answer.value for answer in answers} == {4}


def test_after_a_fatal_error_no_request_is_sent_and_calls_in_flight_are_kept(path):
    def answer(request):
        return FatalError("no such model") if request.seed == 0 else "4"

    class Late(Scripted):
        async def complete(self, request):
            await asyncio.sleep(0 if request.seed == 0 else 0.02)
            return await super().complete(request)

    provider = Late(answer)
    with pytest.raises(FatalError, match="no such model"):
        run(path, provider, many, concurrency=4)
    assert {request.seed for request in provider.requests} == {0, 1, 2, 3}
    with Journal(path) as journal:
        assert len(journal) == 3


def test_a_reply_that_answers_twice_is_paid_once(path):
    async def twice(made):
        return [await ask_one(made) for _ in range(2)]

    _, made = run(path, Scripted(), twice)
    usage = made.usage()["roles"]["task"]
    assert (usage["calls"], usage["replies"], usage["cost"]) == (2, 1, 2.0)


def test_at_the_spending_limit_no_request_is_sent_and_a_rerun_continues(path):
    provider = Scripted()
    with pytest.raises(BudgetError, match=r"limit of \$5 \(budget.run.*\$6\.0000 spent; 3 calls of this job"):
        run(path, provider, many, limits={"run": 5})  # a reply costs 2 dollars
    assert len(provider.requests) == 3
    # What an earlier try has paid counts.
    with pytest.raises(BudgetError, match=r"\$8\.0000 spent"):
        run(path, Scripted(), many, limits={"run": 7})
    again = Scripted()
    run(path, again, many, limits={"run": 100})
    assert len(again.requests) == 16


def test_limits_hold_when_the_provider_reports_no_tokens(path):
    class Silent(Scripted):
        async def complete(self, request):
            self.requests.append(request)
            return Reply("4", "served/a")

    provider = Silent()
    with pytest.raises(BudgetError, match=r"budget\.run"):
        run(
            path, provider, many, limits={"run": 5e-6}
        )  # a prompt of 9 characters is assumed to have 2 tokens, at a dollar a million
    assert len(provider.requests) == 3
    with pytest.raises(BudgetError, match=r"budget\.run"):
        run(path, Silent(), many, limits={"run": 5e-6})
    # The account says the same, of replies that came now and of those that the journal gave.
    for _ in range(2):
        _, made = run(path, Silent(), lambda made: many(made, 3))
        usage = made.usage()["roles"]["task"]
        assert (usage["without_token_counts"], usage["tokens_in"], usage["cost"]) == (3, 6, pytest.approx(6e-6))


@pytest.mark.parametrize(
    ("limit", "other", "counts"), [("study", "study", True), ("study", "another", False), ("total", "another", True)]
)
def test_jobs_count_the_spending_of_other_jobs_of_their_study_and_in_total(tmp_path, limit, other, counts):
    root = tmp_path / "journal"
    run(root / other / "SSS" / "seed1" / "optimize.journal", Scripted(), lambda made: many(made, 2))  # 4 dollars
    provider, mine = Scripted(), root / "study" / "SSS" / "seed0" / "optimize.journal"
    with pytest.raises(BudgetError, match=rf"budget\.{limit}"):
        run(mine, provider, many, limits={"run": None, limit: 7})
    assert len(provider.requests) == (2 if counts else 4)


def test_time_and_retries_of_replies_survive_a_replay(path):
    class Timed(Scripted):
        async def complete(self, request):
            return dataclasses.replace(await super().complete(request), seconds=0.25, cost=3.0, provider="p")

    failures = [TransientError("busy"), TransientError("busy"), "4", "4"]
    _, made = run(path, Timed(lambda request: failures.pop(0)), lambda made: many(made, 2), retries=2)
    _, replayed = run(path, Timed(), lambda made: many(made, 2))
    for usage in (made.usage()["roles"]["task"], replayed.usage()["roles"]["task"]):
        assert (usage["retries"], usage["timed"], usage["seconds"]) == (2, 2, 0.5)
        assert (usage["with_cost"], usage["cost_reported"], usage["cost"], usage["cost_apart"]) == (2, 6.0, 4.0, 0.5)


@pytest.mark.parametrize(
    ("cost", "price", "warning"),
    [
        (
            3.0,
            Price(1.0, 10.0, model="judge"),
            "charged $3.0000 for 1 replies of role task, 50% more than the configured prices",
        ),
        (1.0, Price(1.0, 10.0, model="judge"), "50% less than the configured prices give: check the prices of models.judge in"),
        (2.05, Price(1.0, 10.0, model="judge"), ""),
        (0.0, Price(), ""),
        (0.000012, Price(), "charged $0.000012 for 1 replies of role task, but they cost nothing at the configured prices"),
    ],
)
def test_a_reported_cost_that_is_far_from_the_computed_one_is_warned_of(path, cost, price, warning):
    class Charging(Scripted):
        async def complete(self, request):
            return dataclasses.replace(await super().complete(request), cost=cost)

    log = io.StringIO()
    run(path, Charging(), ask_one, log=log, price=price)
    assert warning in log.getvalue()
    assert bool(warning) == ("warning" in log.getvalue())


def test_the_message_at_a_limit_forecasts_the_rest_from_the_replies_of_other_jobs(tmp_path):
    """A job that has no reply of its own yet, because another job has spent all."""
    root, limits = tmp_path / "journal", {"total": 3}
    run(root / "study" / "a" / "optimize.journal", Scripted(), lambda made: many(made, 2))  # 4 dollars
    with pytest.raises(
        BudgetError,
        match=r"\$4\.0000 spent; 0 calls of this job are answered, at most 5 are left, for about"
        r" \$10\.0000;",
    ):
        run(root / "study" / "b" / "optimize.journal", Scripted(), many, limits=limits, expected=5)
    with pytest.raises(BudgetError, match="at most 5 are left, for an unknown amount"):
        run(root / "other" / "b" / "optimize.journal", Scripted(), many, limits=limits, expected=5, price=Price(model="new"))


def test_the_message_at_a_limit_shows_small_amounts(path):
    class Cheap(Scripted):
        async def complete(self, request):
            return Reply("4", "served/a", "stop", 10, 0)

    with pytest.raises(
        BudgetError,
        match=r"\(budget.*: \$0\.000020 spent; 2 calls.*at most 1 are left, for about"
        r" \$0\.000010",
    ):
        run(path, Cheap(), many, limits={"run": 2e-5}, expected=3)


def test_simulated_replies_are_recognized_by_the_model_that_served_them(path, tmp_path):
    _, made = run(path, Scripted(), ask_one)
    assert not made.simulated

    class Simulated(Scripted):
        async def complete(self, request):
            return Reply("4", "simulated/small")

    assert run(tmp_path / "other", Simulated(), ask_one)[1].simulated


def test_a_job_stops_when_an_endpoint_asks_for_a_long_wait(path):
    class Tired(Scripted):
        async def complete(self, request):
            raise TransientError("come back tomorrow", 86400.0, overloaded=True)

    with pytest.raises(FatalError, match="asks to wait 86400 s"):
        run(path, Tired(), ask_one, retries=3, concurrency=2)


def test_a_429_uses_up_no_retry_while_other_calls_succeed(path):
    """One call is allowed, eight are sent, with two retries: most calls are refused more often than that."""
    provider = Limited(1)
    answers, made = run(path, provider, many, concurrency=8, most=16, retries=2)
    assert {answer.value for answer in answers} == {4}
    assert made.usage()["roles"]["task"]["retries"] > 2


def test_an_endpoint_that_refuses_all_calls_is_given_up(path):
    provider = Scripted(lambda request: TransientError("slow down", overloaded=True))
    with pytest.raises(FatalError, match="slow down; 11 tries failed"):
        run(path, provider, ask_one, concurrency=2, retries=2)


@pytest.mark.parametrize("asked", [None, 3.0])
def test_a_pause_grows_and_is_never_shorter_than_requested(asked, monkeypatch):
    monkeypatch.undo()
    pauses = [retries.choose_pause(tried, asked) for tried in range(12)]
    assert min(pauses) >= (asked or 0.25)
    assert max(pauses) <= retries.LONGEST_PAUSE + (asked or 0)
    assert pauses[8] > pauses[0]


class Stalled(Scripted):
    """Never answers the requests with the first seeds, and asks all others to wait for a minute."""

    async def complete(self, request):
        self.requests.append(request)
        if request.seed < 2:
            await asyncio.sleep(60)
        raise TransientError("slow down", 60.0, overloaded=True)


def test_a_stop_ends_every_wait_and_drops_calls_that_do_not_end_in_time(path, monkeypatch):
    monkeypatch.setattr(retries, "choose_pause", lambda tried, asked: 60.0)

    async def stopped(made):
        asking = asyncio.gather(*(ask_one(made, call(seed)) for seed in range(8)), return_exceptions=True)
        await asyncio.sleep(0.05)
        made.stop(FatalError("stopped"), drain=0.1)
        return await asyncio.wait_for(asking, 2)

    answers, _ = run(path, Stalled(), stopped, concurrency=4, retries=3)
    assert {str(answer) for answer in answers} == {"stopped"}


def answer_after_a_failure():
    """Return a script that answers the first request with an error that passes."""
    asked = []

    def answer(request):
        asked.append(request)
        return "4" if len(asked) > 1 else TransientError("answered 502")

    return answer


def ask_and_report(calls):
    """Return a coroutine function that asks this many calls at once, while the client reports what they wait for."""

    async def ask(made):
        waiting = asyncio.create_task(made.report_waiting())
        try:
            return await asyncio.gather(*(ask_one(made, call(seed)) for seed in range(calls)))
        finally:
            waiting.cancel()

    return ask


def test_the_log_reports_a_call_that_takes_long(path, monkeypatch):
    monkeypatch.setattr(client, "SILENT_SECONDS", 0.05)
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0.05)

    log = io.StringIO()
    run(path, Scripted(answer_after_a_failure(), delay=0.3), ask_and_report(1), retries=1, log=log)
    assert "1 in flight, the oldest for" in log.getvalue()
    assert "; last error: answered 502" in log.getvalue()


def test_the_log_reports_calls_that_wait_for_a_place_and_for_their_next_try(path, monkeypatch):
    monkeypatch.setattr(client, "SILENT_SECONDS", 0.05)
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr(retries, "choose_pause", lambda tried, asked: 0.2)

    log = io.StringIO()
    run(path, Scripted(answer_after_a_failure(), delay=0.1), ask_and_report(3), concurrency=1, retries=1, log=log)
    said = log.getvalue()
    assert ", 2 wait for one of 1 places" in said
    assert "1 wait for their next try; last error: answered 502" in said


def test_replies_that_were_cut_off_are_counted_and_warned_of(path):
    class Short(Scripted):
        async def complete(self, request):
            return dataclasses.replace(await super().complete(request), finish_reason="length")

    for provider in (Short(), Scripted()):
        log = io.StringIO()
        answer, made = run(path, provider, ask_one, log=log)
        assert answer.cut_off
        assert made.usage()["roles"]["task"]["cut"] == 1
        assert "warning: 1 of 1 replies of role task were cut off; raise roles.task.max_tokens" in log.getvalue()


def test_a_rating_at_the_end_of_a_reply_that_was_cut_off_is_missing(path):
    """Further digits may have followed."""

    class Short(Scripted):
        async def complete(self, request):
            return Reply("Rating: 1", "served/a", "length")

    answer, _ = run(path, Short(), lambda made: made.answer_call(call(), lambda text: parse_rating(text, 1, 10)))
    assert (answer.value, answer.reason) == (None, "expected one rating, found 0 (finish reason length)")


def test_equal_replies_of_a_cache_are_one_missing_prediction_and_a_warning(path):
    """The cache in front of the endpoint ignores the seed, so that all samples are copies of the first reply."""

    class Cached(Scripted):
        async def complete(self, request):
            return dataclasses.replace(await super().complete(request), repeated=len(self.requests) > 1)

    log = io.StringIO()
    answer, made = run(path, Cached(lambda request: "four"), ask_one, attempts=5, log=log)
    assert (answer.value, answer.attempts, made.usage()["roles"]["task"]["missing"]) == (None, 5, 1)
    assert log.getvalue().count("a cache in front of it ignores the seed") == 1


def test_a_reply_of_reasoning_only_says_so_now_and_from_the_journal(path):
    class Reasoning(Scripted):
        async def complete(self, request):
            return Reply("", "served/a", "length", reasoning_only=True)

    for provider in (Reasoning(), Scripted()):
        answer, _ = run(path, provider, ask_one)
        advice = "raise max_tokens or switch thinking off (finish reason length)"
        assert answer.reason == f"the reply is empty; the endpoint sent reasoning only: {advice}"


def test_a_form_is_asked_for_where_the_model_and_the_call_have_one(path):
    schema = {"type": "object"}
    free, formed = Scripted(), Scripted()
    run(path, free, lambda made: ask_one(made, call(schema=schema)))
    strict = dataclasses.replace(MODEL, structured_output="json_schema", extra_body={"top_k": 1})
    run(path, formed, lambda made: asyncio.gather(ask_one(made, call(2)), ask_one(made, call(schema=schema))), model=strict)
    bodies = [request.extra_body for request in (*free.requests, *formed.requests)]
    form = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
    assert bodies == [{}, {"top_k": 1}, {"top_k": 1, "response_format": form}]
