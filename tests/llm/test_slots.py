import asyncio

import pytest

from collide.llm.slots import PACE, Rates, Slots


async def starts(slots, calls, tokens=0):
    """When each of these calls, which take no time, may start: seconds after the first asked."""
    clock = asyncio.get_running_loop().time
    asked = clock()

    async def one():
        await slots.acquire(tokens)
        at = clock() - asked
        slots.release()
        return at

    return await asyncio.gather(*(one() for _ in range(calls)))


def test_the_limit_grows_by_one_a_round_and_is_halved_once_for_what_was_in_flight_together():
    async def session():
        slots = Slots(4, 6)
        eras = [await slots.acquire() for _ in range(4)]
        for era in eras[:3]:
            slots.overloaded(era)
        assert slots.limit == 2
        for _ in eras:
            slots.release()
        later = await slots.acquire()
        slots.overloaded(later)
        assert slots.limit == 1
        for _ in range(100):
            slots.succeeded(0.0)
        return slots.limit

    assert asyncio.run(session()) == 6


def test_a_cancelled_waiter_leaves_its_slot_to_the_next():
    async def session():
        slots = Slots(1, 1)
        await slots.acquire()
        first, second = (asyncio.create_task(slots.acquire()) for _ in range(2))
        await asyncio.sleep(0)
        slots.release()  # hands the slot to the first
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.wait_for(second, 1)
        return slots.in_flight

    assert asyncio.run(session()) == 1


def test_calls_start_apart_once_it_is_known_how_long_one_takes():
    async def session():
        slots = Slots(10, 10)
        together = await starts(slots, 10)
        for _ in range(200):
            slots.succeeded(0.2)
        return max(together), await starts(slots, 6)

    together, apart = asyncio.run(session())
    assert together < 0.01
    assert apart == sorted(apart)
    assert apart[-1] == pytest.approx(5 * PACE * 0.2 / 10, abs=0.02)


def test_nothing_starts_while_the_endpoint_rests():
    async def session():
        slots = Slots(10, 10)
        slots.rest(0.1)
        return await starts(slots, 3)

    assert min(asyncio.run(session())) >= 0.1


@pytest.mark.parametrize("rates", [Rates(requests=600), Rates(tokens=6000)])
def test_no_more_is_asked_in_a_minute_than_allowed(rates):
    # 600 may go at once, and then ten a second.
    at = asyncio.run(starts(Slots(1000, 1000, rates), 602, 10))
    assert sorted(at)[599] < 0.1
    assert sorted(at)[601] >= 0.1


def test_a_call_larger_than_the_limit_of_a_minute_takes_the_whole_minute():
    assert asyncio.run(starts(Slots(2, 2, Rates(tokens=100)), 1, 5000))[0] < 0.1
