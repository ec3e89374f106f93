"""A photo with the garment cut out of it, at the size that shots are made from."""

from __future__ import annotations

import io

import numpy as np
from attrs import frozen
from PIL import Image

from placket.errors import InvalidInput

from ..arrays import Bytes3, Plane
from ..cutout import PROBLEMS, Cutout
from ..outline import bounding_box_of
from ..picture import Picture, decode
from ..seen_cutout import stretched
from .fine_cutout import fine_cutout

WORKING_SIZE = 2600
"""Pixels of the longer side: what the largest preset can show, and no more work than that."""


@frozen(eq=False)
class GarmentPhoto:
    """The garment alone: ``rgb`` (height, width, 3) and ``mask`` (height, width; 0..1), cropped to it."""

    rgb: Bytes3
    mask: Plane


def cut_from(
    data: bytes, *, mask: bytes | None = None, minimum_quality: float = 0.5, several: bool = False
) -> GarmentPhoto:
    """Cut the garment out of a photo; ``mask`` is a picture of the same shape, white where the garment is.

    A photo with transparency brings its mask along. ``several`` says that the garment is of several things, as shoes
    are. Raises `PoorCutout` when the garment cannot be cut out well enough,
    InvalidInput for what is no picture, or a mask of another shape.
    """
    picture = decode(data, working_size=WORKING_SIZE)
    plane = cutout_of(picture, mask=mask, minimum_quality=minimum_quality, several=several).mask
    rows, columns = np.flatnonzero((plane > 0.5).any(axis=1)), np.flatnonzero((plane > 0.5).any(axis=0))
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return GarmentPhoto(picture.rgb[part], plane[part])


def cutout_of(
    picture: Picture,
    *,
    mask: bytes | None = None,
    minimum_quality: float = 0.5,
    several: bool = False,
    role: str = "",
) -> Cutout:
    """The cut-out of the ``role`` picture, or the ``mask`` that somebody gave for it. Raises as `cut_from` does."""
    if mask is not None:
        plane = _given_mask(mask, picture)
        if not (plane > 0.5).any():
            raise InvalidInput("the mask is empty: nothing in it is white")
        return Cutout(plane, 1.0, (), "mask", bounding_box_of(plane))
    cutout = fine_cutout(picture)
    poor = cutout.bounding_box is None or cutout.quality < minimum_quality
    refused = {"worn"} if several else {"worn", "several-objects"}
    if poor or refused & set(cutout.problems):
        raise PoorCutout(picture, cutout, minimum_quality, role)
    return cutout


class PoorCutout(InvalidInput):
    """The garment cannot be cut out well enough. ``preview()`` is a PNG that shows what was taken for the garment."""

    def __init__(self, picture: Picture, cutout: Cutout, needed: float, role: str = "") -> None:
        which = f"the {role}" if role else "this"
        reasons = "; ".join(PROBLEMS[code] for code in cutout.problems) or "it is not clear where it ends"
        super().__init__(
            f"the garment cannot be cut out of {which} picture well enough (quality {cutout.quality:.2f}, needed "
            f"{needed:.2f}): {reasons}. Photograph it whole, alone and on a plain ground of another colour, or give a "
            "mask, or a PNG with transparency"
        )
        self._picture = picture
        self._cutout = cutout

    def preview(self) -> bytes:
        """The picture with everything dimmed that was not taken for the garment, at most 800 pixels wide or high."""
        share = self._cutout.mask[..., None]
        shown = Image.fromarray(np.rint(self._picture.rgb * (0.25 + 0.75 * share)).astype(np.uint8))
        shown.thumbnail((800, 800))
        file = io.BytesIO()
        shown.save(file, "PNG")
        return file.getvalue()


def _given_mask(data: bytes, picture: Picture) -> Plane:
    given = decode(data, working_size=WORKING_SIZE)
    width, height = picture.original_size
    mask_width, mask_height = given.original_size
    if abs(width / height - mask_width / mask_height) > 0.01 * width / height:
        raise InvalidInput(
            f"the mask is {mask_width} x {mask_height} pixels and the picture {width} x {height}: "
            "they must have the same shape"
        )
    white = np.asarray(Image.fromarray(given.rgb).convert("L"), np.float32) / np.float32(255)
    # Programs that cut out write white on transparency: what is transparent is not white.
    share = white if given.alpha is None else white * given.alpha
    return stretched(share, picture.rgb.shape[1], picture.rgb.shape[0])
