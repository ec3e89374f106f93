"""Image kinds and sizes, on files that Pillow wrote."""

from __future__ import annotations

import io
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, features

from placket.transport import image_size, image_type


def encoded(kind: str, size=(321, 123), mode="RGB", **options) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "media_type", "mode", "options"),
    [
        ("JPEG", "image/jpeg", "RGB", {}),
        ("JPEG", "image/jpeg", "L", {"progressive": True}),
        ("JPEG", "image/jpeg", "CMYK", {"exif": b"Exif\0\0" + bytes(3000), "dpi": (72, 72)}),
        ("PNG", "image/png", "RGBA", {}),
        ("GIF", "image/gif", "P", {}),
        ("WEBP", "image/webp", "RGB", {}),
        ("WEBP", "image/webp", "RGB", {"lossless": True}),
        ("WEBP", "image/webp", "RGBA", {"exif": b"Exif\0\0" + bytes(30)}),
        ("BMP", "image/bmp", "RGB", {}),
        ("TIFF", "image/tiff", "RGB", {}),
        ("TIFF", "image/tiff", "L", {"big_tiff": False, "compression": "tiff_lzw"}),
    ],
)
def test_kind_and_size(kind, media_type, mode, options):
    data = encoded(kind, mode=mode, **options)
    assert image_type(data) == media_type
    assert image_size(data) == (321, 123)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow writes no AVIF")
def test_avif():
    data = encoded("AVIF", size=(320, 124))
    assert image_type(data) == "image/avif"
    assert image_size(data) == (320, 124)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def test_heic_counts_the_largest_of_its_images():
    tile, whole = struct.pack(">III", 0, 512, 512), struct.pack(">III", 0, 4032, 3024)
    data = box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", box(b"ispe", tile) + box(b"ispe", whole))
    assert image_type(data) == "image/heic"
    assert image_size(data) == (4032, 3024)


def test_a_kind_named_only_among_the_compatible_brands():
    assert image_type(box(b"ftyp", b"miaf\0\0\0\0avif")) == "image/avif"
    assert image_type(box(b"ftyp", b"isom\0\0\0\0mp41")) is None


def test_bmp_rows_from_the_top():
    header = b"BM" + bytes(12) + struct.pack("<Iii", 40, 64, -32) + bytes(20)
    assert image_size(header) == (64, 32)


@pytest.mark.parametrize("data", [b"", b"<html>", b"%PDF-1.7", b"GIF8", b"\x89PNG", b"RIFF1234WAVE", b"BM", b"ftyp"])
def test_what_is_no_image(data):
    assert image_type(data) is None
    assert image_size(data) is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_truncated_headers_have_no_size_and_do_not_crash(kind):
    data = encoded(kind)
    for length in range(0, min(len(data), 700), 3):
        assert image_size(data[:length]) in {None, (321, 123)}


@given(
    st.sampled_from([b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"RIFF0000WEBPVP8 ", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF89a"]),
    st.binary(max_size=200),
)
def test_nothing_crashes_the_reader(start, rest):
    size = image_size(start + rest)
    assert size is None or min(size) > 0


def test_a_tiff_whose_directories_form_a_ring_ends():
    ring = b"II*\0" + struct.pack("<I", 8) + struct.pack("<HI", 0, 8)
    assert image_size(ring) is None


def tiff_of_overlapping_directories(count: int) -> bytes:
    """Directories of 65,535 entries each, of which every one begins six bytes after the one before."""
    span = 2 + 12 * 0xFFFF
    data = bytearray(b"\xff" * (8 + 6 * count + span))
    struct.pack_into("<4sI", data, 0, b"II*\0", 8)
    for start in range(8, 8 + 6 * count, 6):
        struct.pack_into("<I", data, start + span, start + 6)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        tiff_of_overlapping_directories(300),
        b"\xff\xd8" + b"\xff" * 10_000_000,
        b"\xff\xd8" + b"\xff\x01" * 5_000_000,
        b"\xff\xd8" + b"\xff\xe0\0\0" * 2_500_000,
        box(b"ftyp", b"avif\0\0\0\0avif") + b"ispe" * 2_500_000,
        box(b"ftyp", b"isom" * 2_500_000),
    ],
    ids=["directories", "fill bytes", "bare markers", "segments without length", "properties", "brands"],
)
def test_a_file_made_to_be_slow_is_given_up_soon(data):
    started = time.process_time()
    assert image_size(data) is None
    assert time.process_time() - started < 0.5


def test_a_png_has_the_size_of_its_header_and_no_other():
    whole = encoded("PNG")
    before = struct.pack(">I4sII", 8, b"tEXt", 1, 1) + b"\0\0\0\0"
    assert image_size(whole[:8] + before + whole[8:]) is None
