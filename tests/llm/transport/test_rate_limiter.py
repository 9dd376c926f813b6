import asyncio

import pytest

from collide.llm.transport.rate_limiter import PROCESSING_SECONDS, SPACING_SHARE, CallLimiter, Rates

from ...virtual_time import run_in_virtual_time


async def starts(limiter, calls, tokens=0):
    """Return the seconds from now until each of several calls may start. The calls take no time."""
    clock = asyncio.get_running_loop().time
    asked = clock()

    async def one():
        await limiter.acquire("task", tokens)
        at = clock() - asked
        limiter.release()
        return at

    return await asyncio.gather(*(one() for _ in range(calls)))


def test_the_limit_grows_by_one_per_round_and_is_halved_once_per_group_of_concurrent_calls():
    async def session():
        limiter = CallLimiter(4, 6)
        admitted = [await limiter.acquire("task") for _ in range(4)]
        for halvings in admitted[:3]:
            limiter.record_overload(halvings)
        assert limiter.limit == 2
        for _ in admitted:
            limiter.release()
        later = await limiter.acquire("task")
        limiter.record_overload(later)
        assert limiter.limit == 1
        for _ in range(100):
            limiter.record_reply("task", 0.0)
        return limiter.limit

    assert run_in_virtual_time(session()) == 6


def test_a_cancelled_waiter_leaves_its_place_to_the_next():
    async def session():
        limiter = CallLimiter(1, 1)
        await limiter.acquire("task")
        first, second = (asyncio.create_task(limiter.acquire("task")) for _ in range(2))
        await asyncio.sleep(0)
        limiter.release()  # admits the first
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.wait_for(second, 1)
        return limiter.in_flight

    assert run_in_virtual_time(session()) == 1


def test_calls_start_apart_once_it_is_known_how_long_one_takes():
    async def session(seconds):
        limiter = CallLimiter(10, 10)
        together = await starts(limiter, 10)
        for _ in range(200):
            limiter.record_reply("task", seconds)
        return max(together), await starts(limiter, 40)

    together, apart = run_in_virtual_time(session(0.02))
    assert together == 0
    assert apart == sorted(apart)
    # The mean duration of the calls is known nearly.
    assert apart[-1] == pytest.approx(39 * SPACING_SHARE * 0.02 / 10, rel=0.001)
    # However long a call takes, they need not be further apart than their processing.
    _, apart = run_in_virtual_time(session(20.0))
    assert apart[-1] == pytest.approx(39 * PROCESSING_SECONDS)


def test_nothing_starts_during_a_pause_that_the_endpoint_asked_for():
    async def session():
        limiter = CallLimiter(10, 10)
        limiter.pause_starts(0.1)
        return await starts(limiter, 3)

    assert min(run_in_virtual_time(session())) >= 0.1


@pytest.mark.parametrize("rates", [Rates(requests=1200), Rates(tokens=12000)])
def test_calls_per_minute_stay_below_the_limit_and_never_start_together(rates):
    # 1,200 a minute is one every 50 ms.
    at = run_in_virtual_time(starts(CallLimiter(1000, 1000, rates), 5, 10))
    assert at == pytest.approx([0.05 * number for number in range(5)])


def test_a_large_call_takes_its_turn_and_its_share_of_the_minute():
    async def session():
        limiter, order = CallLimiter(10, 10, Rates(tokens=60_000)), []

        async def one(name, tokens):
            await limiter.acquire("task", tokens)
            order.append(name)
            limiter.release()

        start = asyncio.get_running_loop().time()
        await asyncio.gather(one("first", 100), one("large", 200), one("small", 1))
        return order, asyncio.get_running_loop().time() - start

    order, seconds = run_in_virtual_time(session())
    assert order == ["first", "large", "small"]
    assert seconds == pytest.approx(0.3)


def test_calls_of_a_quick_role_are_not_spaced_by_a_slow_one():
    async def session():
        limiter = CallLimiter(10, 10)
        for _ in range(200):
            limiter.record_reply("gradient", 5.0)
        return max(await starts(limiter, 10))

    assert run_in_virtual_time(session()) < 0.01


def test_a_closed_limiter_lets_no_call_wait():
    async def session():
        limiter = CallLimiter(1, 1)
        await limiter.acquire("task")
        limiter.pause_starts(60)
        queued = asyncio.create_task(limiter.acquire("task"))
        await asyncio.sleep(0)
        limiter.release()  # the queued call is admitted now, and pauses
        behind = asyncio.create_task(limiter.acquire("task"))
        await asyncio.sleep(0)
        limiter.close(RuntimeError("closed"))
        return await asyncio.wait_for(asyncio.gather(queued, behind, limiter.acquire("task"), return_exceptions=True), 1)

    assert [str(error) for error in run_in_virtual_time(session())] == ["closed"] * 3


def test_waiting_calls_are_counted_by_what_they_wait_for():
    async def session(rates, pause):
        limiter = CallLimiter(2, 2, rates)
        limiter.pause_starts(pause)
        tasks = [asyncio.create_task(limiter.acquire("task")) for _ in range(5)]
        await asyncio.sleep(0.01)
        waiting = limiter.list_waiting()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert limiter.list_waiting() == []
        return waiting

    places = "3 wait for one of 2 places"
    assert run_in_virtual_time(session(Rates(), 60)) == [places, "2 wait as the endpoint asked"]
    assert run_in_virtual_time(session(Rates(requests=6), 0)) == [places, "1 wait for the limit per minute"]
