"""Indexing: a job that waits for the upload, asks for the index, and ends when the vendor says so, or never does."""

from __future__ import annotations

from typing import Any

import pytest

from placket.errors import InvalidInput, InvalidRequest, JobExpired, JobFailed, NotFound, UnknownOutcome
from placket.interfaces import Call, CatalogItem, CatalogState, Deadline, Image, JobState, Ref, Ticket, current_call
from placket.testing.faults import FaultKind

ITEMS = [CatalogItem(str(number), Image.of(f"https://cdn.example.com/{number}.jpg")) for number in range(3)]


async def filled(search: Any, streamed: Any) -> Ref:
    catalog = (await search.create_catalog("one")).ref
    await search.add_items(catalog, streamed(ITEMS))
    return catalog


def times_asked(vendor: Any, catalog: Ref) -> int:
    return len(vendor.asked("POST", f"/v0/catalog/{catalog.id}/index"))


async def test_an_indexed_catalog_is_ready(provider: Any, vendor: Any, streamed: Any) -> None:
    vendor.index_seconds = 40
    search = provider()
    catalog = await filled(search, streamed)
    job = await search.index(catalog)
    ready = await job.result()
    assert ready.state is CatalogState.READY
    assert (ready.items_total, ready.items_indexed) == (3, 3)
    assert times_asked(vendor, catalog) == 1


async def test_the_upload_is_waited_for(provider: Any, vendor: Any, streamed: Any, clock: Any) -> None:
    vendor.upload_seconds, vendor.index_seconds = 60, 40
    search = provider()
    catalog = await filled(search, streamed)
    job = await search.index(catalog)
    assert times_asked(vendor, catalog) == 0
    assert (await job.status()).state is JobState.QUEUED
    assert (await job.result()).state is CatalogState.READY
    assert times_asked(vendor, catalog) == 1
    assert clock.monotonic() >= 100


async def test_its_states_on_the_way(provider: Any, vendor: Any, streamed: Any) -> None:
    vendor.upload_seconds, vendor.index_seconds = 20, 20
    search = provider()
    job = await search.index(await filled(search, streamed))
    seen = [(status.state, status.raw_state) async for status in job.events()]
    assert seen == [
        (JobState.QUEUED, "uploading"),
        (JobState.QUEUED, "upload done"),
        (JobState.RUNNING, "indexing"),
        (JobState.SUCCEEDED, "ready for query"),
    ]


async def test_its_progress(provider: Any, vendor: Any, streamed: Any) -> None:
    vendor.index_seconds = None
    search = provider()
    job = await search.index(await filled(search, streamed))
    vendor.rewrites.append(
        lambda _, document: {**document, "catalog": {**document["catalog"], "num_images_indexed": 1}}
    )
    assert (await job.status()).progress == pytest.approx(1 / 3)


@pytest.mark.parametrize(("phase", "word"), [("upload", "upload error"), ("index", "index error")])
async def test_a_failure_tells_the_vendor_s_log(
    provider: Any, vendor: Any, streamed: Any, phase: str, word: str
) -> None:
    vendor.upload_seconds = vendor.index_seconds = 10
    setattr(vendor, f"{phase}_fails", True)
    search = provider()
    job = await search.index(await filled(search, streamed))
    with pytest.raises(JobFailed, match=f"{word}: line 3: no such image; line 4") as caught:
        await job.result()
    assert (caught.value.provider, caught.value.operation) == ("tg", "index")


@pytest.mark.parametrize("phase", ["upload", "index"])
async def test_a_server_that_never_finishes(provider: Any, vendor: Any, streamed: Any, clock: Any, phase: str) -> None:
    setattr(vendor, f"{phase}_seconds", None)
    search = provider(deadline=600.0)
    job = await search.index(await filled(search, streamed))
    with pytest.raises(JobExpired) as caught:
        await job.result()
    assert clock.monotonic() == pytest.approx(600, abs=5)
    assert len(vendor.requests) < 40
    setattr(vendor, f"{phase}_seconds", 0)
    resumed = await provider(name="tg").resume(caught.value.ticket)
    assert (await resumed.result()).state is CatalogState.READY


async def test_the_call_s_deadline_counts_too(provider: Any, vendor: Any, streamed: Any, clock: Any) -> None:
    vendor.index_seconds = None
    search = provider()
    catalog = await filled(search, streamed)
    token = current_call.set(Call("tg", "index", Deadline.after(30, clock)))
    try:
        with pytest.raises(JobExpired):
            await (await search.index(catalog)).result()
    finally:
        current_call.reset(token)
    assert clock.monotonic() < 40


@pytest.mark.parametrize("uploaded", [False, True])
async def test_a_ticket_survives_the_process(provider: Any, vendor: Any, streamed: Any, uploaded: bool) -> None:
    vendor.index_seconds = 100
    vendor.upload_seconds = 0 if uploaded else 100
    search = provider()
    catalog = await filled(search, streamed)
    job = await search.index(catalog)
    ticket = Ticket.from_json(job.ticket.to_json())
    assert "secret" not in job.ticket.to_json()
    resumed = await provider().resume(ticket)
    assert (await resumed.result()).state is CatalogState.READY
    assert times_asked(vendor, catalog) == 1


@pytest.mark.parametrize("change", [{"interface": "garment_tagger"}, {"operation": "tag"}])
async def test_a_ticket_of_something_else(provider: Any, clock: Any, change: dict[str, str]) -> None:
    fields = {"provider": "tg", "interface": "visual_search", "operation": "index", "id": "1", **change}
    with pytest.raises(InvalidInput, match="indexing"):
        await provider().resume(Ticket(**fields, submitted_at=clock.now()))


async def test_an_empty_catalog_is_asked_for_and_the_vendor_refuses(provider: Any) -> None:
    search = provider()
    catalog = await search.create_catalog("one")
    with pytest.raises(InvalidRequest, match="not uploaded"):
        await search.index(catalog.ref)


async def test_a_catalog_that_is_deleted_meanwhile(provider: Any, vendor: Any, streamed: Any) -> None:
    vendor.index_seconds = None
    search = provider()
    catalog = await filled(search, streamed)
    job = await search.index(catalog)
    await search.delete_catalog(catalog)
    with pytest.raises(NotFound):
        await job.result()


async def test_asking_is_not_repeated_but_looking_is(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider()
    catalog = await filled(search, streamed)
    vendor.faults.add(FaultKind.RESET, path="*/index", times=1)
    with pytest.raises(UnknownOutcome):
        await search.index(catalog)
    assert times_asked(vendor, catalog) == 1
    vendor.faults.add(FaultKind.STATUS, method="GET", status=503, times=1)
    assert (await (await search.index(catalog)).result()).state is CatalogState.READY


async def test_an_unknown_word_for_its_state_is_waited_out(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider()
    job = await search.index(await filled(search, streamed))
    vendor.rewrites.append(lambda _, document: {**document, "catalog": {**document["catalog"], "status": "resting"}})
    status = await job.status()
    assert (status.state, status.raw_state) == (JobState.UNKNOWN, "resting")
    vendor.rewrites.clear()
    assert (await job.result()).state is CatalogState.READY
