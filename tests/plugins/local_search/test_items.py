"""Catalogs and what is in them."""

import os
import time
from datetime import date
from pathlib import Path

import pytest

from placket.errors import InvalidInput, JobFailed, NotFound
from placket.interfaces import CatalogItem, CatalogState, Image, Query, Ref

RED, GREEN, BLUE = (220, 20, 30), (20, 200, 40), (30, 40, 210)


async def test_catalogs_are_made_listed_and_deleted(search, open_search):
    made = await search.create_catalog("Summer")
    assert (made.name, made.state, made.items_total, made.items_indexed) == ("Summer", CatalogState.EMPTY, 0, 0)
    other = await search.create_catalog("Winter")
    elsewhere = open_search()
    assert [catalog.name async for catalog in elsewhere.list_catalogs()] == ["Summer", "Winter"]
    await search.delete_catalog(made.ref)
    await search.delete_catalog(made.ref)
    assert [catalog.ref async for catalog in elsewhere.list_catalogs()] == [other.ref]
    with pytest.raises(NotFound):
        await search.get_catalog(made.ref)
    with pytest.raises(InvalidInput, match="name"):
        await search.create_catalog(" ")


async def test_items_are_listed_as_they_were_added(search, some, wardrobe):
    catalog = await search.create_catalog("Summer")
    added = await search.add_items(catalog.ref, some(wardrobe))
    assert (added.accepted, added.refused) == (9, ())
    listing = search.list_items(catalog.ref)
    items = await listing.collect()
    assert [item.id for item in items] == [item.id for item in wardrobe]
    assert [dict(item.metadata) for item in items] == [dict(item.metadata) for item in wardrobe]
    assert listing.total == 9
    state = await search.get_catalog(catalog.ref)
    assert (state.state, state.items_total, state.items_indexed) == (CatalogState.UPLOADED, 9, 0)


async def test_what_cannot_be_stored_is_refused_by_name_and_the_rest_goes_in(search, some, picture, tmp_path):
    catalog = await search.create_catalog("Summer")
    (tmp_path / "note.png").write_text("not a picture")
    items = [
        CatalogItem("fine", Image.of(picture(RED))),
        CatalogItem("", Image.of(picture(RED))),
        CatalogItem("gone", Image.of(tmp_path / "gone.png")),
        CatalogItem("note", Image.of(tmp_path / "note.png")),
        CatalogItem("odd", Image.of(picture(RED)), {"when": object()}),
        CatalogItem("key", Image.of(picture(RED)), {"sizes": {1: "one"}}),
        CatalogItem("nan", Image.of(picture(RED)), {"price": float("nan")}),
        CatalogItem("bytes", Image.of(picture(RED)), {"sizes": ["S", b"M"]}),
        CatalogItem("date", Image.of(picture(RED)), {"since": date(2026, 5, 1)}),
        CatalogItem(17, Image.of(picture(RED))),  # type: ignore[arg-type]  # as programs without types hand it over
    ]
    added = await search.add_items(catalog.ref, some(items))
    assert added.accepted == 1
    refused = dict(added.refused)
    assert set(refused) == {"", "gone", "note", "odd", "key", "nan", "bytes", "date", "17"}
    assert "no image at" in refused["gone"]
    assert "plain JSON" in refused["odd"]
    assert "b'M' is neither" in refused["bytes"]
    assert "no id" in refused[""]
    assert "no id" in refused["17"]


async def test_a_text_that_no_catalog_can_hold_costs_its_own_item_only(search, some, picture, tmp_path):
    catalog = await search.create_catalog("Summer")
    odd = tmp_path / os.fsdecode(b"b\xff.png")
    odd.write_bytes(picture(RED))
    items = [
        CatalogItem("first", Image.of(picture(RED))),
        CatalogItem("\ud800x", Image.of(picture(RED))),
        CatalogItem("n\0l", Image.of(picture(RED))),
        CatalogItem("file", Image.of(odd)),
        CatalogItem("address", Image.of("https://pictures.example/\ud800.jpg")),
        CatalogItem("said", Image.of(picture(RED)), {"brand": "\ud800"}),
        CatalogItem("last", Image.of(picture(RED))),
    ]
    added = await search.add_items(catalog.ref, some(items))
    assert added.accepted == 2
    refused = dict(added.refused)
    assert list(refused) == ["\ud800x", "n\0l", "file", "address", "said"]
    for name, what in (("\ud800x", "its id"), ("n\0l", "its id"), ("file", "its path"), ("address", "its address")):
        assert refused[name].startswith(f"{what} holds half a character")
    assert [item.id async for item in search.list_items(catalog.ref)] == ["first", "last"]
    assert await search.delete_items(catalog.ref, ["\ud800x", "last"]) == 1


async def test_the_same_id_replaces_the_picture_and_the_metadata(search, filled, some, picture):
    catalog = await filled([CatalogItem("a", Image.of(picture(RED)), {"price": 1})])
    await search.add_items(catalog.ref, some([CatalogItem("a", Image.of(picture(BLUE)), {"price": 2})]))
    assert (await search.search(Query(Image.of(picture(RED))), [catalog.ref])).hits == ()
    await (await search.index(catalog.ref)).result()
    (hit,) = (await search.search(Query(Image.of(picture(BLUE))), [catalog.ref])).hits
    assert hit.metadata == {"price": 2}
    assert hit.distance == pytest.approx(0, abs=1e-3)


async def test_other_metadata_needs_no_other_vector(open_search, filled, some, toy, picture):
    from placket.interfaces import Filter

    model = toy()
    search = open_search(embedder=model)
    catalog = await filled([CatalogItem("a", Image.of(picture(RED)), {"price": 1})], into=search)
    await search.add_items(catalog.ref, some([CatalogItem("a", Image.of(picture(RED)), {"price": 2})]))
    await (await search.index(catalog.ref)).result()
    assert model.pictures == 1
    for price, found in ((1, 0), (2, 1)):
        query = Query(Image.of(picture(RED)), filters=(Filter("price", equals=price),))
        assert len((await search.search(query, [catalog.ref])).hits) == found


@pytest.mark.parametrize("indexed", [False, True])
async def test_a_picture_at_another_path_is_read_from_there(open_search, some, toy, picture, tmp_path, indexed):
    model = toy()
    search = open_search(embedder=model)
    catalog = await search.create_catalog("Summer")
    old, new = tmp_path / "old.png", tmp_path / "new.png"
    old.write_bytes(picture(RED))
    query = Query(Image.of(picture(RED)))
    await search.add_items(catalog.ref, some([CatalogItem("a", Image.of(old))]))
    if indexed:
        await (await search.index(catalog.ref)).result()
        await search.search(query, [catalog.ref])
    old.rename(new)
    await search.add_items(catalog.ref, some([CatalogItem("a", Image.of(new))]))
    assert [item.image_url for item in await search.list_items(catalog.ref).collect()] == [str(new)]
    await (await search.index(catalog.ref)).result()
    assert model.pictures == 1 + indexed, "the picture of the search counts, too"
    assert [hit.image_url for hit in (await search.search(query, [catalog.ref])).hits] == [str(new)]
    newer = open_search(embedder=toy("toy-2"))
    ready = await (await newer.index(catalog.ref)).result()
    assert (ready.items_indexed, ready.state) == (1, CatalogState.READY)


async def test_a_picture_that_was_gone_is_read_where_it_is_now(search, some, picture, tmp_path):
    old, new = tmp_path / "old.png", tmp_path / "new.png"
    old.write_bytes(picture(RED))
    catalog = await search.create_catalog("Summer")
    await search.add_items(catalog.ref, some([CatalogItem("a", Image.of(old))]))
    old.rename(new)
    with pytest.raises(JobFailed, match="no image at"):
        await (await search.index(catalog.ref)).result()
    await search.add_items(catalog.ref, some([CatalogItem("a", Image.of(new))]))
    now = await search.get_catalog(catalog.ref)
    assert (now.state, now.errors) == (CatalogState.UPLOADED, ())
    assert (await (await search.index(catalog.ref)).result()).items_indexed == 1


async def test_a_copy_goes_when_the_picture_has_a_path_and_comes_when_it_has_none(
    search, filled, some, picture, tmp_path
):
    def copies() -> list[Path]:
        return list(tmp_path.glob("search/pictures/*/*"))

    shown = tmp_path / "shown.png"
    shown.write_bytes(picture(RED))
    catalog = await filled([CatalogItem("a", Image.of(picture(RED)))])
    assert len(copies()) == 1
    await search.add_items(catalog.ref, some([CatalogItem("a", Image.of(shown))]))
    assert copies() == []
    await search.add_items(catalog.ref, some([CatalogItem("a", Image.of(picture(RED)))]))
    assert [str(copy) for copy in copies()] == [
        each.image_url for each in await search.list_items(catalog.ref).collect()
    ]


async def test_deleted_items_are_found_no_more_here_or_elsewhere(search, open_search, filled, picture):
    catalog = await filled()
    elsewhere = open_search()
    query = Query(Image.of(picture(RED, 1)))
    assert len((await elsewhere.search(query, [catalog.ref])).hits) == 9
    assert await search.delete_items(catalog.ref, ["red-1", "red-1", "nobody"]) == 1
    for each in (search, elsewhere):
        assert "red-1" not in [hit.id for hit in (await each.search(query, [catalog.ref])).hits]
    assert (await search.get_catalog(catalog.ref)).items_total == 8
    assert await search.delete_items(catalog.ref, []) == 0


async def test_copies_of_pictures_go_when_nobody_needs_them(search, filled, picture, tmp_path):
    def copies() -> list[Path]:
        return list(tmp_path.glob("search/pictures/*/*"))

    same = Image.of(picture(RED))
    catalog = await filled([CatalogItem("a", same), CatalogItem("b", same)])
    assert len(copies()) == 1
    await search.delete_items(catalog.ref, ["a"])
    assert len(copies()) == 1
    await search.delete_catalog(catalog.ref)
    assert copies() == []


async def test_an_item_whose_copy_goes_while_it_waits_for_its_batch_is_refused(search, filled, some, picture):
    """It was taken in once: an import that is said to be whole must not have lost a picture."""
    shared, own = Image.of(picture(RED)), Image.of(picture(BLUE))
    old = await filled([CatalogItem("old", shared)])
    new = await search.create_catalog("New")

    async def coming():
        yield CatalogItem("shared", shared)
        yield CatalogItem("own", own)
        await search.delete_catalog(old.ref)

    added = await search.add_items(new.ref, coming())
    assert added.accepted == 1
    ((refused, why),) = added.refused
    assert refused == "shared"
    assert "add the item again" in why
    assert [item.id async for item in search.list_items(new.ref)] == ["own"]
    assert (await search.add_items(new.ref, some([CatalogItem("shared", shared)]))).refused == ()
    indexed = await (await search.index(new.ref)).result()
    assert (indexed.items_indexed, indexed.errors) == (2, ())


async def test_a_copy_that_waits_for_its_batch_stays_while_other_items_have_it(search, filled, picture):
    shared = Image.of(picture(RED))
    old = await filled([CatalogItem("a", shared), CatalogItem("b", shared)])
    new = await search.create_catalog("New")

    async def coming():
        yield CatalogItem("shared", shared)
        await search.delete_items(old.ref, ["a"])

    assert (await search.add_items(new.ref, coming())).refused == ()
    await search.delete_catalog(old.ref)
    assert (await (await search.index(new.ref)).result()).items_indexed == 1


async def test_a_catalog_that_is_not_there_is_said(search, some):
    nowhere = Ref("here", "catalog", "nowhere")
    with pytest.raises(NotFound):
        await search.add_items(nowhere, some([]))
    with pytest.raises(NotFound):
        await search.list_items(nowhere).collect()
    with pytest.raises(NotFound):
        await search.index(nowhere)


async def test_an_import_that_breaks_off_keeps_what_was_committed_and_is_resumed(
    open_search, search, monkeypatch, wardrobe, toy
):
    monkeypatch.setattr("placket_local.search.model_search.BATCH", 4)

    async def broken():
        for item in wardrobe[:6]:
            yield item
        raise ConnectionError("the feed broke off")

    async def whole():
        for item in wardrobe:
            yield item

    catalog = await search.create_catalog("Summer")
    with pytest.raises(ConnectionError):
        await search.add_items(catalog.ref, broken())
    assert (await search.get_catalog(catalog.ref)).items_total == 4
    await (await search.index(catalog.ref)).result()

    model = toy()
    later = open_search(embedder=model)
    assert (await later.add_items(catalog.ref, whole())).accepted == 9
    ready = await (await later.index(catalog.ref)).result()
    assert (ready.items_total, ready.items_indexed) == (9, 9)
    assert model.pictures == 5


async def test_copies_of_a_batch_that_was_never_stored_go_a_day_later(
    search, open_search, filled, some, picture, tmp_path
):
    def copies():
        return {path.stem: path for path in (tmp_path / "search" / "pictures").rglob("*.png")}

    def age(*paths):
        for path in paths:
            os.utime(path, (time.time() - 2 * 86_400,) * 2)

    async def breaking_off(*items):
        for item in items:
            yield item
        raise RuntimeError("the process is killed here")

    catalog = await filled()
    stored = copies()
    with pytest.raises(RuntimeError):
        await search.add_items(
            catalog.ref, breaking_off(*(CatalogItem(str(n), Image.of(picture(RED, n))) for n in range(100, 130)))
        )
    abandoned = copies().keys() - stored.keys()
    assert len(abandoned) == 30
    young = min(abandoned)
    again = CatalogItem("again", Image.of(max(copies().items())[1].read_bytes()))
    age(*(path for name, path in copies().items() if name != young))
    age(tmp_path / "search" / "pictures" / "looked-through")
    with pytest.raises(RuntimeError):
        await search.add_items(catalog.ref, breaking_off(again))
    await (await open_search().index(catalog.ref)).result()
    assert copies().keys() == stored.keys() | {young, again.image.sha256}
    await search.add_items(catalog.ref, some([again]))
    age(*copies().values(), tmp_path / "search" / "pictures" / "looked-through")
    await (await search.index(catalog.ref)).result()
    assert copies().keys() == stored.keys() | {again.image.sha256}
