"""What comes with the demo: a picture, what its seller says, and a few garments to search among. All are rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

SAMPLE = "breton-top.webp"

SAMPLE_LISTING: Mapping[str, Any] = {
    "sku": "HAL-1858",
    "name": "Breton top",
    "brand": "Halyard",
    "category": "Clothing",
    "gender": "Women's",
    "material_text": "Cotton",
    "color": "black",
}
"""What the seller of the sample says. The top is navy and cream: the seller is wrong about it, so that the record shows
a conflict."""


def sample_picture() -> bytes:
    """The picture that comes with the demo."""
    picture: bytes = _folder().joinpath(SAMPLE).read_bytes()
    return picture


def garments() -> Iterator[tuple[str, bytes]]:
    """The garments of the catalog: the name of each, and its picture."""
    files = _folder().joinpath("garments").iterdir()
    for file in sorted(files, key=lambda each: each.name):
        if file.name.endswith(".webp"):
            yield file.name.removesuffix(".webp"), file.read_bytes()


def _folder() -> Any:
    return resources.files("placket_twins").joinpath("demo")
