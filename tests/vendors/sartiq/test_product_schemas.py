"""Nothing that the vendor says of a product is dropped, and every key that can be written is: key by key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from placket.interfaces import GarmentImage, Image, ProductChanges, ProductDraft, Ref
from placket.record import Color, Fibre, MediaItem, Season

Build = Callable[..., Any]

PRODUCT = Ref("shop", "product", "p-1")

# The keys of a product, in both schemas: what the vendor says, the record field, and what it becomes there.
PRODUCTS: dict[str, tuple[Any, str, Any]] = {
    "age_class": ("ADULT", "age_group", "adults"),
    "archived": (True, "visibility.archived", True),
    "back_description": ("the back", "descriptions.back", "the back"),
    "back_image_media": ({"id": "m-2", "url": "https://x/2.jpg"}, "media", "back https://x/2.jpg"),
    "back_image_url": ("https://x/b.jpg", "media", "back https://x/b.jpg"),
    "brand": ("Acme", "brand", "Acme"),
    "brand_collection": ("City", "collection", "City"),
    "brand_metadata": ({"a": [1, None]}, "extra.sartiq.brand_metadata", {"a": [1, None]}),
    "caption_retry_count": (2, "extra.sartiq.caption_retry_count", 2),
    "caption_status": ("RUNNING", "extra.sartiq.caption_status", "RUNNING"),
    "caption_task_id": ("t-1", "extra.sartiq.caption_task_id", "t-1"),
    "category": ("Tee", "category_text.category", "Tee"),
    "closure_type": ("Zip", "closure", "zipper"),
    "colour": ("Navy", "color", "navy"),
    "cover_image_media": ({"id": "m-1", "url": "https://x/1.jpg"}, "media", "front https://x/1.jpg"),
    "cover_image_url": ("https://x/c.jpg", "media", "front https://x/c.jpg"),
    "created_at": ("2026-03-01T10:00:00Z", "created_at", "2026-03-01 10:00:00+00:00"),
    "data_image_urls": (["https://x/d.jpg"], "media", "reference https://x/d.jpg"),
    "demo": (False, "visibility.demo", False),
    "description": ("short", "descriptions.short", "short"),
    "ecommerce_description": ("long", "descriptions.long", "long"),
    "enabled": (True, "visibility.enabled", True),
    "exports_completed": (3, "extra.sartiq.exports_completed", 3),
    "exports_total": (0, "extra.sartiq.exports_total", 0),
    "fit_type": ("Regular Fit", "fit", "x:regular"),
    "gender": ("FEMALE", "gender", "female"),
    "id": ("p-1", "external_ids.sartiq", "p-1"),
    "in_store_date": ("2026-03-02T00:00:00", "in_store_date", "2026-03-02 00:00:00+00:00"),
    "integration_name": ("shop", "extra.sartiq.integration_name", "shop"),
    "is_filler": (True, "visibility.filler", True),
    "length_type": ("midi", "length", "skirt:midi"),
    "master_item_code": ("M-1", "master_code", "M-1"),
    "materials": ("100% Cotton", "material_text", "100% Cotton"),
    "name": ("Tee", "name", "Tee"),
    "neckline": ("V-Neck", "neckline", "v_neck"),
    "organization_id": ("o-1", "access.organization_id", "o-1"),
    "owner_id": ("u-1", "access.owner_id", "u-1"),
    "pattern": ("Stripes", "pattern", "striped"),
    "placement": ("UPPER_BODY", "extra.sartiq.placement", "UPPER_BODY"),
    "product_family": ("apparel", "category_text.family", "apparel"),
    "product_type": ("T-Shirt", "category", "aa-1-13-8"),
    "product_type_id": ("pt-1", "extra.sartiq.product_type_id", "pt-1"),
    "public": (False, "visibility.public", False),
    "reference_images": (["https://x/r.jpg"], "media", "reference https://x/r.jpg"),
    "reference_images_media": ([{"url": "https://x/3.jpg"}], "media", "reference https://x/3.jpg"),
    "season": ("Spring/Summer", "season", "SS None"),
    "selected_shots": ({"full-body": "pr-1"}, "shoot.selected", "pr-1"),
    "shot_status": ("APPROVED", "shoot.state", "APPROVED"),
    "shot_status_shooting_look_id": ("l-1", "extra.sartiq.shot_status_shooting_look_id", "l-1"),
    "shots": ([{"id": "s-1", "status": "PENDING"}], "shoot.shots", "s-1"),
    "sku": ("TEE-1", "sku", "TEE-1"),
    "sleeve_type": ("Long Sleeve", "sleeve_length", "long"),
    "style_code": ("ST-1", "style_code", "ST-1"),
    "theme": ("Sea", "theme", "Sea"),
    "type": ("Tops", "category_text.type", "Tops"),
    "updated_at": ("2026-03-01T10:00:00+02:00", "updated_at", "2026-03-01 10:00:00+02:00"),
    "year": (2026, "season", " 2026"),
    "zone": ("top", "extra.sartiq.zone", "top"),
}

# What fills each key that can be written; the body must have it.
WRITTEN: dict[str, dict[str, Any]] = {
    "age_class": {"age_group": "kids"},
    "back_description": {"descriptions.back": "b"},
    "brand": {"brand": "Acme"},
    "brand_collection": {"collection": "City"},
    "brand_metadata": {"extra.sartiq.brand_metadata": {"a": 1}},
    "category": {"category_text.category": "Tee"},
    "closure_type": {"closure": "Zip"},
    "colour": {"color": "Navy"},
    "description": {"descriptions.short": "d"},
    "ecommerce_description": {"descriptions.long": "l"},
    "fit_type": {"fit": "Slim"},
    "gender": {"gender": "male"},
    "in_store_date": {"in_store_date": datetime(2026, 3, 1, tzinfo=UTC)},
    "is_filler": {"visibility.filler": True},
    "length_type": {"length": "midi"},
    "master_item_code": {"master_code": "M"},
    "materials": {"material_text": "Cotton"},
    "name": {"name": "n"},
    "neckline": {"neckline": "Crew"},
    "organization_id": {"access.organization_id": "o"},
    "pattern": {"pattern": "Striped"},
    "product_type_id": {"extra.sartiq.product_type_id": "pt"},
    "public": {"visibility.public": True},
    "season": {"season": Season("SS")},
    "sku": {"sku": "S"},
    "sleeve_type": {"sleeve_length": "Long"},
    "style_code": {"style_code": "S"},
    "theme": {"theme": "T"},
    "type": {"category_text.type": "T"},
    "year": {"season": Season("", 2026)},
}


def spelled(value: Any) -> Any:
    match value:
        case Color():
            return value.term.id
        case MediaItem():
            return f"{value.role} {value.url}"
        case Season():
            return f"{value.name} {value.year}"
        case Fibre():
            return value.fibre
        case dict() | bool() | str() | int():
            return value
        case _:
            return getattr(value, "id", None) or str(value)


@pytest.mark.parametrize("key", PRODUCTS)
async def test_a_key_of_a_product(provider: Build, vendor: Any, page_product: dict[str, Any], key: str) -> None:
    said, field, becomes = PRODUCTS[key]
    bare = dict.fromkeys(page_product)
    vendor.answers["GET", "/products/p-1"] = lambda _: {**bare, "id": "p-1", key: said}
    product = await provider().get(PRODUCT)
    found = [spelled(claim.value) for claim in product.claims if claim.field == field]
    assert becomes in found
    assert [claim.path for claim in product.claims if claim.field == field] == [key]


async def test_the_table_has_every_key_of_both_schemas(page_product: dict[str, Any]) -> None:
    only_in_product = {"caption_retry_count", "caption_status", "caption_task_id", "selected_shots"}
    assert set(PRODUCTS) == set(page_product) | only_in_product
    assert len(page_product) == 54


@pytest.mark.parametrize("key", WRITTEN)
async def test_a_key_that_is_written(provider: Build, vendor: Any, sent: Any, key: str) -> None:
    images = (GarmentImage(Image.of("https://x/1.jpg")),)
    product = await provider().create(ProductDraft({"name": "n", **WRITTEN[key]}, images))
    assert key in sent("POST", "/products/")
    await provider().update(product.ref, ProductChanges(WRITTEN[key]))
    assert set(sent("PUT", f"/products/{product.ref.id}")) == {key}


async def test_the_pictures_are_the_other_keys_that_are_written(provider: Build, sent: Any) -> None:
    roles = ("front", "back", "reference")
    images = tuple(GarmentImage(Image.of(f"https://x/{role}.jpg"), role) for role in roles)
    await provider().create(ProductDraft({"name": "n"}, images))
    pictures = {"cover_image", "back_image", "reference_images"}
    assert set(sent("POST", "/products/")) == {"name", *pictures}
    assert len({*WRITTEN, *pictures, "data_images"}) == 34, "data_images is the old name of reference_images"
