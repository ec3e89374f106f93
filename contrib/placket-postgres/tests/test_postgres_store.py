"""The store on a real PostgreSQL server does what it does on SQLite."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

import placket
from placket.errors import ConfigError, Conflict, NotFound, Unavailable
from placket.interfaces import (
    SORT_KEYS,
    ExportRequest,
    Facet,
    JobState,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    SortOrder,
)
from placket.merge import merge
from placket.record import Claim, Season, Source
from placket.testing import VirtualClock
from placket_local.store import LocalStore

WARDROBE: list[dict[str, Any]] = [
    {
        "name": "Breton Top",
        "sku": "BT-100",
        "brand": "Saint James",
        "season": Season("SS", 2027),
        "category": "t-shirt",
    },
    {"name": "Café Trousers", "sku": "CT-200", "brand": "SAINT JAMES", "gender": "male", "visibility.archived": True},
    {
        "name": "Straße Coat",
        "sku": "SC-300",
        "brand": "Öko",
        "category": "coats",
        "descriptions.long": "For the seaside",
    },
]


async def drafts(fields: list[dict[str, Any]]) -> AsyncIterator[ProductDraft]:
    for one in fields:
        yield ProductDraft(one)


async def names(store: LocalStore, **query: Any) -> list[str]:
    asked = ProductQuery(**{"sort_by": "name", "order": SortOrder.ASCENDING, **query})
    return [merge(product.claims, id="x").name or "" async for product in store.list(asked)]


async def test_a_product_is_made_read_changed_and_removed(store: LocalStore) -> None:
    said = Claim("fit", None, Source("vendor"), raw="comfy", confidence=0.4)
    made = await store.create(ProductDraft({"name": "Top", "brand": "Acme"}, claims=(said,)))
    assert await store.get(made.ref) == made
    assert said in made.claims
    changed = await store.update(made.ref, ProductChanges({"brand": "Bolt"}, version=made.version))
    assert merge(changed.claims, id="x").brand == "Bolt"
    with pytest.raises(Conflict):
        await store.update(made.ref, ProductChanges({"brand": "late"}, version=made.version))
    await store.delete(made.ref)
    with pytest.raises(NotFound):
        await store.get(made.ref)


async def test_writers_at_the_same_time_lose_nothing_in_silence(open_store: Callable[..., LocalStore]) -> None:
    stores = [open_store() for _ in range(4)]
    made = await stores[0].create(ProductDraft({"name": "Top"}))
    fields = ["brand", "collection", "theme", "style_code"]
    done = await asyncio.gather(
        *(store.update(made.ref, ProductChanges({field: "x"})) for store, field in zip(stores, fields, strict=True)),
        return_exceptions=True,
    )
    found = merge((await stores[0].get(made.ref)).claims, id="x")
    for field, outcome in zip(fields, done, strict=True):
        assert isinstance(outcome, Conflict) or getattr(found, field) == "x"
    assert not all(isinstance(outcome, Conflict) for outcome in done)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"brand": "saint james"}, ["Breton Top", "Café Trousers"]),
        ({"search": "cafe"}, ["Café Trousers"]),
        ({"search": "bt-1"}, ["Breton Top"]),
        ({"search": "strasse"}, ["Straße Coat"]),
        ({"search": "SEASIDE coa"}, ["Straße Coat"]),
        ({"search": "top | coat & ('"}, []),
        ({"search": "!"}, []),
        ({"product_type": "aa-1"}, ["Breton Top", "Straße Coat"]),
        ({"archived": True}, ["Café Trousers"]),
        ({"year": 2027}, ["Breton Top"]),
    ],
)
async def test_lists_find_what_they_find_on_sqlite(
    store: LocalStore, query: dict[str, Any], expected: list[str]
) -> None:
    done = await store.upsert(drafts(WARDROBE))
    assert (done.created, done.updated) == (3, 0)
    assert await names(store, **query) == expected


@pytest.mark.parametrize("key", SORT_KEYS)
@pytest.mark.parametrize("order", list(SortOrder))
async def test_every_order_lists_each_product_once(store: LocalStore, key: str, order: SortOrder) -> None:
    await store.upsert(drafts(WARDROBE))
    whole = await names(store, sort_by=key, order=order)
    assert sorted(whole) == sorted(fields["name"] for fields in WARDROBE)
    assert await names(store, sort_by=key, order=order, page_size=1) == whole


async def test_known_products_are_updated_by_their_sku(store: LocalStore) -> None:
    await store.upsert(drafts(WARDROBE))
    done = await store.upsert(drafts([{"sku": "BT-100", "name": "Marinière"}, {"sku": "N-1", "name": "New"}]))
    assert (done.created, done.updated) == (1, 1)
    assert await names(store, search="mariniere") == ["Marinière"]
    assert await store.facet(Facet.YEARS) == ("2027",)
    assert [brand.casefold() for brand in await store.facet(Facet.BRANDS)] == ["saint james", "öko"]


async def test_an_export_of_nothing_yet_is_an_empty_archive(store: LocalStore, clock: VirtualClock) -> None:
    made = await store.create(ProductDraft({"name": "Top"}))
    export = await store.start_export(ExportRequest(products=(made.ref,)))
    while not export.status.state.is_final:
        await clock.sleep(0.1)
        export = await store.get_export(export.ref)
    assert export.status.state is JobState.SUCCEEDED
    assert b"".join([piece async for piece in store.download_export(export.ref)]).startswith(b"PK")


async def test_several_that_open_a_new_database_at_once_all_can(open_store: Callable[..., LocalStore]) -> None:
    stores = [open_store() for _ in range(4)]
    await asyncio.gather(*(store.create(ProductDraft({"name": "Top"})) for store in stores))
    assert len(await names(stores[0])) == 4


async def test_it_is_routed_to_by_its_name_in_the_configuration(url: str, tmp_path: Any) -> None:
    config = {
        "providers": {"shop": {"plugin": "postgres", "database": {"env": "DB"}}},
        "routes": {"product_store": {"strategy": "first", "targets": ["shop"]}},
    }
    async with placket.open(config, data_folder=tmp_path, environ={"DB": url}) as router:
        made = await router.product_store.create(ProductDraft({"name": "Top"}))
        assert made.ref.provider == "shop"
        assert await router.product_store.list(ProductQuery()).collect() == [made]


async def test_a_server_that_is_not_there_is_unavailable_and_its_password_stays_secret(tmp_path: Any) -> None:
    config = {
        "providers": {"shop": {"plugin": "postgres", "database": {"env": "DB"}}},
        "routes": {"product_store": {"strategy": "first", "targets": ["shop"]}},
    }
    environ = {"DB": "postgresql://me:hunter2@127.0.0.1:1/x"}
    async with placket.open(config, data_folder=tmp_path, environ=environ) as router:
        with pytest.raises(placket.AllProvidersFailed) as caught:
            await router.product_store.list(ProductQuery()).collect()
    (cause,) = caught.value.exceptions
    assert isinstance(cause, Unavailable)
    assert "hunter2" not in str(cause)


async def test_another_database_is_refused(tmp_path: Any) -> None:
    config = {
        "providers": {"shop": {"plugin": "postgres", "database": {"env": "DB"}}},
        "routes": {"product_store": {"strategy": "first", "targets": ["shop"]}},
    }
    with pytest.raises(ConfigError, match="must be a PostgreSQL URL"):
        async with placket.open(config, data_folder=tmp_path, environ={"DB": "sqlite:///x"}):
            pass
