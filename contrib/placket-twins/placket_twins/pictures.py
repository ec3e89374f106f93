"""The pictures that a report shows, small and without what the original says about where it was taken."""

from __future__ import annotations

import base64
import io

from attrs import frozen
from PIL import Image

from placket_local.analysis import cutout_png
from placket_local.cutout import cut_out
from placket_local.picture import decode

_LONGEST = 900
"""Pixels of the longer side: sharp at the size shown, and a report stays small enough to send."""


@frozen
class Pictures:
    """WebP files without any metadata of the original. ``cutout`` is None when no garment was found."""

    photo: bytes
    cutout: bytes | None = None


def shown_pictures(data: bytes) -> Pictures:
    """Make both from an image file; raises InvalidInput when it is none that can be read."""
    picture = decode(data)
    found = cut_out(picture)
    garment = None
    if found.bounding_box is not None:
        with Image.open(io.BytesIO(cutout_png(picture, found, crop=True))) as opened:
            garment = _webp(opened)
    return Pictures(_webp(Image.fromarray(picture.rgb)), garment)


def small(data: bytes) -> bytes:
    """A small WebP of an image file; raises InvalidInput when it is none that can be read."""
    return _webp(Image.fromarray(decode(data).rgb), 560)


def for_vendors(data: bytes) -> bytes:
    """The file as every vendor takes it: itself where it is a JPEG or PNG, else a JPEG of it, upright.

    Raises InvalidInput when it cannot be read.
    """
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG")):
        return data
    file = io.BytesIO()
    Image.fromarray(decode(data).rgb).save(file, "JPEG", quality=94, subsampling=0)
    return file.getvalue()


def data_url(webp: bytes) -> str:
    """The file as an address that holds it."""
    return "data:image/webp;base64," + base64.b64encode(webp).decode()


def _webp(image: Image.Image, longest: int = _LONGEST) -> bytes:
    smaller = image.copy()
    smaller.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    smaller.save(file, "WEBP", quality=82, method=4)
    return file.getvalue()
