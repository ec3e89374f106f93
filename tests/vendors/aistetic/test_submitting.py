"""What is uploaded: the picture's address, the uuid, the hints."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from placket.errors import ConfigError, InvalidInput
from placket.interfaces import Garment, GarmentTagger, Image, ImageHost
from placket.record import Vocabulary

PHOTO = "https://shop.example.com/photos/1.webp"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)

Build = Callable[..., GarmentTagger]


class Shelf(ImageHost):
    """Publishes under the hash of the bytes."""

    async def publish(self, image: Image) -> str:
        return f"https://img.example.com/{image.sha256}{image.suffix}"


async def test_the_request_is_the_page_s(provider: Build, vendor: Any) -> None:
    known = {
        "brand": "Stone Island",
        "category": "Clothing",
        "gender": "Women's",
        "material_text": "Cotton",
        "extra.aistetic.studio": 18,
    }
    job = await provider().submit(Garment.of(PHOTO, id="976", known=known))
    assert vendor.uploads == [
        {
            "uuid": "976",
            "image_url": PHOTO,
            "attribute": {
                "Brand": "Stone Island",
                "Category": "Clothing",
                "Gender": "Women's",
                "Material": "Cotton",
                "Studio": "18",
            },
        }
    ]
    assert vendor.headers[0]["API-KEY"] == "key-4711-very-secret"
    assert vendor.headers[0]["DOMAIN"] == "shop.example.com"
    assert vendor.headers[0]["Content-Type"] == "application/json"
    assert job.ticket is not None
    assert job.ticket.id == "976"


async def test_canonical_values_go_as_words(provider: Build, vendor: Any) -> None:
    find = Vocabulary.default().find
    known = {
        "brand": "  ",
        "category": find("category", "jeans"),
        "gender": find("gender", "male"),
        "fabric": [find("fabric", "cotton"), "Elastane"],
    }
    await provider().submit(Garment.of(PHOTO, known=known))
    assert vendor.uploads[0]["attribute"] == {"Category": "Jeans", "Gender": "Men's", "Material": "Cotton, Elastane"}


@pytest.mark.parametrize(("word", "sent"), [("ladies", "Women's"), ("UNISEX", "Unisex"), ("dogs", "dogs")])
async def test_a_gender_goes_in_the_vendor_s_word_where_it_has_one(
    provider: Build, vendor: Any, word: str, sent: str
) -> None:
    await provider().submit(Garment.of(PHOTO, known={"gender": word}))
    assert vendor.uploads[0]["attribute"] == {"Gender": sent}


@pytest.mark.parametrize(
    ("age", "sent"), [("kids", "Female"), ("newborn", "Female"), ("adults", "Women's"), ("?", "Women's")]
)
async def test_a_girl_s_dress_is_not_called_a_woman_s(provider: Build, vendor: Any, age: str, sent: str) -> None:
    find = Vocabulary.default().find
    known = {"gender": find("gender", "female"), "age_group": find("age_group", age) or age}
    await provider().submit(Garment.of(PHOTO, known=known))
    assert vendor.uploads[0]["attribute"] == {"Gender": sent}


async def test_hints_can_be_kept_back(provider: Build, vendor: Any, page_data: dict[str, Any]) -> None:
    garment = Garment.of(PHOTO, known={"brand": "Stone Island"})
    findings = await provider(send_attributes=False).tag(garment)
    assert vendor.uploads[0]["attribute"] == {}
    assert [str(claim.method) for claim in findings.claims if claim.field == "brand"] == ["model"]


@pytest.mark.parametrize("taken", ["976", "sku-12_b.3", "0f8fad5b-d9cb-469f-a165-70867728950e"])
async def test_a_plain_id_is_the_uuid(provider: Build, vendor: Any, taken: str) -> None:
    await provider().submit(Garment.of(PHOTO, id=taken))
    assert vendor.uploads[0]["uuid"] == taken


@pytest.mark.parametrize("other", ["sku/12", "Größe 3", "-", "a" * 65, "a b"])
async def test_any_other_id_gives_the_same_uuid_every_time(provider: Build, vendor: Any, other: str) -> None:
    await provider().submit(Garment.of(PHOTO, id=other))
    await provider(name="second").submit(Garment.of(PHOTO, id=other))
    first, second = (upload["uuid"] for upload in vendor.uploads)
    assert first == second == str(uuid.UUID(first))


async def test_uuids_can_be_new_each_time(provider: Build, vendor: Any) -> None:
    tagger = provider(uuid_from="random")
    await tagger.submit(Garment.of(PHOTO, id="976"))
    await tagger.submit(Garment.of(PHOTO, id="976"))
    first, second = (upload["uuid"] for upload in vendor.uploads)
    assert first != second
    assert str(uuid.UUID(first)) == first


async def test_a_picture_without_an_address_is_published(provider: Build, vendor: Any) -> None:
    image = Image.of(PNG)
    await provider(image_host=Shelf()).submit(Garment.of(image))
    assert vendor.uploads[0]["image_url"] == f"https://img.example.com/{image.sha256}.png"


async def test_a_picture_with_an_address_keeps_it(provider: Build, vendor: Any) -> None:
    image = Image(url=PHOTO, data=PNG)
    await provider(image_host=Shelf()).submit(Garment.of(image))
    assert vendor.uploads[0]["image_url"] == PHOTO


async def test_without_an_image_host_the_error_says_what_to_configure(provider: Build, vendor: Any) -> None:
    with pytest.raises(ConfigError, match=r"images\.host.*tags.*public address") as caught:
        await provider().submit(Garment.of(PNG))
    assert caught.value.path == "images.host"
    assert vendor.uploads == []


async def test_a_garment_without_a_front_picture_is_refused(provider: Build, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="no front image"):
        await provider().submit(Garment("976"))
    assert vendor.uploads == []
