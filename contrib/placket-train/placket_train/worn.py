"""The garment's part of a worn figure, from the seller's word for its colour.

The rule-based cut-out finds the whole wearer. Where the seller's colour covers a good part of the figure in a few large
pieces, those pieces are the garment. Dyed anew in any colour, also in the background's white, such photos teach the
mask head where on a figure the garment is, whatever its colour.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image
from scipy import ndimage

from placket_local.color_names import Color, name_odds
from placket_local.lab import lab_to_rgb, rgb_to_lab

from .views import Stored

_TELLING = {"blue", "green", "red", "yellow", "purple"}
"""Words for colours that neither skin, hair, shoes nor the studio's wall have."""
_CELL = 8.0  # Lab units: pixels are named in cells of this size


def garment_on_figure(
    stored: Stored, color: str, palette: Mapping[str, Color], broader: Mapping[str, str]
) -> Stored | None:
    """Return the photo with the garment's own mask; None where the colour does not tell it."""
    if color not in _TELLING or stored.quality < 0.5:
        return None
    side = len(stored.mask)
    small = np.asarray(Image.fromarray(stored.pixels).resize((side, side), Image.Resampling.BOX))
    figure = stored.mask > 127
    lab = rgb_to_lab(small)
    cells = np.rint(lab / _CELL).astype(np.int64)
    keys, member = np.unique(cells.reshape(-1, 3), axis=0, return_inverse=True)
    right = np.zeros(len(keys), np.bool_)
    for i, key in enumerate(keys):
        if np.hypot(key[1], key[2]) * _CELL > 9:
            name = name_odds((float(key[0] * _CELL), float(key[1] * _CELL), float(key[2] * _CELL)), palette)[0][0]
            right[i] = broader.get(name, name) == color
    hit = right[member.reshape(-1)].reshape(side, side) & figure
    hit = ndimage.binary_opening(ndimage.binary_closing(hit, iterations=3), iterations=2)
    labels, count = ndimage.label(hit)
    if count == 0:
        return None
    sizes = ndimage.sum_labels(hit, labels, np.arange(1, count + 1))
    hit = np.isin(labels, 1 + np.flatnonzero(sizes > 0.35 * sizes.max()))
    hit = ndimage.binary_fill_holes(hit) & figure
    if not 0.2 < hit.sum() / figure.sum() < 0.97:
        return None
    return Stored(stored.pixels, (hit * 255).astype(np.uint8), stored.quality)


def dyed(stored: Stored, generator: np.random.Generator) -> Stored:
    """The same photo with the garment in another colour; its folds stay."""
    side = len(stored.pixels)
    cover = np.asarray(Image.fromarray(stored.mask).resize((side, side), Image.Resampling.BILINEAR), np.float32) / 255
    inside = cover > 0.5
    lab = rgb_to_lab(stored.pixels)
    center = np.median(lab[inside], axis=0)
    lightness = generator.choice([generator.uniform(5, 22), generator.uniform(22, 82), generator.uniform(82, 97)])
    chroma = 0.0 if generator.random() < 0.5 else generator.uniform(5, 55)
    hue = generator.uniform(0, 2 * np.pi)
    wanted = np.array([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], np.float32)
    change = (lab - center) * np.array([generator.uniform(0.4, 0.9), 0.4, 0.4], np.float32)
    new = lab_to_rgb((wanted + change).astype(np.float32))
    mixed = new * cover[..., None] + stored.pixels * (1 - cover[..., None])
    return Stored(mixed.astype(np.uint8), stored.mask, stored.quality)
