"""Products, configurations and pictures: what is sent, in which order, and what comes of sending it again."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from placket.errors import Conflict, InvalidInput, UnknownOutcome, Unsupported
from placket.interfaces import ArConfiguration, ARContentBuilder, ArProductDraft, GarmentImage, Image, Ref
from placket.testing.faults import FaultKind

Build = Callable[..., ARContentBuilder]
Draw = Callable[..., bytes]

PRODUCT = "48d17eb6-88f4-4b99-9f21-2a6653a10bc8"
CONFIGURATION = "85f09939-272c-406f-b3ad-3b4fcc991517"
CUSTOMER = "428ab0cd-3205-4674-a188-08d5b0355406"


def draft(*images: GarmentImage, **details: Any) -> ArProductDraft:
    configuration = ArConfiguration("Default configuration", images, sku="shirt-red", id=CONFIGURATION)
    return ArProductDraft("My example product", (configuration,), **{"sku": "shirt", "id": PRODUCT, **details})


def header(width: int, height: int) -> bytes:
    """The beginning of a PNG file: enough to tell its size."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", width, height, 8, 2, 0, 0, 0)


async def test_a_product_as_the_page_makes_one(provider: Build, vendor: Any, picture: Draw) -> None:
    image = GarmentImage(Image.of(picture()))
    product = await provider().create_product(draft(image))
    assert [(one.method, one.path.removeprefix("/v1.5")) for one in vendor.requests] == [
        ("PUT", f"/products/{PRODUCT}"),
        ("PUT", f"/configurations/{CONFIGURATION}"),
        ("POST", "/files"),
    ]
    first, second, _ = vendor.requests
    assert first.json() == {"customerId": CUSTOMER, "name": "My example product", "typeId": 1, "sku": "shirt"}
    assert second.json() == {"productId": PRODUCT, "name": "Default configuration", "sku": "shirt-red"}
    ((id_, sent),) = vendor.pictures.items()
    assert uuid.UUID(id_).version == 4
    assert sent == {
        "file": picture(),
        "filename": "frontal_image.png",
        "type": "image/png",
        "id": id_,
        "name": "frontal_image",
        "configurationId": CONFIGURATION,
        "typeId": "1",
    }
    assert product.ref == Ref("ar", "ar_product", PRODUCT)
    assert product.configurations == (Ref("ar", "ar_configuration", CONFIGURATION),)
    assert (product.name, product.type, product.assets) == ("My example product", "GARMENT_2D", ())
    assert product.raw["product"]["typeId"] == 1


async def test_an_unset_sku_is_not_sent(provider: Build, vendor: Any) -> None:
    await provider().create_product(ArProductDraft("A", (ArConfiguration("", ()),)))
    first, second = vendor.requests
    assert set(first.json()) == {"customerId", "name", "typeId"}
    assert second.json() == {"productId": next(iter(vendor.products)), "name": "Default"}


async def test_details_go_along_and_replace_nothing(provider: Build, vendor: Any) -> None:
    await provider().create_product(draft(details={"metadata": {"a": 1}, "customerId": "other"}))
    body = vendor.products[PRODUCT]
    assert (body["metadata"], body["customerId"]) == ({"a": 1}, CUSTOMER)


async def test_ids_are_made_once_for_a_draft_with_an_id(provider: Build, vendor: Any, picture: Draw) -> None:
    image = GarmentImage(Image.of(picture()))
    same = ArProductDraft(
        "A", (ArConfiguration("S", (image,)), ArConfiguration("S", ()), ArConfiguration("L", (image,))), id=PRODUCT
    )
    once = await provider().create_product(same)
    again = await provider().create_product(same)
    assert once.configurations == again.configurations
    assert len(vendor.configurations) == 3
    assert len(vendor.pictures) == 2, "the second time, 409 says that they are there"
    assert all(uuid.UUID(ref.id).version == 4 for ref in once.configurations)


async def test_drafts_without_an_id_are_different_products(provider: Build, vendor: Any) -> None:
    for _ in range(2):
        await provider().create_product(ArProductDraft("A", (ArConfiguration("S", ()),)))
    assert (len(vendor.products), len(vendor.configurations)) == (2, 2)


async def test_two_configurations_of_one_id_are_refused(provider: Build, vendor: Any) -> None:
    two = ArProductDraft("A", (ArConfiguration("S", (), id="x"), ArConfiguration("L", (), id="x")))
    with pytest.raises(InvalidInput, match="same id"):
        await provider().create_product(two)
    assert vendor.requests == []


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.STATUS])
async def test_a_picture_without_an_answer_is_sent_again(
    provider: Build, vendor: Any, picture: Draw, kind: FaultKind
) -> None:
    vendor.faults.add(kind, method="POST", path="*/files", status=503, times=1)
    await provider().create_product(draft(GarmentImage(Image.of(picture()))))
    assert len(vendor.sent("POST", "/files")) == 2
    assert len(vendor.pictures) == 1


async def test_a_picture_is_not_sent_again_where_the_operator_says_so(
    provider: Build, vendor: Any, picture: Draw
) -> None:
    builder = provider(repeat_posts=False)
    vendor.faults.add(FaultKind.RESET, method="POST", path="*/files", times=1)
    with pytest.raises(UnknownOutcome):
        await builder.create_product(draft(GarmentImage(Image.of(picture()))))
    assert len(vendor.sent("POST", "/files")) == 1
    with pytest.raises(Conflict):
        await builder.create_product(draft(GarmentImage(Image.of(picture()))))


async def test_roles_are_image_types(provider: Build, vendor: Any, picture: Draw) -> None:
    vendor.image_types = [
        {"id": 1, "name": "FRONTAL"},
        {"id": 9, "name": "REFERENCE_ADDITIONAL"},
        {"id": 4, "name": "BACK"},
    ]
    builder = provider(roles={"worn": "REFERENCE_ADDITIONAL"})
    assert await builder.image_roles() == ("front", "reference", "BACK")
    roles = ("front", "reference", "worn", "back", "4")
    colors = ("navy", "red", "green", "blue", "white")
    images = [GarmentImage(Image.of(picture(color=color)), role) for role, color in zip(roles, colors, strict=True)]
    await builder.create_product(draft(*images))
    assert [(one["typeId"], one["name"]) for one in vendor.pictures.values()] == [
        ("1", "frontal_image"),
        ("9", "reference_image"),
        ("9", "reference_image"),
        ("4", "back_image"),
        ("4", "back_image"),
    ]
    assert len(vendor.sent("GET", "/files/types")) == 1, "what was told is known by then"


async def test_a_role_that_the_service_lacks(provider: Build, vendor: Any, picture: Draw) -> None:
    with pytest.raises(Unsupported, match=r"role 'back'.*FRONTAL, REFERENCE_ADDITIONAL"):
        await provider().create_product(draft(GarmentImage(Image.of(picture()), "back")))
    assert [one.method for one in vendor.requests] == ["GET"], "it is found out before anything is made"


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "BMP", "TIFF"])
async def test_a_picture_that_cannot_be_sent(provider: Build, vendor: Any, picture: Draw, kind: str) -> None:
    with pytest.raises(InvalidInput, match=r"front picture is image/\w+; the service takes JPEG and PNG"):
        await provider().create_product(draft(GarmentImage(Image.of(picture(20, 20, kind)))))
    assert vendor.requests == []


async def test_jpeg_goes_as_jpeg(provider: Build, vendor: Any, picture: Draw) -> None:
    await provider().create_product(draft(GarmentImage(Image.of(picture(kind="JPEG")))))
    (sent,) = vendor.pictures.values()
    assert (sent["type"], sent["filename"]) == ("image/jpeg", "frontal_image.jpg")


ADVICE = [
    ((900, 900), "900 pixels of width are less than the least, 1000"),
    ((1200, 1200), "1200 pixels of width are outside the recommended 1500 to 2500"),
    ((2600, 100), "2600 pixels of width are outside the recommended 1500 to 2500"),
    ((7750, 7750), "60062500 pixels are more than the limit of 60000000"),
]


@pytest.mark.parametrize(("size", "complaint"), ADVICE)
async def test_advice_is_logged_and_nothing_refused(
    provider: Build, vendor: Any, caplog: Any, size: tuple[int, int], complaint: str
) -> None:
    await provider().create_product(draft(GarmentImage(Image.of(header(*size)))))
    assert complaint in caplog.text
    assert len(vendor.pictures) == 1


async def test_heavy_pictures_are_advised_against(provider: Build, vendor: Any, picture: Draw, caplog: Any) -> None:
    heavy = picture() + bytes(500_000)
    await provider().create_product(draft(GarmentImage(Image.of(heavy))))
    assert f"{len(heavy)} bytes are more than the ideal 500000" in caplog.text
    await provider().create_product(draft(GarmentImage(Image.of(heavy + bytes(20_000_000)))))
    assert "bytes are more than the limit of 20000000" in caplog.text


async def test_a_good_picture_is_not_talked_about(provider: Build, picture: Draw, caplog: Any) -> None:
    await provider().create_product(draft(GarmentImage(Image.of(picture()))))
    assert "advice" not in caplog.text


async def test_a_configuration_without_a_frontal_picture(
    provider: Build, vendor: Any, picture: Draw, caplog: Any
) -> None:
    await provider().create_product(draft(GarmentImage(Image.of(picture()), "reference")))
    assert "no frontal picture" in caplog.text
    assert len(vendor.pictures) == 1


TYPES = [
    [{"id": 1, "name": "GARMENT_2D"}, {"id": 2, "name": "GARMENT_3D"}],
    [{"typeId": "1", "typeName": "GARMENT_2D"}, {"typeId": "2", "typeName": "GARMENT_3D", "added": True}],
    {"items": [{"id": 1.0, "name": "GARMENT_2D"}, {"id": 2, "title": "GARMENT_3D"}], "total": 99},
    {"GARMENT_2D": 1, "GARMENT_3D": 2},
    {"1": "GARMENT_2D", "2": "GARMENT_3D"},
]


@pytest.mark.parametrize("types", TYPES)
async def test_types_however_they_are_listed(provider: Build, vendor: Any, types: Any) -> None:
    vendor.product_types = types
    builder = provider()
    assert await builder.product_types() == ("GARMENT_2D", "GARMENT_3D")
    await builder.create_product(draft(type="Garment-3D"))
    assert vendor.products[PRODUCT]["typeId"] == 2


async def test_types_that_have_names_only(provider: Build, vendor: Any) -> None:
    vendor.product_types = ["GARMENT_2D", "GARMENT_3D"]
    assert await provider().product_types() == ("GARMENT_2D", "GARMENT_3D")
    with pytest.raises(Unsupported, match=r"product_type_ids\.GARMENT_3D"):
        await provider().create_product(draft(type="GARMENT_3D"))
    await provider(product_type_ids={"GARMENT_3D": 12}).create_product(draft(type="GARMENT_3D"))
    assert vendor.products[PRODUCT]["typeId"] == 12


@pytest.mark.parametrize("number", ["\xb2", "9" * 5000, "-1", "x"])
async def test_what_is_no_number_is_not_taken_for_one(provider: Build, vendor: Any, number: str) -> None:
    vendor.product_types = [{"id": number, "name": "GARMENT_3D"}]
    with pytest.raises(Unsupported, match="does not number its product type 'GARMENT_3D'"):
        await provider().create_product(draft(type="GARMENT_3D"))
    vendor.product_types = ["GARMENT_2D"]
    with pytest.raises(Unsupported, match="has no product type"):
        await provider().create_product(draft(type=number))
    assert vendor.products == {}


async def test_a_type_by_its_number_or_of_the_settings_is_not_asked_about(provider: Build, vendor: Any) -> None:
    await provider(product_type="OUTFIT_2D", product_type_ids={"OUTFIT_2D": 5}).create_product(draft())
    assert vendor.products[PRODUCT]["typeId"] == 5
    await provider().create_product(draft(type="3", id="other"))
    assert vendor.products["other"]["typeId"] == 3
    assert vendor.sent("GET", "/products/types") == []


async def test_an_unknown_type_names_those_there_are(provider: Build, vendor: Any) -> None:
    with pytest.raises(Unsupported, match="no product type 'SHOE'; it has GARMENT_2D, GARMENT_3D"):
        await provider().create_product(draft(type="SHOE"))
    assert vendor.products == {}


async def test_inferred_paths_are_settings(provider: Build, vendor: Any, picture: Draw) -> None:
    vendor.answers["POST", "/uploads"] = lambda _: web.Response(status=201)
    await provider(files_path="/uploads").create_product(draft(GarmentImage(Image.of(picture()))))
    assert len(vendor.sent("POST", "/uploads")) == 1


@pytest.mark.parametrize("body", [b"", b"OK", b'["unexpected", 1, null]', b'{"status": tr'])
async def test_what_a_write_answers_does_not_matter(provider: Build, vendor: Any, body: bytes) -> None:
    vendor.answers["PUT", f"/products/{PRODUCT}"] = lambda _: web.Response(body=body)
    vendor.products[PRODUCT] = {"typeId": 1}
    assert (await provider().create_product(draft())).ref.id == PRODUCT


async def test_an_id_cannot_leave_its_place_in_the_path(provider: Build, vendor: Any) -> None:
    raw = []
    vendor.answers["PUT", "/products/../files?x"] = lambda request: raw.append(request.raw_path)
    await provider().create_product(ArProductDraft("A", (), id="../files?x"))
    assert raw == ["/v1.5/products/..%2Ffiles%3Fx"]
