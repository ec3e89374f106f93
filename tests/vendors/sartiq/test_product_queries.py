"""Lists and facets of products: what can be asked for, and how it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from placket.errors import Unsupported
from placket.interfaces import Facet, ProductQuery, SortOrder

Build = Callable[..., Any]


async def test_every_filter_reaches_the_vendor(provider: Build, queried: Any) -> None:
    query = ProductQuery(
        search="tee",
        brand="Acme",
        collections=("A", "B"),
        season="SS",
        year=2026,
        gender="women",
        product_type="T-Shirt",
        shot_statuses=("APPROVED", "PENDING"),
        shoot="shoot-1",
        enabled=False,
        archived=True,
        public=False,
        demo=False,
        filler=True,
        sort_by="name",
        order=SortOrder.ASCENDING,
        page_size=7,
    )
    await provider().list(query).collect()
    assert queried("GET", "/products/") == {
        "search": ["tee"],
        "brand": ["Acme"],
        "brand_collection": ["A", "B"],
        "season": ["SS"],
        "year": ["2026"],
        "gender": ["FEMALE"],
        "product_type": ["T-Shirt"],
        "shot_statuses": ["APPROVED", "PENDING"],
        "shooting_id": ["shoot-1"],
        "enabled": ["false"],
        "archived": ["true"],
        "is_public": ["false"],
        "demo": ["false"],
        "is_filler": ["true"],
        "sort_by": ["name"],
        "sort_order": ["asc"],
        "limit": ["7"],
        "skip": ["0"],
    }


async def test_a_list_without_filters_still_names_a_stable_order(provider: Build, queried: Any) -> None:
    await provider().list(ProductQuery()).collect()
    assert queried("GET", "/products/") == {
        "sort_by": ["created_at"],
        "sort_order": ["desc"],
        "limit": ["100"],
        "skip": ["0"],
    }


@pytest.mark.parametrize("word", ["dogs", "", " "])
async def test_a_gender_that_nobody_knows_is_the_vendor_s_to_judge(provider: Build, vendor: Any, word: str) -> None:
    await provider().list(ProductQuery(gender=word)).collect()
    assert vendor.last("GET", "/products/").query["gender"] == word


async def test_an_order_that_the_vendor_does_not_have(provider: Build, vendor: Any) -> None:
    with pytest.raises(Unsupported, match="cannot sort by 'price'; it can by created_at"):
        provider().list(ProductQuery(sort_by="price"))
    assert vendor.requests == []


async def test_facets(provider: Build, vendor: Any) -> None:
    vendor.add(brand="Acme", brand_collection="A", season="SS", year=2026)
    vendor.add(brand="Bolt", brand_collection="B", season="AW", year=2025)
    for shape in ("data", "items", "array"):
        vendor.shape = shape
        store = provider()
        assert await store.facet(Facet.BRANDS) == ("Acme", "Bolt")
        assert await store.facet(Facet.COLLECTIONS) == ("A", "B")
        assert await store.facet(Facet.COLLECTIONS, "Bolt") == ("B",)
        assert await store.facet(Facet.SEASONS) == ("AW", "SS")
        assert await store.facet(Facet.YEARS) == ("2026", "2025")
    with pytest.raises(Unsupported, match="a brand limits collections"):
        await provider().facet(Facet.SEASONS, "Acme")


async def test_products_without_a_brand_do_not_hide_the_brands(provider: Build, vendor: Any) -> None:
    vendor.answers["GET", "/brands/"] = lambda _: {"data": ["", " ", "Acme"], "count": 3}
    assert await provider().facet(Facet.BRANDS) == ("Acme",)
