"""The pictures that a report shows: the photo itself, small, and the garment cut out of it."""

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


def data_url(webp: bytes) -> str:
    """The file as an address that holds it."""
    return "data:image/webp;base64," + base64.b64encode(webp).decode()


def _webp(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "WEBP", quality=82, method=4)
    return file.getvalue()
