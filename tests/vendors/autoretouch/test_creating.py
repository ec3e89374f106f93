"""Making SKUs: what is sent, how pictures get there, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from placket.errors import InvalidInput, ProtocolError, ProviderError, UnknownOutcome
from placket.interfaces import GarmentImage, Image, Ref, ShootManager, SkuDraft, SkuQuery
from placket.record import MediaItem, Method, Vocabulary
from placket.testing.faults import FaultKind

Build = Callable[..., ShootManager]
Draw = Callable[..., bytes]

WORDS = Vocabulary.default()


def draft(content: bytes, **fields: Any) -> SkuDraft:
    return SkuDraft({"name": "Blue Shirt", **fields}, (GarmentImage(Image.of(content), "front"),))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def posted(vendor: Any) -> dict[str, Any]:
    body: dict[str, Any] = vendor.asked("POST", "/ai-shoot/skus")[-1].json()
    return body


async def test_everything_that_the_page_names_is_sent(provider: Build, vendor: Any, picture: Draw, logged: Any) -> None:
    fields = {
        "name": " Blue Shirt ",
        "gender": "men's",
        "category": "t-shirt",
        "shoot.project_ids": ["1", 2],
        "extra.autoretouch.is_in_wardrobe": True,
    }
    front, back = picture(1), picture(2)
    images = (GarmentImage(Image.of(front), "front"), GarmentImage(Image.of(back), "back"))
    sku = await provider().create_sku(SkuDraft(fields, images))
    assert posted(vendor) == {
        "name": "Blue Shirt",
        "frontImage": digest(front),
        "backImage": digest(back),
        "gender": "male",
        "isInWardrobe": True,
        "projectIds": [1, 2],
        "skuCategoryName": "top",
    }
    assert sku.ref == Ref("shoots", "sku", "sku-1")
    assert vendor.uploads == {digest(front): front, digest(back): back}
    assert logged() == []


async def test_what_was_just_sent_is_an_echo_and_no_evidence(provider: Build, vendor: Any, picture: Draw) -> None:
    sku = await provider().create_sku(draft(picture(), gender="female"))
    methods = {claim.field: claim.method for claim in sku.claims}
    assert {methods["name"], methods["gender"], methods["media"]} == {Method.ECHO}
    assert methods["external_ids.autoretouch"] is Method.RULE
    assert methods["created_at"] is Method.MERCHANT
    (listed,) = await provider().list_skus(SkuQuery()).collect()
    assert {claim.method for claim in listed.claims if claim.field == "gender"} == {Method.MERCHANT}


async def test_only_what_is_given_is_sent(provider: Build, vendor: Any, picture: Draw) -> None:
    await provider().create_sku(draft(picture(), gender=None, category=None))
    assert set(posted(vendor)) == {"name", "frontImage"}


async def test_without_a_name_the_sku_code_serves(provider: Build, vendor: Any, picture: Draw, logged: Any) -> None:
    image = GarmentImage(Image.of(picture()), "front")
    await provider().create_sku(SkuDraft({"sku": "AB-12"}, (image,)))
    assert posted(vendor)["name"] == "AB-12"
    assert logged() == []


@pytest.mark.parametrize(
    ("fields", "images", "told"),
    [
        ({}, True, "a name"),
        ({"name": "Blue Shirt"}, False, "a front image"),
        ({"name": "  "}, True, "must not be empty"),
        ({"name": None}, True, "must not be empty"),
        ({"name": "x", "shoot.project_ids": [0]}, True, "positive whole numbers"),
        ({"name": "x", "shoot.project_ids": ["summer"]}, True, "positive whole numbers"),
        ({"name": "x", "extra.autoretouch.is_in_wardrobe": "yes"}, True, "True, False or None"),
        ({"name": "x", "nmae": "y"}, True, "no field 'nmae'"),
        ({"name": "x", "media": "a.png"}, True, "MediaItem"),
    ],
)
async def test_a_draft_that_cannot_be_is_refused_before_anything_is_sent(
    provider: Build, vendor: Any, picture: Draw, fields: dict[str, Any], images: bool, told: str
) -> None:
    given = (GarmentImage(Image.of(picture()), "front"),) if images else ()
    with pytest.raises(InvalidInput, match=told):
        await provider().create_sku(SkuDraft(fields, given))
    assert vendor.requests == []


async def test_what_is_no_picture_is_refused(provider: Build, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="not an image"):
        await provider().create_sku(draft(b"hello"))
    assert vendor.requests == []


@pytest.mark.parametrize(
    ("word", "sent"),
    [
        ("aa-1-13-8", "top"),
        ("x:denim_jacket", "top"),
        ("aa-1-12-4", "bottom"),
        ("aa-1-15", "bottom"),
        ("aa-1-14-5", "bottom"),
        ("aa-1-1-1-4", "bottom"),
        ("x:jumpsuit", "outfit"),
        ("aa-1-4", "outfit"),
        ("aa-1-11", "outfit"),
        ("aa-1-18-8", "socks"),
        ("x:loafer", "shoes"),
        ("aa-2-17-2", "hats"),
        ("aa-1", None),
        ("aa-6-9", None),
    ],
)
@pytest.mark.parametrize("as_term", [True, False])
async def test_a_category_becomes_the_word_of_the_nearest_one_above_it(
    provider: Build, vendor: Any, picture: Draw, logged: Any, word: str, sent: str | None, as_term: bool
) -> None:
    term = WORDS.get("category", word)
    assert term is not None
    await provider().create_sku(draft(picture(), category=term if as_term else term.label))
    assert posted(vendor).get("skuCategoryName") == sent
    assert [term.label in line for line in logged()] == ([] if sent else [True])


async def test_further_categories_are_a_setting(provider: Build, vendor: Any, picture: Draw) -> None:
    await provider(sku_categories={"aa-2-26": "hats", "aa-1-4": "top"}).create_sku(draft(picture(), category="scarf"))
    assert posted(vendor)["skuCategoryName"] == "hats"


async def test_what_the_vendor_has_no_word_for_is_left_out_and_told_once(
    provider: Build, vendor: Any, picture: Draw, logged: Any
) -> None:
    manager = provider()
    for _ in range(2):
        await manager.create_sku(draft(picture(), gender="unisex", brand="Acme", category="blargh"))
        assert set(posted(vendor)) == {"name", "frontImage"}
    assert len(logged()) == 1
    for name in ("gender (Unisex)", "brand", "category", "docs/vendors/autoretouch.md"):
        assert name in logged()[0]


async def test_pictures_of_other_roles_are_left_out_and_told(
    provider: Build, vendor: Any, picture: Draw, logged: Any
) -> None:
    images = tuple(GarmentImage(Image.of(picture(n)), role) for n, role in enumerate(("front", "detail")))
    await provider().create_sku(SkuDraft({"name": "x"}, images))
    assert len(vendor.uploads) == 1
    assert "image (detail)" in logged()[0]


async def test_the_first_picture_of_a_role_is_sent_and_the_others_are_told(
    provider: Build, vendor: Any, picture: Draw, logged: Any
) -> None:
    first, second = picture(1), picture(2)
    images = tuple(GarmentImage(Image.of(content)) for content in (first, second))
    media = [MediaItem("front", vendor_ref="hash-1"), MediaItem("back", vendor_ref="hash-2")]
    await provider().create_sku(SkuDraft({"name": "x", "media": media}, images))
    assert list(vendor.uploads.values()) == [first]
    assert (posted(vendor)["frontImage"], posted(vendor)["backImage"]) == (digest(first), "hash-2")
    assert "image (front)" in logged()[0]


async def test_a_picture_that_the_vendor_has_is_named_by_its_identifier(provider: Build, vendor: Any) -> None:
    media = [MediaItem("front", vendor_ref="hash-1"), MediaItem("back", vendor_ref="hash-2")]
    await provider().create_sku(SkuDraft({"name": "x", "media": media}))
    assert (posted(vendor)["frontImage"], posted(vendor)["backImage"]) == ("hash-1", "hash-2")
    assert vendor.counts() == {"POST": 1}


async def test_the_same_bytes_are_sent_once(provider: Build, vendor: Any, picture: Draw) -> None:
    manager, content = provider(), picture()
    await asyncio.gather(*(manager.create_sku(draft(content)) for _ in range(3)))
    await provider(name="another-process").create_sku(draft(content))
    assert len(vendor.asked("POST", "/upload")) == 1
    assert len(vendor.asked("POST", "/ai-shoot/skus")) == 4
    assert vendor.asked("HEAD", "/upload")[0].query == {"contentHash": digest(content)}


async def test_what_the_vendor_no_longer_has_is_sent_again(provider: Build, vendor: Any, picture: Draw) -> None:
    manager = provider()
    await manager.create_sku(draft(picture()))
    vendor.uploads.clear()
    await manager.create_sku(draft(picture()))
    assert len(vendor.asked("POST", "/upload")) == 2


async def test_without_the_question_what_is_known_here_is_not_sent_again(
    provider: Build, vendor: Any, picture: Draw
) -> None:
    manager = provider(check_uploads=False)
    await manager.create_sku(draft(picture()))
    await manager.create_sku(draft(picture()))
    assert "HEAD" not in vendor.counts()
    assert len(vendor.asked("POST", "/upload")) == 1


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda _: web.Response(text="abc-1\n", status=201), "abc-1"),
        (lambda _: web.Response(text="1234567890", status=201), "1234567890"),
        (lambda _: web.Response(text="q83vEjRWeJA/+w==", status=200), "q83vEjRWeJA/+w=="),
        (lambda _: web.json_response("abc-2", status=201), "abc-2"),
        (lambda _: web.json_response({"contentHash": "abc-3"}), "abc-3"),
        (lambda _: web.json_response({"id": 77}), "77"),
    ],
)
async def test_the_identifier_is_whatever_the_vendor_calls_it(
    provider: Build, vendor: Any, picture: Draw, answer: Any, name: str
) -> None:
    vendor.upload_answer = answer
    manager = provider()
    await manager.create_sku(draft(picture()))
    assert posted(vendor)["frontImage"] == name
    vendor.uploads[name] = b""
    await manager.create_sku(draft(picture()))
    assert len(vendor.asked("POST", "/upload")) == 1, "asked by the vendor's own name for it, it is found"


@pytest.mark.parametrize("body", ["", "<html>Hello</html>", "two words", "[1]", "{}", '{"contentHash": null}', "{"])
async def test_an_upload_answered_without_one_is_a_protocol_error(
    provider: Build, vendor: Any, picture: Draw, body: str
) -> None:
    vendor.upload_answer = lambda _: web.Response(text=body, status=201)
    with pytest.raises(ProtocolError, match="no content hash") as caught:
        await provider().create_sku(draft(picture()))
    assert caught.value.operation == "upload"
    assert vendor.asked("POST", "/ai-shoot/skus") == []


async def test_path_hash_and_organization_of_uploads_are_settings(provider: Build, vendor: Any, picture: Draw) -> None:
    content = picture()
    settings = {"upload_path": "/v1/upload", "content_hash": "base64", "organization": "org-1"}
    await provider(**settings).create_sku(draft(content))
    (asked,), (sent,) = vendor.asked("HEAD", "/v1/upload"), vendor.asked("POST", "/v1/upload")
    encoded = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert asked.query == {"contentHash": encoded, "organization": "org-1"}
    assert sent.query == {"organization": "org-1"}


@pytest.mark.parametrize("status", [404, 405])
async def test_an_upload_that_is_not_taken_there_names_the_setting(
    provider: Build, vendor: Any, picture: Draw, status: int
) -> None:
    vendor.faults.add(FaultKind.STATUS, path="/upload", status=status)
    with pytest.raises(ProviderError, match="see upload_path"):
        await provider().create_sku(draft(picture()))


@pytest.mark.parametrize("status", [405, 501])
async def test_where_nobody_can_be_asked_the_picture_is_sent(
    provider: Build, vendor: Any, picture: Draw, status: int
) -> None:
    vendor.faults.add(FaultKind.STATUS, method="HEAD", status=status)
    await provider().create_sku(draft(picture()))
    assert len(vendor.uploads) == 1


async def test_an_upload_that_fails_for_a_moment_is_repeated(provider: Build, vendor: Any, picture: Draw) -> None:
    vendor.faults.add(FaultKind.RESET, method="POST", path="/upload", times=1)
    await provider().create_sku(draft(picture()))
    assert len(vendor.asked("POST", "/upload")) == 2


@pytest.mark.parametrize(
    ("width", "height", "told"), [(20, 20, "less than 1500 pixels"), (10_001, 8, "longer than 10000"), (1600, 9, "")]
)
async def test_a_picture_outside_the_stated_limits_is_sent_with_a_warning(
    provider: Build, vendor: Any, picture: Draw, logged: Any, width: int, height: int, told: str
) -> None:
    await provider().create_sku(draft(picture(0, width, height)))
    assert len(vendor.uploads) == 1
    assert [told in line for line in logged()] == ([True] if told else [])


async def test_a_file_that_is_too_large_or_of_another_kind_is_told(
    provider: Build, vendor: Any, picture: Draw, logged: Any
) -> None:
    await provider().create_sku(draft(picture() + bytes(7_000_000)))
    await provider().create_sku(draft(b"GIF89a" + bytes(20)))
    assert "more than 7 MB" in logged()[0]
    assert "image/gif is not among" in logged()[1]


@pytest.mark.parametrize(
    ("answer", "sku_id"),
    [
        (lambda sku: web.json_response({"skuId": sku["id"]}, status=201), "sku-1"),
        (lambda sku: web.json_response({"sku": sku}, status=201), "sku-1"),
        (lambda sku: web.json_response({"data": sku}, status=200), "sku-1"),
        (lambda sku: web.json_response("sku-1", status=201), "sku-1"),
        (lambda sku: web.json_response(1234, status=201), "1234"),
        (lambda sku: web.Response(text="0b1f-22", status=201), "0b1f-22"),
    ],
)
async def test_the_answer_to_a_creation_may_come_in_several_shapes(
    provider: Build, vendor: Any, picture: Draw, answer: Any, sku_id: str
) -> None:
    vendor.created = answer
    sku = await provider().create_sku(draft(picture()))
    assert sku.ref.id == sku_id
    assert {claim.field for claim in sku.claims} >= {"name", "media", "external_ids.autoretouch"}


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", "true", '{"name": "x"}', "<html></html>", '{"id": '])
async def test_a_creation_answered_without_an_id_says_where_to_look(
    provider: Build, vendor: Any, picture: Draw, body: str
) -> None:
    vendor.created = lambda _: web.Response(text=body, status=201)
    with pytest.raises(ProtocolError, match="look for it by its name"):
        await provider().create_sku(draft(picture()))
    assert len(vendor.asked("POST", "/ai-shoot/skus")) == 1


async def test_a_creation_without_an_answer_has_an_unknown_outcome(provider: Build, vendor: Any, picture: Draw) -> None:
    vendor.faults.add(FaultKind.RESET, method="POST", path="/ai-shoot/skus")
    with pytest.raises(UnknownOutcome):
        await provider().create_sku(draft(picture()))
    assert len(vendor.asked("POST", "/ai-shoot/skus")) == 1
