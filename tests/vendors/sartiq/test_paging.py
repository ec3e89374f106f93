"""Long lists: their shapes, pages that repeat or come short, totals that lie, and what happens in the middle."""

from __future__ import annotations

import gc
import logging
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from placket.errors import ProtocolError, Unavailable
from placket.interfaces import ProductQuery, Ref
from placket.testing.faults import FaultKind

Build = Callable[..., Any]

PRODUCT = Ref("shop", "product", "p-1")


async def names(listing: Any) -> list[str]:
    return [product.raw["name"] async for product in listing]


def fill(vendor: Any, count: int) -> list[str]:
    return [vendor.add(name=f"n{number}")["name"] for number in range(count)]


def pages(vendor: Any) -> int:
    return len(vendor.asked("GET", "/api/v1/products/"))


@pytest.mark.parametrize("shape", ["data", "items", "array"])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25])
async def test_a_list_in_every_shape(provider: Build, vendor: Any, shape: str, count: int) -> None:
    vendor.shape = shape
    wanted = fill(vendor, count)
    listing = provider().list(ProductQuery(page_size=10))
    assert await names(listing) == wanted
    assert listing.total == (None if shape == "array" else count)
    assert pages(vendor) == count // 10 + 1


@pytest.mark.parametrize(
    "lie",
    [lambda n: 0, lambda n: 10, lambda n: n + 100, lambda n: -5, lambda n: None, lambda n: "25", lambda n: "many",
     lambda n: 10**400, lambda n: True, lambda n: [n]],
)  # fmt: skip
async def test_a_total_that_lies_loses_nothing_and_ends(provider: Build, vendor: Any, lie: Any) -> None:
    vendor.lie = lie
    wanted = fill(vendor, 25)
    assert await names(provider().list(ProductQuery(page_size=10))) == wanted
    assert pages(vendor) <= 4


async def test_a_vendor_that_gives_smaller_pages_than_asked_for(provider: Build, vendor: Any) -> None:
    vendor.largest_page = 4
    wanted = fill(vendor, 10)
    assert await names(provider().list(ProductQuery(page_size=10))) == wanted


async def test_ten_thousand_items_in_a_page(provider: Build, vendor: Any) -> None:
    wanted = [{"id": f"p-{number}", "name": f"n{number}"} for number in range(10_000)]
    vendor.answers["GET", "/products/"] = lambda _: {"data": wanted, "count": len(wanted)}
    assert await names(provider().list(ProductQuery())) == [one["name"] for one in wanted]
    assert pages(vendor) <= 3


async def test_a_page_that_could_not_be_used_is_asked_for_again(provider: Build, vendor: Any) -> None:
    page = [{"id": f"p-{number}", "name": f"n{number}"} for number in range(3)]
    pages = iter(
        [[*page, {"name": "without an id"}], [*page, {"name": "without an id"}], [*page, {"id": "p-3", "name": "n3"}]]
    )
    vendor.answers["GET", "/products/"] = lambda _: {"data": next(pages), "count": 4}
    listing = provider().list(ProductQuery(page_size=10))
    for _ in range(2):
        with pytest.raises(ProtocolError, match="names no id"):
            await anext(listing)
    assert await names(listing) == ["n0", "n1", "n2", "n3"]


async def test_a_page_that_repeats_for_ever(provider: Build, vendor: Any, caplog: pytest.LogCaptureFixture) -> None:
    page = [{"id": f"p-{number}", "name": f"n{number}"} for number in range(10)]
    vendor.answers["GET", "/products/"] = lambda _: {"data": page, "count": 1000}
    with caplog.at_level(logging.WARNING):
        assert await names(provider().list(ProductQuery(page_size=10))) == [one["name"] for one in page]
    assert pages(vendor) == 3
    assert "list ended early" in caplog.text, "what was not handed out is not lost in silence"


@pytest.mark.parametrize("length", [20, 1500])
async def test_pages_that_go_round_in_a_circle(provider: Build, vendor: Any, length: int) -> None:
    def circle(request: web.Request) -> dict[str, Any]:
        first = int(request.query["skip"]) % length
        return {"data": [{"id": f"p-{first + n}", "name": f"n{first + n}"} for n in range(10)], "count": 10**6}

    vendor.answers["GET", "/products/"] = circle
    found = await names(provider().list(ProductQuery(page_size=10)))
    assert found == [f"n{number}" for number in range(length)]


async def test_one_page_that_repeats_once_hides_nothing(provider: Build, vendor: Any) -> None:
    wanted = fill(vendor, 35)

    def stutter(request: web.Request) -> Any:
        skip = int(request.query["skip"])
        found = list(vendor.products.values())
        at = {0: 0, 10: 0}.get(skip, skip - 10)
        return {"data": found[at : at + 10], "count": 45}

    vendor.answers["GET", "/products/"] = stutter
    assert await names(provider().list(ProductQuery(page_size=10))) == wanted


async def test_a_product_made_while_listing_is_no_reason_to_see_one_twice(provider: Build, vendor: Any) -> None:
    wanted = fill(vendor, 15)
    listing = provider().list(ProductQuery(page_size=10))
    found = [(await anext(listing)).raw["name"] for _ in range(10)]
    vendor.products = {"new": {**vendor.add(name="new"), "id": "new"}, **vendor.products}
    found += await names(listing)
    assert [name for name in found if name != "new"] == wanted


async def test_items_without_an_id_do_not_make_it_go_on_for_ever(provider: Build, vendor: Any) -> None:
    vendor.answers["GET", "/products/p-1/shots"] = lambda _: {"data": [{"status": "PENDING"}] * 100, "count": 10**6}
    assert len(await provider().list_shots(PRODUCT).collect()) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"data": 5}, {"detail": "moved"}, "text", 7, None, {"data": [1]}, [[]], {"items": {"a": 1}}, [None]],
)
async def test_what_is_no_list_of_objects(provider: Build, vendor: Any, body: Any) -> None:
    vendor.answers["GET", "/products/"] = lambda _: web.json_response(body)
    with pytest.raises(ProtocolError):
        await provider().list(ProductQuery()).collect()


async def test_null_is_an_empty_list(provider: Build, vendor: Any) -> None:
    vendor.answers["GET", "/products/"] = {"data": None, "count": 0}
    assert await provider().list(ProductQuery()).collect() == []


async def test_a_product_without_an_id_is_an_error_and_not_a_product(provider: Build, vendor: Any) -> None:
    vendor.answers["GET", "/products/"] = {"data": [{"name": "x"}], "count": 1}
    with pytest.raises(ProtocolError, match="names no id"):
        await provider().list(ProductQuery()).collect()


async def test_a_token_that_expires_in_the_middle(provider: Build, vendor: Any) -> None:
    wanted = fill(vendor, 30)
    listing = provider().list(ProductQuery(page_size=10))
    found = [(await anext(listing)).raw["name"] for _ in range(10)]
    # The vendor forgets every token it gave.
    vendor.logins += 1
    found += await names(listing)
    assert found == wanted
    assert len(vendor.asked("POST", "/api/v1/login/access-token")) == 2


async def test_a_page_that_fails_can_be_asked_for_again(provider: Build, vendor: Any) -> None:
    wanted = fill(vendor, 30)
    listing = provider().list(ProductQuery(page_size=10))
    found = [(await anext(listing)).raw["name"] for _ in range(10)]
    vendor.faults.add(FaultKind.STATUS, status=503, path="*/products/", times=3)
    with pytest.raises(Unavailable):
        await anext(listing)
    assert found + await names(listing) == wanted


async def test_memory_does_not_grow_with_the_list(provider: Build, vendor: Any) -> None:
    def page(request: web.Request) -> dict[str, Any]:
        skip = int(request.query["skip"])
        return {"data": [{"id": f"p-{number}"} for number in range(skip, min(skip + 10, 3000))], "count": 3000}

    vendor.answers["GET", "/products/"] = page
    # The same place of two pages, so that each has one page in hand; the URL caches of aiohttp are full by the first.
    held = dict.fromkeys((1505, 2995), 0)
    count = 0
    tracemalloc.start()
    try:
        async for _ in provider().list(ProductQuery(page_size=10)):
            vendor.requests.clear()
            vendor.queries.clear()
            count += 1
            if count in held:
                gc.collect()
                held[count] = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert count == 3000
    assert held[2995] - held[1505] < 50_000, "1,490 products would take twenty times as much"
