"""Labels of a picture: how it is sent, and what becomes of what the vendor says."""

from __future__ import annotations

from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.interfaces import Garment, Image
from placket.merge import merge
from placket.record import Color, Label

PHOTO = "https://shop.example.com/photos/1.webp"


async def claims_of(provider: Any, picture: Any = PHOTO) -> list[tuple[str, Any]]:
    findings = await provider.tag(Garment.of(picture, id="g1"))
    return [(claim.field, claim.value) for claim in findings.claims]


async def test_the_example_of_the_page(provider: Any, vendor: Any) -> None:
    findings = await provider().tag(Garment.of(PHOTO, id="g1"))
    said = {claim.field: (str(getattr(claim.value, "term", claim.value)), claim.raw) for claim in findings.claims}
    assert said == {
        "category": ("Boots", "chelsea boots"),
        "boot_style": ("Chelsea", "chelsea boots"),
        "color": ("Charcoal", "color charcoal"),
    }
    confidences = {claim.field: claim.confidence for claim in findings.claims}
    assert confidences == {
        "category": 0.7053355574607849,
        "boot_style": 0.7053355574607849,
        "color": 0.5393210053443909,
    }
    assert findings.raw["tg"]["labels"] == vendor.labels
    assert all(claim.source.operation == "tag" and claim.source.provider == "tg" for claim in findings.claims)
    record = merge(findings.claims, id="g1")
    assert record.category is not None
    assert record.category.id == "aa-8-3"
    assert record.color[0].term.broader.id == "gray"


async def test_an_address_is_sent_as_such(provider: Any, vendor: Any) -> None:
    await claims_of(provider())
    assert vendor.forms[-1] == ("/v0/tag", {"url": PHOTO})
    assert vendor.requests[-1].headers["Content-Type"] == "application/x-www-form-urlencoded"


async def test_bytes_are_sent_as_a_file(provider: Any, vendor: Any, png: Any) -> None:
    await claims_of(provider(), png(3, 4))
    assert vendor.forms[-1] == ("/v0/tag", {"image": ("image.png", "image/png", png(3, 4))})


async def test_what_is_no_picture_is_not_sent(provider: Any, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="not an image"):
        await claims_of(provider(), b"hello")
    assert vendor.requests == []


async def test_submitting_is_done_at_once(provider: Any) -> None:
    job = await provider().submit(Garment.of(PHOTO))
    assert (await job.result()).claims
    assert job.ticket is None


async def test_an_unknown_color_is_kept_and_flagged(provider: Any, vendor: Any) -> None:
    vendor.labels = [{"type": "color", "name": "color blurple", "confidence": 0.9}]
    (claim,) = (await provider().tag(Garment.of(PHOTO))).claims
    assert (claim.field, claim.value, claim.raw) == ("color", None, "color blurple")
    assert claim.is_unknown_word


@pytest.mark.parametrize(
    ("label", "field", "term_id"),
    [
        ({"type": "Shape", "name": "Sweatshirt"}, "category", "aa-1-13-14"),
        ({"type": "category", "name": "jeans"}, "category", "aa-1-12-4"),
        ({"type": "colour", "name": "colour RED"}, "color", "red"),
        ({"type": "color", "name": "grey"}, "color", "gray"),
        ({"type": "pattern", "name": "pattern striped"}, "pattern", "striped"),
        ({"type": "texture", "name": "denim"}, "fabric", "denim"),
        ({"name": "boots"}, "category", "aa-8-3"),
        ({"name": "color red"}, "color", "red"),
    ],
)
async def test_a_known_word_fills_its_field(
    provider: Any, vendor: Any, label: dict[str, Any], field: str, term_id: str
) -> None:
    vendor.labels = [{"confidence": 0.5, **label}]
    claims = {claim.field: claim for claim in (await provider().tag(Garment.of(PHOTO))).claims}
    value = claims[field].value
    assert (value.term if isinstance(value, Color) else value).id == term_id
    assert claims[field].raw == label["name"]


async def test_labels_of_other_types_stay_labels(provider: Any, vendor: Any) -> None:
    vendor.labels = [
        {"type": "shape", "name": "a-line", "confidence": 0.4},
        {"type": "mood", "name": "party", "confidence": 0.3},
        {"type": "texture", "name": "denim", "confidence": 0.2},
    ]
    findings = await provider().tag(Garment.of(PHOTO))
    labels = [(claim.value, claim.confidence) for claim in findings.claims if claim.field == "labels"]
    assert labels == [
        (Label("a-line", "shape"), 0.4),
        (Label("party", "mood"), 0.3),
        (Label("denim", "texture"), 0.2),
    ]


async def test_what_is_added_or_missing_or_a_text(provider: Any, vendor: Any) -> None:
    vendor.labels = [
        {"type": "shape", "name": "boots", "confidence": "0.7", "model": "v9"},
        {"type": None, "name": None, "confidence": None, "note": "empty"},
        {"type": "mood", "name": "calm", "confidence": 87},
        None,
    ]
    vendor.rewrites.append(lambda _, document: {**document, "took_ms": 12})
    claims = {claim.field: claim for claim in (await provider().tag(Garment.of(Image.of(PHOTO)))).claims}
    assert claims["category"].confidence == 0.7
    assert claims["extra.threadgenius.labels.0.model"].value == "v9"
    assert claims["extra.threadgenius.labels.1.note"].value == "empty"
    assert claims["extra.threadgenius.took_ms"].value == 12
    assert (claims["labels"].confidence, claims["labels"].raw_confidence) == (None, "87")


@pytest.mark.parametrize("labels", [None, []])
async def test_no_labels_are_no_claims(provider: Any, vendor: Any, labels: Any) -> None:
    vendor.labels = labels
    assert await claims_of(provider()) == []
