"""A process that dies while vendors work: the next one takes up the jobs, and pays for none twice."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest

from placket.errors import AllProvidersFailed, ConfigError, JobExpired
from placket.interfaces import FinishedJob, Garment, GarmentImage, GarmentTagger, Image, JobState
from placket.jobs import KeptState, Ledger, question_of

GARMENT = Garment("dress-1")
QUESTION = "7a3964a92e7586fcc09088f22b3e1b76"


async def interrupted(opened, garment=GARMENT, *, after=3.0, **config):
    """A process that asks for a garment and dies ``after`` seconds."""
    async with opened(**config) as router:
        asking = asyncio.ensure_future(router.tag(garment))
        await asyncio.wait([asking], timeout=after)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def test_the_next_process_takes_up_the_job(opened, vendor):
    await interrupted(opened)
    async with opened() as router:
        [job] = await router.ledger.pending()
        assert (job.ticket.id, job.garment) == ("job-1", "dress-1")
        record = await router.tag(GARMENT)
        assert record.brand == "dress-1"
        assert await router.ledger.pending() == ()
    assert (list(vendor.jobs), vendor.resumed) == (["job-1"], ["job-1"])


async def test_what_was_taken_up_costs_nothing_more(opened):
    paid = {"providers": {"work": {"plugin": "work", "cost": 2, "budget": {"limit": 10}}}}
    async with opened(**paid) as router:
        first = (await router.tag_with_evidence(GARMENT)).attempts
    await interrupted(opened, Garment("dress-2"), **paid)
    async with opened(**paid) as router:
        taken_up = (await router.tag_with_evidence(Garment("dress-2"))).attempts
    assert [attempt.cost for attempt in (*first, *taken_up)] == [2, 0]


async def test_without_a_ledger_the_job_is_submitted_again(opened, vendor):
    await interrupted(opened, jobs={})
    async with opened(jobs={}) as router:
        assert router.ledger is None
        await router.tag(GARMENT)
    assert list(vendor.jobs) == ["job-1", "job-2"]


@pytest.mark.parametrize(
    "other",
    [
        Garment("dress-2"),
        Garment("dress-1", known={"brand": "Acme"}),
        Garment("dress-1", wanted=frozenset({"brand"})),
        Garment("dress-1", images=(GarmentImage(Image.of(b"\x89PNG\r\n\x1a\n a picture")),)),
    ],
)
async def test_another_question_is_another_job(opened, vendor, other):
    await interrupted(opened)
    async with opened() as router:
        await router.tag(other)
    assert len(vendor.jobs) == 2


async def test_a_question_is_the_same_in_every_process():
    def garment(data=b"\x89PNG\r\n\x1a\n 1", role="front"):
        return Garment("g", (GarmentImage(Image.of(data), role),), known={"brand": "Acme", "sku": "1"})

    assert await question_of(garment()) == await question_of(garment())
    assert await question_of(garment()) == QUESTION, "a ledger written by an earlier version is read by it"
    assert await question_of(garment()) != await question_of(garment(role="back"))
    assert await question_of(garment()) != await question_of(garment(b"\x89PNG\r\n\x1a\n 2"))


async def test_a_question_about_a_picture_on_the_web_is_the_same_once_it_was_fetched():
    async def fetch(url):
        return b"\x89PNG\r\n\x1a\n of " + url.encode()

    garment = Garment("g", (GarmentImage(Image.of("https://shop.example/dress.png")),))
    before = await question_of(garment)
    await garment.image().load(fetch)
    assert await question_of(garment) == before


async def test_a_job_that_ended_is_not_taken_up(opened, vendor):
    async with opened() as router:
        await router.tag(GARMENT)
        await router.tag(GARMENT)
    assert (len(vendor.jobs), vendor.resumed) == (2, [])


async def test_a_job_that_failed_is_submitted_again_the_next_time(opened, vendor):
    vendor.states["job-1"] = JobState.FAILED
    async with opened() as router:
        with pytest.raises(AllProvidersFailed) as caught:
            await router.tag(GARMENT)
        assert "job job-1 did not succeed: failed" in str(caught.value)
        assert (await router.tag(GARMENT)).brand == "dress-1"
    assert vendor.resumed == []


async def test_a_job_that_its_vendor_has_forgotten_is_submitted_again_at_once(opened, vendor):
    await interrupted(opened)
    del vendor.jobs["job-1"]
    vendor.jobs["job-0"] = "somebody else's"
    vendor.begun["job-0"] = 0.0
    async with opened() as router:
        assert (await router.tag(GARMENT)).brand == "dress-1"
        assert await router.ledger.pending() == ()
    assert vendor.resumed == ["job-1"]


async def test_a_job_that_is_not_finished_in_time_is_waited_for_another_day(opened, vendor):
    vendor.takes = 100.0
    async with opened(deadline="30s") as router:
        with pytest.raises(AllProvidersFailed):
            await router.tag(GARMENT)
        with pytest.raises(AllProvidersFailed):
            await router.tag(GARMENT)
    async with opened() as router:
        assert (await router.tag(GARMENT)).brand == "dress-1"
    assert (list(vendor.jobs), vendor.resumed) == (["job-1"], ["job-1", "job-1"])


async def test_a_job_that_looks_pending_for_ever_is_given_up(opened, vendor, clock, path):
    vendor.states["job-1"] = JobState.RUNNING
    await interrupted(opened)
    await clock.sleep(2 * 3600)
    async with opened(jobs={"ledger": str(path), "take_up_for": "1h"}) as router:
        assert (await router.tag(GARMENT)).brand == "dress-1"
    assert (list(vendor.jobs), vendor.resumed) == (["job-1", "job-2"], [])


async def test_a_provider_that_cannot_resume_is_asked_anew(opened, vendor, ledger, ticket):
    async with ledger() as kept:
        await kept.add(ticket("1"), question=await question_of(GARMENT))
    vendor.resumable = False
    async with opened() as router:
        assert (await router.tag(GARMENT)).brand == "dress-1"
        assert await router.ledger.pending() == ()
    assert list(vendor.jobs) == ["job-1"]


async def test_old_jobs_are_forgotten_when_the_router_opens(opened, clock, path):
    await interrupted(opened)
    await clock.sleep(timedelta(days=31).total_seconds())
    async with opened() as router:
        assert await router.ledger.pending() == ()


async def test_a_submitted_job_is_kept_until_its_result_is_there(opened):
    async with opened() as router:
        job = await router.garment_tagger.submit(GARMENT)
        [kept] = await router.ledger.pending()
        assert kept.ticket == job.ticket
    async with opened() as router:
        [kept] = await router.ledger.pending()
        resumed = await router.resume(kept.ticket)
        assert (await resumed.result()).claims[0].value == "dress-1"
        assert await router.ledger.pending() == ()


async def test_a_submitted_job_is_taken_up_by_tag(opened, vendor):
    async with opened() as router:
        await router.garment_tagger.submit(GARMENT)
    async with opened() as router:
        await router.tag(GARMENT)
    assert len(vendor.jobs) == 1


async def test_looking_at_a_job_does_not_end_it_in_the_ledger(opened, clock):
    async with opened() as router:
        job = await router.garment_tagger.submit(GARMENT)
        await clock.sleep(60)
        assert (await job.status()).state is JobState.SUCCEEDED
        assert len(await router.ledger.pending()) == 1
        assert [status.state async for status in job.events()] == [JobState.SUCCEEDED]


async def test_an_unreadable_ledger_is_told_before_anything_is_paid(opened, vendor, path):
    async with opened() as router:
        with sqlite3.connect(path) as by_hand:
            by_hand.execute("DROP TABLE jobs")
        by_hand.close()
        with pytest.raises(ConfigError, match=r"jobs\.ledger"):
            await router.tag(GARMENT)
    assert vendor.jobs == {}


class Full(Ledger):
    """A ledger whose disk is full."""

    async def add(self, *_, **__):
        raise ConfigError("the disk is full", path="jobs.ledger")

    finish = add


async def test_a_full_disk_does_not_cost_the_answer(opened, path, clock, caplog):
    async with Full(path, clock) as full, opened(jobs={}) as router:
        with caplog.at_level(logging.WARNING):
            [outcome] = [each async for each in router.tag_many([GARMENT], ledger=full)]
    assert outcome.record.brand == "dress-1"
    assert "job-not-kept" in caplog.text


async def test_what_could_not_be_kept_can_be_taken_up_from_the_log(opened, path, clock, caplog):
    async with Full(path, clock) as full, opened(jobs={}) as router:
        with caplog.at_level(logging.WARNING):
            [_] = [each async for each in router.tag_many([GARMENT], ledger=full)]
    [ticket] = re.findall(r"event='job-not-kept' .*ticket='(.*)'", caplog.text)
    async with opened() as router:
        assert (await (await router.resume(ticket)).result()).claims[0].value == "dress-1"


async def test_a_ledger_that_cannot_be_tidied_at_the_opening_is_closed(opened, path):
    async with opened() as router:
        await router.garment_tagger.submit(GARMENT)
    with sqlite3.connect(path) as by_hand:
        by_hand.execute("UPDATE jobs SET changed_at = 0")
        by_hand.execute("CREATE TRIGGER full BEFORE DELETE ON jobs BEGIN SELECT RAISE(ABORT, 'it is full'); END")
    by_hand.close()
    with pytest.raises(ConfigError, match=r"jobs\.ledger.*it is full"):
        await opened().__aenter__()
    assert [each.name for each in threading.enumerate() if each.name.startswith("placket-ledger")] == []


async def test_an_id_with_half_a_character_keeps_no_job_and_breaks_none(opened, caplog):
    garment = Garment("dress \ud83d")
    async with opened() as router:
        with caplog.at_level(logging.WARNING):
            record = await router.tag(garment)
        assert record.brand == garment.id
        assert "job-not-kept" in caplog.text
        assert await router.ledger.pending() == ()


@pytest.mark.parametrize("value", [datetime(2026, 1, 1, tzinfo=UTC), b"bytes", {1, 2}])
async def test_a_ticket_that_is_no_json_keeps_no_job_and_breaks_none(opened, vendor, caplog, value):
    vendor.ticket_data = {"since": value}
    async with opened() as router:
        with caplog.at_level(logging.WARNING):
            assert (await router.tag(GARMENT)).brand == "dress-1"
            job = await router.garment_tagger.submit(GARMENT)
        assert (await job.result()).claims[0].value == "dress-1"
        assert await router.ledger.pending() == ()
    assert caplog.text.count("job-not-kept") == 2
    assert "The fault is its plugin's" in caplog.text


async def test_a_ledger_without_a_job_is_a_warning_on_reload(opened, tmp_path, caplog):
    async with opened() as router:
        with caplog.at_level(logging.WARNING):
            await router.reload(
                {
                    "providers": {"work": {"plugin": "work"}},
                    "routes": {"garment_tagger": {"targets": ["work"]}},
                    "jobs": {"ledger": str(tmp_path / "another.sqlite")},
                }
            )
        assert "reload-keeps-jobs" in caplog.text
        await router.garment_tagger.submit(GARMENT)
        assert len(await router.ledger.pending()) == 1


async def test_what_expires_carries_its_ticket(opened, vendor):
    vendor.takes = 1000.0
    async with opened(deadline="20s") as router:
        job = await router.garment_tagger.submit(GARMENT)
        with pytest.raises(JobExpired) as caught:
            await job.result()
        assert caught.value.ticket == job.ticket
        assert [kept.state for kept in await router.ledger.pending()] == [KeptState.PENDING]


async def test_a_router_inside_a_provider_keeps_its_jobs_to_itself(opened, vendor, tmp_path):
    """What a provider asks a router of its own is no job of the router that asked the provider."""

    class Inside(GarmentTagger):
        def __init__(self, router):
            self.router = router

        async def submit(self, garment):
            return FinishedJob(await self.router.garment_tagger.tag(garment))

    async with opened(jobs={"ledger": str(tmp_path / "inner.sqlite")}) as inner, opened() as outer:
        outer.target("work").provider = Inside(inner)
        asking = asyncio.ensure_future(outer.tag(GARMENT))
        await asyncio.wait([asking], timeout=3)
        assert len(await inner.ledger.pending()) == 1
        assert await outer.ledger.pending() == ()
        assert (await asking).brand == "dress-1"
