"""Close-ups: square crops at the places of a garment that have the most and the sharpest texture."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from placket.errors import InvalidInput

from .garment_photo import GarmentPhoto

_SIDE = 0.3
"""The side of a crop, as a share of the garment's longer side."""

_INSIDE = 0.98
"""How much of a crop must be cloth."""

_LEAST = 200
"""Pixels: a smaller crop shows no detail that the whole picture does not."""


def detail_crops(photo: GarmentPhoto, count: int = 2, *, size: int = 1200) -> list[Image.Image]:
    """Up to ``count`` square crops that hardly overlap, the sharpest first, each of at most ``size`` pixels.

    Raises InvalidInput when the photo is too small for any.
    """
    height, width = photo.mask.shape
    side = round(_SIDE * max(height, width))
    if side < _LEAST:
        raise InvalidInput(
            f"the garment is {width} x {height} pixels in the photo: too small for details; use a larger photo"
        )
    gray = np.asarray(Image.fromarray(photo.rgb).convert("L"), np.float32)
    texture = ndimage.gaussian_filter(np.abs(ndimage.laplace(ndimage.gaussian_filter(gray, 1.0))), 2.0)
    cloth = photo.mask > 0.97
    # The outline is the sharpest edge of all and is no texture.
    texture[~ndimage.binary_erosion(cloth, iterations=6, border_value=0)] = 0
    score = ndimage.uniform_filter(texture, side, mode="constant")
    inside = ndimage.uniform_filter(cloth.astype(np.float32), side, mode="constant")
    score[inside < _INSIDE] = 0
    crops: list[Image.Image] = []
    while len(crops) < count and score.max() > 0:
        y, x = np.unravel_index(int(score.argmax()), score.shape)
        top, left = max(0, int(y) - side // 2), max(0, int(x) - side // 2)
        crop = Image.fromarray(photo.rgb[top : top + side, left : left + side])
        final = min(size, 2 * side)
        crops.append(crop.resize((final, final), Image.Resampling.LANCZOS))
        reach = int(side * 0.8)
        score[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach] = 0
    return crops
