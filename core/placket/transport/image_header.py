"""How many pixels decoding an image would make, read from its header alone."""

from __future__ import annotations

import struct
from typing import Final

from ..interfaces.media_type import media_type_of

image_type = media_type_of
"""What `placket.interfaces.media_type_of` tells."""

_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start-of-frame markers; the three left out are tables."""
_JPEG_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""

_MOST = 50_000
"""Segments, directory entries and properties that are looked at. Files have hundreds; one that was made to be
slow to read has millions, and more where its directories lie over one another."""


def image_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels as the header says; None when it cannot be read, or not in reasonable time."""
    readers = {
        "image/jpeg": _jpeg,
        "image/png": _png,
        "image/gif": _gif,
        "image/webp": _webp,
        "image/tiff": _tiff,
        "image/bmp": _bmp,
        "image/avif": _iso,
        "image/heic": _iso,
        "image/heif": _iso,
    }
    kind = media_type_of(data)
    try:
        size = readers[kind](data) if kind else None
    except (struct.error, IndexError):
        return None
    return size if size and min(size) > 0 else None


def _png(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR":
        # Decoders take the header from wherever it stands, and the size that belongs to it.
        return None
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> tuple[int, int]:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    # A negative height means that the rows run from the top.
    return abs(width), abs(height)


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(_MOST):
        if at + 9 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_BARE:
            at += 2
        elif marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _tiff(data: bytes) -> tuple[int, int] | None:
    """The largest image of the file: a TIFF may hold several, and the first may be a thumbnail."""
    order = "<" if data.startswith(b"II") else ">"
    best: tuple[int, int] | None = None
    at, seen, left = struct.unpack_from(f"{order}I", data, 4)[0], set[int](), _MOST
    while at and at not in seen:
        seen.add(at)
        entries = struct.unpack_from(f"{order}H", data, at)[0]
        left -= 1 + entries
        if left < 0:
            return None
        tags: dict[int, int] = {}
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            tag, kind = struct.unpack_from(f"{order}HH", data, entry)
            tags[tag] = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", data, entry + 8)[0]
        size = (tags.get(256, 0), tags.get(257, 0))
        if best is None or size[0] * size[1] > best[0] * best[1]:
            best = size
        at = struct.unpack_from(f"{order}I", data, at + 2 + 12 * entries)[0]
    return best


def _iso(data: bytes) -> tuple[int, int] | None:
    """The largest ``ispe`` (image spatial extents) property: tiles and thumbnails have smaller ones of their own."""
    best: tuple[int, int] | None = None
    at = data.find(b"ispe")
    for _ in range(_MOST):
        if at < 0:
            return best
        width, height = struct.unpack_from(">II", data, at + 8)
        if best is None or width * height > best[0] * best[1]:
            best = (width, height)
        at = data.find(b"ispe", at + 4)
    return None
