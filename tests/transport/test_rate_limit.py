"""The rate limiter, in virtual time."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placket.errors import ConfigError, RateLimited
from placket.interfaces.timing import Deadline
from placket.testing.virtual_time import VirtualClock, run_virtual
from placket.transport import LimiterGroup, Rate, RateLimiter


@pytest.mark.parametrize(
    ("text", "count", "period"),
    [
        ("6/minute", 6, 60.0),
        ("1/second", 1, 1.0),
        ("100/hour", 100, 3600.0),
        ("1000/day", 1000, 86400.0),
        ("10/5s", 10, 5.0),
        ("50/10 seconds", 50, 10.0),
        ("3/s", 3, 1.0),
        ("2/1.5m", 2, 90.0),
        (" 4 / 2minutes ", 4, 120.0),
    ],
)
def test_rates_are_read(text, count, period):
    assert Rate.parse(text) == Rate(count, period)


@pytest.mark.parametrize(
    "text",
    [
        "", "6", "6/fortnight", "0/minute", "-1/s", "6/0s", "six/minute", "6/minute extra", "1/2/3",
        "9" * 23 + "/minute", "9" * 5000 + "/s", "1/" + "9" * 400 + "s", "\u0661/s",
    ],
)  # fmt: skip
def test_what_is_no_rate_says_how_to_write_one(text):
    with pytest.raises(ConfigError, match="6/minute"):
        Rate.parse(text)


arrivals = st.lists(st.floats(0, 8, allow_nan=False), min_size=1, max_size=30)


@settings(deadline=None, max_examples=150)
@given(
    count=st.integers(1, 5),
    period=st.floats(0.1, 7),
    gaps=arrivals,
    pauses=st.dictionaries(st.integers(0, 29), st.floats(0, 5), max_size=3),
    quitters=st.sets(st.integers(0, 29), max_size=6),
)
def test_no_window_ever_holds_more_than_the_rate_allows(count, period, gaps, pauses, quitters):
    passed: list[tuple[float, int]] = []
    quiet: list[tuple[float, float]] = []
    arrived: list[int] = []

    async def main():
        clock = VirtualClock()
        limiter = RateLimiter(Rate(count, period), clock)

        async def ask(number, delay):
            await clock.sleep(delay)
            if number in pauses:
                quiet.append((clock.monotonic(), clock.monotonic() + pauses[number]))
                limiter.cool_down(pauses[number])
            arrived.append(number)
            await limiter.acquire()
            passed.append((clock.monotonic(), number))

        at, tasks = 0.0, []
        for number, gap in enumerate(gaps):
            at += gap
            tasks.append(asyncio.ensure_future(ask(number, at)))
        for number in quitters:
            if number < len(tasks):
                asyncio.get_running_loop().call_later(at / 2, tasks[number].cancel)
        await asyncio.gather(*tasks, return_exceptions=True)

    run_virtual(main())
    times = [time for time, _ in passed]
    for earlier, later in zip(times, times[count:], strict=False):
        assert later >= earlier + period
    assert not any(start < time < end - 1e-9 for time in times for start, end in quiet)
    served = [number for _, number in passed]
    assert served == [number for number in arrived if number in served], "first come, first served"


async def test_a_burst_up_to_the_count_passes_at_once_and_the_next_waits(clock):
    limiter = RateLimiter(Rate(6, 60.0), clock)
    times = []
    for _ in range(13):
        await limiter.acquire()
        times.append(round(clock.monotonic(), 6))
    assert times == [0.0] * 6 + [60.0] * 6 + [120.0]


async def test_a_slot_after_the_deadline_is_refused_at_once(clock):
    limiter = RateLimiter(Rate(1, 60.0), clock)
    await limiter.acquire()
    with pytest.raises(RateLimited) as caught:
        await limiter.acquire(Deadline.after(59.0, clock))
    assert clock.monotonic() == 0.0
    assert caught.value.retry_after == pytest.approx(60.0)
    await limiter.acquire(Deadline.after(61.0, clock))
    assert clock.monotonic() == pytest.approx(60.0)


async def test_those_already_waiting_are_counted_when_a_slot_is_promised(clock):
    limiter = RateLimiter(Rate(2, 10.0), clock)
    waiting = [asyncio.ensure_future(limiter.acquire()) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited) as caught:
        await limiter.acquire(Deadline.after(15.0, clock))
    assert caught.value.retry_after == pytest.approx(20.0)
    await asyncio.gather(*waiting)


async def test_nobody_overtakes_the_one_whose_slot_has_just_opened(clock):
    limiter = RateLimiter(Rate(1, 10.0), clock)
    await limiter.acquire()
    waiting = asyncio.ensure_future(limiter.acquire())
    overtaken = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_at(10.0, lambda: overtaken.set_result(limiter.try_acquire()))
    await waiting
    assert clock.monotonic() == pytest.approx(10.0)
    assert await overtaken is False


async def test_who_gives_up_makes_room_for_the_next(clock):
    limiter = RateLimiter(Rate(1, 10.0), clock)
    await limiter.acquire()
    quitter = asyncio.ensure_future(limiter.acquire())
    patient = asyncio.ensure_future(limiter.acquire())
    await clock.sleep(1)
    quitter.cancel()
    await patient
    assert clock.monotonic() == pytest.approx(10.0)


async def test_a_pause_reaches_those_who_wait_already(clock):
    limiter = RateLimiter(Rate(1, 10.0), clock)
    await limiter.acquire()
    hurried = asyncio.ensure_future(limiter.acquire(Deadline.after(30.0, clock)))
    patient = asyncio.ensure_future(limiter.acquire())
    await clock.sleep(5)
    limiter.cool_down(40.0)
    with pytest.raises(RateLimited):
        await hurried
    assert clock.monotonic() == pytest.approx(5.0)
    await patient
    assert clock.monotonic() == pytest.approx(45.0)


async def test_a_shorter_pause_does_not_end_a_longer_one(clock):
    limiter = RateLimiter(None, clock)
    limiter.cool_down(30.0)
    limiter.cool_down(1.0)
    assert not limiter.try_acquire()
    await limiter.acquire()
    assert clock.monotonic() == pytest.approx(30.0)
    assert limiter.cooling() == 0.0


async def test_without_a_rate_everybody_passes(clock):
    limiter = RateLimiter(None, clock)
    assert all(limiter.try_acquire() for _ in range(1000))


async def test_a_quota_group_is_one_limiter(clock):
    group = LimiterGroup(clock)
    assert group.limiter("key-1", "6/minute") is group.limiter("key-1", Rate(6, 60.0)) is group.limiter("key-1")
    assert group.limiter("key-2", "6/minute") is not group.limiter("key-1")
    with pytest.raises(ConfigError, match="two rates"):
        group.limiter("key-1", "7/minute")
