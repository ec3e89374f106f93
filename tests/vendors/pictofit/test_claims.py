"""What the vendor says becomes claims: every path of the field map, and nothing is dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from placket.interfaces import ArConfiguration, ARContentBuilder, ArProduct, ArProductDraft, GarmentImage, Image, Ref
from placket.merge import merge
from placket.record import Method, Variant, claim_from_json, claim_to_json

Build = Callable[..., ARContentBuilder]
Draw = Callable[..., bytes]

PRODUCT = "48d17eb6-88f4-4b99-9f21-2a6653a10bc8"
CONFIGURATION = "85f09939-272c-406f-b3ad-3b4fcc991517"
CUSTOMER = "428ab0cd-3205-4674-a188-08d5b0355406"
REF = Ref("ar", "ar_product", PRODUCT)


def of(product: ArProduct, field: str) -> list[Any]:
    return [claim.value for claim in product.claims if claim.field == field]


async def told(build: ARContentBuilder, vendor: Any, **changes: Any) -> ArProduct:
    vendor.files["/f/a.garment"] = b"file"
    full = {"url": "https://cs.example.com/c/1", "results": ["/f/a.garment"], "metadata": {"shop": {"deep": [1]}}}
    vendor.finish(**{**full, **changes})
    return await build.get_product(REF)


VARIANT = Variant(
    name="Default",
    sku="netaporter1074749",
    url="https://cs.example.com/c/1",
    external_ids={"pictofit": CONFIGURATION},
    created_at=datetime.fromtimestamp(1533892992.2956457, UTC),
    updated_at=datetime.fromtimestamp(1533893672.3920932, UTC),
)

READ = [
    ("configuration.productId", "external_ids.pictofit", PRODUCT),
    ("configuration.id", "variants", VARIANT),
    ("configuration.name", "variants", VARIANT),
    ("configuration.sku", "variants", VARIANT),
    ("configuration.createdAt", "variants", VARIANT),
    ("configuration.modifiedAt", "variants", VARIANT),
    ("configuration.url", "variants", VARIANT),
    ("configuration.stateId", "ar.state", "succeeded"),
    ("configuration.stateId", "extra.pictofit.stateId", {CONFIGURATION: 4}),
    ("configuration.productTypeId", "ar.type", "GARMENT_2D"),
    ("configuration.customerId", "extra.pictofit.customerId", {CONFIGURATION: CUSTOMER}),
    ("configuration.metadata", "extra.pictofit.metadata", {CONFIGURATION: {"shop": {"deep": [1]}}}),
    ("configuration.results[]", "extra.pictofit.results", {CONFIGURATION: ["/f/a.garment"]}),
]


@pytest.mark.parametrize(("path", "field", "value"), READ)
async def test_a_read_path_has_its_place(provider: Build, vendor: Any, path: str, field: str, value: Any) -> None:
    assert of(await told(provider(), vendor), field) == [value], path


async def test_results_are_assets(provider: Build, vendor: Any) -> None:
    product = await told(provider(), vendor)
    assert of(product, "ar.assets") == list(product.assets)
    assert product.assets[0].byte_size == 4


WRITTEN = [
    ("product.<NEW-UNIQUE-ID>", "external_ids.pictofit", PRODUCT),
    ("product.name", "name", "My example product"),
    ("product.typeId", "ar.type", "GARMENT_2D"),
    ("product.sku", "sku", "shirt"),
    (
        "file.configurationId",
        "variants",
        Variant(name="Red", sku="shirt-red", external_ids={"pictofit": CONFIGURATION}),
    ),
]


async def test_a_written_path_has_its_place(provider: Build, vendor: Any, picture: Draw) -> None:
    image = GarmentImage(Image.of(picture()))
    configuration = ArConfiguration("Red", (image,), sku="shirt-red", id=CONFIGURATION)
    product = await provider().create_product(
        ArProductDraft("My example product", (configuration,), sku="shirt", id=PRODUCT)
    )
    for path, field, value in WRITTEN:
        assert of(product, field) == [value], path
    (media,) = of(product, "media")
    ((file_id, sent),) = vendor.pictures.items()
    assert (media.vendor_ref, media.alt, media.role) == (file_id, sent["name"], "front")
    assert (media.sha256, media.media_type, media.width) == (image.image.sha256, "image/png", 1500)
    assert vendor.products[PRODUCT]["customerId"] == CUSTOMER
    echoes = {claim.field for claim in product.claims if claim.method is Method.ECHO}
    assert echoes == {"name", "sku", "ar.type", "variants", "media"}, "what was only handed over is no evidence"


async def test_whatever_else_is_said_is_kept(provider: Build, vendor: Any) -> None:
    added = {"quality": {"score": 0.5}, "tags": ["a"], "stateId": 17, "createdAt": "soon", "modifiedAt": 1e30}
    product = await told(provider(), vendor, **added, name={"en": "x"}, sku=12.0, url=["u"], productId=PRODUCT)
    for key, value in {**added, "name": {"en": "x"}, "url": ["u"]}.items():
        assert of(product, f"extra.pictofit.{key}") == [{CONFIGURATION: value}]
    (variant,) = of(product, "variants")
    assert (variant.name, variant.sku, variant.created_at) == ("", "12", None)
    assert of(product, "ar.state") == ["unknown(17)"]


async def test_nulls_and_missing_keys_say_nothing(provider: Build, vendor: Any) -> None:
    vendor.configurations["x"] = {"id": "x", "productId": PRODUCT, "name": None, "metadata": {}, "results": None}
    product = await provider().get_product(REF)
    assert {claim.field for claim in product.claims} == {"external_ids.pictofit", "ar.state", "variants"}
    assert of(product, "ar.state") == ["unknown"]
    assert (product.name, product.type) == ("", "")


async def test_several_configurations_keep_their_own(provider: Build, vendor: Any) -> None:
    second = {"id": "second", "productId": PRODUCT, "name": "L", "stateId": 3, "metadata": {"b": 2}}
    vendor.finish(second, metadata={"a": 1})
    product = await provider().get_product(REF)
    assert of(product, "extra.pictofit.metadata") == [{CONFIGURATION: {"a": 1}, "second": {"b": 2}}]
    assert [variant.name for variant in of(product, "variants")] == ["Default", "L"]
    assert of(product, "ar.state") == ["running"]
    assert [ref.id for ref in product.configurations] == [CONFIGURATION, "second"]


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"items": [one], "total": 5}])
async def test_one_object_is_a_list_of_one(provider: Build, vendor: Any, wrap: Callable[[Any], Any]) -> None:
    vendor.finish(results=["/f/a.garment"])
    vendor.files["/f/a.garment"] = b"file"
    (one,) = vendor.configurations.values()
    vendor.answers["GET", f"/products/{PRODUCT}/configurations"] = lambda _: web.json_response(wrap(one))
    product = await provider().get_product(REF)
    assert [ref.id for ref in product.configurations] == [CONFIGURATION]
    assert product.assets


async def test_a_type_without_a_name_goes_by_its_number(provider: Build, vendor: Any) -> None:
    builder = provider()
    for _ in range(2):
        product = await told(builder, vendor, productTypeId="99")
        assert (product.type, of(product, "ar.type")) == ("99", ["99"])
    assert len(vendor.sent("GET", "/products/types")) == 1, "a list that lacks it is not asked for again"
    vendor.answers["GET", "/products/types"] = lambda _: web.Response(status=403)
    assert (await told(provider(), vendor, productTypeId=98)).type == "98"
    assert (await told(provider(product_type_ids={"GARMENT": 98}), vendor, productTypeId=98)).type == "GARMENT"


async def test_a_type_is_asked_for_once(provider: Build, vendor: Any) -> None:
    builder = provider()
    for _ in range(3):
        assert (await told(builder, vendor, productTypeId=2)).type == "GARMENT_3D"
    assert len(vendor.sent("GET", "/products/types")) == 1


async def test_ten_thousand_configurations(provider: Build, vendor: Any) -> None:
    for number in range(10_000):
        vendor.configurations[str(number)] = {"id": str(number), "productId": PRODUCT, "stateId": 3, "new": number}
    product = await provider().get_product(REF)
    assert len(product.configurations) == 10_000
    assert len(of(product, "variants")) == 10_000
    assert len(of(product, "extra.pictofit.new")[0]) == 10_000


async def test_claims_are_the_provider_s_and_survive_the_codec(provider: Build, vendor: Any) -> None:
    product = await told(provider(), vendor, quality={"score": 0.5})
    for claim in product.claims:
        assert (claim.source.provider, claim.source.operation) == ("ar", "get_product")
        assert claim_from_json(json.loads(json.dumps(claim_to_json(claim)))) == claim


async def test_the_record_has_the_content(provider: Build, vendor: Any) -> None:
    product = await told(provider(), vendor)
    record = merge(product.claims, id="garment")
    assert record.ar is not None
    assert (record.ar.state, record.ar.type, record.ar.assets) == ("succeeded", "GARMENT_2D", product.assets)
    assert record.variants == (VARIANT,)
    assert record.external_ids == {"pictofit": PRODUCT}


async def test_what_is_sent_comes_back(provider: Build, vendor: Any, picture: Draw) -> None:
    """Record to vendor to record; the product's own name and SKU and the pictures cannot be read back."""
    builder = provider()
    image = GarmentImage(Image.of(picture()))
    draft = ArProductDraft(
        "Shirt",
        (ArConfiguration("Red", (image,), sku="shirt-red"), ArConfiguration("Blue", (image,), sku="shirt-blue")),
        sku="shirt",
        type="GARMENT_3D",
        id=PRODUCT,
    )
    made = await builder.create_product(draft)
    read = await builder.get_product(made.ref)
    assert (read.ref, read.type, read.configurations) == (made.ref, made.type, made.configurations)
    for before, after in zip(of(made, "variants"), of(read, "variants"), strict=True):
        assert (before.name, before.sku, before.external_ids) == (after.name, after.sku, after.external_ids)
    assert of(read, "external_ids.pictofit") == of(made, "external_ids.pictofit")
    assert [of(read, field) for field in ("name", "sku", "media")] == [[], [], []]
