"""One pass over a garment photo: decode, look, cut out, colours, tags; and the cut-out as a file."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from attrs import frozen
from PIL import Image
from scipy import ndimage

from placket.errors import InvalidInput

from . import network
from .arrays import Bytes3
from .color_names import Color
from .colors import ColorShare, garment_colors
from .cutout import PROBLEMS, Cutout
from .picture import Picture, decode
from .seen_cutout import nothing, seen_cutout
from .tags import Tags, read_scores
from .worn_kinds import reconsidered

WORKING_SIZE = 320
"""Long side, in pixels, at which a photo is analysed; more costs time and tells no more."""


@frozen(eq=False)
class Analysis:
    """What the pixels of one photo show. ``tags`` is None when there is no garment."""

    picture: Picture
    cutout: Cutout
    colors: tuple[ColorShare, ...]
    tags: Tags | None


def analyze(data: bytes, palette: Mapping[str, Color]) -> Analysis:
    """Analyze an image file; ``palette`` maps colour names to Lab centroids.

    Raises `InvalidInput` when the bytes are not a usable image. A picture without a garment is not an error: it is
    said in ``cutout.problems``, and there are no colours and no tags.
    """
    picture = decode(data, working_size=WORKING_SIZE)
    seen = network.see(network.squeezed(shown(picture))[None])
    cutout = seen_cutout(picture, seen.mask[0])
    if "no-garment" in cutout.problems:
        return Analysis(picture, cutout, (), None)
    tags = read_scores(reconsidered(network.tag_scores(seen), seen))
    if not tags.familiar:
        return Analysis(picture, nothing(picture), (), None)
    return Analysis(picture, cutout, garment_colors(picture, cutout, palette, worn=tags.worn > 0.5), tags)


def shown(picture: Picture) -> Bytes3:
    """Lay a transparent picture on white, whatever colour its file has where nothing shows."""
    if picture.alpha is None:
        return picture.rgb
    cover = picture.alpha[..., None]
    return np.asarray(np.rint(picture.rgb * cover + 255 * (1 - cover)), np.uint8)


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
