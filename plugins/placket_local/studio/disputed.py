"""Where two cut-outs of one picture differ, the colours at the rim of each disputed piece say where it belongs.

A shadow or a pillow that one of them took looks more like the ground around it than like the cloth beside it; a sleeve
that the other one missed, the other way round.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..arrays import Flags, Floats, Lab, Plane
from ..morphology import dilated

_RIM = 2.0
"""Pixels over which the colours on each side of a rim are averaged."""

_NOISE = 2.0
"""Lab units that two patches of one cloth may differ by."""

_NETWORK = 0.2
"""What the network's log-odds for a piece count against the logarithm of how much the colours differ."""


def settled(lab: Lab, one: Flags, other: Flags, seen: Plane | None = None) -> Flags:
    """The garment (height, width): what both hold, and the disputed pieces that belong to it.

    ``seen`` is the network's mask, 0..1, asked about pieces that the colours leave open.
    """
    both, neither = one & other, ~(one | other)
    garment, ground = colors_around(lab, both), colors_around(lab, neither)
    kept = both.copy()
    for claimed in (one & ~other, other & ~one):
        colors = colors_around(lab, claimed)
        to_garment = np.linalg.norm(colors - garment, axis=-1)
        to_ground = np.linalg.norm(colors - ground, axis=-1)
        at_garment, at_ground = (dilated(dilated(side)) for side in (both, neither))
        labels, _ = ndimage.label(claimed)
        for number, place in enumerate(ndimage.find_objects(labels), start=1):
            piece = labels[place] == number
            inner, outer = to_garment[place][piece & at_garment[place]], to_ground[place][piece & at_ground[place]]
            if _belongs(inner, outer, None if seen is None else float(seen[place][piece].mean())):
                kept[place] |= piece
    return kept


def _belongs(inner: Floats, outer: Floats, seen: float | None) -> bool:
    """Judge a piece by how its colours differ from the garment's and from the ground's where it touches them."""
    if len(inner) == 0 or len(outer) == 0:
        return len(outer) == 0
    score = np.log((np.median(outer) + _NOISE) / (np.median(inner) + _NOISE))
    if seen is not None:
        chance = min(0.95, max(0.05, seen))
        score += _NETWORK * np.log(chance / (1 - chance))
    return bool(score > 0)


def colors_around(lab: Lab, where: Flags) -> Lab:
    """The mean colour around each pixel, of those pixels only that ``where`` marks."""
    cover = where.astype(np.float32)[..., None]
    blurred = ndimage.gaussian_filter(np.concatenate([lab * cover, cover], axis=-1), (_RIM, _RIM, 0), truncate=2.5)
    return np.asarray(blurred[..., :3] / (blurred[..., 3:] + 1e-4), np.float32)
