"""Many jobs in flight at a vendor that counts every exchange: nobody starves, and nobody polls at others' expense."""

from __future__ import annotations

from collections import Counter

import pytest

from placket.interfaces import Garment

PER_MINUTE = 6


@pytest.fixture
def limited(opened):
    """A router over a vendor that takes six exchanges a minute, uploads and polls together."""

    def start(**more):
        provider = {"plugin": "work", "rate_limit": f"{PER_MINUTE}/minute", **more}
        return opened(jobs={}, providers={"work": provider})

    return start


@pytest.mark.parametrize(("count", "takes"), [(24, 10.0), (24, 300.0), (8, 900.0)])
async def test_every_job_gets_its_turn(limited, vendor, clock, count, takes):
    vendor.takes = takes
    async with limited(patience=1e6) as router:
        garments = [Garment(f"g{number}") for number in range(count)]
        outcomes = [outcome async for outcome in router.tag_many(garments, concurrency=count)]
    assert all(outcome.record for outcome in outcomes)
    assert vendor.exchanges[:count] == [garment.id for garment in garments], "first the uploads, in order"
    assert max(vendor.overtaken) < count, "whoever waits lets each of the others pass once at most"
    polls = Counter(vendor.exchanges[count:])
    assert max(polls.values()) <= 2 * min(polls.values())
    ideal = (len(vendor.exchanges) - PER_MINUTE) / PER_MINUTE * 60
    assert clock.monotonic() <= ideal + 60, "the vendor's allowance is used in full"


async def test_a_late_garment_is_not_held_up_by_those_that_poll(limited, vendor, clock):
    """A garment that comes while others poll for minutes waits for one turn of each of them, and no longer."""
    vendor.takes = 1200.0
    arrived = 0.0

    async def arriving():
        nonlocal arrived
        for number in range(12):
            yield Garment(f"early-{number}")
        await clock.sleep(600)
        arrived = clock.monotonic()
        yield Garment("late")

    async with limited(patience=1e6) as router:
        async for _ in router.tag_many(arriving(), concurrency=13):
            pass
    waited = vendor.begun[next(job for job, garment in vendor.jobs.items() if garment == "late")] - arrived
    assert waited <= 12 / PER_MINUTE * 60
