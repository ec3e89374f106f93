"""Tagging in bulk: streaming in and out, one failure beside many successes, and interruptions."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextlib import aclosing

import pytest

import placket
from placket.errors import AllProvidersFailed, InvalidInput
from placket.interfaces import Garment, JobState


def garments(count):
    return [Garment(f"g{number}") for number in range(count)]


async def test_every_garment_has_an_outcome(opened, vendor):
    async with opened(jobs={}) as router:
        outcomes = [outcome async for outcome in router.tag_many(garments(20), concurrency=8)]
    assert sorted(outcome.id for outcome in outcomes) == sorted(each.id for each in garments(20))
    assert all(outcome.record.brand == outcome.id == outcome.source.id for outcome in outcomes)
    assert all([attempt.provider for attempt in outcome.attempts] == ["work"] for outcome in outcomes)
    assert vendor.most_at_once == 8


async def test_outcomes_come_as_they_finish(opened, vendor):
    async with opened(jobs={}) as router:
        vendor.begun["job-1"] = 0.0
        running = router.tag_many(garments(3), concurrency=3)
        vendor.states["job-1"] = JobState.RUNNING
        order = []
        async for outcome in running:
            order.append(outcome.id)
            vendor.states.clear()
    assert order == ["g1", "g2", "g0"]


async def test_one_failure_does_not_end_the_rest(opened, vendor, photos):
    vendor.states["job-1"] = JobState.FAILED
    good, other = photos(2)
    sources = [Garment("first"), "/nowhere/at/all.png", good, b"no picture", 7, other]
    async with opened(jobs={}) as router:
        outcomes = [outcome async for outcome in router.tag_many(sources, concurrency=1)]
    assert [outcome.source for outcome in outcomes] == sources
    assert [type(outcome.error) for outcome in outcomes] == [
        AllProvidersFailed,
        InvalidInput,
        type(None),
        InvalidInput,
        InvalidInput,
        type(None),
    ]
    assert [attempt.outcome.value for attempt in outcomes[0].attempts] == ["failed"]
    assert [outcome.id for outcome in outcomes[:2]] == ["first", ""]


async def test_a_picture_without_an_id_gets_the_same_one_every_time(opened, photos):
    async with opened(jobs={}) as router:
        paths = photos(2)
        sources = [*paths, paths[0].read_bytes(), [paths[0], paths[1]], "http://127.0.0.1:9/a.png"]
        ids = [outcome.id async for outcome in router.tag_many(sources, concurrency=1)]
    assert ids[0] == ids[2]
    assert len(set(ids)) == 4
    assert ids[0] == ID, "jobs that an earlier version submitted are found by it"


ID = "077fc93f-615f-55d7-8654-02a0e46fbccf"


async def test_known_facts_count_for_every_garment(opened):
    async with opened(jobs={}) as router:
        given = [Garment("a"), Garment("b", known={"sku": "7"})]
        records = [outcome.record async for outcome in router.tag_many(given, known={"theme": "sea"}, concurrency=1)]
    assert [(record.theme, record.sku) for record in records] == [("sea", None), ("sea", "7")]


async def test_nothing_to_do_is_done(opened):
    async with opened(jobs={}) as router:
        assert [outcome async for outcome in router.tag_many([])] == []


@pytest.mark.parametrize("concurrency", [0, -1])
async def test_at_least_one_at_a_time(opened, concurrency):
    async with opened(jobs={}) as router:
        with pytest.raises(InvalidInput, match="at least 1"):
            router.tag_many([], concurrency=concurrency)


async def test_an_endless_stream_is_read_as_it_is_used(opened, vendor):
    pulled = 0

    async def endless():
        nonlocal pulled
        while True:
            pulled += 1
            yield Garment(f"g{pulled}")

    async with opened(jobs={}) as router, aclosing(router.tag_many(endless(), concurrency=4)) as outcomes:
        for _ in range(10):
            await anext(outcomes)
    assert pulled <= 10 + 4 + 1


async def test_memory_does_not_grow_with_the_number(opened):
    made = []
    most = 0

    def many():
        for number in range(2000):
            garment = Garment(f"g{number}")
            made.append(weakref.ref(garment))
            yield garment

    # What other tests keep alive is not gone through each time.
    gc.freeze()
    try:
        async with opened(jobs={}) as router:
            done = 0
            async for outcome in router.tag_many(many(), concurrency=16):
                done += outcome.record is not None
                del outcome
                if done % 100 == 0:
                    gc.collect()
                    most = max(most, sum(each() is not None for each in made))
    finally:
        gc.unfreeze()
    assert done == 2000
    assert most <= 3 * 16


async def test_a_slow_source_does_not_hold_up_what_is_finished(opened, clock):
    async def slowly():
        yield Garment("a")
        await clock.sleep(1000)
        yield Garment("b")

    async with opened(jobs={}) as router:
        seen = [(outcome.id, clock.monotonic()) async for outcome in router.tag_many(slowly())]
    assert [(name, time < 100) for name, time in seen] == [("a", True), ("b", False)]


async def test_what_the_source_raises_ends_it_and_leaves_nothing(opened, vendor):
    def broken():
        yield from garments(3)
        raise LookupError("the host's own")

    before = asyncio.all_tasks()
    async with opened(jobs={}) as router:
        with pytest.raises(LookupError, match="the host's own"):
            async for _ in router.tag_many(broken()):
                pass
        assert asyncio.all_tasks() == before


async def test_leaving_early_cancels_what_is_under_way(opened, vendor):
    before = asyncio.all_tasks()
    async with opened(jobs={}) as router:
        async with aclosing(router.tag_many(garments(100), concurrency=5)) as outcomes:
            await anext(outcomes)
        assert asyncio.all_tasks() == before
    assert len(vendor.jobs) <= 6


async def test_the_callers_cancellation_leaves_nothing(opened, vendor):
    async with opened(jobs={}) as router:
        before = asyncio.all_tasks()

        async def all_of_them():
            return [outcome async for outcome in router.tag_many(garments(10), concurrency=5)]

        running = asyncio.ensure_future(all_of_them())
        await asyncio.wait([running], timeout=3)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert asyncio.all_tasks() == before


async def test_an_interrupted_run_pays_for_nothing_twice(opened, vendor):
    records = {}
    async with opened() as router, aclosing(router.tag_many(garments(12), concurrency=5)) as outcomes:
        async for outcome in outcomes:
            records[outcome.id] = outcome.record
            if len(records) == 4:
                break
    async with opened() as router:
        rest = [garment for garment in garments(12) if garment.id not in records]
        async for outcome in router.tag_many(rest, concurrency=5):
            records[outcome.id] = outcome.record
        leftover = [job.garment for job in await router.ledger.pending()]
    assert sorted(records) == sorted(garment.id for garment in garments(12))
    assert sorted(vendor.jobs.values()) == sorted(records), "one job for each garment"
    assert set(leftover) <= set(records), "whoever left at an outcome may have kept it or not"


async def test_a_record_that_nobody_took_is_had_again_for_nothing(opened, vendor):
    """The process dies between the vendor's answer and the caller's file."""
    async with opened() as router, aclosing(router.tag_many(garments(1))) as outcomes:
        await anext(outcomes)
    async with opened() as router:
        [outcome] = [outcome async for outcome in router.tag_many(garments(1))]
        assert outcome.record.brand == "g0"
        assert await router.ledger.pending() == ()
    assert (list(vendor.jobs), vendor.resumed) == (["job-1"], ["job-1"])


async def test_a_ledger_can_be_handed_over(opened, ledger):
    async with ledger() as kept, opened(jobs={}) as router:
        running = router.tag_many(garments(3), ledger=kept, concurrency=3)
        async with aclosing(running):
            await anext(running)
            assert len(await kept.pending()) == 3
        async for _ in router.tag_many(garments(3), ledger=kept):
            pass
        assert await kept.pending() == ()


def test_the_blocking_twin_streams_too(config_of_fakes):
    config, module = config_of_fakes
    with placket.open_sync(config, plugins=[module], environ={}) as router:
        outcomes = list(router.tag_many(garments(10), concurrency=3))
        assert sorted(outcome.record.brand for outcome in outcomes) == sorted(each.id for each in garments(10))
        for outcome in router.tag_many(garments(10)):
            assert outcome.record
            break
