"""Products: making, reading and changing them; and what is sent for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from placket.errors import InvalidInput, InvalidRequest, NotFound, Unsupported
from placket.interfaces import Facet, GarmentImage, Image, Product, ProductChanges, ProductDraft, ProductQuery, Ref
from placket.merge import merge
from placket.record import Fibre, Season, Vocabulary

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PHOTO = "https://shop.example.com/photos/1.webp"
KNOWN = Vocabulary.default()

Build = Callable[..., Any]


def front(source: Any = PHOTO) -> tuple[GarmentImage, ...]:
    return (GarmentImage(Image.of(source)),)


def values(product: Product) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for claim in product.claims:
        found.setdefault(claim.field, []).append(claim.value)
    return found


async def made(store: Any, **fields: Any) -> Product:
    return await store.create(ProductDraft({"name": "Tee", **fields}, front()))


async def test_a_product_is_made_in_the_vendor_s_words(provider: Build, vendor: Any, sent: Any, queried: Any) -> None:
    product = await made(
        provider(), brand="Acme", gender="Women's", color=["navy", "white"], material_text="100% Cotton"
    )
    assert sent("POST", "/products/") == {
        "name": "Tee",
        "brand": "Acme",
        "gender": "FEMALE",
        "colour": "navy, white",
        "materials": "100% Cotton",
        "cover_image": PHOTO,
    }
    assert queried("POST", "/products/") == {"mode": ["complete"], "sync_captioning": ["true"]}
    assert product.ref == Ref("shop", "product", next(iter(vendor.products)))
    assert values(product)["brand"] == ["Acme"]
    assert product.raw == next(iter(vendor.products.values()))


async def test_an_incomplete_draft_is_made_in_basic_mode(provider: Build, queried: Any) -> None:
    await provider(sync_captioning=False).create(ProductDraft({"name": "Tee"}, complete=False))
    assert queried("POST", "/products/") == {"mode": ["basic"], "sync_captioning": ["false"]}


async def test_what_the_vendor_misses_is_named(provider: Build) -> None:
    with pytest.raises(InvalidRequest, match="cover_image") as caught:
        await provider().create(ProductDraft({"brand": "Acme"}))
    assert caught.value.fields == (("name", "Field required"), ("cover_image", "Field required"))


async def test_the_organisation_goes_with_every_request_that_takes_it(provider: Build, vendor: Any, sent: Any) -> None:
    store = provider(organization_id="org-1")
    ref = (await made(store)).ref
    assert sent("POST", "/products/")["organization_id"] == "org-1"
    await store.get(ref)
    await store.update(ref, ProductChanges({"brand": "Acme"}))
    await store.archive(ref)
    await store.list(ProductQuery()).collect()
    await store.facet(Facet.BRANDS)
    await store.list_looks(ref).collect()
    await store.select_shot(ref, "full-body", "p-1")
    await store.delete(ref)
    assert {path for _, path, query in vendor.queries if query.get("organization_id") != ["org-1"]} == set()
    await store.facet(Facet.YEARS)
    assert "organization_id" not in vendor.queries[-1][2], "the page has none there"


async def test_a_draft_may_name_another_organisation(provider: Build, sent: Any, queried: Any) -> None:
    await made(provider(organization_id="org-1"), **{"access.organization_id": "org-2"})
    assert sent("POST", "/products/")["organization_id"] == "org-2"
    assert queried("POST", "/products/")["organization_id"] == ["org-2"]


async def test_a_caption_is_generated_and_may_be_declared_the_merchant_s(provider: Build) -> None:
    for generated in (True, False):
        product = await made(provider(captions_generated=generated))
        (claim,) = [one for one in product.claims if one.field == "descriptions.short"]
        assert claim.generated is generated
        assert str(claim.method) == ("model" if generated else "merchant")


async def test_a_slow_caption_has_its_own_timeout(provider: Build, vendor: Any) -> None:
    from placket.testing.faults import FaultKind

    vendor.faults.add(FaultKind.LATENCY, method="POST", path="*/products/", seconds=100)
    assert await made(provider(captioning_timeout=120.0))
    with pytest.raises(Exception, match="create"):
        await made(provider(sync_captioning=False))


async def test_fields_without_a_place_are_refused_before_anything_is_sent(provider: Build, vendor: Any) -> None:
    with pytest.raises(Unsupported, match=r"measurements\.waist, origin; .*brand_metadata"):
        await made(provider(), origin="IT", **{"measurements.waist": (29, "in")})
    assert vendor.requests == []


@pytest.mark.parametrize("fields", [{"no_such": 1}, {"season": "SS"}, {"visibility.public": "yes"}, {"media": ["x"]}])
async def test_values_that_are_none_are_refused(provider: Build, vendor: Any, fields: dict[str, Any]) -> None:
    with pytest.raises((InvalidInput, Unsupported)):
        await made(provider(), **fields)
    assert vendor.requests == []


async def test_reading_one(provider: Build, vendor: Any) -> None:
    found = await provider().get(Ref("shop", "product", vendor.add(name="Coat")["id"]))
    assert values(found)["name"] == ["Coat"]
    assert all(one.source.provider == "shop" and one.source.operation == "get" for one in found.claims)


async def test_a_product_that_is_not_there(provider: Build) -> None:
    with pytest.raises(NotFound, match="Product not found"):
        await provider().get(Ref("shop", "product", "nobody"))


async def test_a_reference_to_something_else_is_refused(provider: Build, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="is no product of shop"):
        await provider().get(Ref("shop", "catalog", "1"))
    with pytest.raises(InvalidInput, match="is no export of shop"):
        await provider().get_export(Ref("shop", "product", "1"))
    assert vendor.requests == []


async def test_an_id_stays_one_part_of_the_address(provider: Build, vendor: Any) -> None:
    with pytest.raises(NotFound):
        await provider().get(Ref("shop", "product", "../brands/?x=1"))
    assert "..%2F" in vendor.queries[-1][1] or "../brands" in vendor.queries[-1][1]
    assert vendor.queries[-1][2] == {}


async def test_an_update_sends_what_is_named_and_nothing_else(provider: Build, vendor: Any, sent: Any) -> None:
    store, product = provider(organization_id="org-1"), vendor.add(organization_id="org-1", brand="Acme")
    ref = Ref("shop", "product", product["id"])
    path = f"/products/{ref.id}"
    await store.update(ref, ProductChanges({"name": "Coat"}))
    assert sent("PUT", path) == {"name": "Coat"}
    await store.update(ref, ProductChanges({"brand": None, "season": None}))
    assert sent("PUT", path) == {"brand": None, "season": None, "year": None}
    await store.update(ref, ProductChanges({"season": Season("SS")}))
    assert sent("PUT", path) == {"season": "SS"}
    await store.update(ref, ProductChanges())
    assert sent("PUT", path) == {}
    assert product["organization_id"] == "org-1"


async def test_a_product_leaves_its_organisation_only_when_told(provider: Build, vendor: Any, sent: Any) -> None:
    store, product = provider(organization_id="org-1"), vendor.add(organization_id="org-1")
    ref = Ref("shop", "product", product["id"])
    for nothing in ("", "  "):
        with pytest.raises(InvalidInput, match=r"access\.organization_id is named in the changes and empty"):
            await store.update(ref, ProductChanges({"access.organization_id": nothing}))
    assert product["organization_id"] == "org-1"
    await store.update(ref, ProductChanges({"access.organization_id": None}))
    assert sent("PUT", f"/products/{ref.id}") == {"organization_id": None}


async def test_a_cleared_field_gives_way_to_another_that_fills_its_key(provider: Build, vendor: Any, sent: Any) -> None:
    ref = Ref("shop", "product", vendor.add()["id"])
    await provider().update(ref, ProductChanges({"color_name": None, "color": ["navy"]}))
    assert sent("PUT", f"/products/{ref.id}") == {"colour": "navy"}


async def test_a_version_cannot_be_checked(provider: Build, vendor: Any) -> None:
    with pytest.raises(Unsupported, match="no versions"):
        await provider().update(Ref("shop", "product", "1"), ProductChanges({"name": "x"}, version="7"))
    assert vendor.requests == []


async def test_archiving_goes_in_the_query(provider: Build, vendor: Any, queried: Any) -> None:
    ref = Ref("shop", "product", vendor.add()["id"])
    assert values(await provider().archive(ref))["visibility.archived"] == [True]
    assert queried("PATCH", f"/products/{ref.id}/archived") == {"archived": ["true"]}
    assert values(await provider().archive(ref, archived=False))["visibility.archived"] == [False]


async def test_deleting(provider: Build, vendor: Any) -> None:
    ref = Ref("shop", "product", vendor.add()["id"])
    await provider().delete(ref)
    assert vendor.products == {}


ROUND_TRIP: dict[str, Any] = {
    "sku": "TEE-1",
    "name": "Black T-Shirt",
    "brand": "Acme",
    "master_code": "M-1",
    "style_code": "S-1",
    "collection": "Essentials",
    "theme": "City",
    "season": Season("SS", 2026),
    "in_store_date": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    "category": KNOWN.find("category", "T-Shirts"),
    "category_text.type": "Tee",
    "gender": KNOWN.find("gender", "female"),
    "age_group": KNOWN.find("age_group", "adults"),
    "color": (KNOWN.find("color", "navy"), KNOWN.find("color", "white")),
    "pattern": KNOWN.find("pattern", "striped"),
    "composition": (Fibre("cotton", 95.0), Fibre("elastane", 5.0), Fibre("viscose", 100.0, "lining")),
    "neckline": KNOWN.find("neckline", "crew"),
    "sleeve_length": KNOWN.find("sleeve_length", "short"),
    "closure": (KNOWN.find("closure", "buttons"), KNOWN.find("closure", "zipper")),
    "fit": KNOWN.find("fit", "regular"),
    "length": KNOWN.get("length", "x:cropped"),
    "descriptions.short": "A tee.",
    "descriptions.back": "The back.",
    "descriptions.long": "All about the tee.",
    "visibility.public": True,
    "visibility.filler": False,
    "access.organization_id": "org-1",
    "extra.sartiq.product_type_id": "0f8c1c3e-0000-4000-8000-000000000001",
    "extra.sartiq.brand_metadata": {"buyer": "Kim", "margin": 0.4},
}
"""Every field that can be written, in the record's own values."""


async def test_a_record_comes_back_as_it_went(provider: Build, vendor: Any) -> None:
    store = provider(organization_id="org-1")
    # The vendor files a length under the category, so the plain word is sent without one.
    fields = {name: value for name, value in ROUND_TRIP.items() if value is not None}
    assert len(fields) == len(ROUND_TRIP)
    created = await store.create(ProductDraft(fields, front()))
    record = merge((await store.get(created.ref)).claims, id="tee")
    for name, value in fields.items():
        whole, _, key = name.partition(".")
        found = getattr(record, whole)
        if key:
            assert found[key] == value, name
        elif name == "color":
            assert tuple(one.term for one in found) == value
        elif name == "length":
            assert found.broader == value
        elif isinstance(value, tuple):
            assert set(found) == set(value), name
        else:
            assert found == value, name
    assert [item.url for item in record.media] == [PHOTO]


async def test_codes_of_age_are_a_setting_both_ways(provider: Build, sent: Any) -> None:
    store = provider(age_classes={"kids": "KID_2_12"})
    product = await made(store, age_group="children")
    assert sent("POST", "/products/")["age_class"] == "KID_2_12"
    assert [one.id for one in values(product)["age_group"]] == ["kids"]


async def test_media_count_before_the_addresses_kept_for_old_clients(provider: Build, vendor: Any) -> None:
    said = {
        "cover_image_media": {"id": "m-1", "url": "https://cdn/1.jpg", "extension": "jpg", "content_hash": "md5-of-it"},
        "cover_image_url": "https://old/1.jpg",
        "back_image_media": {"id": "m-2", "url": None},
        "back_image_url": "https://old/2.jpg",
        "reference_images_media": [{"id": "m-3", "url": "https://cdn/3.jpg"}],
        "reference_images": ["https://cdn/3.jpg"],
        "data_image_urls": ["https://older/3.jpg"],
    }
    found = values(await provider().get(Ref("shop", "product", vendor.add(**said)["id"])))
    assert [(item.role, item.url, item.vendor_ref) for item in found["media"]] == [
        ("front", "https://cdn/1.jpg", "m-1"),
        ("back", "https://old/2.jpg", ""),
        ("reference", "https://cdn/3.jpg", "m-3"),
    ]
    assert found["media"][0].media_type == "image/jpeg"
    kept = {name.removeprefix("extra.sartiq."): value for name, value in found.items() if name.startswith("extra.")}
    assert kept["cover_image_url"] == ["https://old/1.jpg"], "another address is kept, and is no second picture"
    assert kept["data_image_urls"] == [["https://older/3.jpg"]]
    assert kept["cover_image_media"] == [said["cover_image_media"]], "an MD5 has no place in a media item"
    assert "reference_images" not in kept
