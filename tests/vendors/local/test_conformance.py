"""The rules that every provider keeps, for the embedded one: it has no server, so nothing there can fail."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image as Picture
from PIL import ImageDraw

from placket.interfaces import Image, Ref
from placket.testing import ARConformance, ShootConformance, StoreConformance, TaggerConformance
from placket.testing.conformance.stand import Stand

OUTLINE = [
    (60, 60),
    (180, 60),
    (225, 130),
    (190, 150),
    (180, 120),
    (180, 260),
    (60, 260),
    (60, 120),
    (50, 150),
    (15, 130),
]


@cache
def large_photo(number: int) -> bytes:
    """A top of 800 pixels on white: a pack-shot needs 700."""
    picture = Picture.new("RGB", (960, 1200), "white")
    corners = [(4 * x, 4 * y) for x, y in OUTLINE]
    ImageDraw.Draw(picture).polygon(corners, fill=(32 + number % 200, 42, 84))
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


class TestTagger(TaggerConformance):
    plugin = "local"
    at_once = 12  # each of them is real work on a core


class TestStore(StoreConformance):
    plugin = "local"
    at_once = 12


class TestShoots(ShootConformance):
    plugin = "local"
    at_once = 4

    def image(self, number: int = 0) -> Image:
        return Image(data=large_photo(number))

    async def photographed_sku(self, stand: Stand, number: int = 0) -> Ref:
        brief = await stand.perform("get_brief", (await self.brief(stand, number),))
        sku: Ref = brief.skus[0]
        return sku


class TestContent(ARConformance):
    plugin = "local"
    at_once = 4
