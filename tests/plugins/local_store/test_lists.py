"""Lists filter, search, sort and page, and stay in place while rows are added."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placket.errors import InvalidInput
from placket.interfaces import SORT_KEYS, Facet, ProductDraft, ProductQuery, SortOrder
from placket.merge import merge
from placket.record import Season
from placket_local.store import LocalStore


async def names(store: LocalStore, **query: Any) -> list[str]:
    listing = store.list(ProductQuery(**{"sort_by": "name", "order": SortOrder.ASCENDING, **query}))
    found = [merge(product.claims, id="x").name or "" async for product in listing]
    assert listing.total == len(found)
    return found


@pytest.fixture
async def wardrobe(store: LocalStore) -> LocalStore:
    """Four products that differ in everything that can be filtered by."""
    for fields in (
        {"name": "Breton Top", "sku": "BT-100", "brand": "Saint James", "collection": "Marine",
         "season": Season("SS", 2027),
         "gender": "female", "category": "t-shirt", "descriptions.long": "Striped cotton for the seaside"},
        {"name": "Café Trousers", "sku": "CT-200", "brand": "SAINT JAMES", "collection": "Ville",
         "season": Season("AW", 2026),
         "gender": "male", "category": "trousers", "visibility.enabled": False},
        {"name": "Straße Coat", "sku": "SC-300", "brand": "Öko", "collection": "ville",
         "season": Season("AW", 2025),
         "gender": "unisex", "category": "coats", "visibility.archived": True, "shoot.state": "APPROVED"},
        {"name": "Demo Dress", "sku": "DD-400", "brand": "öko", "gender": "female", "category": "dresses",
         "visibility.demo": True, "visibility.public": True, "visibility.filler": True},
    ):  # fmt: skip
        await store.create(ProductDraft(fields))
    return store


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Breton Top", "Café Trousers", "Demo Dress", "Straße Coat"]),
        ({"brand": "saint james"}, ["Breton Top", "Café Trousers"]),
        ({"brand": "ÖKO"}, ["Demo Dress", "Straße Coat"]),
        ({"brand": "Saint"}, []),
        ({"collections": ("VILLE",)}, ["Café Trousers", "Straße Coat"]),
        ({"collections": ("marine", "ville")}, ["Breton Top", "Café Trousers", "Straße Coat"]),
        ({"season": "aw"}, ["Café Trousers", "Straße Coat"]),
        ({"year": 2026}, ["Café Trousers"]),
        ({"season": "AW", "year": 2025, "brand": "öko"}, ["Straße Coat"]),
        ({"gender": "women"}, ["Breton Top", "Demo Dress"]),
        ({"gender": "martian"}, []),
        ({"product_type": "aa-1"}, ["Breton Top", "Café Trousers", "Demo Dress", "Straße Coat"]),
        ({"product_type": "clothing tops"}, ["Breton Top"]),
        ({"product_type": "dresses"}, ["Demo Dress"]),
        ({"shot_statuses": ("APPROVED", "PENDING")}, ["Straße Coat"]),
        ({"enabled": False}, ["Café Trousers"]),
        ({"archived": True}, ["Straße Coat"]),
        ({"archived": False, "enabled": True}, ["Breton Top", "Demo Dress"]),
        ({"demo": True}, ["Demo Dress"]),
        ({"public": True}, ["Demo Dress"]),
        ({"filler": True}, ["Demo Dress"]),
        ({"search": "breton"}, ["Breton Top"]),
        ({"search": "SEASIDE stri"}, ["Breton Top"]),
        ({"search": "ct-2"}, ["Café Trousers"]),
        ({"search": "cafe"}, ["Café Trousers"]),
        ({"search": "saint", "gender": "male"}, ["Café Trousers"]),
        ({"search": "breton trousers"}, []),
        ({"search": "   "}, ["Breton Top", "Café Trousers", "Demo Dress", "Straße Coat"]),
    ],
)
async def test_filters_and_search(wardrobe: LocalStore, query: dict[str, Any], expected: list[str]) -> None:
    assert await names(wardrobe, **query) == expected


@pytest.mark.parametrize(
    "typed", ['"', "top OR coat", "NEAR(a b)", "name:breton", "*", "a* -b", "'; DROP TABLE products; --"]
)
async def test_what_is_typed_is_never_read_as_syntax(wardrobe: LocalStore, typed: str) -> None:
    assert await names(wardrobe, search=typed) == []
    assert len(await names(wardrobe)) == 4


async def test_the_index_follows_changes_and_deletions(wardrobe: LocalStore) -> None:
    from placket.interfaces import ProductChanges

    (top,) = await wardrobe.list(ProductQuery(search="breton")).collect()
    await wardrobe.update(top.ref, ProductChanges({"name": "Marinière"}))
    assert await names(wardrobe, search="breton") == []
    assert await names(wardrobe, search="mariniere") == ["Marinière"]
    await wardrobe.delete(top.ref)
    assert await names(wardrobe, search="mariniere") == []


@pytest.mark.parametrize("key", SORT_KEYS)
@pytest.mark.parametrize("order", list(SortOrder))
async def test_every_order_lists_each_product_once_whatever_the_page(
    wardrobe: LocalStore, key: str, order: SortOrder
) -> None:
    whole = await names(wardrobe, sort_by=key, order=order, page_size=100)
    assert sorted(whole) == ["Breton Top", "Café Trousers", "Demo Dress", "Straße Coat"]
    for size in (1, 2, 3, 4):
        assert await names(wardrobe, sort_by=key, order=order, page_size=size) == whole


async def test_an_unknown_order_is_refused(store: LocalStore) -> None:
    with pytest.raises(InvalidInput, match="sort by one of created_at"):
        await store.list(ProductQuery(sort_by="price")).collect()
    with pytest.raises(InvalidInput, match="at least one"):
        store.list(ProductQuery(page_size=0))


async def test_pages_stay_in_place_while_products_are_added_and_removed(
    store: LocalStore, add: Callable[..., Any]
) -> None:
    made = [await add(f"N{number}") for number in range(6)]
    listing = store.list(ProductQuery(page_size=2))
    seen = [await anext(listing), await anext(listing)]
    await add("later")
    await store.delete(made[3].ref)
    seen += await listing.collect()
    assert [product.ref for product in seen] == [made[number].ref for number in (5, 4, 2, 1, 0)]


async def test_facets_are_in_order_and_spellings_are_one(wardrobe: LocalStore) -> None:
    assert [brand.casefold() for brand in await wardrobe.facet(Facet.BRANDS)] == ["saint james", "öko"]
    assert [name.casefold() for name in await wardrobe.facet(Facet.COLLECTIONS)] == ["marine", "ville"]
    assert await wardrobe.facet(Facet.COLLECTIONS, "öko") == ("ville",)
    assert await wardrobe.facet(Facet.SEASONS) == ("AW", "SS")
    assert await wardrobe.facet(Facet.YEARS) == ("2027", "2026", "2025")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4))
def test_any_text_can_be_a_name_and_a_search(words: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    import asyncio
    import re

    from placket.interfaces import SystemClock
    from placket.record import Vocabulary
    from placket.registry import ProviderContext
    from placket.transport import SafeFetcher, SessionPool
    from placket_local import LocalSettings

    async def tried() -> None:
        clock = SystemClock()
        async with SessionPool() as sessions:
            store = LocalStore(
                LocalSettings(),
                ProviderContext(
                    name="here", plugin="placket 1.0", clock=clock, vocabulary=Vocabulary.default(), sessions=sessions,
                    fetcher=SafeFetcher(sessions, clock=clock), data_folder=tmp_path_factory.mktemp("store"),
                ),
            )  # fmt: skip
            try:
                name = " ".join(words).encode("utf-8", "replace").decode().replace("\x00", " ")
                made = await store.create(ProductDraft({"name": name, "sku": "S"}))
                found = await store.list(ProductQuery(search=name)).collect()
                if re.search(r"\w", name, re.ASCII):
                    assert [product.ref for product in found] in ([made.ref], [])
                assert (await store.get(made.ref)).claims
            finally:
                await store.aclose()

    asyncio.run(tried())
