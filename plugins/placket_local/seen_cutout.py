"""Where the garment is, as the trained network sees it: fast, and at home on busy backgrounds.

`cutout.cut_out` draws a finer outline and takes ten times as long; for tags this one is enough.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from PIL import Image
from scipy import ndimage

from .arrays import Bytes3, Flags, Lab, Plane
from .cutout import Cutout, cut_out
from .lab import rgb_to_lab
from .outline import bounding_box_of, contrast_across, corners_covered, parts_of, ramp, solidity_of
from .picture import Picture

SIZE = 112
"""Long side, in pixels, at which masks are judged."""

_SMALLEST_GARMENT = 0.012  # part of the picture
_LEAST_OVERLAP = 0.5
_LOW_CONTRAST = 5.0  # Lab distance across the outline
_BUSY = 16.0  # Lab units by which the background's colours differ
_RING = 0.035  # width of the border ring, as a part of the short side


def seen_cutout(picture: Picture, mask: Plane) -> Cutout:
    """Turn the network's mask (64, 64) of a picture into a cut-out of the picture's size.

    A transparent picture brings its own mask.
    """
    height, width = picture.rgb.shape[:2]
    if picture.alpha is not None or min(height, width) < 16:
        return cut_out(picture)
    small = reduced(picture.rgb)
    posterior = stretched(mask, small.shape[1], small.shape[0])
    kept, parts = parts_of(posterior)
    overlap = _expected_overlap(posterior)
    if kept.mean() < _SMALLEST_GARMENT or overlap < _LEAST_OVERLAP:
        return nothing(picture)
    quality, problems = _judge(_figures(rgb_to_lab(small), kept, parts, overlap))
    soft = np.where(ndimage.binary_dilation(kept, iterations=2), posterior, 0).astype(np.float32)
    full = np.clip((stretched(soft, width, height) - 0.5) * 2.5 + 0.5, 0, 1).astype(np.float32)
    return Cutout(full, quality, problems, "network", bounding_box_of(full))


def nothing(picture: Picture) -> Cutout:
    """Say that there is no garment in the picture."""
    return Cutout(np.zeros(picture.rgb.shape[:2], np.float32), 0.0, ("no-garment",), "network", None)


def reduced(rgb: Bytes3) -> Bytes3:
    """Scale pixels so that the long side is at most `SIZE`."""
    height, width = rgb.shape[:2]
    scale = min(1.0, SIZE / max(height, width))
    size = (max(12, round(width * scale)), max(12, round(height * scale)))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX, reducing_gap=2))


def stretched(plane: Plane, width: int, height: int) -> Plane:
    """Scale a mask to any size."""
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32)


def _expected_overlap(posterior: Plane) -> float:
    """Overlap over union that the mask can be expected to have, if each pixel is right as often as it says."""
    inside = posterior > 0.5
    return float(posterior[inside].sum() / max(1.0, inside.sum() + posterior[~inside].sum()))


@frozen
class _Figures:
    area: float
    contrast: float
    border: float
    corners: int
    overlap: float
    solidity: float
    variety: float
    white: bool
    parts: tuple[float, ...]


def _figures(lab: Lab, kept: Flags, parts: tuple[float, ...], overlap: float) -> _Figures:
    outside = lab[~ndimage.binary_dilation(kept, iterations=2)]
    enough = len(outside) > 30
    return _Figures(
        area=float(kept.mean()),
        contrast=contrast_across(lab[::2, ::2], kept[::2, ::2]),  # half as fine tells as much
        border=float(kept[_ring(*kept.shape)].mean()),
        corners=corners_covered(kept),
        overlap=overlap,
        solidity=solidity_of(kept[::2, ::2]),
        variety=float(np.sqrt(outside.var(axis=0) @ np.array([0.5, 1, 1]))) if enough else 0.0,
        white=bool(enough and np.percentile(outside[:, 0], 25) > 96),
        parts=parts,
    )


def _ring(height: int, width: int) -> Flags:
    thickness = max(1, round(_RING * min(height, width)))
    ring = np.ones((height, width), np.bool_)
    ring[thickness : height - thickness, thickness : width - thickness] = False
    return ring


def _judge(figures: _Figures) -> tuple[float, tuple[str, ...]]:
    problems = []
    if figures.contrast < _LOW_CONTRAST:
        problems.append("low-contrast")
    if figures.border > 0.3 or figures.corners >= (4 if figures.white else 2):
        problems.append("touches-border")
    if len(figures.parts) > 1 and figures.parts[1] > 0.3:
        problems.append("several-objects")
    if figures.solidity < 0.72 or len(figures.parts) > 4:
        problems.append("fragmented")
    if figures.variety > _BUSY:
        problems.append("busy-background")
    quality = (
        ramp(figures.overlap, 0.45, 0.92)
        * ramp(figures.contrast, 0.0, 8.0) ** 0.5
        * (1 - 0.4 * ramp(figures.border, 0.4, 1.0))
        * (0.4 + 0.6 * ramp(figures.solidity, 0.5, 0.8))
        * ramp(figures.area, 0.0, 0.05)
    )
    return float(min(1.0, max(0.0, quality))), tuple(problems)
