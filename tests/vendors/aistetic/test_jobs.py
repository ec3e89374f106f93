"""Waiting for the vendor: how often it is asked, how a job ends, and how it is taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from placket.errors import InvalidInput, JobExpired, JobFailed, NotFound, ProtocolError
from placket.interfaces import Call, Deadline, Garment, GarmentTagger, JobState, Ticket, current_call
from placket.testing.virtual_time import VirtualClock

PHOTO = "https://shop.example.com/photos/1.webp"

Build = Callable[..., GarmentTagger]


def busiest_minute(times: list[float]) -> int:
    return max(sum(start <= time < start + 60 for time in times) for start in times)


def value_of(findings: Any, field: str) -> Any:
    return next(claim.value for claim in findings.claims if claim.field == field)


async def test_a_garment_costs_two_requests_when_the_latency_is_known(provider: Build, vendor: Any) -> None:
    vendor.latency = 24
    findings = await provider(typical_latency=25.0).tag(Garment.of(PHOTO, id="976"))
    assert vendor.times == pytest.approx([0, 25], abs=0.5)
    assert value_of(findings, "category").id == "aa-1-12-4"
    assert findings.raw["tags"]["data"]["uuid"] == "976"
    assert {(c.source.provider, c.source.plugin, c.source.operation) for c in findings.claims} == {
        ("tags", "placket 1.0", "tag")
    }


async def test_a_vendor_that_answers_at_once_is_asked_at_once(
    provider: Build, vendor: Any, clock: VirtualClock
) -> None:
    vendor.latency = 0
    tagger = provider(typical_latency=0.0)
    before = clock.monotonic()
    for number in range(7):  # what is learnt from the first five changes nothing
        await tagger.tag(Garment.of(PHOTO, id=f"g{number}"))
    assert len(vendor.times) == 14
    assert clock.monotonic() == before


async def test_the_latency_is_learnt(provider: Build, vendor: Any) -> None:
    vendor.latency = 18
    tagger = provider()
    for number in range(5):
        await tagger.tag(Garment.of(PHOTO, id=f"g{number}"))
    # The first look, after ten seconds, came too early each time; twenty-odd seconds are the lesson.
    assert len(vendor.times) == 15
    for number in range(5, 10):
        await tagger.tag(Garment.of(PHOTO, id=f"g{number}"))
    assert len(vendor.times) == 25


async def test_looking_late_teaches_nothing_false(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    tagger = provider(typical_latency=12.0)
    for number in range(5):
        job = await tagger.submit(Garment.of(PHOTO, id=f"g{number}"))
        await clock.sleep(3600)
        await job.status()
    before = clock.monotonic()
    await tagger.tag(Garment.of(PHOTO, id="last"))
    assert clock.monotonic() - before == pytest.approx(12, abs=0.5)


async def test_a_vendor_that_is_done_at_once_is_looked_at_at_once(provider: Build, clock: VirtualClock) -> None:
    tagger = provider(typical_latency=12.0)
    for number in range(5):
        job = await tagger.submit(Garment.of(PHOTO, id=f"g{number}"))
        await job.status()
    before = clock.monotonic()
    await tagger.tag(Garment.of(PHOTO, id="last"))
    assert clock.monotonic() - before == pytest.approx(0, abs=0.5)


async def test_polls_slow_down(provider: Build, vendor: Any) -> None:
    vendor.latency = 200
    await provider().tag(Garment.of(PHOTO))
    pauses = [later - earlier for earlier, later in zip(vendor.times, vendor.times[1:], strict=False)]
    assert pauses == pytest.approx([10, 10, 15, 22.5, 33.75, 50.6, 60], abs=0.6)


async def test_uploads_and_queries_share_six_a_minute(provider: Build, vendor: Any) -> None:
    vendor.latency = 5
    tagger = provider(limited=True, typical_latency=6.0, deadline=3600.0)
    await asyncio.gather(*(tagger.tag(Garment.of(PHOTO, id=f"g{number}")) for number in range(10)))
    assert len(vendor.uploads) == len(vendor.queries) == 10
    assert busiest_minute(vendor.times) == 6
    assert max(vendor.times) < 4 * 60


async def test_64_garments_at_once_do_not_mix(provider: Build, vendor: Any, page_data: dict[str, Any]) -> None:
    vendor.latency = 3
    vendor.by_image = lambda url: {**page_data, "description": f"made from {url}"}
    tagger = provider(typical_latency=4.0)
    garments = [Garment.of(f"https://x.example/{n}.webp", id=f"g{n}", known={"brand": f"B{n}"}) for n in range(64)]
    found = await asyncio.gather(*(tagger.tag(garment) for garment in garments))
    for number, findings in enumerate(found):
        assert value_of(findings, "external_ids.aistetic") == f"g{number}"
        assert value_of(findings, "descriptions.long") == f"made from https://x.example/{number}.webp"
    assert len(vendor.times) == 128


async def test_an_answer_about_another_garment_is_not_taken(provider: Build, vendor: Any) -> None:
    vendor.query_answer = {"status": True, "data": {"uuid": "977", "complete": False}}
    with pytest.raises(ProtocolError, match="another garment"):
        await provider().tag(Garment.of(PHOTO, id="976"))


async def test_a_uuid_may_come_back_as_a_number(provider: Build, vendor: Any, page_data: dict[str, Any]) -> None:
    vendor.query_answer = {"status": True, "data": {**page_data, "uuid": 976}}
    findings = await provider().tag(Garment.of(PHOTO, id="976"))
    assert value_of(findings, "external_ids.aistetic") == "976"


@pytest.mark.parametrize("place", ["status", "state", "processing_status"])
async def test_failed_in_each_place(provider: Build, vendor: Any, place: str) -> None:
    vendor.query_answer = {"status": True, "data": {"complete": False, place: "Failed"}, "error": ["no garment seen"]}
    with pytest.raises(JobFailed, match="no garment seen") as caught:
        await provider().tag(Garment.of(PHOTO, id="976"))
    assert caught.value.provider == "tags"
    assert len(vendor.queries) == 1


async def test_failed_beside_the_data(provider: Build, vendor: Any) -> None:
    vendor.query_answer = {"status": True, "data": {"complete": False}, "processing_status": "failed"}
    with pytest.raises(JobFailed, match="failed"):
        await provider().tag(Garment.of(PHOTO))


async def test_the_place_of_the_word_can_be_set(provider: Build, vendor: Any) -> None:
    vendor.query_answer = {"status": True, "data": {"complete": False, "job": {"phase": "failed"}}}
    with pytest.raises(JobFailed):
        await provider(status_at=("data.job.phase",)).tag(Garment.of(PHOTO))


@pytest.mark.parametrize(
    ("data", "state", "word"),
    [
        ({"complete": False}, JobState.RUNNING, ""),
        ({"complete": False, "status": "queuing"}, JobState.QUEUED, "queuing"),
        ({"complete": False, "status": "Processing"}, JobState.RUNNING, "Processing"),
        ({"complete": False, "status": "complete"}, JobState.RUNNING, "complete"),
        ({"complete": False, "status": "napping"}, JobState.UNKNOWN, "napping"),
        ({"complete": None, "status": None}, JobState.UNKNOWN, ""),
        ({"status": "complete"}, JobState.SUCCEEDED, "complete"),
        ({"complete": True, "status": "queuing"}, JobState.SUCCEEDED, "queuing"),
        ({"complete": True, "status": "failed"}, JobState.FAILED, "failed"),
        ({}, JobState.UNKNOWN, ""),
    ],
)
async def test_where_a_garment_stands(
    provider: Build, vendor: Any, data: dict[str, Any], state: JobState, word: str
) -> None:
    vendor.query_answer = {"status": True, "data": data}
    job = await provider().submit(Garment.of(PHOTO))
    status = await job.status()
    assert (status.state, status.raw_state) == (state, word)


async def test_pending_for_ever_ends_at_the_deadline(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.latency = 10**6
    job = await provider(deadline=120.0).submit(Garment.of(PHOTO, id="976"))
    with pytest.raises(JobExpired, match=r"976.*ticket"):
        await job.result()
    assert clock.monotonic() == pytest.approx(120, abs=0.5)
    assert job.ticket is not None


async def test_the_call_s_deadline_comes_first(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.latency = 10**6
    token = current_call.set(Call("tags", "tag", Deadline.after(30, clock)))
    try:
        with pytest.raises(JobExpired):
            await provider().tag(Garment.of(PHOTO))
    finally:
        current_call.reset(token)
    assert clock.monotonic() == pytest.approx(30, abs=0.5)


async def test_null_everywhere_is_pending(provider: Build, vendor: Any) -> None:
    keys = ("uuid", "annotated_img", "tag", "measurements", "description", "complete")
    vendor.query_answer = {"status": True, "data": dict.fromkeys(keys), "error": None, "message": None}
    with pytest.raises(JobExpired):
        await provider(deadline=60.0).tag(Garment.of(PHOTO))


async def test_complete_with_nothing_in_it_is_an_answer(provider: Build, vendor: Any) -> None:
    vendor.query_answer = {"status": True, "data": {"complete": True, "tag": None}}
    findings = await provider().tag(Garment.of(PHOTO, id="976"))
    assert [claim.field for claim in findings.claims] == ["external_ids.aistetic"]


async def test_a_refused_query_is_a_failed_job(provider: Build, vendor: Any) -> None:
    vendor.query_answer = {"status": False, "data": {}, "error": ["no such image"], "message": "unknown uuid"}
    with pytest.raises(JobFailed, match="unknown uuid; no such image"):
        await provider().tag(Garment.of(PHOTO))


async def test_or_the_garment_is_not_found_if_so_configured(provider: Build, vendor: Any) -> None:
    vendor.query_answer = {"status": False, "data": {}, "error": ["no such image"], "message": "unknown uuid"}
    with pytest.raises(NotFound, match="unknown uuid; no such image"):
        await provider(refused_query="not-found").tag(Garment.of(PHOTO))


async def test_another_process_takes_up_the_job(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.latency = 40
    garment = Garment.of(PHOTO, id="976", known={"brand": "Stone Island", "gender": "ladies"})
    job = await provider(typical_latency=41.0).submit(garment)
    assert job.ticket is not None
    text = job.ticket.to_json()
    assert "key-4711" not in text
    assert PHOTO not in text, "an address may be signed"
    await clock.sleep(20)

    again = await provider(typical_latency=41.0).resume(Ticket.from_json(text))
    findings = await again.result()
    assert clock.monotonic() == pytest.approx(41, abs=0.5)
    assert len(vendor.uploads) == len(vendor.queries) == 1
    methods = {claim.field: str(claim.method) for claim in findings.claims}
    assert (methods["brand"], methods["gender"], methods["color"]) == ("echo", "echo", "model")


async def test_a_job_found_late_is_looked_at_at_once(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    job = await provider().submit(Garment.of(PHOTO, id="976"))
    assert job.ticket is not None
    old = replace(job.ticket, submitted_at=job.ticket.submitted_at - timedelta(days=1))
    await (await provider().resume(old)).result()
    assert clock.monotonic() == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("change", [{"interface": "visual_search"}, {"data": {"attribute": ["Brand"]}}])
async def test_somebody_else_s_ticket_is_refused(provider: Build, vendor: Any, change: dict[str, Any]) -> None:
    job = await provider().submit(Garment.of(PHOTO, id="976"))
    assert job.ticket is not None
    with pytest.raises(InvalidInput, match="976"):
        await provider().resume(replace(job.ticket, **change))
