"""Made patterns: stripes, checks, dots, flowers and prints drawn on real plain garments, which keep their folds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from attrs import frozen
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from .views import Stored

PATTERNS = ("solid", "striped", "checkered", "dots", "floral", "other")
"""What the head tells apart; ``other`` are prints, motifs and animal skins, which are not claimed as a pattern."""

Plane = npt.NDArray[np.float32]
_FINE = 2
"""Patterns are drawn this many times larger, so that their edges come out smooth."""


def patterned(stored: Stored, pattern: str, generator: np.random.Generator) -> Stored:
    """Draw a pattern on the garment; ``solid`` leaves it as it is."""
    if pattern == "solid":
        return stored
    side = len(stored.pixels)
    cover = np.asarray(Image.fromarray(stored.mask).resize((side, side), Image.Resampling.BILINEAR), np.float32) / 255
    light = stored.pixels.astype(np.float32).mean(axis=2)
    inside = cover > 0.5
    if not inside.any():
        return stored
    mean = max(25.0, float(np.median(light[inside])))
    shading = np.clip(light / mean, 0.3, 1.6)
    extent = float(np.sqrt(inside.sum()))
    bend = ndimage.gaussian_filter(shading, 4) * generator.uniform(0, 0.12) * extent
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    y, x = y + bend, x + bend * generator.uniform(-1, 1)
    alpha, ink = _DRAWN[pattern](_Cloth(x, y, extent, inside), generator)
    alpha = ndimage.gaussian_filter(alpha, (0.6, 0.6)) * generator.uniform(0.55, 1.0)
    if generator.random() < 0.3:  # the cloth gets another dye first
        base = _dye(generator)
        dyed = base * shading[..., None]
    else:
        base, dyed = np.median(stored.pixels[inside], axis=0), stored.pixels.astype(np.float32)
    if ink is None:
        ink = np.broadcast_to(_apart(base, generator), (*alpha.shape, 3))
    drawn = dyed + (alpha * cover)[..., None] * (ink * shading[..., None] - dyed)
    mixed = drawn * cover[..., None] + stored.pixels * (1 - cover[..., None])
    return Stored(np.clip(mixed, 0, 255).astype(np.uint8), stored.mask, stored.quality)


@frozen(eq=False)
class _Cloth:
    """Where to draw: bent coordinates of every pixel, the side of a square of the garment's area, and the garment."""

    x: Plane
    y: Plane
    extent: float
    inside: npt.NDArray[np.bool_]


def _dye(generator: np.random.Generator) -> Plane:
    tone = generator.uniform(15, 245)
    return np.clip(tone + generator.normal(0, 45, 3), 5, 250).astype(np.float32)


def _apart(base: npt.NDArray[np.generic], generator: np.random.Generator) -> Plane:
    """A dye that can be told from ``base``."""
    for _ in range(20):
        dye = _dye(generator)
        if np.abs(dye - base).mean() > 35:
            return dye
    return np.full(3, 245.0 if np.mean(base) < 128 else 15.0, np.float32)


def _turned(x: Plane, y: Plane, angle: float) -> tuple[Plane, Plane]:
    return x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)


def _stripes(cloth: _Cloth, generator: np.random.Generator) -> tuple[Plane, Plane | None]:
    angle = generator.normal(0, 0.12) + generator.choice([0, np.pi / 2, np.pi / 4], p=[0.35, 0.57, 0.08])
    along, _ = _turned(cloth.x, cloth.y, angle)
    period = cloth.extent / np.exp(generator.uniform(np.log(5), np.log(45)))
    phase = (along / period) % 1
    alpha = (phase < generator.uniform(0.12, 0.6)).astype(np.float32)
    if generator.random() < 0.35:  # a second, thinner stripe
        alpha = np.maximum(alpha, 0.8 * ((phase > 0.72) & (phase < 0.72 + generator.uniform(0.05, 0.15))))
    if generator.random() < 0.25:  # stripes of several colours
        dyes = np.stack([_dye(generator) for _ in range(4)])
        return alpha.astype(np.float32), dyes[(along / period).astype(int) % generator.integers(2, 5)]
    return alpha.astype(np.float32), None


def _checks(cloth: _Cloth, generator: np.random.Generator) -> tuple[Plane, Plane | None]:
    angle = generator.normal(0, 0.12) + (np.pi / 4 if generator.random() < 0.08 else 0)
    along, across = _turned(cloth.x, cloth.y, angle)
    period = cloth.extent / np.exp(generator.uniform(np.log(4), np.log(32)))
    ratio = generator.uniform(0.85, 1.2)
    width = generator.uniform(0.1, 0.55)
    one, other = (along / period) % 1, (across / period / ratio) % 1
    alpha = ((one < width).astype(np.float32) + (other < width)) / 2
    if generator.random() < 0.5:  # tartan: a finer line beside each band
        fine = generator.uniform(0.04, 0.1)
        lines = ((np.abs(one - 0.75) < fine) | (np.abs(other - 0.75) < fine)).astype(np.float32)
        ink = np.where(lines[..., None] > 0, _dye(generator), _dye(generator)) if generator.random() < 0.5 else None
        return np.maximum(alpha, 0.8 * lines).astype(np.float32), ink
    return alpha, None


def _dots(cloth: _Cloth, generator: np.random.Generator) -> tuple[Plane, Plane | None]:
    along, across = _turned(cloth.x, cloth.y, generator.uniform(0, np.pi / 2))
    period = cloth.extent / np.exp(generator.uniform(np.log(6), np.log(32)))
    row = np.floor(across / period)
    shift = 0.5 * (row % 2) if generator.random() < 0.7 else 0.0
    u, v = (along / period + shift) % 1 - 0.5, (across / period) % 1 - 0.5
    jitter = 0.12 if generator.random() < 0.3 else 0.0
    if jitter:
        u = u + jitter * np.sin(row * 12.9 + np.floor(along / period) * 78.2)
        v = v + jitter * np.sin(row * 39.3 + np.floor(along / period) * 11.1)
    return (np.hypot(u, v) < generator.uniform(0.14, 0.36)).astype(np.float32), None


def _flowers(cloth: _Cloth, generator: np.random.Generator) -> tuple[Plane, Plane | None]:
    """Scattered flowers with petals and leaves, in a few dyes."""
    side = len(cloth.x)
    image = Image.new("RGBA", (side * _FINE, side * _FINE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    size = _FINE * cloth.extent / np.exp(generator.uniform(np.log(5), np.log(22)))
    dyes = [tuple(int(v) for v in _dye(generator)) for _ in range(4)]
    green = tuple(int(v) for v in np.array([40, 110, 50]) + generator.normal(0, 25, 3))
    count = int(generator.uniform(0.35, 1.1) * (side * _FINE / size) ** 2)
    petals = int(generator.integers(4, 8))
    for _ in range(min(count, 900)):
        cx, cy = generator.uniform(0, side * _FINE, 2)
        radius = size * generator.uniform(0.25, 0.55)
        turn = generator.uniform(0, np.pi)
        if generator.random() < 0.7:
            for _ in range(int(generator.integers(1, 4))):
                leaf = generator.uniform(0, 2 * np.pi)
                tip = np.array([np.cos(leaf), np.sin(leaf)]) * radius * 1.7
                wide = np.array([-np.sin(leaf), np.cos(leaf)]) * radius * 0.25
                corners = np.stack([np.zeros(2), tip / 2 + wide, tip, tip / 2 - wide]) + np.array([cx, cy])
                draw.polygon([tuple(corner) for corner in corners], fill=(*green, 255))
        dye = dyes[generator.integers(len(dyes) - 1)]
        for petal in range(petals):
            angle = turn + 2 * np.pi * petal / petals
            px, py = cx + np.cos(angle) * radius * 0.55, cy + np.sin(angle) * radius * 0.55
            wide = radius * generator.uniform(0.35, 0.5)
            draw.ellipse((px - wide, py - wide, px + wide, py + wide), fill=(*dye, 255))
        heart = radius * 0.28
        draw.ellipse((cx - heart, cy - heart, cx + heart, cy + heart), fill=(*dyes[-1], 255))
    small = np.asarray(image.resize((side, side), Image.Resampling.BOX), np.float32)
    return small[..., 3] / 255, small[..., :3]


def _print(cloth: _Cloth, generator: np.random.Generator) -> tuple[Plane, Plane | None]:
    """A picture or lettering on the chest, blotches all over, or scattered motifs."""
    side = len(cloth.x)
    kind = generator.integers(3)
    if kind == 1:  # animal skin, camouflage, batik
        scale = cloth.extent / np.exp(generator.uniform(np.log(8), np.log(40)))
        noise = np.stack(
            [ndimage.gaussian_filter(generator.standard_normal((side, side)), scale / 2) for _ in range(2)]
        )
        noise /= noise.std(axis=(1, 2), keepdims=True)
        dyes = np.stack([_dye(generator) for _ in range(2)])
        ink = np.where((noise[1] > 0)[..., None], dyes[0], dyes[1])
        return (noise[0] > generator.uniform(-0.3, 0.8)).astype(np.float32), ink
    image = Image.new("RGBA", (side * _FINE, side * _FINE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    rows, columns = np.flatnonzero(cloth.inside.any(axis=1)), np.flatnonzero(cloth.inside.any(axis=0))
    center = np.array([(columns[0] + columns[-1]) / 2, rows[0] + (rows[-1] - rows[0]) * generator.uniform(0.3, 0.55)])
    dyes = [tuple(int(v) for v in _dye(generator)) for _ in range(4)]
    if kind == 0:
        reach = cloth.extent * generator.uniform(0.1, 0.26)
        lettering = generator.random() < 0.55
        if lettering:
            height = reach * generator.uniform(0.25, 0.6)
            font = ImageFont.load_default(max(6.0, height * _FINE))
            for line in range(int(generator.integers(1, 4))):
                letters = "".join(chr(generator.integers(65, 91)) for _ in range(generator.integers(3, 9)))
                place = tuple(_FINE * (center + np.array([0, line * height * 1.2])))
                draw.text(place, letters, fill=(*dyes[0], 255), font=font, anchor="mm")
        if not lettering or generator.random() < 0.3:  # a picture
            for _ in range(int(generator.integers(4, 25))):
                place = center + generator.normal(0, reach * 0.5, 2)
                wide, high = reach * generator.uniform(0.08, 0.5, 2)
                box = tuple(
                    _FINE * value for value in (place[0] - wide, place[1] - high, place[0] + wide, place[1] + high)
                )
                dye = (*dyes[generator.integers(4)], 255)
                (draw.ellipse if generator.random() < 0.6 else draw.rectangle)(box, fill=dye)
    else:  # motifs
        size = cloth.extent / np.exp(generator.uniform(np.log(6), np.log(20)))
        corners = generator.uniform(-0.5, 0.5, (generator.integers(3, 9), 2)) * size
        for _ in range(int(generator.uniform(0.2, 0.6) * (side / size) ** 2)):
            place, turn = generator.uniform(0, side, 2), generator.uniform(0, 2 * np.pi)
            rotated = np.column_stack(_turned(corners[:, 0], corners[:, 1], turn)) + place
            draw.polygon([tuple(point) for point in rotated * _FINE], fill=(*dyes[generator.integers(2)], 255))
    small = np.asarray(image.resize((side, side), Image.Resampling.BOX), np.float32)
    return small[..., 3] / 255, small[..., :3]


_DRAWN = {"striped": _stripes, "checkered": _checks, "dots": _dots, "floral": _flowers, "other": _print}
