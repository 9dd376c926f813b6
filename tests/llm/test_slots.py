import asyncio

import pytest

from collide.llm.slots import Slots


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
            slots.succeeded()
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
