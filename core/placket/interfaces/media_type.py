"""What kind of picture some bytes are, by the first of them."""

from __future__ import annotations

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_BMP_HEADER = 26
"""Bytes of the shortest header that a BMP has: any text may begin with BM."""

_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
}
"""Brands of the ISO base media format (ISO/IEC 23008-12, AV1 Image File Format) that name a way of coding."""

_ANY_CODING = frozenset({b"mif1", b"msf1"})
"""Brands of a picture that do not."""

_MOST_BRANDS = 1_000
"""Files name a dozen; one that was made to be slow to read names millions."""


def media_type_of(data: bytes) -> str | None:
    """The type of an image by its first bytes, None when they belong to no image format known here."""
    for start, media_type in _STARTS:
        if data.startswith(start):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(b"BM") and len(data) >= _BMP_HEADER:
        return "image/bmp"
    return _by_brand(data) if data[4:8] == b"ftyp" else None


def _by_brand(data: bytes) -> str | None:
    """The type that the main brand names, or else a compatible one: both are four letters in the first box."""
    end = min(len(data), int.from_bytes(data[:4], "big"), 4 * _MOST_BRANDS)
    brands = [data[at : at + 4] for at in (8, *range(16, end, 4))]
    named = next((_BRANDS[brand] for brand in brands if brand in _BRANDS), None)
    return named or ("image/heif" if _ANY_CODING.intersection(brands) else None)
