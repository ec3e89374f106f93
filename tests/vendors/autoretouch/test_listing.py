"""Lists: filters, pages, and every shape in which a vendor may answer who does not say in which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from placket.errors import InvalidInput, NotFound, ProtocolError, Unavailable, Unsupported
from placket.interfaces import Ref, ShootManager, SkuQuery
from placket.testing.faults import FaultKind

Build = Callable[..., ShootManager]

ENVELOPES: dict[str, Callable[[list[Any], int], Any]] = {
    "bare": lambda page, total: page,
    **{
        key: lambda page, total, key=key: {key: page, "total": total}
        for key in ("entries", "data", "items", "content", "results", "skus")
    },
    "count": lambda page, total: {"items": page, "count": total},
    "totalElements": lambda page, total: {"content": page, "totalElements": total, "last": False},
    "text total": lambda page, total: {"entries": page, "total": str(total)},
    "no total": lambda page, total: {"entries": page},
    "nested": lambda page, total: {"data": {"entries": page, "total": total}},
    "null when empty": lambda page, total: {"entries": page or None, "total": total},
    "absent when empty": lambda page, total: {"entries": page, "total": total} if page else {"total": 0},
}


async def names(manager: ShootManager, **query: Any) -> list[str]:
    return [sku.ref.id for sku in await manager.list_skus(SkuQuery(**query)).collect(20_000)]


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("count", [0, 1, 5, 6])
async def test_every_known_envelope_is_read(provider: Build, vendor: Any, envelope: str, count: int) -> None:
    vendor.envelope = ENVELOPES[envelope]
    wanted = [vendor.add() for _ in range(count)]
    assert await names(provider(), page_size=3) == wanted


@pytest.mark.parametrize(
    "shown", [lambda one: {"id": one}, lambda one: {"skuId": one}, lambda one: {"id": None, "skuId": one}]
)
@pytest.mark.parametrize("sku_id", [17, "17", "0b1f"])
async def test_ids_come_under_either_name_as_text_or_number(
    provider: Build, vendor: Any, shown: Callable[[Any], dict[str, Any]], sku_id: Any
) -> None:
    vendor.add()
    vendor.shown = lambda _: {**shown(sku_id), "name": "Blue Shirt"}
    (sku,) = await provider().list_skus(SkuQuery()).collect()
    assert sku.ref == Ref("shoots", "sku", str(sku_id))
    assert sku.raw["name"] == "Blue Shirt"


async def test_the_filters_and_the_page_size_are_the_vendors(provider: Build, vendor: Any) -> None:
    vendor.add(projectIds=[7])
    vendor.add(projectIds=[8])
    assert await names(provider(), project="8", sku="sku-2", page_size=20) == ["sku-2"]
    first, second = vendor.asked("GET", "/ai-shoot/skus")
    assert first.query == {"projectFilter": "8", "skuIdFilter": "sku-2", "page": "1", "pageSize": "20"}
    assert second.query["page"] == "2"
    assert await names(provider()) == ["sku-1", "sku-2"]
    assert set(vendor.requests[-1].query) == {"page", "pageSize"}


async def test_the_first_page_is_a_setting(provider: Build, vendor: Any, logged: Any) -> None:
    vendor.first_page = 0
    wanted = [vendor.add() for _ in range(5)]
    assert await names(provider(first_page=0), page_size=2) == wanted
    assert logged() == []
    assert await names(provider(), page_size=2) == wanted[2:]
    assert "first_page" in logged()[0], "what is missing by the vendor's own total is told"


async def test_a_vendor_that_ignores_the_page_ends_the_list(provider: Build, vendor: Any) -> None:
    wanted = [vendor.add() for _ in range(3)]
    vendor.envelope = lambda page, total: list(vendor.skus.values())
    assert await names(provider(), page_size=1) == wanted
    assert len(vendor.asked("GET", "/ai-shoot/skus")) == 2


async def test_a_vendor_that_begins_again_ends_the_list(provider: Build, vendor: Any) -> None:
    everything = [{"id": number} for number in range(6)]
    pages = [everything[0:2], everything[2:4], everything[4:6]]
    asked: list[int] = []

    def page(_page: Any, _total: int) -> Any:
        asked.append(1)
        return pages[(len(asked) - 1) % 3]

    vendor.envelope = page
    assert await names(provider(), page_size=2) == ["0", "1", "2", "3", "4", "5"]
    assert len(asked) == 4


async def test_what_moves_to_the_next_page_is_not_handed_out_twice(provider: Build, vendor: Any) -> None:
    for _ in range(4):
        vendor.add()
    listing = provider().list_skus(SkuQuery(page_size=2))
    seen = [(await anext(listing)).ref.id, (await anext(listing)).ref.id]
    vendor.skus = {"new": {**vendor.skus["sku-1"], "id": "new"}, **vendor.skus}
    seen += [sku.ref.id async for sku in listing]
    assert seen == ["sku-1", "sku-2", "sku-3", "sku-4"]


async def test_a_page_smaller_than_was_asked_for_is_not_the_last(provider: Build, vendor: Any) -> None:
    vendor.largest_page = 2
    wanted = [vendor.add() for _ in range(5)]
    assert await names(provider(), page_size=100) == wanted[:2] + wanted[2:]


@pytest.mark.parametrize("lie", [0, 1, 3, 1000])
async def test_a_total_that_lies_costs_nothing(provider: Build, vendor: Any, logged: Any, lie: int) -> None:
    wanted = [vendor.add() for _ in range(5)]
    vendor.envelope = lambda page, total: {"entries": page, "total": lie}
    listing = provider().list_skus(SkuQuery(page_size=2))
    assert [sku.ref.id async for sku in listing] == wanted
    assert listing.total == lie
    assert bool(logged()) is (lie == 1000)


async def test_ten_thousand_in_one_page(provider: Build, vendor: Any) -> None:
    vendor.envelope = lambda page, total: [{"id": number, "name": "x"} for number in range(10_000)]
    assert len(await names(provider(), page_size=10)) == 10_000


async def test_a_missing_page_after_the_first_is_the_end(provider: Build, vendor: Any) -> None:
    wanted = [vendor.add() for _ in range(2)]
    listing = provider().list_skus(SkuQuery(page_size=2))
    assert (await anext(listing)).ref.id == wanted[0]
    vendor.faults.add(FaultKind.STATUS, status=404)
    assert [sku.ref.id async for sku in listing] == wanted[1:]
    with pytest.raises(NotFound):
        await names(provider())


async def test_a_page_that_failed_can_be_asked_for_again(provider: Build, vendor: Any) -> None:
    wanted = [vendor.add() for _ in range(4)]
    listing = provider().list_skus(SkuQuery(page_size=2))
    seen = [await anext(listing), await anext(listing)]
    vendor.faults.add(FaultKind.STATUS, status=500, times=3)
    with pytest.raises(Unavailable):
        await anext(listing)
    seen += [sku async for sku in listing]
    assert [sku.ref.id for sku in seen] == wanted


async def test_a_token_that_expires_in_mid_listing_is_renewed(provider: Build, vendor: Any) -> None:
    wanted = [vendor.add() for _ in range(4)]
    listing = provider().list_skus(SkuQuery(page_size=2))
    await anext(listing)
    vendor.access_tokens[:] = ["none-of-ours"]
    assert [sku.ref.id async for sku in listing] == wanted[1:]


@pytest.mark.parametrize("answer", [{}, {"status": "ok"}, "nothing", 3, None, [3], [None], [{"name": "no id"}], ["x"]])
async def test_what_is_no_list_is_a_protocol_error(provider: Build, vendor: Any, answer: Any) -> None:
    vendor.envelope = lambda page, total: answer
    with pytest.raises(ProtocolError) as caught:
        await names(provider())
    assert (caught.value.provider, caught.value.operation) == ("shoots", "list_skus")


async def test_deeply_nested_answers_do_not_overflow(provider: Build, vendor: Any) -> None:
    nested: Any = []
    for _ in range(500):
        nested = {"data": nested}
    vendor.envelope = lambda page, total: nested
    with pytest.raises(ProtocolError):
        await names(provider())


async def test_global_skus_are_one_page_and_marked(provider: Build, vendor: Any, logged: Any) -> None:
    vendor.shared["g-1"] = {"id": "g-1", "name": "Socks of the house", "skuCategoryName": "socks"}
    (sku,) = await provider().list_global_skus(SkuQuery()).collect()
    assert {claim.field: claim.value for claim in sku.claims}["extra.autoretouch.global"] is True
    assert len(vendor.asked("GET", "/ai-shoot/skus/global")) == 1
    vendor.envelope = lambda page, total: {"entries": page, "total": 60}
    await provider().list_global_skus(SkuQuery()).collect()
    assert "list-incomplete" in logged()[0]


async def test_global_skus_have_no_filters(provider: Build) -> None:
    for query in (SkuQuery(project="1"), SkuQuery(sku="a")):
        with pytest.raises(Unsupported, match="without filters"):
            provider().list_global_skus(query)


async def test_the_organization_goes_along_where_the_operator_wants_it(provider: Build, vendor: Any) -> None:
    await names(provider(organization="org-1"))
    assert "organization" not in vendor.requests[-1].query
    await names(provider(organization="org-1", organization_in_shoots=True))
    assert vendor.requests[-1].query["organization"] == "org-1"


async def test_a_brief_is_no_sku(provider: Build) -> None:
    with pytest.raises(InvalidInput, match="a reference to a sku is wanted"):
        await provider().delete_sku(Ref("shoots", "brief", "3"))
