"""Pictures of requests: taken from the request or from an address, and cropped."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import re

from PIL import Image as Pillow
from PIL import ImageOps

from placket.errors import InvalidInput, PlacketError
from placket.interfaces import Image
from placket.transport import image_size

from ..refusal import Refusal
from ..vendor import ImageFetcher
from .catalog_file import is_address
from .shelf import Crop

_MOST_PIXELS = 50_000_000
"""Of a picture that is decoded here; the embedded providers have a limit of their own."""

_DATA_URL = re.compile(r"^data:[^,]{0,100};base64,")


async def picture_of(
    fetcher: ImageFetcher, *, url: str = "", data: bytes | None = None, crop: Crop | None = None
) -> Image:
    """The picture that a request means; raises Refusal (400) when there is none or it cannot be used."""
    if data is None and not is_address(url):
        raise Refusal(400, "The URL of an image must be an http or https address.")
    try:
        if data is None:
            data = await fetcher.fetch_image(url)
        if crop is not None:
            data = await asyncio.to_thread(cropped, data, crop)
        image = Image.of(data)
        image.content()
    except PlacketError as error:
        raise Refusal(400, f"The image cannot be used: {error}") from error
    return image


def from_base64(text: str) -> bytes:
    """The bytes of a picture; line breaks and the head of a data: URL, which clients sent, do not matter."""
    try:
        return base64.b64decode("".join(_DATA_URL.sub("", text, count=1).split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, "image.base64 is not base64.") from None


def size_of(image: Image) -> tuple[int, int]:
    """Width and height in pixels, by the header of the file; raises Refusal (400) where it does not say."""
    size = image_size(image.content())
    if size is None:
        raise Refusal(400, "The image cannot be used: its size cannot be read.")
    return size


def cropped(data: bytes, crop: Crop) -> bytes:
    """A part of a picture, as PNG; raises InvalidInput when it is none that can be read."""
    size = image_size(data)
    if size is None or size[0] * size[1] > _MOST_PIXELS:
        raise InvalidInput(f"an image of more than {_MOST_PIXELS // 1_000_000} megapixels, or of no known size")
    file = io.BytesIO()
    try:
        with Pillow.open(io.BytesIO(data)) as opened:
            upright = ImageOps.exif_transpose(opened)
            wide, high = upright.size
            left, top = int(crop[0] * wide), int(crop[1] * high)
            right, bottom = max(left + 1, round(crop[2] * wide)), max(top + 1, round(crop[3] * high))
            upright.crop((left, top, right, bottom)).convert("RGB").save(file, "PNG")
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError) as error:
        raise InvalidInput(f"the image cannot be decoded: {error}") from error
    return file.getvalue()
