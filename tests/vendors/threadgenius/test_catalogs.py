"""Catalogs: made, listed, looked at and deleted, in every way in which the vendor spells them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from placket.errors import InvalidInput, NotFound, ProtocolError, Unsupported
from placket.interfaces import CatalogState, Ref, Usage

CREATED = datetime(2016, 12, 12, 9, 24, 54, 301953, tzinfo=UTC)
SHOWN = {"catalog_id": "cdae7e788f1e4982", "name": "My Awesome Catalog", "status": "new"}


def answering(vendor: Any, catalog: Any) -> None:
    vendor.rewrites.append(
        lambda request, document: {**document, "catalog": catalog} if "catalog" in document else document
    )


async def test_a_new_catalog(provider: Any, vendor: Any) -> None:
    catalog = await provider().create_catalog("My Awesome Catalog")
    assert catalog.ref == Ref("tg", "catalog", "cdae7e788f1e0000")
    assert (catalog.name, catalog.state, catalog.raw_state) == ("My Awesome Catalog", CatalogState.EMPTY, "new")
    assert (catalog.items_total, catalog.items_indexed, catalog.errors) == (None, None, ())
    assert catalog.created_at == CREATED
    assert vendor.forms[-1] == ("/v0/catalog", {"name": "My Awesome Catalog"})


async def test_all_catalogs(provider: Any) -> None:
    search = provider()
    made = [await search.create_catalog(name) for name in ("one", "two")]
    listing = search.list_catalogs()
    assert await listing.collect() == made
    assert listing.total == 2


async def test_one_catalog(provider: Any) -> None:
    search = provider()
    made = await search.create_catalog("one")
    assert await search.get_catalog(made.ref) == made


async def test_a_deleted_catalog_is_gone(provider: Any, vendor: Any) -> None:
    search = provider()
    made = await search.create_catalog("one")
    await search.delete_catalog(made.ref)
    assert vendor.catalogs == {}
    with pytest.raises(NotFound):
        await search.get_catalog(made.ref)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("new", CatalogState.EMPTY),
        ("uploading", CatalogState.UPLOADING),
        ("upload done", CatalogState.UPLOADED),
        ("upload error", CatalogState.FAILED),
        ("indexing", CatalogState.INDEXING),
        ("index in progress", CatalogState.INDEXING),
        ("ready for query", CatalogState.READY),
        ("Ready_For_Query", CatalogState.READY),
        ("index error", CatalogState.FAILED),
        ("on holiday", CatalogState.UNKNOWN),
        (None, CatalogState.UNKNOWN),
        ("frozen", CatalogState.FAILED),
    ],
)
async def test_the_words_for_its_state(provider: Any, vendor: Any, word: Any, state: CatalogState) -> None:
    answering(vendor, {**SHOWN, "status": word})
    (catalog,) = await provider(states={"Frozen": CatalogState.FAILED}).list_catalogs().collect()
    assert (catalog.state, catalog.raw_state) == (state, word or "")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"num_images_total": 7}, (7, None)),
        ({"num_total_images": 7, "num_images_indexed": 3}, (7, 3)),
        ({"num_images_total": "7", "num_images_indexed": "3"}, (7, 3)),
        ({"num_images_total": None, "num_total_images": 7.0}, (7, None)),
        ({"num_images_total": 0, "num_total_images": 0}, (0, None)),
        ({"num_images_total": "many", "num_images_indexed": -1}, (None, None)),
    ],
)
async def test_both_spellings_of_the_total(provider: Any, vendor: Any, counts: Any, expected: Any) -> None:
    answering(vendor, {**SHOWN, **counts})
    (catalog,) = await provider().list_catalogs().collect()
    assert (catalog.items_total, catalog.items_indexed) == expected


@pytest.mark.parametrize(
    ("log", "errors"),
    [
        ("line 1: bad\n\n line 2: worse\n", ("line 1: bad", "line 2: worse")),
        (["bad", {"line": 2}], ("bad", '{"line": 2}')),
        ({"line": 2}, ('{"line": 2}',)),
        ("", ()),
        (None, ()),
    ],
)
async def test_the_error_log(provider: Any, vendor: Any, log: Any, errors: Any) -> None:
    answering(vendor, {**SHOWN, "error_log": log})
    (catalog,) = await provider().list_catalogs().collect()
    assert catalog.errors == errors


@pytest.mark.parametrize(
    ("date", "created"),
    [
        ("2016-12-12 09:24:54.301953+00:00", CREATED),
        ("2016-12-12T09:24:54.301953Z", CREATED),
        ("2016-12-12 09:24:54.301953", CREATED),
        ("yesterday", None),
        (None, None),
        (1481534694, None),
    ],
)
async def test_when_it_was_made(provider: Any, vendor: Any, date: Any, created: Any) -> None:
    answering(vendor, {**SHOWN, "date_created": date})
    (catalog,) = await provider().list_catalogs().collect()
    assert catalog.created_at == created


@pytest.mark.parametrize("wrapped", [SHOWN, [SHOWN], [None, SHOWN]])
async def test_one_catalog_in_an_object_or_in_a_list(provider: Any, vendor: Any, wrapped: Any) -> None:
    search = provider()
    made = await search.create_catalog("one")
    answering(vendor, wrapped)
    assert (await search.get_catalog(made.ref)).name == "My Awesome Catalog"
    assert [catalog.name for catalog in await search.list_catalogs().collect()] == ["My Awesome Catalog"]


async def test_no_catalogs(provider: Any, vendor: Any) -> None:
    assert await provider().list_catalogs().collect() == []
    answering(vendor, None)
    assert await provider().list_catalogs().collect() == []


@pytest.mark.parametrize("wrong", ["all of them", [SHOWN, SHOWN], [], None, [1], {"name": "no id"}])
async def test_what_is_no_catalog(provider: Any, vendor: Any, wrong: Any) -> None:
    search = provider()
    made = await search.create_catalog("one")
    answering(vendor, wrong)
    with pytest.raises(ProtocolError, match=r"catalog|list"):
        await search.get_catalog(made.ref)


async def test_an_id_stays_within_its_address(provider: Any, vendor: Any) -> None:
    with pytest.raises(NotFound):
        await provider().get_catalog(Ref("tg", "catalog", "../usage?x=1"))
    assert vendor.requests[-1].path == "/v0/catalog/../usage?x=1"


async def test_a_catalog_without_a_name_is_not_made(provider: Any, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="name"):
        await provider().create_catalog("  ")
    assert vendor.requests == []


async def test_something_else_is_no_catalog(provider: Any, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="tg/product/1 is not a catalog"):
        await provider().get_catalog(Ref("tg", "product", "1"))
    assert vendor.requests == []


async def test_items_are_neither_listed_nor_deleted(provider: Any, vendor: Any) -> None:
    search, ref = provider(), Ref("tg", "catalog", "1")
    with pytest.raises(Unsupported, match='protocol = "v1"'):
        await search.list_items(ref).collect()
    with pytest.raises(Unsupported, match='protocol = "v1"'):
        await search.delete_items(ref, ["1"])
    assert vendor.requests == []


async def test_usage_by_month_and_operation(provider: Any) -> None:
    assert await provider().usage() == (
        Usage("2016-12", "search", 60, 60),
        Usage("2016-12", "tag", 11, 11),
        Usage("2017-01", "catalog_index", 2, 1000),
        Usage("2017-01", "catalog_upload", 8, 4000),
        Usage("2017-01", "detect", 1, 1),
        Usage("2017-01", "search", 11, 11),
        Usage("2017-01", "tag", 7, 7),
    )


@pytest.mark.parametrize("code_in_body_only", [False, True])
async def test_usage_where_only_post_is_allowed(provider: Any, vendor: Any, code_in_body_only: bool) -> None:
    vendor.usage_methods = {"POST"}
    vendor.mirrors_codes = not code_in_body_only
    assert len(await provider().usage()) == 7
    assert [request.method for request in vendor.requests[1:]] == ["GET", "POST"]


async def test_usage_that_says_little(provider: Any, vendor: Any) -> None:
    vendor.usage = {
        "2017-1": {"tag": {"num_calls": "7"}, "sing": None},
        "2017-2": None,
        "later": {"tag": {"num_images": None}, "search": {}},
    }
    assert await provider().usage() == (Usage("2017-01", "tag", 7), Usage("later", "tag"))
