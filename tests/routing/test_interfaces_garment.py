"""A garment from whatever the caller has."""

from __future__ import annotations

import io
import uuid

import pytest

from placket.errors import InvalidInput
from placket.interfaces import Garment, GarmentImage, Image

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "source",
    [PNG, bytearray(PNG), memoryview(PNG), "front.png", io.BytesIO(PNG), Image.of(PNG)],
    ids=lambda s: type(s).__name__,
)
def test_one_picture_is_the_front(source):
    garment = Garment.of(source, id="g", known={"brand": "x"})
    assert [item.role for item in garment.images] == ["front"]
    assert (garment.id, garment.known) == ("g", {"brand": "x"})
    assert garment.image() is garment.images[0].image


def test_of_several_the_first_is_the_front():
    garment = Garment.of(one for one in ("a.png", "b.png", "c.png"))
    assert [item.role for item in garment.images] == ["front", "reference", "reference"]
    assert garment.image("reference").origin == "b.png"


def test_without_an_id_it_gets_a_fresh_one():
    ids = {Garment.of(PNG).id for _ in range(10)}
    assert len(ids) == 10
    assert all(uuid.UUID(each) for each in ids)


def test_a_garment_stays_what_it_is_and_learns_more():
    garment = Garment("g", (GarmentImage(Image.of(PNG), "back"),), {"brand": "x", "sku": "1"})
    more = Garment.of(garment, known={"sku": "2"})
    assert (more.id, more.images, more.known) == ("g", garment.images, {"brand": "x", "sku": "2"})
    assert Garment.of(garment, id="h").id == "h"


@pytest.mark.parametrize(
    ("source", "text"), [([], "at least one picture"), (7, "not int"), (None, "not NoneType"), ([7], "not int")]
)
def test_what_is_no_picture_says_why(source, text):
    with pytest.raises(InvalidInput, match=text):
        Garment.of(source)


def test_a_missing_role_is_named():
    with pytest.raises(InvalidInput, match="garment g has no back image"):
        Garment.of(PNG, id="g").image("back")
