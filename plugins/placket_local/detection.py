"""Garments in a photo that shows several: propose boxes, then classify what is in each.

Not a trained detector. Separate parts of the garment mask are proposed, and for a standing figure its upper and its
lower part; each box passes the networks again. Garments that touch or overlap are found together.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from attrs import frozen
from scipy import ndimage

from . import network
from .analysis import shown
from .arrays import Bytes3, Flags, Plane
from .kinds import CATEGORIES
from .morphology import opened
from .picture import decode
from .tags import kind_chances

Box = tuple[float, float, float, float]

_SMALLEST = 0.015  # of the picture, for a part of the mask to be a garment
_MARGIN = 0.06  # of the box's side, left around it: the network learned from photos with room around the garment
_SAME = 0.55  # overlap over union above which two boxes show the same garment
_WAISTS = (0.42, 0.55)  # where a figure's upper garment may end, from the top of the figure
_PAIR = 1.25  # width against height from which a part may be two garments side by side
_FIGURE = 1.45  # height against width from which a part may be a figure


@frozen
class Found:
    """A garment: ``box`` (x0, y0, x1, y1) in fractions of the picture, a category's id, and the chance it is right."""

    box: Box
    category: str
    score: float


def detect(data: bytes) -> tuple[Found, ...]:
    """Find the garments in an image file, surest first; empty when there is none.

    Raises `InvalidInput` when the bytes are not a usable image.
    """
    return detect_in(shown(decode(data)))


def detect_in(rgb: Bytes3) -> tuple[Found, ...]:
    """Find the garments in (height, width, 3) pixels."""
    if min(rgb.shape[:2]) < 16:
        return ()
    mask = network.see(network.squeezed(rgb)[None]).mask[0]
    boxes = _proposals(mask, rgb.shape[1] / rgb.shape[0])
    if not boxes:
        return ()
    seen = network.see(np.stack([network.squeezed(_cropped(rgb, box)) for box in boxes]))
    scores = network.tag_scores(seen)
    kinds = network.heads()["kinds"]
    names, least = kinds["names"], kinds["least"]["kind"]
    found = []
    for box, chance, cover in zip(boxes, kind_chances(scores), seen.mask, strict=True):
        best = int(np.argmax(chance))
        filled = float((cover > 0.5).mean())
        score = float(chance[best]) * min(1.0, filled / 0.2)
        if score >= least:
            found.append(Found(_tightened(box, cover), CATEGORIES[names[best]], score))
    return _distinct(sorted(found, key=lambda one: -one.score))


def _proposals(mask: Plane, aspect: float) -> list[Box]:
    """Boxes of the mask's parts, of a tall part's upper and lower, of a wide part's sides, and of the whole mask.

    ``aspect`` is the picture's width against its height, which the square mask does not show.
    """
    flags: Flags = opened(mask > 0.5)
    labels, count = ndimage.label(flags)
    boxes = []
    for rows, columns in ndimage.find_objects(labels):
        if (flags[rows, columns]).sum() < _SMALLEST * flags.size:
            continue
        boxes.append(_box(rows.start, rows.stop, columns.start, columns.stop, flags.shape))
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if width * aspect > _PAIR * height:
            middle = columns.start + _valley(flags[rows, columns])
            for left, right in pairwise((columns.start, middle, columns.stop)):
                boxes.append(_box(rows.start, rows.stop, left, right, flags.shape))
        if height > _FIGURE * width * aspect:
            for waist in _WAISTS:
                middle = rows.start + round(waist * height)
                for top, bottom in pairwise((rows.start, middle, rows.stop)):
                    boxes.append(_box(top, bottom, columns.start, columns.stop, flags.shape))
    if count > 1 and boxes:
        x0, y0, x1, y1 = zip(*boxes, strict=True)
        boxes.append((min(x0), min(y0), max(x1), max(y1)))
    return boxes


def _valley(part: Flags) -> int:
    """Column near the middle at which a wide part is thinnest: where two garments that touch would meet."""
    width = part.shape[1]
    start = int(0.35 * width)
    stop = max(int(0.65 * width), start + 1)
    thickness = part[:, start:stop].sum(axis=0) + 0.5 * np.abs(np.arange(start, stop) - width / 2)
    return start + int(np.argmin(thickness))


def _box(top: int, bottom: int, left: int, right: int, shape: tuple[int, ...]) -> Box:
    return left / shape[1], top / shape[0], right / shape[1], bottom / shape[0]


def _cropped(rgb: Bytes3, box: Box) -> Bytes3:
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = box
    across, down = _MARGIN * (x1 - x0), _MARGIN * (y1 - y0)
    left, right = max(0, int((x0 - across) * width)), min(width, round((x1 + across) * width))
    top, bottom = max(0, int((y0 - down) * height)), min(height, round((y1 + down) * height))
    return np.ascontiguousarray(rgb[top : max(bottom, top + 1), left : max(right, left + 1)])


def _tightened(box: Box, cover: Plane) -> Box:
    """Shrink a box to the garment that the network saw in its crop."""
    flags = cover > 0.5
    rows, columns = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    x0, y0, x1, y1 = box
    across, down = _MARGIN * (x1 - x0), _MARGIN * (y1 - y0)
    left, top = max(0.0, x0 - across), max(0.0, y0 - down)
    wide, high = min(1.0, x1 + across) - left, min(1.0, y1 + down) - top
    side = len(cover)
    return (
        float(left + wide * columns[0] / side),
        float(top + high * rows[0] / side),
        float(left + wide * (columns[-1] + 1) / side),
        float(top + high * (rows[-1] + 1) / side),
    )


def _distinct(found: list[Found]) -> tuple[Found, ...]:
    """Keep the surest of boxes that overlap much, and drop a box that two surer ones fill."""
    kept: list[Found] = []
    for one in found:
        if all(_overlap(one.box, other.box) < _SAME and _inside(one.box, other.box) < 0.8 for other in kept):
            kept.append(one)
    return tuple(kept)


def _common(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _area(box: Box) -> float:
    return max(1e-9, (box[2] - box[0]) * (box[3] - box[1]))


def _overlap(one: Box, other: Box) -> float:
    common = _common(one, other)
    return common / (_area(one) + _area(other) - common)


def _inside(one: Box, other: Box) -> float:
    """How much of the smaller box lies in the larger."""
    return _common(one, other) / min(_area(one), _area(other))
