"""Where the garment is, as the trained network sees it: fast, and at home on busy backgrounds.

`cutout.cut_out` draws a finer outline and takes ten times as long; for tags this one is enough.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from PIL import Image

from .arrays import Flags, Lab, Plane
from .background import ring_of
from .cutout import Candidate, Cutout, cut_out
from .morphology import dilated
from .outline import Figures, bounding_box_of, contrast_across, corners_covered, parts_of, ramp, solidity_of
from .picture import Picture

_SMALLEST_GARMENT = 0.012  # part of the picture
_LEAST_OVERLAP = 0.5
_LOW_CONTRAST = 5.0  # Lab distance across the outline
_BUSY = 16.0  # Lab units by which the background's colours differ


def seen_cutout(picture: Picture, mask: Plane) -> Cutout:
    """Turn the network's mask (64, 64) of a picture into a cut-out of the picture's size.

    A transparent picture brings its own mask.
    """
    height, width = picture.rgb.shape[:2]
    if picture.alpha is not None or min(height, width) < 16:
        return cut_out(picture)
    seen = seen_garment(picture.small_lab, mask)
    if seen is None:
        return nothing(picture)
    full = stretched(seen.posterior, width, height)
    full = np.clip(full * np.float32(2.5) - np.float32(0.75), 0, 1)  # firmer: one half stays one half
    return Cutout(full, seen.quality, seen.problems, "network", bounding_box_of(full))


def seen_garment(lab: Lab, mask: Plane) -> Candidate | None:
    """Judge the network's mask by a small picture, before it is drawn; None when it shows no garment.

    The ``posterior`` is the mask without what lies apart from the garment.
    """
    posterior = stretched(mask, lab.shape[1], lab.shape[0])
    kept, parts = parts_of(posterior)
    overlap = _expected_overlap(posterior)
    if kept.mean() < _SMALLEST_GARMENT or overlap < _LEAST_OVERLAP:
        return None
    near = dilated(dilated(kept))
    judged = _judge(_figures(lab, kept, near, parts, overlap))
    return Candidate(np.where(near, posterior, np.float32(0)), kept, *judged)


def nothing(picture: Picture) -> Cutout:
    """Say that there is no garment in the picture."""
    return Cutout(np.zeros(picture.rgb.shape[:2], np.float32), 0.0, ("no-garment",), "network", None)


def stretched(plane: Plane, width: int, height: int) -> Plane:
    """Scale a mask to any size."""
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32)


def _expected_overlap(posterior: Plane) -> float:
    """Overlap over union that the mask can be expected to have, if each pixel is right as often as it says."""
    inside = posterior > 0.5
    return float(posterior[inside].sum() / max(1.0, inside.sum() + posterior[~inside].sum()))


@frozen(kw_only=True)
class _Figures(Figures):
    overlap: float
    variety: float


def _figures(lab: Lab, kept: Flags, near: Flags, parts: tuple[float, ...], overlap: float) -> _Figures:
    lab, half = lab[::2, ::2], kept[::2, ::2]  # half as fine tells as much
    outside = lab[~near[::2, ::2]]
    enough = len(outside) > 30
    return _Figures(
        area=float(kept.mean()),
        contrast=contrast_across(lab, half),
        border=float(kept[ring_of(*kept.shape)].mean()),
        corners=corners_covered(kept),
        overlap=overlap,
        solidity=solidity_of(half),
        variety=float(np.sqrt(outside.var(axis=0) @ np.array([0.5, 1, 1]))) if enough else 0.0,
        white=bool(enough and np.percentile(outside[:, 0], 25) > 96),
        parts=parts,
    )


def _judge(figures: _Figures) -> tuple[float, tuple[str, ...]]:
    problems = figures.problems(_LOW_CONTRAST)
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
