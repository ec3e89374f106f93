"""A garment as an item of a catalog, and what a hit says about the garment that was found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.interfaces import Hit, Image, Ref
from placket.record import Method, Price
from placket_threadgenius.catalog_item import claims_of_hit, item_of_record


def hit(metadata: dict[str, Any], **more: Any) -> Hit:
    return Hit("1", Ref("tg", "catalog", "c"), 0.5, metadata=metadata, **more)


def said(metadata: dict[str, Any]) -> dict[str, Any]:
    return {claim.field: claim.value for claim in claims_of_hit(hit(metadata))}


def test_an_item_in_the_form_of_the_page_s_example(garment: Any) -> None:
    item = item_of_record(garment.record)
    assert item.id == garment.record.id
    assert item.image == Image.of("https://cdn.example.com/1.jpg")
    assert item.metadata == {
        "shelf": 12,
        "price": 19.99,
        "currency": "EUR",
        "SKU": "120984",
        "categories": ["Sweatshirts", "Navy", "Red", "cosy"],
    }


def test_a_picture_may_be_given(garment: Any, png: Any) -> None:
    assert item_of_record(garment.record, Image.of(png(2, 2))).image == Image.of(png(2, 2))


def test_without_a_picture_there_is_no_item(garment: Any) -> None:
    with pytest.raises(InvalidInput, match="no picture with an address"):
        item_of_record(garment.merged([]))


def test_a_garment_that_came_from_the_vendor_keeps_its_id(garment: Any) -> None:
    record = garment.merged(claims_of_hit(hit({}, image_url="https://cdn.example.com/9.jpg")))
    assert item_of_record(record).id == "1"


def test_a_hit_is_what_the_merchant_wrote() -> None:
    claims = claims_of_hit(hit({"SKU": 1}))
    assert {(claim.method, claim.source.provider) for claim in claims} == {(Method.MERCHANT, "tg")}


@pytest.mark.parametrize(
    ("metadata", "price"),
    [
        ({"price": 19.99}, Price(Decimal("19.99"))),
        ({"price": "20"}, Price(Decimal(20))),
        ({"price": 5, "currency": "USD"}, Price(Decimal(5), "USD")),
        ({"price": 5, "currency": 978}, Price(Decimal(5))),
    ],
)
def test_prices(metadata: dict[str, Any], price: Price) -> None:
    assert said(metadata)["price"] == price


def test_what_has_another_form_is_kept_as_it_is() -> None:
    odd = {"price": "cheap", "SKU": ["a"], "categories": "boots", "currency": "EUR", "n": 0}
    kept = {name.removeprefix("extra.threadgenius.metadata."): value for name, value in said(odd).items()}
    assert {name: kept[name] for name in odd} == odd
    assert "price" not in said({"price": -5, "currency": "EUR"})
    assert said({"price": -5, "currency": "EUR"})["extra.threadgenius.metadata.price"] == -5
    assert said({"price": 5, "currency": 978})["extra.threadgenius.metadata.currency"] == 978
    assert said({"categories": ["boots", 1]})["extra.threadgenius.metadata.categories"] == ["boots", 1]
