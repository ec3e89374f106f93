"""What was photographed: SKUs, looks, shots, revisions, generations, and the choice of a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from placket.errors import NotFound, Unsupported
from placket.interfaces import LookScope, Ref, ShootManager, SkuDraft, SkuQuery

Build = Callable[..., Any]

PRODUCT = Ref("shop", "sku", "p-1")


def revision(name: str, version: Any, **more: Any) -> dict[str, Any]:
    image = {"id": f"i-{name}", "source_type": "PREDICTION", "image_url": f"https://x/{name}.jpg"}
    return {"id": f"r-{name}", "version": version, "images": [image], "shot_status": "IN_REVIEW", **more}


def shot(name: str = "s-1", **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "shooting_look_id": "l-1",
        "shot_type": "full-body",
        "status": "APPROVED",
        "current_revision_id": "r-b",
        "rework_used": 1,
        "revisions": [revision("a", 1), revision("b", 2), revision("c", "3")],
        **more,
    }


async def test_skus_are_the_products_of_a_shooting(provider: Build, vendor: Any, queried: Any) -> None:
    made = vendor.add(sku="TEE-1", name="Tee")
    (sku,) = await provider().list_skus(SkuQuery(project="sh-1", page_size=20)).collect()
    assert sku.ref == Ref("shop", "sku", made["id"])
    assert [claim.value for claim in sku.claims if claim.field == "name"] == ["Tee"]
    query = queried("GET", "/products/")
    assert (query["shooting_id"], query["limit"], query["sort_by"]) == (["sh-1"], ["20"], ["created_at"])


async def test_one_sku_is_looked_for_exactly(provider: Build, vendor: Any, queried: Any) -> None:
    vendor.add(sku="TEE-1")
    vendor.add(sku="TEE-12")
    vendor.add(sku=None, name="TEE-1")
    listing = provider().list_skus(SkuQuery(sku="TEE-1"))
    assert [sku.raw["sku"] async for sku in listing] == ["TEE-1"]
    assert listing.total is None, "the vendor has counted all three"
    assert queried("GET", "/products/")["search"] == ["TEE-1"]


async def test_references_of_a_shoot_and_of_the_store_are_about_the_same(provider: Build, vendor: Any) -> None:
    made = vendor.add(name="Tee")
    (sku,) = await provider().list_skus(SkuQuery()).collect()
    assert (await provider().get(sku.ref)).raw["id"] == made["id"]


async def test_shots_with_the_picture_of_the_current_revision(provider: Build, vendor: Any) -> None:
    vendor.children["shots"] = [shot()]
    (found,) = await provider().list_shots(PRODUCT).collect()
    assert (found.id, found.state, found.shot_type, found.look) == ("s-1", "APPROVED", "full-body", "l-1")
    assert found.image.url == "https://x/b.jpg"
    assert found.image.vendor_ref == "i-b"
    assert found.image.generated
    assert found.details["rework_used"] == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("full-body", "full-body"),
        ({"id": "t-1", "name": "full-body", "framing": "FULL_BODY", "view_angle": "FRONT"}, "full-body"),
        ({"id": "t-1"}, ""),
        (None, ""),
    ],
)
async def test_the_type_of_a_shot_may_be_an_object(provider: Build, vendor: Any, said: Any, told: str) -> None:
    vendor.children["shots"] = [shot(shot_type=said)]
    (found,) = await provider().list_shots(PRODUCT).collect()
    assert found.shot_type == told
    assert found.details.get("shot_type") == (said if isinstance(said, dict) else None)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"current_revision_id": None}, "https://x/c.jpg"),
        ({"current_revision_id": "gone"}, "https://x/c.jpg"),
        ({"revisions": []}, None),
        ({"revisions": None}, None),
        ({"revisions": "soon"}, None),
        ({"revisions": [revision("b", 1, effective_image_url="https://x/e.jpg")]}, "https://x/e.jpg"),
        ({"revisions": [revision("b", 1, images=None)]}, None),
        (
            {"revisions": [{"id": "r-b", "images": [{"image_media": {"url": "https://m/1.jpg"}, "image_url": "u"}]}]},
            "https://m/1.jpg",
        ),
    ],
)
async def test_the_picture_of_a_shot(provider: Build, vendor: Any, changes: dict[str, Any], url: str | None) -> None:
    vendor.children["shots"] = [shot(**changes)]
    (found,) = await provider().list_shots(PRODUCT).collect()
    assert (found.image and found.image.url) == url


async def test_shots_are_filtered_by_the_vendor(provider: Build, vendor: Any, queried: Any) -> None:
    vendor.children["shots"] = [shot(), shot("s-2", status="PENDING"), shot("s-3", shot_type="detail")]
    found = await provider().list_shots(PRODUCT, "full-body", "APPROVED").collect()
    assert [one.id for one in found] == ["s-1"]
    query = queried("GET", "/products/p-1/shots")
    assert (query["shot_type"], query["status"]) == (["full-body"], ["APPROVED"])


async def test_revisions_the_newest_first_with_their_push_status(provider: Build, vendor: Any) -> None:
    push = {"push_status": "AWAITING_CONFIRMATION", "push_records": [{"id": "x-1", "push_status": "PENDING"}]}
    vendor.children["shots"] = [shot(f"s-{number}") for number in range(150)]
    vendor.children["shots"][140]["revisions"][0] |= push
    found = await provider().revisions(PRODUCT, "s-140")
    assert [one.id for one in found] == ["r-c", "r-b", "r-a"]
    assert (found[0].shot, found[0].state) == ("s-140", "IN_REVIEW")
    assert found[2].details["push_status"] == "AWAITING_CONFIRMATION"
    assert found[2].details["push_records"] == push["push_records"]
    assert [image.url for image in found[0].images] == ["https://x/c.jpg"]


async def test_a_shot_that_the_product_does_not_have(provider: Build, vendor: Any) -> None:
    vendor.children["shots"] = [shot()]
    with pytest.raises(NotFound, match="has no shot s-9") as caught:
        await provider().revisions(PRODUCT, "s-9")
    assert (caught.value.provider, caught.value.operation) == ("shop", "revisions")


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({}, "shooting-looks"),
        ({"summary": True}, "shooting-looks-summary"),
        ({"scope": LookScope.RELATED}, "related-shooting-looks"),
        ({"scope": LookScope.RELATED, "summary": True}, "related-shooting-looks"),
    ],
)
async def test_looks(provider: Build, vendor: Any, arguments: dict[str, Any], path: str) -> None:
    vendor.children["looks"] = [{"id": "l-1", "status": "DRAFT", "product_name": "Tee", "outfit_product_ids": ["p-2"]}]
    (look,) = await provider().list_looks(PRODUCT, **arguments).collect()
    assert (look.id, look.state, look.name) == ("l-1", "DRAFT", "Tee")
    assert look.details["outfit_product_ids"] == ["p-2"]
    assert vendor.queries[-1][1] == f"/api/v1/products/p-1/{path}"


async def test_generations_with_predictions_and_refines(provider: Build, vendor: Any) -> None:
    prediction = {
        "id": "pr-1",
        "status": "completed",
        "result_image_media": {"id": "m-1", "url": "https://m/1.jpg", "width": 1024},
        "result_image_url": "https://old/1.jpg",
        "result_video_url": "https://m/1.mp4",
        "refined_image_url": "https://m/r.jpg",
        "refines": [{"id": "rf-1", "status": "completed", "result_image_url": "https://m/r.jpg"}, None],
    }
    runs = [{"id": f"g-{number}", "status": "PENDING", "predictions": [prediction]} for number in range(101)]
    vendor.children["generations"] = runs
    found = await provider().list_generations(PRODUCT).collect()
    assert [one.id for one in found] == [run["id"] for run in runs]
    assert [(image.role, image.url, image.vendor_ref) for image in found[0].images] == [
        ("shot", "https://m/1.jpg", "pr-1"),
        ("video", "https://m/1.mp4", "pr-1"),
        ("refined", "https://m/r.jpg", "rf-1"),
    ]
    assert found[0].details["predictions"] == [prediction]


async def test_a_prediction_without_a_result_has_no_picture_yet(provider: Build, vendor: Any) -> None:
    vendor.children["generations"] = [{"id": "g", "predictions": [{"id": "pr", "status": "pending", "refines": None}]}]
    (found,) = await provider().list_generations(PRODUCT).collect()
    assert found.images == ()


async def test_choosing_a_picture_and_taking_it_back(provider: Build, vendor: Any) -> None:
    await provider().select_shot(PRODUCT, "full-body", "pr-1")
    await provider().select_shot(PRODUCT, "full-body", None)
    assert vendor.selected == [
        {"product_id": "p-1", "shot_type": "full-body", "prediction_id": "pr-1"},
        {"product_id": "p-1", "shot_type": "full-body", "prediction_id": None},
    ]


async def test_what_the_page_does_not_have(provider: Build, vendor: Any) -> None:
    shoots: ShootManager = provider()
    for attempt in (
        lambda: shoots.create_sku(SkuDraft()),
        lambda: shoots.update_sku(PRODUCT, SkuDraft()),
        lambda: shoots.delete_sku(PRODUCT),
    ):
        with pytest.raises(Unsupported, match=r"cannot shoot_manager\."):
            await attempt()
    for listing in (
        lambda: shoots.list_global_skus(SkuQuery()),
        lambda: shoots.brief_results(Ref("shop", "brief", "1")),
    ):
        with pytest.raises(Unsupported, match=r"cannot shoot_manager\."):
            listing()
    assert vendor.requests == []
