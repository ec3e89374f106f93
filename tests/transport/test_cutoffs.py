"""Timeouts that share a timer behave as asyncio's own."""

from __future__ import annotations

import asyncio
import gc
import random
import weakref

import pytest

from placket.interfaces.cutoff import FEW, Cutoff, Cutoffs


@pytest.fixture
async def cutoffs():
    kept = Cutoffs()
    yield kept
    kept.close()


async def test_a_block_that_takes_too_long_ends_on_time(cutoffs, clock):
    with pytest.raises(TimeoutError), cutoffs.after(5.0):
        await clock.sleep(100)
    assert clock.monotonic() == pytest.approx(5.0)
    assert asyncio.current_task().cancelling() == 0


async def test_a_block_that_ends_in_time_is_left_alone(cutoffs, clock):
    with cutoffs.after(5.0):
        await clock.sleep(4)
    await clock.sleep(100)


async def test_an_error_of_the_block_comes_out(cutoffs):
    with pytest.raises(LookupError), cutoffs.after(5.0):
        raise LookupError


async def test_each_ends_at_its_own_time_whatever_the_order_of_setting(cutoffs, clock):
    ended = {}

    async def wait(seconds, limit):
        try:
            with cutoffs.after(limit):
                await clock.sleep(seconds)
        except TimeoutError:
            ended[limit] = round(clock.monotonic(), 6)

    chance = random.Random(7)
    limits = [round(chance.uniform(0.1, 50), 3) for _ in range(300)]
    await asyncio.gather(*(wait(chance.choice([0.05, 1000]), limit) for limit in limits))
    assert ended
    assert all(limit == at for limit, at in ended.items())


async def test_a_cancellation_from_elsewhere_passes_through(cutoffs, clock):
    async def wait():
        with cutoffs.after(5.0):
            await clock.sleep(100)

    task = asyncio.ensure_future(wait())
    await clock.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await clock.sleep(100)


async def test_a_cancellation_at_the_same_moment_wins(cutoffs, clock):
    async def wait():
        with cutoffs.after(5.0):
            await clock.sleep(100)

    task = asyncio.ensure_future(wait())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_at(5.0, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_inner_of_two_does_not_end_the_outer_block(cutoffs, clock):
    with cutoffs.after(10.0):
        with pytest.raises(TimeoutError), cutoffs.after(2.0):
            await clock.sleep(100)
        await clock.sleep(3)
    assert clock.monotonic() == pytest.approx(5.0)


def kept():
    gc.collect()
    return sum(type(each) is Cutoff for each in gc.get_objects())


async def test_settled_ones_leave_nothing_behind(cutoffs, clock):
    before = kept()
    for _ in range(10):
        with cutoffs.after(1000.0):
            pass
    assert kept() == before
    with pytest.raises(TimeoutError), cutoffs.after(1.0):
        await clock.sleep(5)


async def test_those_that_the_timer_saw_do_not_pile_up_and_release_their_tasks(cutoffs, clock):
    before = kept()

    async def a_while():
        with cutoffs.after(1e6):
            await clock.sleep(2)

    for _ in range(5 * FEW):
        task = asyncio.ensure_future(a_while())
        with pytest.raises(TimeoutError), cutoffs.after(1.0):
            await task
        with cutoffs.after(1.0):
            pass
    assert kept() - before <= FEW
    released = weakref.ref(task)
    del task
    await clock.sleep(5)
    gc.collect()
    assert released() is None
