"""A picture of a garment, drawn: enough for a vendor's server and for a model, and no photo of anything."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from itertools import pairwise

WIDTH, HEIGHT = 240, 300

_OUTLINE = (
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
)
"""A top with two sleeves, as corners in pixels."""

_COLORS = ((32, 42, 84), (178, 34, 34), (34, 110, 60), (20, 20, 20), (200, 160, 40), (110, 60, 130), (90, 60, 40))


@cache
def garment_png(number: int = 0, *, scale: int = 1) -> bytes:
    """A PNG of 240 x 300 pixels, ``scale`` times as wide and high: a plain top on a white ground.

    Each number gives another file. Seven colours follow one another, navy first; after that only the grounds differ, by
    less than an eye sees.
    """
    color = bytes(_COLORS[number % len(_COLORS)])
    ground = bytes((255, 255, 255 - number // len(_COLORS) % 8))
    width, height = WIDTH * scale, HEIGHT * scale
    rows = bytearray()
    for y in range(height):
        left, right = _span(y, scale)
        rows += b"\0" + ground * left + color * (right - left) + ground * (width - right)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    mark = b"Comment\0placket conformance %d" % number
    parts = ((b"IHDR", header), (b"tEXt", mark), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _span(y: int, scale: int) -> tuple[int, int]:
    """From where to where the garment reaches in one row; both 0 where it does not."""
    corners = [(left * scale, top * scale) for left, top in _OUTLINE]
    crossings = []
    for (x0, y0), (x1, y1) in pairwise([*corners, corners[0]]):
        if (y0 <= y) is not (y1 <= y):
            crossings.append(round(x0 + (y - y0) * (x1 - x0) / (y1 - y0)))
    return (min(crossings), max(crossings)) if crossings else (0, 0)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
