"""Whether a garment's outline is to be believed, and what is wrong with it for people."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from ..arrays import Flags, Lab
from ..mixture import color_odds
from ..morphology import eroded, spread
from ..outline import ramp, solidity_of
from .disputed import colors_around

_FAINT = 6.0
"""Lab units across the outline: below it people hardly see where the garment ends."""

_CLEAR = (0.6, 0.9)
"""Part of the outline that people see: below the first it is not believed, from the second on it is."""

_BAND = 5
"""Pixels on each side of the outline whose colours are asked whether they are garment or ground."""

_TOLD = (1.0, 1.8)
"""Mean log-odds with which they are right, at most `_SURE` each: below the first they do not know, from the second on
they do. White on white, and one pattern on another, have steps of colour everywhere and still tell nothing."""

_SURE = 3.0

_CUT_OFF = (0.35, 0.55)
"""How long the picture's border cuts the garment, against its longer side: the tip of a sleeve, or both trouser legs
and the waist."""

_SEEN = (0.72, 0.92)
"""Overlap with what the network sees, coarsely, below which and from which on it speaks for the outline."""

_FOUND = (0.8, 0.95)
"""The same for the cut-out by background, which is as fine."""

_WORN = 0.9
"""Chance that somebody wears the garment."""

_SECOND = 0.3
"""Size of a second part against the first, from which on it is a garment of its own."""


@frozen(kw_only=True)
class Outline:
    """What can be told from an outline without knowing who drew it.

    ``clear``: part of it with a visible step of colour. ``told``: mean log-odds with which the colours along it
    tell garment from ground, on the side where they say less. ``cut_off``: its length at the picture's border, against
    the garment's longer side. ``solidity``: as `solidity_of`. ``parts``: sizes of the parts against the first.
    """

    clear: float
    told: float
    cut_off: float
    solidity: float
    parts: tuple[float, ...]

    @classmethod
    def of(cls, lab: Lab, kept: Flags, parts: tuple[float, ...]) -> Outline:
        """Measure the outline of ``kept`` (height, width), of which at least one pixel is garment."""
        rim = kept & ~eroded(kept, beyond=True)
        steps = np.linalg.norm(colors_around(lab, kept) - colors_around(lab, ~kept), axis=-1)[rim]
        border = sum(int(side.sum()) for side in (kept[0], kept[-1], kept[:, 0], kept[:, -1]))
        longer = max(np.ptp(np.flatnonzero(kept.any(axis=axis))) + 1 for axis in (0, 1))
        return cls(
            clear=float((steps > _FAINT).mean()) if rim.any() else 0.0,
            told=_told(lab, kept),
            cut_off=float(border / longer),
            solidity=solidity_of(kept),
            parts=parts,
        )


def _told(lab: Lab, kept: Flags) -> float:
    odds = np.clip(color_odds(lab, kept.astype(np.float32)), -_SURE, _SURE)
    inner, outer = kept & spread(~kept, _BAND), ~kept & spread(kept, _BAND)
    return float(min(odds[inner].mean(), -odds[outer].mean())) if outer.any() else 0.0


def quality_of(outline: Outline, seen: tuple[float, float], found: tuple[float, float]) -> float:
    """The chance that the cut-out is usable, 0..1.

    ``seen`` and ``found`` are the quality of the cut-out by the network and of that by background, and the overlap of
    each with the outline. They are two witnesses of whom one may do, and who err in different places.
    """
    doubt = (1 - seen[0] * ramp(seen[1], *_SEEN)) * (1 - found[0] * ramp(found[1], *_FOUND))
    seeable = ramp(outline.clear, *_CLEAR) * ramp(outline.told, *_TOLD)
    return (1 - doubt) * seeable * (1 - ramp(outline.cut_off, *_CUT_OFF))


def problems_of(outline: Outline, worn: float) -> tuple[str, ...]:
    """Codes of `placket_local.cutout.PROBLEMS`; ``worn`` is the chance that somebody wears the garment."""
    told = {
        "worn": worn > _WORN,
        "several-objects": len(outline.parts) > 1 and outline.parts[1] > _SECOND,
        "touches-border": ramp(outline.cut_off, *_CUT_OFF) >= 0.5,
        "low-contrast": min(ramp(outline.clear, *_CLEAR), ramp(outline.told, *_TOLD)) < 0.5,
        "fragmented": outline.solidity < 0.72 or len(outline.parts) > 4,
    }
    return tuple(code for code, wrong in told.items() if wrong)
