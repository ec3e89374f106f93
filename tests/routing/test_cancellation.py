"""A caller that gives up leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from placket.interfaces import Garment, Image
from placket.registry import CallObserver
from placket.routing import All, Balance, Complete, First, Race, Shadow

pytestmark = pytest.mark.usefixtures("no_task_left")


@pytest.mark.parametrize(
    "strategy", [First(), Complete(), All(), Race(), Balance(), Shadow()], ids=lambda each: each.name
)
async def test_every_attempt_under_way_is_marked_cancelled(fake, garment, strategy):
    seen = []
    observer = CallObserver(
        name="watch", finished=lambda attempt: seen.append((attempt.provider, attempt.outcome.value))
    )
    targets = [fake.tagger(name, fake.hangs, observers=[observer]) for name in "ab"]
    router = fake.router(strategy, *targets)
    call = asyncio.create_task(router.garment_tagger.tag(garment))
    await fake.clock.sleep(1)
    running = sum(target.provider.running for target in targets)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await router.aclose()
    assert len(seen) == running >= 1
    assert {outcome for _, outcome in seen} == {"cancelled"}
    assert [target.provider.running for target in targets] == [0, 0]


@pytest.mark.parametrize("strategy", [All(), Race()], ids=lambda each: each.name)
async def test_the_call_ends_when_every_provider_has_cleaned_up(fake, garment, strategy):
    cleaned = []

    async def slow_to_leave(_garment):
        try:
            await fake.hangs()
        finally:
            await fake.clock.sleep(3)
            cleaned.append(True)

    router = fake.router(strategy, fake.tagger("a", slow_to_leave), fake.tagger("b", fake.hangs))
    call = asyncio.create_task(router.garment_tagger.tag(garment))
    await fake.clock.sleep(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert cleaned == [True]


async def test_a_fetch_that_nobody_waits_for_any_more_is_stopped(fake):
    ended = []

    async def fetch(_url):
        try:
            await fake.hangs()
        finally:
            ended.append(True)

    async def looks(garment):
        await garment.image().load(fetch)

    router = fake.router(All(), fake.tagger("a", looks), fake.tagger("b", looks))
    call = asyncio.create_task(router.garment_tagger.tag(Garment.of(Image.of("https://example.com/x.png"))))
    await fake.clock.sleep(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.sleep(0)
    assert ended == [True]


async def test_a_caller_with_a_timeout_of_its_own_gets_it(fake, garment, clock):
    router = fake.router(First(), fake.tagger("a", fake.hangs), deadline=60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await router.garment_tagger.tag(garment)
    assert clock.monotonic() == 5
