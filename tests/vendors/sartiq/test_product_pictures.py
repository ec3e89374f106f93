"""The pictures of products: by address, as bytes, and where the vendor wants them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.interfaces import GarmentImage, Image, ProductChanges, ProductDraft, Ref
from placket.record import MediaItem

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PHOTO = "https://shop.example.com/photos/1.webp"

Build = Callable[..., Any]


def tee(picture: Any) -> ProductDraft:
    return ProductDraft({"name": "Tee"}, (GarmentImage(Image.of(picture)),))


async def test_pictures_are_replaced_role_by_role(provider: Build, vendor: Any, sent: Any) -> None:
    ref = Ref("shop", "product", vendor.add()["id"])
    path = f"/products/{ref.id}"
    await provider().update(ref, ProductChanges(images=(GarmentImage(Image.of(PHOTO), "back"),)))
    assert sent("PUT", path) == {"back_image": PHOTO}
    await provider().update(ref, ProductChanges(images=()))
    assert sent("PUT", path) == {"back_image": None, "reference_images": []}


async def test_pictures_by_address_bytes_and_role(provider: Build, vendor: Any, sent: Any) -> None:
    images = (
        GarmentImage(Image.of(PNG)),
        GarmentImage(Image.of(PHOTO), "back"),
        GarmentImage(Image.of(PHOTO + "?2"), "detail"),
        GarmentImage(Image.of(PHOTO + "?3"), "front"),
    )
    await provider().create(ProductDraft({"name": "Tee"}, images))
    body = sent("POST", "/products/")
    assert body["cover_image"] == "https://cdn.sartiq.example/temp/temp-0"
    assert (body["back_image"], body["reference_images"]) == (PHOTO, [PHOTO + "?2", PHOTO + "?3"])
    assert vendor.uploaded == {"temp-0": PNG}
    asked = sent("POST", "/uploads/presigned-url")
    assert asked["content_type"] == "image/png"
    assert asked["filename"].endswith(".png")


async def test_the_storage_sees_no_credentials(provider: Build, vendor: Any) -> None:
    await provider().create(tee(PNG))
    (headers,) = vendor.storage_headers
    assert "Authorization" not in headers
    assert headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(("form", "start"), [("base64", "iVBORw0KGgo"), ("data-url", "data:image/png;base64,iVBORw0")])
async def test_bytes_inside_the_request(provider: Build, vendor: Any, sent: Any, form: str, start: str) -> None:
    await provider(image_upload=form).create(tee(PNG))
    assert sent("POST", "/products/")["cover_image"].startswith(start)
    assert vendor.uploaded == {}


async def test_the_keys_of_the_upload_request_are_a_setting(provider: Build, sent: Any) -> None:
    store = provider(presigned_request={"name": "filename"})
    await store.create(tee(PNG))
    assert list(sent("POST", "/uploads/presigned-url")) == ["name"]


async def test_something_that_is_no_picture_is_not_sent(provider: Build, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="not an image"):
        await provider().create(tee(b"hello"))
    assert vendor.requests == []


async def test_a_picture_of_the_record_keeps_what_the_vendor_takes(provider: Build, sent: Any) -> None:
    item = MediaItem("front", url=PHOTO, alt="A tee", width=10, height=20, dominant_color="#fff", vendor_ref="m-1")
    await provider().create(ProductDraft({"name": "Tee", "media": [item]}))
    assert sent("POST", "/products/")["cover_image"] == {
        "url": PHOTO,
        "alt_text": "A tee",
        "width": 10,
        "height": 20,
        "dominant_color": "#fff",
        "media_resource_id": "m-1",
    }
