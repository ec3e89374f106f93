"""The one colour of a garment that other colours are made from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..arrays import Bytes3, Plane
from ..color_names import Color
from ..colors import garment_colors
from ..cutout import Cutout
from ..lab import rgb_to_lab
from ..picture import Picture

_CLOTH = 0.9


def main_color(rgb: Bytes3, mask: Plane, palette: Mapping[str, Color]) -> Color:
    """The Lab colour of most of the cloth. ``palette`` maps names to Lab centroids; it decides what is one colour."""
    height, width = mask.shape
    picture = Picture(rgb, None, (width, height), "")
    found = garment_colors(picture, Cutout(mask, 1.0, (), "mask", (0.0, 0.0, 1.0, 1.0)), palette)
    if found:
        return found[0].lab
    # Too few pixels to group: their middle.
    lightness, a, b = np.median(rgb_to_lab(rgb[mask >= min(_CLOTH, float(mask.max()))]), axis=0)
    return float(lightness), float(a), float(b)
