"""Items on their way into a catalog: as lines of a file that is made while it is sent."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from placket.errors import ConfigError, InvalidInput, InvalidRequest, NotFound, Unavailable, UnknownOutcome
from placket.interfaces import CatalogItem, Image, Query, Ref
from placket.testing.faults import FaultKind
from placket_threadgenius.catalog_file import escaped, line, unescaped
from placket_threadgenius.items import Row

QUERY = Query(Image.of("https://shop.example.com/q.jpg"))


def item(item_id: str, url: str = "", **metadata: Any) -> CatalogItem:
    return CatalogItem(item_id, Image.of(url or f"https://cdn.example.com/{item_id}.jpg"), metadata)


async def searched(search: Any, catalog: Ref) -> list[tuple[str, str, Any]]:
    await (await search.index(catalog)).result()
    found = await search.search(QUERY, [catalog])
    return [(hit.id, hit.image_url, dict(hit.metadata)) for hit in found.hits]


def large_items(count: int, *, weight: int = 1000) -> AsyncIterator[CatalogItem]:
    async def items() -> AsyncIterator[CatalogItem]:
        for number in range(count):
            yield item(str(number), text="x" * weight)

    return items()


async def test_the_lines_of_the_page_s_example(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    items = [
        item("1", "http://cdn.cool.images/url1.jpeg", price=19.99, SKU=120984, categories=["sweatshirt", "red"]),
        item("2", "http://cdn.cool.images/url2.jpeg"),
    ]
    uploaded = await search.add_items(catalog, streamed(items))
    assert (uploaded.accepted, uploaded.refused) == (2, ())
    (name, kind, content) = vendor.forms[-1][1]["catalog_file"]
    assert (name, kind) == ("catalog.tsv", "text/tab-separated-values")
    assert content == (
        b'1\thttp://cdn.cool.images/url1.jpeg\t{"price":19.99,"SKU":120984,"categories":["sweatshirt","red"]}\n'
        b"2\thttp://cdn.cool.images/url2.jpeg\n"
    )


async def test_tabs_line_breaks_and_quotes_come_back(provider: Any, streamed: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    nasty = 'a\tb\nc\r"d" \\t \\ \u2028 \x85 é 😀'
    items = [item(nasty, "https://cdn.example.com/1.jpg", note=nasty, nested={nasty: [nasty, None, 1.5]})]
    assert (await search.add_items(catalog, streamed(items))).accepted == 1
    ((item_id, _, metadata),) = await searched(search, catalog)
    assert item_id == nasty
    assert metadata == {"note": nasty, "nested": {nasty: [nasty, None, 1.5]}}


async def test_an_address_that_would_break_a_line(provider: Any, streamed: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    await search.add_items(catalog, streamed([item("1", 'https://cdn.example.com/a b\tc\n"d"?x=é%20')]))
    ((_, url, _),) = await searched(search, catalog)
    assert url == "https://cdn.example.com/a%20b%09c%0A%22d%22?x=é%20"


@given(st.text(), st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False, allow_infinity=False)))
def test_a_line_is_one_line_of_three_columns(item_id: str, metadata: dict[str, Any]) -> None:
    said = json.dumps(metadata)
    made = line(Row(item(item_id, "https://cdn.example.com/1.jpg"), "https://cdn.example.com/1.jpg", said)).decode()
    assert made.endswith("\n")
    assert len(made.splitlines()) == 1
    columns = made.removesuffix("\n").split("\t")
    assert unescaped(columns[0]) == item_id
    assert json.loads(columns[2]) == metadata
    assert next(csv.reader(io.StringIO(made), delimiter="\t", quoting=csv.QUOTE_NONE)) == columns
    assert next(csv.reader(io.StringIO(made), delimiter="\t")) == columns


@pytest.mark.parametrize("foreign", ["C:\\pictures", "a\\", "\\u00e9", "50% off", "\\x09"])
def test_ids_of_other_files_stay_as_they_are(foreign: str) -> None:
    assert unescaped(foreign) == foreign
    assert unescaped(escaped(foreign)) == foreign


async def test_a_header_and_quotes_where_the_operator_wants_them(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider(catalog_file_header=True, catalog_file_quoting="csv")
    catalog = (await search.create_catalog("one")).ref
    vendor.faults.add(FaultKind.STATUS, path="*/upload", status=400)
    with pytest.raises(InvalidRequest):
        await search.add_items(catalog, streamed([item("1", n='"'), item("2")]))
    sent = vendor.requests[-1].body
    assert b'"image_id"\t"image_url"\t"metadata"\n' in sent
    assert b'"1"\t"https://cdn.example.com/1.jpg"\t"{""n"":""\\""""}"\n' in sent
    assert b'"2"\t"https://cdn.example.com/2.jpg"\n' in sent


async def test_what_cannot_be_sent_is_named(
    provider: Any, vendor: Any, streamed: Any, host: Any, png: Any, tmp_path: Any
) -> None:
    search = provider(image_host=host)
    catalog = (await search.create_catalog("one")).ref
    items = [
        item("good"),
        item("", "https://cdn.example.com/none.jpg"),
        item("nan", price=float("nan")),
        item("object", price=object()),
        CatalogItem("missing", Image.of(tmp_path / "missing.png")),
        CatalogItem("text", Image.of(b"no picture")),
        CatalogItem("bytes", Image.of(png(2, 2))),
    ]
    uploaded = await search.add_items(catalog, streamed(items))
    assert uploaded.accepted == 2
    refused = dict(uploaded.refused)
    assert list(refused) == ["", "nan", "object", "missing", "text"]
    assert "no id" in refused[""]
    assert "JSON" in refused["nan"]
    assert "JSON" in refused["object"]
    assert "no image at" in refused["missing"]
    assert "not an image" in refused["text"]
    assert [row[0] for row in vendor.catalogs[catalog.id]["items"]] == ["good", "bytes"]


async def test_pictures_without_an_address_are_published(
    provider: Any, vendor: Any, streamed: Any, host: Any, png: Any
) -> None:
    search = provider(image_host=host)
    catalog = (await search.create_catalog("one")).ref
    await search.add_items(catalog, streamed([CatalogItem("1", Image.of(png(2, 2))), item("2")]))
    assert len(host.published) == 1
    first, second = vendor.catalogs[catalog.id]["items"]
    assert first[1].startswith("https://img.example.com/")
    assert second[1] == "https://cdn.example.com/2.jpg"


async def test_without_an_image_host_nothing_is_sent(provider: Any, vendor: Any, streamed: Any, png: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    with pytest.raises(ConfigError, match=r"images\.host") as caught:
        await search.add_items(catalog, streamed([item("1"), CatalogItem("2", Image.of(png(2, 2)))]))
    assert "local:directory" in str(caught.value)
    assert vendor.asked("POST", f"/v0/catalog/{catalog.id}/upload") == []


async def test_an_iterator_that_is_left_early_is_closed(provider: Any, png: Any) -> None:
    closed = []

    async def items() -> AsyncIterator[CatalogItem]:
        try:
            while True:
                yield CatalogItem("1", Image.of(png(2, 2)))
        finally:
            closed.append(True)

    with pytest.raises(ConfigError):
        await provider().add_items(Ref("tg", "catalog", "1"), items())
    assert closed == [True]


async def test_no_items_are_no_upload(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider(catalog_file_header=True)
    catalog = (await search.create_catalog("one")).ref
    uploaded = await search.add_items(catalog, streamed([item("")]))
    assert (uploaded.accepted, len(uploaded.refused)) == (0, 1)
    assert vendor.asked("POST", f"/v0/catalog/{catalog.id}/upload") == []


async def test_many_items_arrive_whole_and_in_order(provider: Any, vendor: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    uploaded = await search.add_items(catalog, large_items(1000))
    assert uploaded.accepted == 1000
    assert [row[0] for row in vendor.catalogs[catalog.id]["items"]] == [str(number) for number in range(1000)]
    (sent,) = vendor.asked("POST", f"/v0/catalog/{catalog.id}/upload")
    assert sent.headers["Transfer-Encoding"] == "chunked"


class Draining:
    """A server that reads uploads and keeps nothing."""

    def __init__(self) -> None:
        self.received = 0
        self.url = self.base = ""
        app = web.Application()
        app.router.add_post("/token", self.token)
        app.router.add_get("/catalog/1", self.catalog)
        app.router.add_post("/catalog/1/upload", self.drain)
        self.runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)

    async def token(self, request: web.Request) -> web.Response:
        return web.json_response({"access_token": "token-1", "expires_in_seconds": 3600})

    async def catalog(self, request: web.Request) -> web.Response:
        return web.json_response({"status": {"code": 200, "message": "OK"}, "catalog": {"catalog_id": "1"}})

    async def drain(self, request: web.Request) -> web.Response:
        async for piece in request.content.iter_any():
            self.received += len(piece)
        return await self.catalog(request)

    async def __aenter__(self) -> Draining:
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = self.base = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()


async def test_memory_does_not_grow_with_the_number_of_items(build: Any) -> None:
    peaks, ref = [], Ref("tg", "catalog", "1")
    async with Draining() as server:
        search = build(server)
        await search.add_items(ref, large_items(200))
        for count in (2_000, 20_000):
            tracemalloc.start()
            await search.add_items(ref, large_items(count))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert server.received > 20_000 * 1000
    assert peaks[1] < peaks[0] + 512 * 1024
    assert peaks[1] < 4 * 1024 * 1024


async def test_what_the_caller_s_iterator_raises_is_what_comes_out(provider: Any, vendor: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    closed = []

    async def items() -> AsyncIterator[CatalogItem]:
        try:
            async for one in large_items(300):
                yield one
            raise LookupError("the database went away")
        finally:
            closed.append(True)

    with pytest.raises(LookupError, match="went away"):
        await search.add_items(catalog, items())
    assert vendor.catalogs[catalog.id]["items"] == []
    assert closed == [True]


async def test_an_expired_token_is_renewed_before_a_large_upload(provider: Any, vendor: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    vendor.revoked.update(vendor.tokens)
    assert (await search.add_items(catalog, large_items(300))).accepted == 300
    assert len(vendor.tokens) == 2


async def test_a_token_refused_in_a_large_upload_never_sends_half_a_file(provider: Any, vendor: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref

    async def items() -> AsyncIterator[CatalogItem]:
        async for one in large_items(300):
            yield one
        vendor.revoked.update(vendor.tokens)

    with pytest.raises(Unavailable, match="once more"):
        await search.add_items(catalog, items())
    assert vendor.catalogs[catalog.id]["items"] == []


async def test_a_small_upload_is_sent_again_with_a_new_token(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    vendor.revoked.update(vendor.tokens)
    await search.add_items(catalog, streamed([item("1")]))
    assert [row[0] for row in vendor.catalogs[catalog.id]["items"]] == ["1"]


async def test_an_unknown_catalog_is_found_before_a_large_file_is_sent(provider: Any, vendor: Any) -> None:
    with pytest.raises(NotFound):
        await provider().add_items(Ref("tg", "catalog", "none"), large_items(300))
    assert vendor.asked("POST", "/v0/catalog/none/upload") == []


@pytest.mark.parametrize("count", [1, 300])
async def test_an_upload_without_an_answer_is_not_repeated(provider: Any, vendor: Any, count: int) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    vendor.faults.add(FaultKind.RESET, path="*/upload")
    with pytest.raises(UnknownOutcome):
        await search.add_items(catalog, large_items(count))
    assert len(vendor.asked("POST", f"/v0/catalog/{catalog.id}/upload")) == 1


async def test_an_upload_may_take_longer_than_other_requests(provider: Any, vendor: Any, clock: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref

    async def items() -> AsyncIterator[CatalogItem]:
        async for one in large_items(300):
            yield one
            await clock.sleep(1)

    assert (await search.add_items(catalog, items())).accepted == 300
    assert clock.monotonic() >= 300


async def test_an_upload_that_is_cancelled_leaves_nothing_behind(provider: Any, vendor: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    closed, reached = [], asyncio.Event()

    async def items() -> AsyncIterator[CatalogItem]:
        try:
            async for one in large_items(300):
                yield one
            reached.set()
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    upload = asyncio.create_task(search.add_items(catalog, items()))
    await reached.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert closed == [True]
    assert vendor.catalogs[catalog.id]["items"] == []


async def test_an_error_of_the_image_host_ends_the_upload(provider: Any, streamed: Any, host: Any, png: Any) -> None:
    async def publish(image: Image) -> str:
        raise Unavailable("the disk is full")

    host.publish = publish
    search = provider(image_host=host)
    catalog = (await search.create_catalog("one")).ref
    with pytest.raises(Unavailable, match="disk is full"):
        await search.add_items(catalog, streamed([CatalogItem("1", Image.of(png(2, 2)))]))


async def test_something_else_is_no_catalog(provider: Any, streamed: Any) -> None:
    with pytest.raises(InvalidInput):
        await provider().add_items(Ref("tg", "sku", "1"), streamed([]))
