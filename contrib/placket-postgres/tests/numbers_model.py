"""A model for tests that needs no weights: a picture spells numbers, and each number is a garment."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from attrs import define
from PIL import Image as Pixels

from placket_local.search.embedder import Embedded

LOOK, COLOR, CROWDS = 24, 8, 30
COLOR_WEIGHT = 0.3

NO_GARMENT = 65_535


@define
class NumbersModel:
    """Sees the number in the first two pixels. Garments crowd in 30 kinds; the even ones are red, the odd ones navy."""

    version: str = "numbers-1"
    look: int = LOOK
    color: int = COLOR
    color_weight: float = COLOR_WEIGHT
    pictures: int = 0

    def embed(self, pictures: Sequence[Any]) -> list[Embedded]:
        self.pictures += len(pictures)
        return [self._one(int.from_bytes(picture.rgb[0, :2, 0].tobytes(), "big")) for picture in pictures]

    def _one(self, number: int) -> Embedded:
        if number == NO_GARMENT:
            return Embedded(np.zeros(self.look, np.float32), np.zeros(self.color, np.float32))
        look, color = vectors(number, self.look)
        return Embedded(look, color, {"color": {("red", "navy")[number % 2]: round(0.5 + number % 10 / 20, 3)}})


@cache
def vectors(number: int, length: int = LOOK) -> tuple[Any, Any]:
    """The look and the colours of a garment."""
    crowd, own = np.random.default_rng(number % CROWDS), np.random.default_rng(10_000 + number)
    look = crowd.normal(size=length) + 0.5 * own.normal(size=length)
    color = np.abs(own.normal(size=COLOR))
    return tuple(np.float32(part / np.linalg.norm(part)) for part in (look, color))


def photo(*numbers: int) -> bytes:
    """A picture of garments side by side."""
    row = [[part, 0, 0] for number in numbers for part in divmod(number, 256)]
    file = io.BytesIO()
    Pixels.fromarray(np.array([row], np.uint8)).save(file, "PNG")
    return file.getvalue()
