"""What becomes of every value that the vendor says, and what of ours comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from placket.interfaces import GarmentImage, Image, Ref, ShootManager, Sku, SkuDraft, SkuQuery
from placket.merge import merge
from placket.record import MediaItem, Method, Vocabulary

Build = Callable[..., ShootManager]

WORDS = Vocabulary.default()
LAST_YEAR = datetime(2025, 11, 20, 10, 30, tzinfo=UTC)

FIELD_MAP: list[tuple[str, Any, str, Any]] = [
    ("skuId", "b-17", "external_ids.autoretouch", "b-17"),
    ("id", "b-17", "external_ids.autoretouch", "b-17"),
    ("name", "Blue Shirt", "name", "Blue Shirt"),
    ("frontImage", "hash-1", "media", MediaItem("front", vendor_ref="hash-1")),
    ("backImage", "hash-2", "media", MediaItem("back", vendor_ref="hash-2")),
    ("gender", "male", "gender", WORDS.get("gender", "male")),
    ("gender", "FEMALE", "gender", WORDS.get("gender", "female")),
    ("isInWardrobe", True, "extra.autoretouch.is_in_wardrobe", True),
    ("isInWardrobe", False, "extra.autoretouch.is_in_wardrobe", False),
    ("isInWardrobe", "true", "extra.autoretouch.is_in_wardrobe", True),
    ("projectIds", [7], "shoot.project_ids", "7"),
    ("projectIds", ["7"], "shoot.project_ids", "7"),
    ("skuCategoryName", "top", "category", WORDS.get("category", "aa-1-13")),
    ("skuCategoryName", "bottom", "category", WORDS.get("category", "aa-1-12")),
    ("skuCategoryName", "outfit", "category", WORDS.get("category", "aa-1-11")),
    ("skuCategoryName", "socks", "category", WORDS.get("category", "aa-1-18")),
    ("skuCategoryName", "shoes", "category", WORDS.get("category", "aa-8")),
    ("skuCategoryName", "HATS", "category", WORDS.get("category", "aa-2-17")),
    ("createdAt", "2025-11-20T10:30:00Z", "created_at", LAST_YEAR),
    ("updatedAt", "2025-11-20T11:30:00+01:00", "updated_at", LAST_YEAR),
]
"""Every value of a SKU, and where it is found: the vendor's key and value, the record's field and value."""

ODD: list[tuple[str, Any, str]] = [
    ("somethingNew", {"deep": [1, None]}, "extra.autoretouch.somethingNew"),
    ("name", {"en": "Blue Shirt"}, "extra.autoretouch.name"),
    ("frontImage", {"id": "hash-1"}, "extra.autoretouch.frontImage"),
    ("gender", ["male"], "extra.autoretouch.gender"),
    ("isInWardrobe", "perhaps", "extra.autoretouch.is_in_wardrobe"),
    ("projectIds", "7", "extra.autoretouch.projectIds"),
    ("projectIds", [{"id": 7}], "extra.autoretouch.projectIds"),
    ("skuCategoryName", ["top"], "extra.autoretouch.skuCategoryName"),
    ("createdAt", "yesterday", "extra.autoretouch.createdAt"),
    ("updatedAt", "2025-11-20T10:30:00", "extra.autoretouch.updatedAt"),
    ("updatedAt", 1763634600, "extra.autoretouch.updatedAt"),
    ("id", "another", "extra.autoretouch.id"),
]


async def shown(provider: Build, vendor: Any, said: dict[str, Any]) -> Sku:
    vendor.add()
    vendor.shown = lambda _: said
    (sku,) = await provider().list_skus(SkuQuery()).collect()
    return sku


@pytest.mark.parametrize(("key", "value", "field", "wanted"), FIELD_MAP)
async def test_every_value_has_its_place(
    provider: Build, vendor: Any, key: str, value: Any, field: str, wanted: Any
) -> None:
    assert wanted is not None
    sku = await shown(provider, vendor, {"skuId": "b-17", key: value})
    claims = [claim for claim in sku.claims if claim.field == field]
    assert [claim.value for claim in claims] == [wanted]
    assert claims[0].source.provider == "shoots"
    assert claims[0].source.operation == "list_skus"
    if field != "external_ids.autoretouch":
        assert claims[0].path.startswith(f"sku.{key}")
        assert claims[0].method is Method.MERCHANT
        assert claims[0].raw == (value[0] if field == "shoot.project_ids" else value)


@pytest.mark.parametrize(("key", "value", "field"), ODD)
async def test_what_has_no_field_or_another_shape_is_kept_as_it_came(
    provider: Build, vendor: Any, key: str, value: Any, field: str
) -> None:
    sku = await shown(provider, vendor, {"skuId": "b-17", key: value})
    assert [(claim.value, claim.raw) for claim in sku.claims if claim.field == field] == [(value, value)]


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}])
@pytest.mark.parametrize("key", [*dict.fromkeys(key for key, *_ in FIELD_MAP), "somethingNew"])
async def test_nothing_is_no_value(provider: Build, vendor: Any, key: str, nothing: Any) -> None:
    sku = await shown(provider, vendor, {"skuId": "b-17", "id": "b-17", key: nothing})
    assert {claim.field for claim in sku.claims} == {"external_ids.autoretouch"}


async def test_an_unknown_word_is_kept_and_flagged(provider: Build, vendor: Any) -> None:
    sku = await shown(provider, vendor, {"id": "b-17", "gender": "martian", "skuCategoryName": "umbrellas"})
    unknown = {claim.field: claim.raw for claim in sku.claims if claim.is_unknown_word}
    assert unknown == {"gender": "martian", "category": "umbrellas"}


async def test_a_category_of_six_words_is_believed_little(provider: Build, vendor: Any) -> None:
    sku = await shown(provider, vendor, {"id": "b-17", "skuCategoryName": "top"})
    (claim,) = [claim for claim in sku.claims if claim.field == "category"]
    assert claim.confidence == 0.3


SENT_AND_BACK: dict[str, Any] = {
    "name": "Blue Shirt",
    "gender": WORDS.get("gender", "female"),
    "category": WORDS.get("category", "aa-1-13"),
    "shoot.project_ids": ("3", "7"),
    "extra.autoretouch.is_in_wardrobe": True,
}


async def test_what_is_sent_comes_back_as_the_same_values(
    provider: Build, vendor: Any, picture: Callable[..., bytes]
) -> None:
    manager = provider()
    images = tuple(GarmentImage(Image.of(picture(number)), role) for number, role in enumerate(("front", "back")))
    made = await manager.create_sku(SkuDraft(SENT_AND_BACK, images))
    (listed,) = await manager.list_skus(SkuQuery(sku=made.ref.id)).collect()
    record = merge(listed.claims, id="garment-1")
    assert record.name == "Blue Shirt"
    assert record.gender == SENT_AND_BACK["gender"]
    assert record.category == SENT_AND_BACK["category"]
    assert set(record.shoot_project_ids) == {"3", "7"}
    assert record.extra["autoretouch.is_in_wardrobe"] is True
    assert record.external_ids["autoretouch"] == made.ref.id
    assert {(item.role, item.vendor_ref) for item in record.media} == {
        ("front", images[0].image.sha256),
        ("back", images[1].image.sha256),
    }

    again = SkuDraft(
        {
            "name": record.name,
            "gender": record.gender,
            "category": record.category,
            "shoot.project_ids": record.shoot_project_ids,
            "extra.autoretouch.is_in_wardrobe": True,
            "media": record.media,
        }
    )
    copy = await manager.create_sku(again)
    ignored = ("id", "createdAt", "updatedAt", "projectIds")
    first, second = (
        {key: value for key, value in vendor.skus[one.ref.id].items() if key not in ignored} for one in (made, copy)
    )
    assert first == second, "a record that came from the vendor goes back without an upload"
    assert len(vendor.asked("POST", "/upload")) == 2


@pytest.mark.parametrize(
    ("field", "sent", "back"),
    [
        ("category", "aa-1-13-8", "aa-1-13"),
        ("category", "aa-1-15", "aa-1-12"),
        ("category", "aa-1-4", "aa-1-11"),
        ("category", "aa-8-3", "aa-8"),
        ("gender", "unisex", None),
    ],
)
async def test_the_losses_are_those_that_the_docs_page_lists(
    provider: Build, vendor: Any, field: str, sent: str, back: str | None
) -> None:
    draft = SkuDraft({"name": "x", "media": MediaItem("front", vendor_ref="h"), field: WORDS.get(field, sent)})
    await provider().create_sku(draft)
    (listed,) = await provider().list_skus(SkuQuery()).collect()
    assert [claim.value.id for claim in listed.claims if claim.field == field] == ([back] if back else [])


BRIEF = Ref("shoots", "brief", "41")

RESULTS: list[tuple[Any, dict[str, Any]]] = [
    (
        {"id": 5, "skuId": "b-17", "status": "DONE", "imageUrl": "https://img.example.com/5.png"},
        {"id": "5", "state": "DONE", "url": "https://img.example.com/5.png", "sku": "b-17"},
    ),
    ({"id": "r", "resultPath": "/image/ab/c.png"}, {"id": "r", "url": "BASE/v1/image/ab/c.png"}),
    ({"id": "r", "image": {"url": "https://img.example.com/6.png"}}, {"url": "https://img.example.com/6.png"}),
    ({"id": "r", "resultContentHash": "hash-9"}, {"vendor_ref": "hash-9"}),
    ({"id": "r", "image": "hash-9"}, {"vendor_ref": "hash-9"}),
    ({"imageUrl": "https://img.example.com/7.png"}, {"id": "https://img.example.com/7.png"}),
    ({"id": "r", "sku": {"id": 17}, "type": "front"}, {"id": "r", "sku": "17", "shot_type": "front"}),
    ({"anything": [1]}, {"id": ""}),
    ("https://img.example.com/8.png", {"id": "https://img.example.com/8.png", "url": "https://img.example.com/8.png"}),
]


@pytest.mark.parametrize(("result", "wanted"), RESULTS)
async def test_a_result_of_a_brief_becomes_a_shot(
    provider: Build, vendor: Any, result: Any, wanted: dict[str, Any]
) -> None:
    vendor.results["41"] = [result]
    vendor.shown = lambda entry: entry
    (shot,) = await provider().brief_results(BRIEF).collect()
    found = {
        "id": shot.id,
        "state": shot.state,
        "shot_type": shot.shot_type,
        "sku": shot.details.get("sku"),
        "url": shot.image.url if shot.image else None,
        "vendor_ref": shot.image.vendor_ref if shot.image else None,
    }
    expected = {key: value.replace("BASE", vendor.url) for key, value in wanted.items()}
    assert {key: found[key] for key in expected} == expected
    assert shot.look == "41"
    assert shot.details["extra.autoretouch.result"] == result, "all of it is kept"
    assert shot.image is None or (shot.image.role == "shot" and shot.image.generated)


async def test_the_results_of_a_brief_come_page_by_page(provider: Build, vendor: Any) -> None:
    vendor.results["41"] = [{"skuId": f"b-{number}", "imageUrl": f"https://x.example/{number}"} for number in range(5)]
    shots = await provider(page_size=2).brief_results(BRIEF).collect()
    assert [shot.details["sku"] for shot in shots] == [f"b-{number}" for number in range(5)]
    first = vendor.asked("GET", "/ai-shoot/briefs/41/results")[0]
    assert first.query == {"page": "1", "pageSize": "2"}


async def test_the_path_of_a_result_may_stand_without_a_version(provider: Build, vendor: Any) -> None:
    vendor.results["41"] = [{"resultPath": "/image/c.png"}]
    (shot,) = await provider(result_prefix="").brief_results(BRIEF).collect()
    assert shot.image is not None
    assert shot.image.url == f"{vendor.url}/image/c.png"


async def test_a_brief_without_results_yet_is_empty(provider: Build, vendor: Any) -> None:
    vendor.results["41"] = []
    assert await provider().brief_results(BRIEF).collect() == []
