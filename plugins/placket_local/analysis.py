"""One pass over a garment photo: decode, cut out, colours, pattern; and the cut-out as a file."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from attrs import frozen
from PIL import Image
from scipy import ndimage

from placket.errors import InvalidInput

from .color_names import Color
from .colors import ColorShare, garment_colors
from .cutout import PROBLEMS, Cutout, cut_out
from .pattern import PatternGuess, garment_pattern
from .picture import Picture, decode


@frozen(eq=False)
class Analysis:
    """What the pixels of one photo show. ``pattern`` is None when there is too little cloth to judge."""

    picture: Picture
    cutout: Cutout
    colors: tuple[ColorShare, ...]
    pattern: PatternGuess | None


def analyze(data: bytes, palette: Mapping[str, Color]) -> Analysis:
    """Analyze an image file; ``palette`` maps colour names to Lab centroids.

    Raises `InvalidInput` when the bytes are not a usable image. A picture without a garment is not an error: it is
    said in ``cutout.problems``, and there are no colours and no pattern.
    """
    picture = decode(data)
    cutout = cut_out(picture)
    return Analysis(picture, cutout, garment_colors(picture, cutout, palette), garment_pattern(picture, cutout))


def cutout_png(picture: Picture, cutout: Cutout, *, crop: bool = False) -> bytes:
    """Write the garment on transparency as a PNG file; ``crop`` trims it to the garment.

    The half-transparent edge takes the colour of the nearest cloth, so no rim of the old background shows. Raises
    `InvalidInput` when there is no garment to show.
    """
    if cutout.bounding_box is None:
        raise InvalidInput(f"no garment was found in the picture: {PROBLEMS['no-garment']}")
    solid = cutout.mask > 0.95
    nearest = ndimage.distance_transform_edt(~solid, return_distances=False, return_indices=True)
    edge = (cutout.mask > 0) & ~solid
    rgba = np.zeros((*cutout.mask.shape, 4), np.uint8)
    rgba[solid, :3] = picture.rgb[solid]
    if solid.any():
        rgba[edge, :3] = picture.rgb[nearest[0][edge], nearest[1][edge]]
    else:
        rgba[edge, :3] = picture.rgb[edge]
    rgba[..., 3] = np.rint(cutout.mask * 255)
    image = Image.fromarray(rgba)
    if crop:
        x0, y0, x1, y1 = cutout.bounding_box
        width, height = image.size
        image = image.crop((round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height)))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
