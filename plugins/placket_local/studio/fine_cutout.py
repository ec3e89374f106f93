"""The cut-out for pictures that people look at: the trained network finds the garment, the pixels' colours draw it.

The network is at home on busy backgrounds and sees only a coarse grid, on which it may miss a sleeve. The cut-out by
background draws a fine edge, and may take a rug for a garment. Where they differ, each piece is settled by itself.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .. import network
from ..arrays import Flags, Lab, Plane
from ..cutout import GOOD_ENOUGH, SIZE, Candidate, Cutout, cut_out, find_garment
from ..lab import rgb_to_lab
from ..mixture import refine
from ..outline import bounding_box_of, draw_edge, parts_of
from ..picture import Picture, reduced
from ..seen_cutout import nothing, seen_garment, stretched
from ..tags import worn_chances
from .disputed import settled
from .trust import Outline, problems_of, quality_of

_TRUST = 0.9
"""How much the colours must speak against what the network sees, to be believed."""

_TRUST_IN_SETTLED = 0.25
"""The same against what was settled: by then the colours of garment and ground are known."""

_ONE_THING = 0.6
"""Overlap from which on both found one garment and differ about pieces of it; below it the network is believed, for
the other one may have found its wearer, or a rug."""

_PLAIN = 0.97
"""Quality of a cut-out by background that lies whole on one smooth surface: it needs nobody who knows garments."""

_SOFT = 1.5
"""Pixels by which the outline that was settled may still be off."""

_DECIDED = 0.51
"""The chance given to a pixel that was settled to be garment, whatever its own colour says."""


def fine_cutout(picture: Picture) -> Cutout:
    """Find the garment and draw its edge; never fails, but may say ``no-garment`` with quality 0.

    A picture with transparency brings its own.
    """
    if picture.alpha is not None or min(picture.rgb.shape[:2]) < 16:
        return cut_out(picture)
    seen = network.see(network.squeezed(picture.rgb)[None])
    by_network = seen_garment(picture.small_lab, seen.mask[0])
    small = reduced(picture.rgb, SIZE)
    lab = rgb_to_lab(small)
    found = find_garment(lab)
    guess = None if by_network is None else stretched(seen.mask[0], small.shape[1], small.shape[0])
    sure = by_network is not None and by_network.quality >= GOOD_ENOUGH
    worn = float(worn_chances(network.tag_scores(seen))[0])
    posterior = _posterior(lab, guess, found, sure=sure, worn=worn > 0.5)
    kept, parts = parts_of(posterior)
    if not kept.any():
        return nothing(picture)
    outline = Outline.of(lab, kept, parts)
    quality = quality_of(
        outline,
        (0.0, 0.0) if by_network is None or guess is None else (by_network.quality, overlap(kept, guess)),
        (0.0, 0.0) if found is None else (found.quality, overlap(kept, found.kept)),
    )
    problems = problems_of(outline, worn)
    mask = draw_edge(picture.rgb, small, posterior, kept)
    return Cutout(mask, quality, problems, "network", bounding_box_of(mask))


def overlap(one: Plane | Flags, other: Plane | Flags) -> float:
    """Overlap over union of two masks of one shape, 0..1."""
    first, second = one > 0.5, other > 0.5
    return float((first & second).sum() / max(1, (first | second).sum()))


def _posterior(lab: Lab, guess: Plane | None, found: Candidate | None, *, sure: bool, worn: bool) -> Plane:
    """The chance of each pixel to be garment, from what the network sees and what the background leaves.

    On a plain ground a drawing is found that means nothing to the network, and a garment of which it is not ``sure``;
    there is no ``guess`` where it sees none.
    """
    plain = found is not None and found.quality >= _PLAIN
    kept = np.zeros(lab.shape[:2], np.bool_)
    if guess is None or (plain and not sure):
        kept = kept if found is None else found.kept
    else:
        kept, _ = parts_of(refine(lab, guess, trust=_TRUST))
        if (
            found is not None
            and found.quality >= GOOD_ENOUGH
            and ((plain and not worn) or overlap(kept, found.kept) >= _ONE_THING)
        ):
            kept = settled(lab, kept, found.kept, guess)
    soft = np.asarray(ndimage.gaussian_filter(kept.astype(np.float32), _SOFT), np.float32)
    posterior = refine(lab, soft, trust=_TRUST_IN_SETTLED, shadows=True)
    final = settled(lab, kept, parts_of(posterior)[0])
    decided = np.where(final, np.maximum(posterior, _DECIDED), np.minimum(posterior, 1 - _DECIDED))
    return np.asarray(decided, np.float32)
