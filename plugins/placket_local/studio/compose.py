"""Puts garments on a ground, each in its place, with a soft shadow where it touches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from PIL import Image, ImageFilter
from scipy import ndimage

from placket.errors import InvalidInput

from ..arrays import Bytes3
from .garment_photo import GarmentPhoto
from .presets import Preset

_SHADOWS = ((0.004, 0.003, 0.30), (0.022, 0.012, 0.16))
"""Blur, offset downwards (both as shares of the picture's height) and darkness: where the cloth touches the ground, and
the light that it takes from around it."""


@frozen(eq=False)
class Placed:
    """A garment and the box, x0, y0, x1, y1 in pixels of the picture, that it fills."""

    photo: GarmentPhoto
    box: tuple[int, int, int, int]


def pack_shot(photo: GarmentPhoto, preset: Preset) -> Image.Image:
    """One garment, centred, as large as the preset's margins allow.

    Raises InvalidInput when the photo shows the garment too small for the preset.
    """
    height, width = photo.mask.shape
    if max(height, width) < preset.least:
        raise InvalidInput(
            f"the garment is {width} x {height} pixels in the photo, and {preset.name} needs {preset.least} on the "
            "longer side: use a larger photo"
        )
    free = preset.margin * min(preset.size)
    room = (preset.size[0] - 2 * free, preset.size[1] - 2 * free)
    scale = min(room[0] / width, room[1] / height)
    size = (round(width * scale), round(height * scale))
    left, top = (preset.size[0] - size[0]) // 2, (preset.size[1] - size[1]) // 2
    return composed([Placed(photo, (left, top, left + size[0], top + size[1]))], preset)


def composed(garments: Sequence[Placed], preset: Preset) -> Image.Image:
    """The garments, the first lowest, on the preset's ground: RGB, or RGBA where the ground is transparency."""
    canvas = Image.new("RGB", preset.size, preset.ground or (255, 255, 255))
    alpha = Image.new("L", preset.size)
    for garment in garments:
        size = (max(1, garment.box[2] - garment.box[0]), max(1, garment.box[3] - garment.box[1]))
        rgb, mask = _sized(garment.photo, size)
        if preset.shadow and preset.ground is not None:
            _cast_shadow(canvas, mask, garment.box[:2])
        # On transparency the edge is the cloth's colour alone: what it is laid on later shines through it.
        canvas.paste(rgb, garment.box[:2], mask if preset.ground else mask.point(lambda share: 255 if share else 0))
        alpha.paste(255, garment.box[:2], mask)
    if preset.ground is None:
        canvas.putalpha(alpha)
    return canvas


def _sized(photo: GarmentPhoto, size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    rgb = Image.fromarray(_without_rim(photo)).resize(size, Image.Resampling.LANCZOS, reducing_gap=2)
    mask = Image.fromarray(np.rint(photo.mask * 255).astype(np.uint8))
    return rgb, mask.resize(size, Image.Resampling.BICUBIC, reducing_gap=2)


def _without_rim(photo: GarmentPhoto) -> Bytes3:
    """The half-transparent edge takes the nearest cloth's colour, so that no rim of the old ground shows."""
    solid = photo.mask > 0.97
    if not solid.any():
        return photo.rgb
    edge = (photo.mask > 0.0) & ~solid
    nearest = ndimage.distance_transform_edt(~solid, return_distances=False, return_indices=True)
    rgb = photo.rgb.copy()
    rgb[edge] = photo.rgb[nearest[0][edge], nearest[1][edge]]
    return rgb


def _cast_shadow(canvas: Image.Image, mask: Image.Image, place: tuple[int, int]) -> None:
    """Darken the ground; worked out at a quarter of the size, for a shadow has no detail."""
    small = (canvas.width // 4, canvas.height // 4)
    shape = Image.new("L", canvas.size)
    shape.paste(mask, place)
    reduced = shape.resize(small, Image.Resampling.BOX)
    light = np.ones((small[1], small[0]), np.float32)
    for blur, offset, darkness in _SHADOWS:
        soft = np.asarray(reduced.filter(ImageFilter.GaussianBlur(blur * small[1])), np.float32) / 255
        below = max(1, round(offset * small[1]))
        light[below:] *= 1 - darkness * soft[:-below]
    dark = Image.fromarray(np.rint((1 - light) * 255).astype(np.uint8)).resize(canvas.size, Image.Resampling.BICUBIC)
    canvas.paste(Image.new("RGB", canvas.size), (0, 0), dark)
