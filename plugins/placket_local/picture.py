"""Bytes of an image file -> an upright sRGB array of bounded size.

Every file that cannot be used raises `placket.errors.InvalidInput` with a message that says what is wrong and what to
do; nothing that a decoder raises reaches the caller.
"""

from __future__ import annotations

import io
from functools import cached_property
from typing import Any

import numpy as np
from attrs import field, frozen
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from placket.errors import InvalidInput

from .arrays import Bytes3, Lab, Plane
from .lab import rgb_to_lab

SMALL = 112
"""Long side, in pixels, at which masks are judged and the colours of a vector for search are counted."""

READABLE = "JPEG, PNG, WebP, GIF, TIFF, BMP or AVIF"

# PIL.Image.open() warns about large pictures through the process-wide warning filters, and would start Ghostscript for
# an EPS file. Opening the decoder of a recognised signature directly does neither. AVIF and HEIC share a container, so
# their brand tells them apart.
_SIGNATURES: tuple[tuple[bytes, type[ImageFile.ImageFile]], ...] = (
    (b"\xff\xd8\xff", JpegImagePlugin.JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    (b"GIF87a", GifImagePlugin.GifImageFile),
    (b"GIF89a", GifImagePlugin.GifImageFile),
    (b"II*\x00", TiffImagePlugin.TiffImageFile),
    (b"MM\x00*", TiffImagePlugin.TiffImageFile),
    (b"BM", BmpImagePlugin.BmpImageFile),
)
_ISO_MEDIA_BRANDS: dict[bytes, str] = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"hevc": "HEIC",
    b"mif1": "HEIC",
    b"msf1": "HEIC",
}
_OTHER_FORMATS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document"),
    (b"<!DOCTYPE", "an HTML page"),
    (b"<!doctype", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"{", "a JSON document"),
    (b"PK\x03\x04", "a ZIP archive"),
)

_EXIF_ORIENTATION = 0x0112
# EXIF 2.32, tag Orientation: what undoes each value.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@frozen(eq=False)
class Picture:
    """A decoded image.

    ``rgb``: (height, width, 3) uint8, sRGB, upright. ``alpha``: (height, width) float32 in 0..1, or None when the file
    is opaque. ``original_size``: (width, height) in pixels of the file, upright. ``format``: the decoder's name, as
    ``JPEG``. ``warnings``: sentences for people about what was left out or assumed.
    """

    rgb: Bytes3
    alpha: Plane | None
    original_size: tuple[int, int]
    format: str
    warnings: tuple[str, ...] = field(default=())

    @cached_property
    def small(self) -> Bytes3:
        """The pixels scaled so that the long side is at most `SMALL`, each the mean of those it stands for."""
        return reduced(self.rgb, SMALL)

    @cached_property
    def small_lab(self) -> Lab:
        """The same in Lab."""
        return rgb_to_lab(self.small)


def reduced(rgb: Bytes3, long_side: int) -> Bytes3:
    """Scale pixels down so that the long side is at most ``long_side``; no side becomes less than 12."""
    height, width = rgb.shape[:2]
    across, down = _bounded((width, height), long_side)
    return np.asarray(Image.fromarray(rgb).resize((max(12, across), max(12, down)), Image.Resampling.BOX))


def decode(data: bytes, *, max_pixels: int = 100_000_000, working_size: int = 1024) -> Picture:
    """Decode an image file.

    The result's long side is at most ``working_size`` pixels. A file whose header announces more than ``max_pixels``
    is refused before any pixel is decoded. Of an animation or a multi-page file the first picture is taken.

    Raises `InvalidInput` when the bytes are empty, not an image, of an unsupported format, too large or damaged.
    """
    if not data:
        raise InvalidInput("the image is empty (0 bytes); check that the file was written and sent completely")
    image = _open(data)
    width, height = image.size
    if width < 1 or height < 1:
        raise InvalidInput(f"the image is {width} x {height} pixels; send one that has pixels")
    if width * height > max_pixels:
        raise InvalidInput(
            f"the image is {width} x {height} = {width * height / 1e6:.0f} megapixels, and the limit is "
            f"{max_pixels / 1e6:g} megapixels; scale it down before sending it"
        )
    warnings: list[str] = []
    try:
        if getattr(image, "is_animated", False):
            what = "pages" if image.format == "TIFF" else "frames"
            warnings.append(f"the file has several {what}; only the first is used")
        if image.format == "JPEG":
            # The decoder scales by 1/2, 1/4 or 1/8 while it decodes: a 96-megapixel photo then needs 5 MB, not 290.
            image.draft(None, _bounded(image.size, working_size))
        image.load()
        orientation = _orientation(image)
        scaled, alpha = _scaled_layers(image, working_size)
        rgb = _to_srgb(scaled, image.info.get("icc_profile"), warnings)
    except Exception as error:  # decoders of hostile files raise nearly anything, down to IndexError
        raise InvalidInput(
            f"the {image.format} file is damaged or cut off and cannot be decoded ({_reason(error)}); "
            "send it again or save it anew"
        ) from error
    if orientation in _UPRIGHT:
        rgb = rgb.transpose(_UPRIGHT[orientation])
        alpha = alpha.transpose(_UPRIGHT[orientation]) if alpha is not None else None
        if orientation >= 5:
            width, height = height, width
    return Picture(
        rgb=np.asarray(rgb, np.uint8),
        alpha=None if alpha is None else np.asarray(alpha, np.float32) / np.float32(255),
        original_size=(width, height),
        format=str(image.format),
        warnings=tuple(warnings),
    )


def _open(data: bytes) -> ImageFile.ImageFile:
    decoder = _decoder(data)
    try:
        return decoder(io.BytesIO(data))
    except Image.DecompressionBombError as error:
        raise InvalidInput("the image is far too large to decode; scale it down before sending it") from error
    except Exception as error:  # as in decode()
        raise InvalidInput(
            f"the file starts like an image but its header is damaged or cut off ({_reason(error)}); "
            "send it again or save it anew"
        ) from error


def _decoder(data: bytes) -> type[ImageFile.ImageFile]:
    for signature, decoder in _SIGNATURES:
        if data.startswith(signature):
            return decoder
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    found = "not an image that can be recognised"
    if data[4:8] == b"ftyp":
        if b"avif" in data[8:40] or b"avis" in data[8:40]:
            return AvifImagePlugin.AvifImageFile
        found = _ISO_MEDIA_BRANDS.get(data[8:12], "a video or an unknown media file")
    start = data[:64].lstrip()
    for signature, name in _OTHER_FORMATS:
        if start.startswith(signature):
            found = name
    raise InvalidInput(f"the file is {found}; send a {READABLE} file")


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _orientation(image: ImageFile.ImageFile) -> int:
    """Read the EXIF orientation, 1 when absent or unreadable; Pillow turns TIFF upright itself and drops the tag."""
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # a damaged EXIF block must not cost the picture
        return 1
    return value if isinstance(value, int) else 1


def _scaled_layers(image: ImageFile.ImageFile, working_size: int) -> tuple[Image.Image, Image.Image | None]:
    """Scale to working size as L, RGB or CMYK, and take its alpha out as L (None when opaque)."""
    plain = _plain_mode(image)
    size = _bounded(plain.size, working_size)
    if size != plain.size:
        # Where several pixels become one, their mean is as good as a smoother filter, in half the time.
        filtered = Image.Resampling.BOX if max(size) < 0.65 * max(plain.size) else Image.Resampling.HAMMING
        plain = plain.resize(size, filtered, reducing_gap=3)
    if plain.mode not in ("LA", "RGBA"):
        return plain, None
    alpha = plain.getchannel("A")
    opaque = alpha.getextrema() == (255, 255)
    return plain.convert("RGB" if plain.mode == "RGBA" else "L"), None if opaque else alpha


def _bounded(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """Width and height that are at most ``long_side``, in proportion."""
    scale = min(1.0, long_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _plain_mode(image: ImageFile.ImageFile) -> Image.Image:
    """Convert to a mode that Pillow scales and colour-manages: L, LA, RGB, RGBA or CMYK."""
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return _eight_bit(np.asarray(image))
    if mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        # Pillow inverts every CMYK JPEG, as Adobe writes them. Without Adobe's marker the inks are the right way round.
        return Image.fromarray(255 - np.asarray(image), "CMYK")
    if mode in ("P", "PA") or "transparency" in image.info:
        transparent = mode == "PA" or "transparency" in image.info
        return image.convert("RGBA" if transparent else "RGB")
    if mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return image
    return image.convert("L" if mode == "1" else "RGB")


def _eight_bit(values: np.ndarray[Any, Any]) -> Image.Image:
    """16- and 32-bit gray to 8 bit. Pillow's own conversion clips everything above 255 to white."""
    if values.dtype.kind == "f":
        full_scale = 1.0 if float(np.nanmax(values)) <= 1.0 else 255.0
        values = np.nan_to_num(values) * (255.0 / full_scale)
    elif values.dtype.itemsize == 2 or int(values.max()) > 255:
        values = values >> 8
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8), "L")


def _to_srgb(image: Image.Image, profile: bytes | None, warnings: list[str]) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" in ImageCms.getProfileDescription(source) and image.mode == "RGB":
                return image
            converted = ImageCms.profileToProfile(
                image,
                source,
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
            )
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            warnings.append("the embedded colour profile cannot be applied; the colours are taken as sRGB")
    return image if image.mode == "RGB" else image.convert("RGB")
