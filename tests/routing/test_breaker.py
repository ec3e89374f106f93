"""A provider that keeps failing is left alone for a while, then probed with one call."""

from __future__ import annotations

import asyncio

import pytest

from placket.errors import (
    AllProvidersFailed,
    InvalidInput,
    JobFailed,
    NotFound,
    ProtocolError,
    RateLimited,
    TimedOut,
    Unavailable,
    Unsupported,
)
from placket.routing import CircuitBreaker, First

DOWN = Unavailable("down")


async def outcomes(router, garment, calls):
    found = []
    for _ in range(calls):
        try:
            answer = await router.garment_tagger.tag(garment)
        except AllProvidersFailed as failure:
            answer = failure
        found.append(answer.attempts[0].outcome.value)
    return found


@pytest.mark.parametrize("error", [DOWN, TimedOut("late"), RateLimited("slow"), ProtocolError("html"), KeyError("bug")])
async def test_it_opens_after_failures_in_a_row(fake, garment, error):
    router = fake.router(First(), fake.tagger("a", fake.fails(error), failures=3))
    assert await outcomes(router, garment, 5) == ["failed", "failed", "failed", "skipped", "skipped"]


async def test_an_answer_in_between_starts_the_count_again(fake, garment):
    bad, good = fake.fails(DOWN), fake.says("a")
    router = fake.router(First(), fake.tagger("a", bad, bad, good, bad, bad, good, failures=3))
    assert "skipped" not in await outcomes(router, garment, 8)


@pytest.mark.parametrize("error", [NotFound("x"), JobFailed("x")])
async def test_a_refusal_is_an_answer(fake, garment, error):
    router = fake.router(First(), fake.tagger("a", fake.fails(error), failures=1))
    assert await outcomes(router, garment, 3) == ["failed"] * 3


async def test_what_says_nothing_about_health_changes_nothing(fake, garment):
    target = fake.tagger("a", fake.fails(DOWN), fake.fails(InvalidInput("bad")), fake.fails(DOWN), failures=2)
    tagger = fake.router(First(), target).garment_tagger
    for expected in (AllProvidersFailed, InvalidInput, AllProvidersFailed):
        with pytest.raises(expected):
            await tagger.tag(garment)
    assert isinstance(target.obstacle("garment_tagger", "tag"), Unavailable)


async def test_it_guards_one_operation(fake, garment):
    target = fake.tagger("a", fake.fails(DOWN), failures=1)
    await outcomes(fake.router(First(), target), garment, 1)
    assert target.obstacle("garment_tagger", "tag") is not None
    assert target.obstacle("garment_tagger", "submit") is None


async def test_after_the_cooldown_exactly_one_of_64_callers_probes(fake, garment, clock):
    target = fake.tagger("a", fake.fails(DOWN), fake.says("a", after=5), failures=1, cooldown=30)
    router = fake.router(First(), target, fake.tagger("b"))
    await router.garment_tagger.tag(garment)
    await clock.sleep(30)
    answers = await asyncio.gather(*(router.garment_tagger.tag(garment) for _ in range(64)))
    assert sum(answer.attempts[0].outcome.value == "succeeded" for answer in answers) == 1
    assert sum("probe is under way" in answer.attempts[0].error for answer in answers) == 63
    assert len(target.provider.asked) == 2
    assert await outcomes(router, garment, 3) == ["succeeded"] * 3, "closed again"


async def test_a_failed_probe_opens_it_for_another_cooldown(fake, garment, clock):
    target = fake.tagger("a", fake.fails(DOWN), failures=3, cooldown=30)
    router = fake.router(First(), target)
    assert await outcomes(router, garment, 4) == ["failed"] * 3 + ["skipped"]
    await clock.sleep(30)
    assert await outcomes(router, garment, 2) == ["failed", "skipped"]
    await clock.sleep(29.5)
    assert await outcomes(router, garment, 1) == ["skipped"]
    await clock.sleep(0.5)
    assert await outcomes(router, garment, 1) == ["failed"]


@pytest.mark.parametrize("probe_says", [NotFound("no such thing")])
async def test_a_probe_that_is_refused_closes_it(fake, garment, clock, probe_says):
    target = fake.tagger("a", fake.fails(DOWN), fake.fails(probe_says), fake.says("a", after=1), failures=1)
    router = fake.router(First(), target)
    await outcomes(router, garment, 1)
    await clock.sleep(30)
    await outcomes(router, garment, 1)
    answers = await asyncio.gather(*(router.garment_tagger.tag(garment) for _ in range(3)))
    assert [answer.attempts[0].outcome.value for answer in answers] == ["succeeded"] * 3


@pytest.mark.parametrize("error", [InvalidInput("bad"), Unsupported("not this one")])
async def test_a_probe_that_says_nothing_leaves_the_place_to_the_next(fake, garment, clock, error):
    target = fake.tagger("a", fake.fails(DOWN), fake.fails(error), fake.says("a"), failures=1)
    router = fake.router(First(), target)
    await outcomes(router, garment, 1)
    await clock.sleep(30)
    with pytest.raises(type(error)):
        await router.garment_tagger.tag(garment)
    assert await outcomes(router, garment, 2) == ["succeeded"] * 2


async def test_a_cancelled_probe_leaves_the_place_to_the_next(fake, garment, clock):
    target = fake.tagger("a", fake.fails(DOWN), fake.hangs, fake.says("a"), failures=1)
    router = fake.router(First(), target)
    await outcomes(router, garment, 1)
    await clock.sleep(30)
    probe = asyncio.create_task(router.garment_tagger.tag(garment))
    await clock.sleep(1)
    assert await outcomes(router, garment, 1) == ["skipped"]
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert await outcomes(router, garment, 1) == ["succeeded"]


async def test_an_older_call_that_ends_does_not_make_room_for_a_second_probe(fake, garment, clock):
    target = fake.tagger("a", fake.hangs, fake.fails(DOWN), fake.hangs, fake.says("a"), failures=1)
    router = fake.router(First(), target)
    older = asyncio.create_task(router.garment_tagger.tag(garment))
    await clock.sleep(1)
    assert await outcomes(router, garment, 1) == ["failed"]
    await clock.sleep(30)
    probe = asyncio.create_task(router.garment_tagger.tag(garment))
    await clock.sleep(1)
    older.cancel()
    await asyncio.gather(older, return_exceptions=True)
    assert await outcomes(router, garment, 1) == ["skipped"]
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)


async def test_retry_after_is_kept_at_once(fake, garment, clock):
    target = fake.tagger("a", fake.fails(RateLimited("slow", retry_after=12)), fake.says("a"), cooldown=30)
    router = fake.router(First(), target)
    assert await outcomes(router, garment, 2) == ["failed", "skipped"]
    obstacle = target.obstacle("garment_tagger", "tag")
    assert obstacle.retry_after == 12
    await clock.sleep(12)
    assert await outcomes(router, garment, 2) == ["succeeded"] * 2


async def test_retry_after_is_a_floor_for_the_cooldown(fake, garment, clock):
    brief, long = RateLimited("x", retry_after=1), RateLimited("x", retry_after=100)
    for error, expected in ((brief, 30), (long, 100)):
        target = fake.tagger("a", fake.fails(error), failures=1, cooldown=30)
        await outcomes(fake.router(First(), target), garment, 1)
        assert target.obstacle("garment_tagger", "tag").retry_after == expected


async def test_an_older_answer_does_not_cut_short_what_the_vendor_asked_for(fake, garment):
    older, later = fake.says("a", after=2), fake.fails(RateLimited("slow", retry_after=60), after=1)
    target = fake.tagger("a", older, later)
    router = fake.router(First(), target)
    await asyncio.gather(router.garment_tagger.tag(garment), outcomes(router, garment, 1))
    assert target.obstacle("garment_tagger", "tag").retry_after == 59


async def test_it_works_from_the_first_moment_of_a_clock(clock):
    breaker = CircuitBreaker(clock, failures=1, cooldown=5)
    assert clock.monotonic() == 0
    breaker.failed(probe=breaker.enter())
    assert breaker.closed_for() == 5


async def test_what_lies_elsewhere_says_nothing_about_the_provider(fake, garment):
    elsewhere = Unavailable("the picture's server is down", retry_after=1e9)
    elsewhere.lies_elsewhere = True
    router = fake.router(First(), fake.tagger("a", fake.fails(elsewhere), failures=1))
    assert await outcomes(router, garment, 3) == ["failed"] * 3


async def test_a_pause_that_no_vendor_can_mean_is_not_believed(fake, garment, clock):
    asks = fake.fails(Unavailable("down", retry_after=365 * 86400.0))
    router = fake.router(First(), fake.tagger("a", asks, fake.says("a")))
    assert await outcomes(router, garment, 2) == ["failed", "skipped"]
    await clock.sleep(3600)
    assert await outcomes(router, garment, 1) == ["succeeded"]
