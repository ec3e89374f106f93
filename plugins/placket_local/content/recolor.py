"""Another colour for a garment: the cloth's main colour moves, its shading and its print stay."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from ..arrays import Bytes3, Floats
from ..lab import lab_to_linear, linear_to_lab, linear_to_srgb, srgb_to_linear

Color = tuple[float, float, float]

_GRID = 33
"""Points a side of the colour table; more makes no visible difference."""

_REACH = 28.0
"""How far a colour may be from the main one, in Lab without most of its lightness, to move along with it."""

_LIGHTNESS = 0.35
"""The weight of lightness in that distance: a fold is far from its cloth in lightness and belongs to it."""


def recolored(atlas: Bytes3, main: Color, target: Color) -> Bytes3:
    """The atlas with its ``main`` colour (Lab) turned into ``target`` (Lab)."""
    table = _table(np.array(main, np.float32), np.array(target, np.float32))
    return np.asarray(Image.fromarray(atlas).filter(table))


def _table(main: Floats, target: Floats) -> ImageFilter.Color3DLUT:
    steps = np.linspace(0, 1, _GRID, dtype=np.float32)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    lab = linear_to_lab(srgb_to_linear(np.stack((red, green, blue), axis=-1).reshape(-1, 3)))
    apart = (lab - main) * np.array([_LIGHTNESS, 1.0, 1.0], np.float32)
    share = np.exp(-((np.linalg.norm(apart, axis=1) / _REACH) ** 2))[:, None]
    moved = target + (lab - main) * _contrast(main[0], target[0])
    moved[:, 0] = np.clip(moved[:, 0], 0, 100)
    result = linear_to_srgb(np.clip(lab_to_linear(lab + share * (moved - lab)), 0, 1))
    return ImageFilter.Color3DLUT(_GRID, result.ravel().tolist())


def _contrast(main: float, target: float) -> Floats:
    """Shading on black cloth is faint and on white cloth strong: lightness differences follow the cloth's lightness."""
    return np.array([np.clip((target + 20) / (main + 20), 0.5, 2.0), 1.0, 1.0], np.float32)
