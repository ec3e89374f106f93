"""What happens after a routed call has returned, in jobs and lists, has the route's deadline too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from placket.errors import JobExpired, TimedOut
from placket.interfaces import (
    GarmentTagger,
    JobState,
    JobStatus,
    Listing,
    Look,
    Page,
    PolledJob,
    PollSchedule,
    ProductQuery,
    ProductStore,
    Ref,
    Ticket,
    current_call,
)
from placket.routing import First

TICKET = Ticket("a", "garment_tagger", "tag", "j1", datetime(2026, 1, 1, tzinfo=UTC))


class Slow(GarmentTagger):
    """Its jobs never end. ``left`` is what each look had of its time."""

    def __init__(self, clock, patience=None):
        self.clock, self.patience, self.left = clock, patience, []

    async def submit(self, garment):
        await self.clock.sleep(7)
        return await self.resume(TICKET)

    async def resume(self, ticket):
        async def look():
            self.left.append(current_call.get().deadline.left() if current_call.get() else None)
            return Look(JobStatus(JobState.RUNNING))

        return PolledJob(
            ticket, look, clock=self.clock, schedule=PollSchedule(first=5, interval=5, factor=1), patience=self.patience
        )


@pytest.fixture
def submitted(fake, clock, garment):
    async def made(*, deadline=None, patience=None):
        target = fake.target("a", Slow(clock, patience))
        router = fake.router(First(), target, deadline=deadline)
        return router, target.provider, await router.garment_tagger.submit(garment)

    return made


async def waited(job, clock, deadline=None):
    before = clock.monotonic()
    with pytest.raises(JobExpired) as caught:
        await job.result(deadline)
    assert caught.value.ticket == TICKET
    return clock.monotonic() - before


async def test_waiting_for_a_job_has_the_routes_deadline_from_its_own_beginning(submitted, clock):
    _, _, job = await submitted(deadline=30.0)
    assert await waited(job, clock) == 30
    assert await waited(job, clock) == 30, "and again"


async def test_who_waits_may_say_how_long(submitted, clock):
    _, _, job = await submitted(deadline=30.0)
    assert await waited(job, clock, 10) == 10
    assert await waited(job, clock, 500) == 500, "longer than the route"


async def test_without_a_deadline_the_providers_patience_counts(submitted, clock):
    _, _, job = await submitted(patience=70.0)
    assert await waited(job, clock) == 70


async def test_the_shorter_of_deadline_and_patience_counts(submitted, clock):
    _, _, job = await submitted(deadline=30.0, patience=20.0)
    assert await waited(job, clock) == 20


async def test_each_look_knows_how_much_time_is_left(submitted, clock):
    _, slow, job = await submitted(deadline=12.0)
    await waited(job, clock)
    assert slow.left == [7, 2]
    await job.status()
    assert slow.left[-1] == 12


async def test_a_resumed_job_has_it_too(submitted, clock):
    router, _, _ = await submitted(deadline=30.0)
    assert await waited(await router.resume(TICKET.to_json()), clock) == 30
    assert await waited(await router.garment_tagger.resume(TICKET), clock) == 30


async def test_the_callers_own_call_is_as_before_after_a_wait(submitted, clock):
    _, _, job = await submitted(deadline=30.0)
    await waited(job, clock)
    assert current_call.get() is None


@pytest.fixture
def listing(fake, clock):
    """A routed list of five pages of two; each takes so many seconds, and ``left`` is what it had of its time."""

    def made(*seconds, deadline=10.0, **guards):
        left = []

        def pages(_query):
            async def fetch(cursor):
                place = int(cursor or 0)
                left.append(current_call.get().deadline.left())
                await clock.sleep(seconds[place])
                return Page((place, place), next=str(place + 1) if place + 1 < len(seconds) else None)

            return Listing(fetch)

        target = fake.provider("a", ProductStore, list=pages)
        for name, value in guards.items():
            setattr(target, name, value)
        return fake.router(First(), target, name="product_store", deadline=deadline).product_store.list(
            ProductQuery()
        ), left

    return made


async def test_each_page_has_the_routes_deadline(listing, clock):
    items, left = listing(8, 8, 8)
    assert await items.collect() == [0, 0, 1, 1, 2, 2]
    assert clock.monotonic() == 24
    assert left == [10, 10, 10]


async def test_a_page_that_hangs_is_timed_out(listing, clock):
    items, _ = listing(1, 1, 1000)
    assert await items.collect(4) == [0, 0, 1, 1]
    with pytest.raises(TimedOut, match=r"a\.list: no answer in time"):
        await anext(items)
    assert clock.monotonic() == 12


async def test_a_reader_may_take_its_time_between_pages(listing, clock):
    items, _ = listing(1, 1)
    await items.collect(2)
    await clock.sleep(1000)
    assert await items.collect() == [1, 1]


async def test_a_providers_own_limit_counts_for_every_page(listing):
    items, left = listing(1, 1, timeout=4.0)
    await items.collect()
    assert left == [4, 4]


async def test_without_a_deadline_pages_have_none(listing, clock):
    items, left = listing(1, 100_000, deadline=None)
    assert len(await items.collect()) == 4
    assert left == [float("inf")] * 2


async def test_a_download_that_stalls_is_timed_out(fake, clock):
    async def download(_export):
        yield b"first"
        await clock.sleep(1000)
        yield b"late"

    store = fake.provider("a", ProductStore, download_export=download)
    router = fake.router(First(), store, name="product_store", deadline=10.0)
    pieces = router.product_store.download_export(Ref("a", "export", "1"))
    assert await anext(pieces) == b"first"
    with pytest.raises(TimedOut):
        await anext(pieces)
    assert clock.monotonic() == 10
