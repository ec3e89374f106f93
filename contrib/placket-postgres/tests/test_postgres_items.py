"""What visual search on a real PostgreSQL server keeps: items, their pictures, and the copies of these."""

from pathlib import Path

import psycopg
import pytest

from placket.errors import NotFound
from placket.interfaces import CatalogItem, CatalogState, Filter, Image


async def test_the_same_picture_again_costs_nothing_and_another_one_is_indexed_anew(
    open_search, filled, garment, some, asked, model, ids
):
    counting = model.NumbersModel()
    search = open_search(embedder=counting)
    catalog = await filled(6, into=search)
    changed = CatalogItem("item-2", Image.of(model.photo(50)), {"number": 50})
    await search.add_items(catalog.ref, some([garment(0, price=3), garment(1), changed]))
    assert "item-2" not in await ids(search, asked(50), catalog), "until it is indexed"
    ready = await (await search.index(catalog.ref)).result()
    # Six, the one that changed, and the one that was searched for.
    assert (ready.items_total, counting.pictures) == (6, 8)
    (hit,) = (await search.search(asked(50, limit=1), [catalog.ref])).hits
    assert (hit.id, hit.metadata) == ("item-2", {"number": 50})
    assert await ids(search, asked(0, filters=(Filter("price", equals=3),)), catalog) == ["item-0"]


async def test_a_picture_that_moved_is_read_from_where_it_is_and_not_embedded_anew(
    open_search, garment, some, asked, model, tmp_path
):
    counting = model.NumbersModel()
    search = open_search(embedder=counting)
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(model.photo(1))
    catalog = await search.create_catalog("Summer")
    await search.add_items(catalog.ref, some([CatalogItem("item-1", Image.of(old)), garment(2)]))
    await (await search.index(catalog.ref)).result()
    old.rename(new)
    copied = list(tmp_path.rglob("*.png"))
    moved = [CatalogItem("item-1", Image.of(new), {"price": 3}), CatalogItem("item-2", garment(2).image)]
    await search.add_items(catalog.ref, some(moved))
    ready = await (await search.index(catalog.ref)).result()
    assert (ready.items_indexed, counting.pictures) == (2, 2)
    (hit,) = (await search.search(asked(1, limit=1), [catalog.ref])).hits
    assert (hit.id, hit.image_url, hit.metadata) == ("item-1", str(new), {"price": 3})
    assert list(tmp_path.rglob("*.png")) == copied
    newer = open_search(embedder=model.NumbersModel("numbers-2"))
    assert (await (await newer.index(catalog.ref)).result()).items_indexed == 2


async def test_an_item_whose_copy_goes_while_it_waits_for_its_batch_is_refused(search, filled, garment):
    old, new = await filled([garment(1)]), await search.create_catalog("Autumn")

    async def coming():
        yield garment(1)
        yield garment(2)
        await search.delete_catalog(old.ref)

    added = await search.add_items(new.ref, coming())
    assert (added.accepted, [name for name, _ in added.refused]) == (1, ["item-1"])
    assert [item.id async for item in search.list_items(new.ref)] == ["item-2"]
    assert (await (await search.index(new.ref)).result()).errors == ()


async def test_a_picture_that_was_gone_is_read_where_it_is_now(search, garment, some, model, tmp_path):
    old, new, shown = (tmp_path / name for name in ("old", "new", "shown"))
    old.write_bytes(model.photo(1))
    shown.write_bytes(model.photo(2))
    catalog = await search.create_catalog("Summer")
    await search.add_items(catalog.ref, some([CatalogItem("item-1", Image.of(old)), garment(2)]))
    old.rename(new)
    assert (await (await search.index(catalog.ref)).result()).items_indexed == 1
    places = [CatalogItem("item-1", Image.of(new)), CatalogItem("item-2", Image.of(shown))]
    await search.add_items(catalog.ref, some(places))
    assert (await search.get_catalog(catalog.ref)).errors == ()
    assert list(tmp_path.rglob("*.png")) == [], "nobody needs the copy of what has a path"
    assert (await (await search.index(catalog.ref)).result()).items_indexed == 2


async def test_items_are_listed_in_order_and_removed_for_good(search, filled, asked, tmp_path, ids):
    catalog = await filled(8)
    copies = list(tmp_path.rglob("*.png"))
    assert len(copies) == 8
    assert await search.delete_items(catalog.ref, ["item-3", "item-3", "nobody", "\0", "item-0"]) == 2
    assert [item.id async for item in search.list_items(catalog.ref)] == [f"item-{n}" for n in (1, 2, 4, 5, 6, 7)]
    assert not {"item-0", "item-3"} & set(await ids(search, asked(3), catalog))
    assert len(list(tmp_path.rglob("*.png"))) == 6
    await search.delete_catalog(catalog.ref)
    await search.delete_catalog(catalog.ref)
    assert await search.list_catalogs().collect() == []
    assert list(tmp_path.rglob("*.png")) == []
    with pytest.raises(NotFound):
        await search.search(asked(1), [catalog.ref])


async def test_a_copy_stays_while_another_catalog_needs_it(search, filled, tmp_path):
    first, second = await filled(3), await filled(3)
    await search.delete_catalog(first.ref)
    assert len(list(tmp_path.rglob("*.png"))) == 3
    await search.delete_catalog(second.ref)
    assert list(tmp_path.rglob("*.png")) == []


async def test_what_sqlite_holds_and_postgresql_does_not_is_refused_item_by_item(search, garment, some, model):
    picture = Image.of(model.photo(1))
    items = [
        CatalogItem("nul", picture, {"note": "a\0b"}),
        CatalogItem("escaped", picture, {"note": "a\\u0000b"}),
        CatalogItem("long" * 600, picture),
        CatalogItem("n\0l", picture),
        CatalogItem("\ud800x", picture),
        garment(1),
    ]
    catalog = await search.create_catalog("Odd")
    done = await search.add_items(catalog.ref, some(items))
    assert done.accepted == 2
    assert [(name[:4], reason.partition(" ")[0]) for name, reason in done.refused] == [
        ("nul", "its"), ("long", "its"), ("n\0l", "its"), ("\ud800x", "its"),
    ]  # fmt: skip
    assert [item.id async for item in search.list_items(catalog.ref)] == ["escaped", "item-1"]


async def test_each_picture_that_cannot_be_used_is_named_and_tried_again_later(
    search, filled, garment, model, tmp_path
):
    later = tmp_path / "later.png"
    later.write_bytes(model.photo(model.NO_GARMENT))
    items = [
        garment(1),
        CatalogItem("none", Image.of(model.photo(model.NO_GARMENT))),
        CatalogItem("later", Image.of(later)),
    ]
    catalog = await filled(items)
    assert (catalog.state, catalog.items_indexed) == (CatalogState.READY, 1)
    assert [line.partition(":")[0] for line in catalog.errors] == ["later", "none"]
    assert "no garment was found" in catalog.errors[0]
    later.write_bytes(model.photo(9))
    again = await (await search.index(catalog.ref)).result()
    assert (again.items_indexed, len(again.errors)) == (2, 1)


async def test_a_folder_that_lies_elsewhere_for_another_machine_has_its_copies(open_search, garment, some, tmp_path):
    one = open_search(data_folder=tmp_path / "one")
    catalog = await one.create_catalog("Summer")
    await one.add_items(catalog.ref, some([garment(number) for number in range(3)]))
    (tmp_path / "one").rename(tmp_path / "other")
    other = open_search(data_folder=tmp_path / "other")
    assert (await (await other.index(catalog.ref)).result()).items_indexed == 3
    shown = [Path(item.image_url) async for item in other.list_items(catalog.ref)]
    assert sorted(shown) == sorted((tmp_path / "other").rglob("*.png"))
    await other.delete_items(catalog.ref, ["item-1"])
    assert sorted((tmp_path / "other").rglob("*.png")) == sorted([shown[0], shown[2]])


async def test_a_catalog_with_more_copies_than_a_statement_has_parameters_is_deleted(search, url, filled, tmp_path):
    catalog, other = await filled(2), await filled(1)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "INSERT INTO search_items (catalog, id, url, path, kept, sha256, metadata, words, indexed, error)"
            " SELECT catalog, 'n' || n, '', 'gone', kept, int4send(n), '{}', '{}', false, ''"
            " FROM search_items, generate_series(1, 70000) AS n WHERE id = 'item-1'"
        )
    await search.delete_catalog(catalog.ref)
    assert [listed.ref async for listed in search.list_catalogs()] == [other.ref]
    assert len(list(tmp_path.rglob("*.png"))) == 1
