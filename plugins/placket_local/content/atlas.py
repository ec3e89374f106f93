"""The texture of a surface: the front photo left, the back photo right, and no background anywhere."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from PIL import Image
from scipy import ndimage

from ..arrays import Bytes3
from ..cutout import Cutout
from ..picture import Picture

_MARGIN = 0.02
"""Cloth colour around the silhouette, as a share of the longer side: smaller copies of the texture stay clean."""

_CLOTH = 0.95
"""Pixels that are garment at least this much; below it the background shines through."""

_RIM = 2
"""Pixels at the edge of the cloth that are not trusted: the camera has mixed some background into them."""

_BLEED = 32
"""How far cloth colours are drawn beyond the silhouette, in pixels: what five halvings of the texture can reach."""

_HALF = 1024
"""The sides of each half of the atlas in pixels: a power of two, for viewers that shrink no other texture well."""


@frozen(eq=False)
class Framed:
    """A photo with its cut-out and the frame that goes into the atlas: x0, y0, x1, y1 in pixels of the picture."""

    picture: Picture
    cutout: Cutout
    frame: tuple[float, float, float, float]


def framed(picture: Picture, cutout: Cutout) -> Framed:
    """Frame the garment, with a margin; the cut-out must have found one."""
    assert cutout.bounding_box is not None, "whoever builds content has looked at the cut-out first"
    height, width = cutout.mask.shape
    x0, y0, x1, y1 = np.array(cutout.bounding_box) * (width, height, width, height)
    margin = _MARGIN * max(x1 - x0, y1 - y0)
    return Framed(picture, cutout, (x0 - margin, y0 - margin, x1 + margin, y1 + margin))


def atlas_of(front: Framed, back: Framed | None) -> Bytes3:
    """Both halves side by side, (height, width, 3). Without a back photo the front, mirrored, stands for it."""
    left = _half(front)
    right = left[:, ::-1] if back is None else _half(back)
    return np.concatenate((left, right), axis=1)


def _half(side: Framed) -> Bytes3:
    """The framed photo, stretched to a square; what is not cloth takes the colour of the nearest cloth."""
    mask = Image.fromarray(np.rint(side.cutout.mask * 255).astype(np.uint8))
    cut = [
        np.asarray(image.transform((_HALF, _HALF), Image.Transform.EXTENT, side.frame, Image.Resampling.BICUBIC))
        for image in (Image.fromarray(side.picture.rgb), mask)
    ]
    rgb, share = cut
    cloth = ndimage.binary_erosion(share >= _CLOTH * 255, iterations=_RIM)
    if not cloth.any():
        cloth = share >= share.max()
    distance, nearest = ndimage.distance_transform_edt(~cloth, return_indices=True)
    bled: Bytes3 = rgb[nearest[0], nearest[1]]
    # Far from the cloth nothing is ever seen; one colour there makes the file smaller.
    bled[distance > _BLEED] = np.median(rgb[cloth], axis=0)
    return bled
