"""Indexing: a job that goes on where it ended, whoever takes it up."""

import asyncio
import threading

import pytest
from aiohttp import web

from placket.errors import Conflict, JobFailed, Unsupported
from placket.interfaces import CatalogItem, CatalogState, Image, JobState, Query, Ticket

RED, GREEN, BLUE = (220, 20, 30), (20, 200, 40), (30, 40, 210)


async def test_a_job_tells_its_progress_and_ends_ready(search, some, monkeypatch, wardrobe):
    monkeypatch.setattr("placket_local.search.indexing.BATCH", 3)
    catalog = await search.create_catalog("Summer")
    await search.add_items(catalog.ref, some(wardrobe))
    job = await search.index(catalog.ref)
    seen = [await job.status(), *[status async for status in job.events()]]
    assert seen[0].state is JobState.RUNNING
    assert seen[-1].state is JobState.SUCCEEDED
    progress = [status.progress for status in seen]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert (await job.result()).state is CatalogState.READY


async def test_pictures_come_from_files_bytes_and_the_web(search, filled, picture, tmp_path, web_server):
    (tmp_path / "red.png").write_bytes(picture(RED))
    address = await web_server({"/blue.png": picture(BLUE)})
    items = [
        CatalogItem("file", Image.of(tmp_path / "red.png")),
        CatalogItem("bytes", Image.of(picture(GREEN))),
        CatalogItem("web", Image.of(f"{address}/blue.png")),
    ]
    catalog = await filled(items)
    assert catalog.items_indexed == 3
    (hit,) = (await search.search(Query(Image.of(picture(BLUE)), limit=1), [catalog.ref])).hits
    assert (hit.id, hit.image_url) == ("web", f"{address}/blue.png")


async def test_each_picture_that_cannot_be_used_is_named_and_tried_again_later(
    search, filled, picture, tmp_path, web_server
):
    pages = {"/coat.png": None, "/cut.png": picture(RED)[:60]}
    address = await web_server(pages)
    (tmp_path / "late.png").write_bytes(picture(RED))
    items = [
        CatalogItem("fine", Image.of(picture(GREEN))),
        CatalogItem("black", Image.of(picture((0, 0, 0)))),
        CatalogItem("cut", Image.of(f"{address}/cut.png")),
        CatalogItem("missing", Image.of(f"{address}/coat.png")),
    ]
    catalog = await filled(items)
    assert (catalog.state, catalog.items_total, catalog.items_indexed) == (CatalogState.READY, 4, 1)
    errors = dict(line.split(": ", 1) for line in catalog.errors)
    assert set(errors) == {"black", "cut", "missing"}
    assert "no garment" in errors["black"]
    pages["/coat.png"] = picture(BLUE)
    catalog = await (await search.index(catalog.ref)).result()
    assert catalog.items_indexed == 2
    assert {line.partition(":")[0] for line in catalog.errors} == {"black", "cut"}


async def test_a_catalog_without_one_usable_picture_has_failed(search, filled, picture):
    with pytest.raises(JobFailed, match="none of the 1 pictures could be used: black: no garment"):
        await filled([CatalogItem("black", Image.of(picture((0, 0, 0))))])


async def test_an_empty_catalog_is_indexed_at_once(search):
    catalog = await search.create_catalog("Empty")
    assert (await (await search.index(catalog.ref)).result()).state is CatalogState.EMPTY


async def test_only_what_is_new_is_embedded(open_search, filled, some, toy, wardrobe):
    model = toy()
    search = open_search(embedder=model)
    catalog = await filled(wardrobe[:5], into=search)
    await search.add_items(catalog.ref, some(wardrobe))
    await (await search.index(catalog.ref)).result()
    assert model.pictures == 9


async def test_another_process_takes_up_what_one_left(open_search, some, toy, wardrobe, clock, monkeypatch):
    monkeypatch.setattr("placket_local.search.indexing.BATCH", 2)
    first = open_search()
    catalog = await first.create_catalog("Summer")
    await first.add_items(catalog.ref, some(wardrobe))
    job = await first.index(catalog.ref)
    await job.status()
    await first.aclose()

    model = toy()
    second = open_search(embedder=model)
    resumed = await second.resume(Ticket.from_json(job.ticket.to_json()))
    assert (await resumed.result()).items_indexed == 9
    assert model.pictures <= 9


async def test_two_that_index_one_catalog_embed_each_picture_once(open_search, some, toy, wardrobe):
    models = [toy(), toy()]
    searches = [open_search(embedder=model) for model in models]
    catalog = await searches[0].create_catalog("Summer")
    await searches[0].add_items(catalog.ref, some(wardrobe))
    jobs = [await each.index(catalog.ref) for each in searches]
    for ready in await asyncio.gather(*(job.result() for job in jobs)):
        assert ready.items_indexed == 9
    assert sum(model.pictures for model in models) == 9


async def test_a_catalog_of_another_model_is_refused_with_the_way_out(open_search, filled, toy, picture):
    old = open_search(embedder=toy("toy-1"))
    catalog = await filled(into=old)
    new = open_search(embedder=toy("toy-2"))
    query = Query(Image.of(picture(RED, 1)), limit=1)
    with pytest.raises(Conflict, match=r"indexed with the model toy-1, and this Placket has toy-2.*index the catalog"):
        await new.search(query, [catalog.ref])
    with pytest.raises(Conflict, match="toy-1"):
        await new.near_duplicates(catalog.ref, 0.1).collect()
    await (await new.index(catalog.ref)).result()
    assert [hit.id for hit in (await new.search(query, [catalog.ref])).hits] == ["red-1"]
    with pytest.raises(Conflict, match="toy-2"):
        await old.search(query, [catalog.ref])


async def test_who_has_another_model_takes_a_catalog_over_from_one_that_indexes_it(
    open_search, some, toy, wardrobe, picture
):
    goes_on = threading.Event()

    class Held(toy):
        def embed(self, pictures):
            goes_on.wait(30)
            return super().embed(pictures)

    old, model = open_search(embedder=Held("toy-1")), toy("toy-2")
    new = open_search(embedder=model)
    catalog = await old.create_catalog("Summer")
    await old.add_items(catalog.ref, some(wardrobe))
    begun = await old.index(catalog.ref)
    anew = await new.index(catalog.ref)
    goes_on.set()
    with pytest.raises(Conflict, match=r"toy-2, and this Placket has toy-1.*index the catalog"):
        await begun.result()
    assert (await anew.result()).items_indexed == model.pictures == 9
    query = Query(Image.of(picture(RED, 1)), limit=1)
    assert [hit.id for hit in (await new.search(query, [catalog.ref])).hits] == ["red-1"]


async def test_a_ticket_of_another_model_is_not_gone_on_with(open_search, filled, some, toy, wardrobe):
    old, model = open_search(embedder=toy("toy-1")), toy("toy-2")
    catalog = await filled(wardrobe[:4], into=old)
    ticket = (await old.index(catalog.ref)).ticket
    await old.add_items(catalog.ref, some(wardrobe))
    await old.aclose()
    new = open_search(embedder=model)
    with pytest.raises(Conflict, match=r"toy-1, and this Placket has toy-2.*index the catalog"):
        await (await new.resume(ticket)).result()
    assert model.pictures == 0
    assert (await (await new.index(catalog.ref)).result()).items_indexed == model.pictures == 9


async def test_a_ticket_of_something_else_is_not_taken(search, clock):
    with pytest.raises(Unsupported):
        await search.resume(Ticket("here", "garment_tagger", "submit", "1", submitted_at=clock.now()))


@pytest.fixture
async def web_server(unused_tcp_port):
    """Serve pictures by path; the dictionary may change while it runs."""
    runners = []

    async def serve(pages):
        async def answer(request):
            data = pages.get(request.path)
            return web.Response(status=404) if data is None else web.Response(body=data, content_type="image/png")

        app = web.Application()
        app.router.add_get("/{tail:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
        runners.append(runner)
        return f"http://127.0.0.1:{unused_tcp_port}"

    yield serve
    for runner in runners:
        await runner.cleanup()
