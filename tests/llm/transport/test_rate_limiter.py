import asyncio

import pytest

from collide.llm.transport.rate_limiter import PACE, PROCESSED, Rates, Slots


async def starts(slots, calls, tokens=0):
    """When each of these calls, which take no time, may start: seconds after the first asked."""
    clock = asyncio.get_running_loop().time
    asked = clock()

    async def one():
        await slots.acquire("task", tokens)
        at = clock() - asked
        slots.release()
        return at

    return await asyncio.gather(*(one() for _ in range(calls)))


def test_the_limit_grows_by_one_a_round_and_is_halved_once_for_what_was_in_flight_together():
    async def session():
        slots = Slots(4, 6)
        eras = [await slots.acquire("task") for _ in range(4)]
        for era in eras[:3]:
            slots.overloaded(era)
        assert slots.limit == 2
        for _ in eras:
            slots.release()
        later = await slots.acquire("task")
        slots.overloaded(later)
        assert slots.limit == 1
        for _ in range(100):
            slots.succeeded("task", 0.0)
        return slots.limit

    assert asyncio.run(session()) == 6


def test_a_cancelled_waiter_leaves_its_slot_to_the_next():
    async def session():
        slots = Slots(1, 1)
        await slots.acquire("task")
        first, second = (asyncio.create_task(slots.acquire("task")) for _ in range(2))
        await asyncio.sleep(0)
        slots.release()  # hands the slot to the first
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.wait_for(second, 1)
        return slots.in_flight

    assert asyncio.run(session()) == 1


def test_calls_start_apart_once_it_is_known_how_long_one_takes():
    async def session(seconds):
        slots = Slots(10, 10)
        together = await starts(slots, 10)
        for _ in range(200):
            slots.succeeded("task", seconds)
        return max(together), await starts(slots, 40)

    together, apart = asyncio.run(session(0.02))
    assert together < 0.01
    assert apart == sorted(apart)
    assert apart[-1] >= 39 * PACE * 0.02 / 10
    # However long a call takes, they need not be further apart than their processing.
    _, apart = asyncio.run(session(20.0))
    assert 39 * PROCESSED <= apart[-1] < 0.5


def test_nothing_starts_while_the_endpoint_rests():
    async def session():
        slots = Slots(10, 10)
        slots.rest(0.1)
        return await starts(slots, 3)

    assert min(asyncio.run(session())) >= 0.1


@pytest.mark.parametrize("rates", [Rates(requests=1200), Rates(tokens=12000)])
def test_no_more_is_asked_in_a_minute_than_allowed_and_never_all_at_once(rates):
    # 1,200 a minute is one every 50 ms.
    at = asyncio.run(starts(Slots(1000, 1000, rates), 5, 10))
    assert at == pytest.approx([0, 0.05, 0.1, 0.15, 0.2], abs=0.02)


def test_a_large_call_takes_its_turn_and_its_share_of_the_minute():
    async def session():
        slots, order = Slots(10, 10, Rates(tokens=60_000)), []

        async def one(name, tokens):
            await slots.acquire("task", tokens)
            order.append(name)
            slots.release()

        start = asyncio.get_running_loop().time()
        await asyncio.gather(one("first", 100), one("large", 200), one("small", 1))
        return order, asyncio.get_running_loop().time() - start

    order, seconds = asyncio.run(session())
    assert order == ["first", "large", "small"]
    assert seconds == pytest.approx(0.3, abs=0.05)


def test_calls_of_a_quick_role_are_not_spaced_by_a_slow_one():
    async def session():
        slots = Slots(10, 10)
        for _ in range(200):
            slots.succeeded("gradient", 5.0)
        return max(await starts(slots, 10))

    assert asyncio.run(session()) < 0.05


def test_slots_that_are_closed_let_nobody_wait():
    async def session():
        slots = Slots(1, 1)
        await slots.acquire("task")
        slots.rest(60)
        queued = asyncio.create_task(slots.acquire("task"))
        await asyncio.sleep(0)
        slots.release()  # the queued call has the slot now, and rests
        behind = asyncio.create_task(slots.acquire("task"))
        await asyncio.sleep(0)
        slots.close(RuntimeError("closed"))
        return await asyncio.wait_for(asyncio.gather(queued, behind, slots.acquire("task"), return_exceptions=True), 1)

    assert [str(error) for error in asyncio.run(session())] == ["closed"] * 3
