"""Skin beside a worn garment.

By colour alone skin is beige or brown cloth. It is taken for skin only when the picture shows somebody wearing the
garment: skin-coloured patches that reach the rim of the cut-out and leave one broad piece that does so too.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .arrays import Flags, Lab
from .morphology import dilated, eroded, opened

_LEAST = 0.025  # part of the cut-out
_MOST = 0.4
_MOST_IN_STUDIO = 0.86
_PATCH = 0.008


def skin_colored(lab: Lab) -> Flags:
    """(height, width): the colours of human skin, fair to dark, in neutral light."""
    lightness, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    hue, chroma = np.degrees(np.arctan2(b, a)), np.hypot(a, b)
    ceiling = np.where(lightness > 75, 34, 42)
    return np.asarray(
        (lightness > 18) & (lightness < 93) & (hue > 22) & (hue < 76) & (chroma > 9) & (chroma < ceiling), np.bool_
    )


def worn_skin(lab: Lab, inside: Flags, *, studio: bool) -> Flags | None:
    """Where skin shows in the cut-out; None when the garment is not worn, as far as can be told.

    ``studio``: the backdrop is pure white. There more skin is believed, as beside shorts; on a bed or a floor a garment
    is hardly ever worn, and beige cloth is likelier.
    """
    colored = opened(skin_colored(lab) & inside)
    total = float(inside.sum())
    if colored.sum() < _LEAST * total:
        return None
    labels, count = ndimage.label(colored)
    numbers = np.arange(1, count + 1)
    sizes = np.asarray(ndimage.sum_labels(colored, labels, numbers))
    rim = inside & ~eroded(eroded(inside))
    at_rim = np.asarray(ndimage.sum_labels(rim, labels, numbers))
    skin = np.isin(labels, numbers[(sizes > _PATCH * total) & (at_rim > 0.5 * np.sqrt(sizes))])
    skin = dilated(skin) & inside
    share = skin.sum() / total
    if not _LEAST < share < (_MOST_IN_STUDIO if studio else _MOST):
        return None
    # The garment itself reaches the outline in one broad piece; a print on beige cloth lies within.
    rest = opened(inside & ~skin)
    parts, part_count = ndimage.label(rest)
    if part_count == 0:
        return None
    part_sizes = np.asarray(ndimage.sum_labels(rest, parts, np.arange(1, part_count + 1)))
    main = parts == int(np.argmax(part_sizes)) + 1
    if part_sizes.max() < 0.08 * total or (main & rim).sum() < np.sqrt(part_sizes.max()):
        return None
    return skin
