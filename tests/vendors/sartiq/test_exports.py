"""Exports of approved shots: started, watched, stopped, fetched once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from placket.errors import InvalidInput, JobExpired, JobFailed, NotFound, ProtocolError, Refused, UnknownOutcome
from placket.interfaces import ExportRequest, JobState, ProductQuery, Ref, Ticket
from placket.testing.faults import FaultKind
from placket.testing.virtual_time import VirtualClock

Build = Callable[..., Any]

ZIP_SIZE = 200_004
STARTING = "/api/v1/products/export-approved-shots/async"


def export(name: str) -> Ref:
    return Ref("shop", "export", name)


async def test_start_and_watch(provider: Build, vendor: Any) -> None:
    started = await provider().start_export(ExportRequest(query=ProductQuery()))
    assert (started.status.state, started.url) == (JobState.QUEUED, "")
    task = vendor.tasks[started.ref.id]
    task |= {"status": "PROCESSING", "progress": 45, "processed_items": 45}
    found = await provider().get_export(started.ref)
    assert (found.status.state, found.status.progress) == (JobState.RUNNING, 0.45)
    task |= {"status": "FAILED", "error_message": "no approved shots"}
    assert (await provider().get_export(started.ref)).status.message == "no approved shots"


@pytest.mark.parametrize(
    ("told", "url"),
    [
        (None, "{base}/products/export-tasks/{id}/download"),
        ("https://cdn.example/e.zip", "https://cdn.example/e.zip"),
        ("/files/e.zip", "{root}/files/e.zip"),
    ],
)
async def test_where_the_file_is(provider: Build, vendor: Any, told: str | None, url: str) -> None:
    task = vendor.add_task(download_url=told)
    found = await provider().get_export(export(task["id"]))
    assert found.url == url.format(base=vendor.base_url, root=vendor.url, id=task["id"])


@pytest.mark.parametrize(("said", "progress"), [("45", 0.45), (250, 1.0), (-3, 0.0), (None, None), ("soon", None)])
async def test_how_far(provider: Build, vendor: Any, said: Any, progress: float | None) -> None:
    found = await provider().get_export(export(vendor.add_task(progress=said)["id"]))
    assert found.status.progress == progress


async def test_what_cannot_be_exported(provider: Build, vendor: Any) -> None:
    look_and_products = ExportRequest(products=(Ref("shop", "product", "1"),), look="l")
    for request in (ExportRequest(), look_and_products, ExportRequest(products=(Ref("shop", "catalog", "1"),))):
        with pytest.raises(InvalidInput):
            await provider().start_export(request)
    assert vendor.requests == []


async def test_listing_them(provider: Build, vendor: Any) -> None:
    made = [vendor.add_task()["id"] for _ in range(23)]
    listing = provider(organization_id="org-1").list_exports()
    assert [found.ref.id async for found in listing] == made
    assert listing.total == 23
    assert vendor.queries[-1][2] == {"skip": ["20"], "limit": ["10"]}


async def test_stopping_one(provider: Build, vendor: Any) -> None:
    task = vendor.add_task("PROCESSING")
    found = await provider().cancel_export(export(task["id"]))
    # The page's example still shows the task at work.
    assert (found.status.state, found.status.raw_state) == (JobState.CANCELLED, "PROCESSING")
    assert task["status"] == "CANCELLED"


async def test_one_that_was_done_already_is_not_called_cancelled(provider: Build, vendor: Any) -> None:
    task = vendor.add_task()
    vendor.answers["DELETE", f"/products/export-tasks/{task['id']}"] = lambda _: {**task, "status": "COMPLETED"}
    assert (await provider().cancel_export(export(task["id"]))).status.state is JobState.SUCCEEDED


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_stopping_one_whose_answer_got_lost(provider: Build, vendor: Any, status: int) -> None:
    tasks = {word: vendor.add_task(word)["id"] for word in ("CANCELLED", "COMPLETED")}
    for task in tasks.values():
        vendor.answers["DELETE", f"/products/export-tasks/{task}"] = lambda _: web.json_response(
            {"detail": "Only tasks that are not finished can be cancelled"}, status=status
        )
    found = await provider().cancel_export(export(tasks["CANCELLED"]))
    assert found.status.state is JobState.CANCELLED
    with pytest.raises(Refused, match="not finished"):
        await provider().cancel_export(export(tasks["COMPLETED"]))


async def test_dismissing_one(provider: Build, vendor: Any) -> None:
    task = vendor.add_task()
    await provider().dismiss_export(export(task["id"]))
    assert vendor.tasks == {}
    assert vendor.requests[-1].path.endswith("/dismiss")


async def test_downloading_to_a_file_once(provider: Build, vendor: Any, tmp_path: Path) -> None:
    store, ref = provider(), export(vendor.add_task()["id"])
    target = tmp_path / "shots.zip"
    with target.open("wb") as file:
        async for piece in store.download_export(ref):
            file.write(piece)
    assert target.stat().st_size == ZIP_SIZE
    with pytest.raises(NotFound):
        await anext(store.download_export(ref))


async def test_a_download_larger_than_one_answer_may_be(provider: Build, vendor: Any) -> None:
    from placket.transport import HttpLimits

    store = provider(limits=HttpLimits(max_response_bytes=10_000))
    pieces = [piece async for piece in store.download_export(export(vendor.add_task()["id"]))]
    assert sum(map(len, pieces)) == ZIP_SIZE
    with pytest.raises(ProtocolError, match="larger than 1000 bytes"):
        await anext(provider(max_download=1000).download_export(export(vendor.add_task()["id"])))


async def test_a_download_that_breaks_at_half_is_not_repeated(provider: Build, vendor: Any) -> None:
    task = vendor.add_task()
    vendor.faults.add(FaultKind.TRUNCATED, path="*/download")
    received = 0

    async def download() -> None:
        nonlocal received
        async for piece in provider().download_export(export(task["id"])):
            received += len(piece)

    with pytest.raises(UnknownOutcome, match=r"broke off after [1-9]") as caught:
        await download()
    assert 0 < received < ZIP_SIZE
    assert (caught.value.provider, caught.value.operation) == ("shop", "download_export")
    assert len([one for one in vendor.requests if one.path.endswith("/download")]) == 1


async def test_a_download_that_does_not_begin_may_be_asked_for_again(provider: Build, vendor: Any) -> None:
    vendor.faults.add(FaultKind.STATUS, status=503, path="*/download", times=1)
    pieces = [piece async for piece in provider().download_export(export(vendor.add_task()["id"]))]
    assert sum(map(len, pieces)) == ZIP_SIZE


async def test_an_empty_file_is_none(provider: Build, vendor: Any) -> None:
    vendor.faults.add(FaultKind.EMPTY, path="*/download")
    with pytest.raises(ProtocolError, match="empty"):
        await anext(provider().download_export(export(vendor.add_task()["id"])))


async def test_a_reader_that_gives_up_leaves_nothing_open(provider: Build, vendor: Any) -> None:
    download = provider().download_export(export(vendor.add_task()["id"]))
    await anext(download)
    await download.aclose()


async def test_downloading_from_the_download_url(provider: Build, vendor: Any) -> None:
    seen: list[str] = []

    def file(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(body=b"PK" * 10)

    vendor.answers["GET", "/products/p-1/shots"] = file
    task = vendor.add_task(download_url=f"{vendor.base_url}/products/p-1/shots")
    store = provider(download_from="download-url")
    assert b"".join([piece async for piece in store.download_export(export(task["id"]))]) == b"PK" * 10
    assert seen == ["Bearer token-4711-very-secret-1"], "an address of the vendor's own gets the token"


@pytest.mark.parametrize("told", ["file:///etc/passwd", "ftp://x/y", "http://elsewhere.example/x.zip"])
async def test_a_download_url_that_is_none(provider: Build, vendor: Any, told: str) -> None:
    task = vendor.add_task(download_url=told)
    with pytest.raises(ProtocolError, match="not an https address"):
        await anext(provider(download_from="download-url").download_export(export(task["id"])))


async def test_approved_shots_as_a_job(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    store = provider()
    job = await store.export_approved([Ref("shop", "sku", "p-1"), Ref("shop", "product", "p-2")])
    (task,) = vendor.tasks.values()
    assert task["request"] == {"product_ids": ["p-1", "p-2"]}
    assert (await job.status()).state is JobState.QUEUED
    task |= {"status": "completed", "download_url": "https://cdn.example/e.zip"}
    (item,) = await job.result()
    assert (item.role, item.url, item.media_type) == ("export", "https://cdn.example/e.zip", "application/zip")
    pieces = [piece async for piece in store.download_export(Ref.parse(item.vendor_ref))]
    assert sum(map(len, pieces)) == ZIP_SIZE, "the job has left the file where it was"


async def test_a_job_is_taken_up_by_another_process(provider: Build, vendor: Any) -> None:
    job = await provider().export_approved([Ref("shop", "sku", "p-1")])
    ticket = Ticket.from_json(job.ticket.to_json())
    assert "-4711" not in job.ticket.to_json()
    vendor.tasks[ticket.id]["status"] = "COMPLETED"
    (item,) = await (await provider().resume(ticket)).result()
    assert item.vendor_ref == f"shop/export/{ticket.id}"
    assert len(vendor.asked("POST", STARTING)) == 1


async def test_a_ticket_of_something_else_is_refused(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    ticket = Ticket("shop", "garment_tagger", "tag", "1", clock.now())
    with pytest.raises(InvalidInput, match="not one that shop gave"):
        await provider().resume(ticket)


@pytest.mark.parametrize("status", ["FAILED", "cancelled"])
async def test_a_job_that_ends_badly(provider: Build, vendor: Any, status: str) -> None:
    job = await provider().export_approved([Ref("shop", "sku", "p-1")])
    next(iter(vendor.tasks.values())).update(status=status, error_message="worker lost")
    with pytest.raises(JobFailed, match="worker lost"):
        await job.result()


async def test_a_job_that_never_ends(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    job = await provider(export_deadline=100.0).export_approved([Ref("shop", "sku", "p-1")])
    with pytest.raises(JobExpired) as caught:
        await job.result()
    assert caught.value.ticket == job.ticket
    assert 100 <= clock.monotonic() < 110
    assert len(vendor.requests) < 12


async def test_starting_is_never_repeated(provider: Build, vendor: Any) -> None:
    vendor.faults.add(FaultKind.RESET, path="*/async")
    with pytest.raises(UnknownOutcome):
        await provider().start_export(ExportRequest(look="l-1"))
    assert len(vendor.asked("POST", STARTING)) == 1


async def test_all_of_an_export_request(provider: Build, vendor: Any, sent: Any) -> None:
    store, path = provider(export_limit=5000), "/products/export-approved-shots/async"
    await store.start_export(ExportRequest(products=(Ref("shop", "product", "p-1"),), shoot="sh-1"))
    assert sent("POST", path) == {"product_ids": ["p-1"], "shooting_id": "sh-1"}
    await store.start_export(ExportRequest(query=ProductQuery(brand="Acme")))
    filters = {"brand": "Acme", "sort_by": "created_at", "sort_order": "desc", "limit": 5000}
    assert sent("POST", path) == {"product_filters": filters}
    await store.start_export(ExportRequest(look="l-1"))
    assert sent("POST", path) == {"shooting_look_id": "l-1"}
