"""Odd and broken pictures through the router and the embedded tagger: the right answer, or an error that says why."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import placket
from placket.errors import InvalidInput

RED = (178, 28, 38)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
LOCAL = {"providers": {"here": {"plugin": "local"}}, "routes": {"garment_tagger": {"targets": ["here"]}}}


@pytest.fixture
def tag(tmp_path):
    """Tag one picture with the embedded tagger; nothing else is configured."""

    async def asked(data: bytes):
        async with placket.open(LOCAL, environ={}, data_folder=tmp_path) as router:
            return await router.tag(data)

    return asked


@pytest.fixture(scope="module")
def upright(photo_of_red):
    return Image.fromarray(photo_of_red)


@pytest.fixture(scope="module")
def photo_of_red(photo):
    return photo(RED, (238, 238, 236))


def encoded(image, form="PNG", **options):
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def rotated(image):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    return encoded(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=92)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def sixteen_bit(image):
    """A PNG of 16 bits a channel, written by hand: Pillow does not write any."""
    pixels = np.asarray(image, np.uint16) * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", image.width, image.height, 16, 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def transparent(image, shirt):
    alpha = Image.fromarray((shirt * 255).astype(np.uint8))
    cut = image.copy()
    cut.putalpha(alpha)
    return encoded(cut)


@pytest.fixture(
    params=["jpeg", "exif-rotated", "cmyk", "palette", "16-bit", "animated gif", "animated webp", "transparent", "webp"]
)
def odd(request, upright, shirt):
    """The same red shirt in one of the odd ways in which pictures are written."""
    black = Image.new("RGB", upright.size)
    return {
        "jpeg": lambda: encoded(upright, "JPEG", quality=92),
        "exif-rotated": lambda: rotated(upright),
        "cmyk": lambda: encoded(upright.convert("CMYK"), "JPEG", quality=92),
        "palette": lambda: encoded(upright.quantize(64)),
        "16-bit": lambda: sixteen_bit(upright),
        "animated gif": lambda: encoded(upright, "GIF", save_all=True, append_images=[black]),
        "animated webp": lambda: encoded(upright, "WEBP", save_all=True, append_images=[black], quality=90),
        "transparent": lambda: transparent(upright, shirt),
        "webp": lambda: encoded(upright, "WEBP", quality=90),
    }[request.param]()


async def test_a_picture_is_read_however_it_is_written(tag, odd):
    record = await tag(odd)
    assert record.color[0].term.id == "red"
    assert record.color[0].share > 0.8


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"just some words", "is not an image in a format known here"),
        (b"<html><body>Not found</body></html>", "is not an image in a format known here"),
        (b"%PDF-1.7 and so on", "is not an image in a format known here"),
        (b"\x89PNG\r\n\x1a\n", "cut off|cannot be read|not an image"),
        (b"\xff\xd8\xff\xe0 a JPEG that ends here", "cut off|cannot be read|not an image"),
    ],
)
async def test_what_is_no_picture_is_refused(tag, data, message):
    with pytest.raises(InvalidInput, match=message):
        await tag(data)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF"])
async def test_a_truncated_picture_is_refused(tag, upright, form):
    data = encoded(upright, form)
    with pytest.raises(InvalidInput, match="cut off"):
        await tag(data[: len(data) // 2])


async def test_a_picture_of_two_hundred_megapixels_is_refused(tag):
    header = struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0)
    with pytest.raises(InvalidInput, match="20000 x 10000"):
        await tag(SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


@pytest.mark.parametrize("size", [(1, 1), (300, 400)])
async def test_a_picture_of_nothing_says_nothing_and_why(tag, size):
    record = await tag(encoded(Image.new("RGB", size, "white")))
    assert (record.color, record.pattern) == ((), None)
    reason = record.extra["local.cutout"]
    assert reason["problems"] == ["no-garment"]
    assert "background" in reason["advice"][0]
