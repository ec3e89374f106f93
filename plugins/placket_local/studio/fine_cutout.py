"""The cut-out for pictures that people look at: the trained network finds the garment, the pixels' colours draw it.

The network is at home on busy backgrounds and in shadows, and sees only a coarse grid; the cut-out by background draws
a fine edge, and may take a rug for a garment. Each checks the other.
"""

from __future__ import annotations

import numpy as np
from attrs import evolve
from PIL import Image

from .. import network
from ..arrays import Bytes3, Plane
from ..cutout import Cutout, cut_out
from ..lab import rgb_to_lab
from ..mixture import refine
from ..outline import bounding_box_of, contrast_across, draw_edge, parts_of, ramp
from ..picture import Picture
from ..seen_cutout import seen_cutout

_SIZE = 176
"""Long side, in pixels, at which the colours settle what is garment; the edge is then drawn at full size."""

_TRUST = 0.9
"""How much the colours must speak against what the network sees, to be believed."""

_SURE = 0.9
"""Overlap over union with what the network sees, from which on the drawn garment is taken."""

_FAIR = 0.8
"""The same for the cut-out by background: it saw the garment on its own, so that less agreement is enough."""

_SAME = 0.965
"""Overlap of both cut-outs from which on they found the same; the one by background then has the finer edge."""

_DOUBT = (0.85, 0.93)
"""Overlap below which the drawn garment is not believed, and from which on as much as the network itself."""

_FAINT = (3.0, 9.0)
"""Lab units across the edge: below the first nobody sees where it is, from the second on everybody does."""

_PLAIN = 0.97
"""Quality of a cut-out by background on a ground that is one smooth surface."""


def fine_cutout(picture: Picture) -> Cutout:
    """Find the garment and draw its edge; never fails, but may say ``no-garment`` with quality 0.

    A picture with transparency brings its own.
    """
    by_background = cut_out(picture)
    if picture.alpha is not None or min(picture.rgb.shape[:2]) < 16:
        return by_background
    mask = network.see(network.squeezed(picture.rgb)[None]).mask[0]
    seen = seen_cutout(picture, mask)
    if seen.bounding_box is None:
        # Nothing that the network knows, as a drawing; on a plain ground it is found nevertheless.
        return by_background
    drawn, contrast = _drawn(picture, mask)
    agreed = overlap(drawn, seen.mask)
    quality = seen.quality * ramp(agreed, *_DOUBT) * ramp(contrast, *_FAINT)
    if agreed >= _SURE and overlap(drawn, by_background.mask) >= _SAME:
        return evolve(by_background, quality=max(quality, by_background.quality))
    if agreed >= _SURE:
        return evolve(seen, mask=drawn, quality=quality, bounding_box=bounding_box_of(drawn))
    if overlap(by_background.mask, seen.mask) >= _FAIR or _stands_clear(by_background):
        return by_background
    return evolve(seen, mask=drawn, quality=min(quality, by_background.quality), bounding_box=bounding_box_of(drawn))


def overlap(one: Plane, other: Plane) -> float:
    """Overlap over union of two masks of one shape, 0..1."""
    first, second = one > 0.5, other > 0.5
    return float((first & second).sum() / max(1, (first | second).sum()))


def _stands_clear(cutout: Cutout) -> bool:
    """Whether it lies whole on a plain ground: then the colours need nobody who knows garments."""
    mask = cutout.mask
    border = max(float(side.max()) for side in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    return cutout.quality >= _PLAIN and border < 0.5


def _drawn(picture: Picture, mask: Plane) -> tuple[Plane, float]:
    """The mask with a fine edge, and how far the colours along it differ, in Lab units."""
    small = _reduced(picture.rgb)
    guess = Image.fromarray(mask).resize((small.shape[1], small.shape[0]), Image.Resampling.BILINEAR)
    lab = rgb_to_lab(small)
    posterior = refine(lab, np.asarray(guess, np.float32), trust=_TRUST)
    kept, _ = parts_of(posterior)
    if not kept.any():
        return np.zeros(picture.rgb.shape[:2], np.float32), 0.0
    return draw_edge(picture.rgb, small, posterior, kept), contrast_across(lab, kept)


def _reduced(rgb: Bytes3) -> Bytes3:
    height, width = rgb.shape[:2]
    scale = min(1.0, _SIZE / max(height, width))
    size = (max(12, round(width * scale)), max(12, round(height * scale)))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))
