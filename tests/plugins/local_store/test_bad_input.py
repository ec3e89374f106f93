"""Values that cannot be right are refused or kept as what they are, and never break the store."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.interfaces import Facet, ProductChanges, ProductDraft, ProductQuery
from placket.merge import merge
from placket.record import Season
from placket_local.store import LocalStore


async def test_an_absurd_length_is_kept_as_it_was_said_and_has_no_value(store: LocalStore) -> None:
    made = await store.create(ProductDraft({"name": "Top", "measurements.chest": (900, "m")}))
    (said,) = [claim for claim in made.claims if claim.name == "measurements"]
    assert (said.value, said.raw, said.raw_unit) == (None, 900, "m")
    assert merge(made.claims, id="x").measurements == {}


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
async def test_a_text_that_no_database_can_hold_is_refused(
    store: LocalStore, add: Callable[..., Any], text: str
) -> None:
    made = await add()
    with pytest.raises(InvalidInput, match="cannot be stored"):
        await store.create(ProductDraft({"name": text}))
    with pytest.raises(InvalidInput, match="cannot be stored"):
        await store.update(made.ref, ProductChanges({"brand": text}))
    assert await store.list(ProductQuery()).collect() == [made]


async def test_a_year_that_no_database_can_hold_costs_its_own_product_only(store: LocalStore) -> None:
    async def shelf() -> AsyncIterator[ProductDraft]:
        for year in (2027, 10**25, 2028):
            yield ProductDraft({"sku": f"S-{year}", "season": Season("SS", year)})

    done = await store.upsert(shelf())
    assert (done.created, [which for which, _ in done.refused]) == (2, [f"S-{10**25}"])
    with pytest.raises(InvalidInput, match="no database holds"):
        await store.list(ProductQuery(year=10**25)).collect()
    assert await store.facet(Facet.YEARS) == ("2028", "2027")


async def test_half_a_character_is_not_looked_for(store: LocalStore) -> None:
    assert await store.list(ProductQuery(search="\ud800")).collect() == []
    with pytest.raises(InvalidInput, match="half a character"):
        await store.list(ProductQuery(brand="\ud800")).collect()


async def test_very_long_texts_are_kept_and_searches_have_an_end(store: LocalStore) -> None:
    name = "wool " * 20_000
    made = await store.create(ProductDraft({"name": name}))
    assert merge((await store.get(made.ref)).claims, id="x").name == name.strip()
    assert len(await store.list(ProductQuery(search=name)).collect()) == 1
    with pytest.raises(InvalidInput, match="200 different words cannot be searched for; use at most 100"):
        store.list(ProductQuery(search=" ".join(f"w{number}" for number in range(200))))


@pytest.mark.parametrize("cursor", ["", "x", "[]", "3", '["a"]', '[1, 2, 3, 4, "filter"]', '[1, 2, "sideways"]'])
async def test_a_place_that_no_list_gave_is_refused(store: LocalStore, add: Callable[..., Any], cursor: str) -> None:
    await add()
    with pytest.raises(InvalidInput, match="begin it anew"):
        await store.list(ProductQuery())._fetch(cursor)


async def test_a_page_may_be_wished_larger_than_it_gets(store: LocalStore, add: Callable[..., Any]) -> None:
    await add()
    assert len(await store.list(ProductQuery(page_size=10**9)).collect()) == 1
