"""From a Lab colour to the words people use for it.

Two kinds of evidence. The twelve basic words own whole territories of hue, chroma and lightness, which no single
centroid describes: every blue from sky to ultramarine is blue. Every word of the palette, basic or not, also owns the
neighbourhood of its centroid, measured by CIEDE2000; so ``turquoise`` or ``charcoal`` wins near its centroid only.

The territories' bounds were set by hand from everyday usage and adjusted on the tuning half of the evaluation's
studio photos (see ``tests/benchmarks/local_tagger.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from attrs import frozen

from .lab import ciede2000

Color = tuple[float, float, float]
Numbers = npt.NDArray[np.float64]

NEVER_FROM_PIXELS = frozenset({"clear", "multicolor", "gold", "silver", "bronze", "rose gold"})
"""Names that are about gloss, transparency or variety, which a pixel's colour does not show."""

_IN_TERRITORY = 5.5  # what being wholly inside a basic word's territory counts as, in CIEDE2000 units
_OUTSIDE = 34.0  # what being outside costs
_SOFTNESS = 3.2  # CIEDE2000 units by which the odds between two words change e-fold
_LIGHTNESS_WEIGHT = 0.75  # light varies more in photos than dye does


@frozen
class Territory:
    """A soft box in Lab: each side is (outer low, inner low, inner high, outer high).

    Inside the inner bounds the membership is 1, outside the outer ones 0. Hue is in degrees; a box over red counts on
    past 360, and None is every hue.
    """

    hue: tuple[float, float, float, float] | None
    chroma: tuple[float, float, float, float]
    lightness: tuple[float, float, float, float]


_ANY = (-1.0, -1.0, 200.0, 200.0)
TERRITORIES: dict[str, tuple[Territory, ...]] = {
    "black": (Territory(None, (-1, -1, 5, 9), (-1, -1, 24, 34)), Territory(None, (-1, -1, 12, 18), (-1, -1, 15, 22))),
    "gray": (Territory(None, (-1, -1, 6, 11), (24, 34, 78, 89)),),
    "white": (Territory(None, (-1, -1, 6, 11), (78, 89, 101, 101)),),
    "red": (
        Territory((345, 362, 398, 408), (26, 36, 200, 200), (12, 20, 56, 66)),
        Territory((366, 374, 400, 408), (34, 44, 200, 200), (50, 55, 65, 74)),
    ),
    "pink": (
        Territory((318, 338, 386, 404), (7, 11, 70, 80), (58, 68, 101, 101)),
        Territory((330, 345, 370, 380), (30, 45, 120, 130), (40, 48, 70, 80)),
    ),
    "orange": (Territory((38, 48, 74, 82), (27, 37, 200, 200), (48, 56, 90, 101)),),
    "yellow": (
        Territory((74, 84, 112, 119), (26, 38, 200, 200), (58, 68, 101, 101)),
        Territory((86, 95, 116, 124), (14, 24, 200, 200), (72, 80, 101, 101)),
    ),
    "green": (
        Territory((108, 120, 186, 208), (6, 10, 200, 200), (10, 18, 101, 101)),
        Territory((92, 102, 125, 135), (9, 14, 60, 80), (14, 22, 52, 64)),
    ),
    "blue": (
        Territory((188, 212, 290, 300), (6, 10, 200, 200), (16, 26, 96, 101)),
        Territory((285, 290, 297, 304), (30, 42, 200, 200), (10, 18, 80, 90)),
        Territory((285, 290, 304, 310), (55, 68, 200, 200), (8, 14, 80, 90)),
    ),
    "navy": (Territory((240, 262, 302, 312), (4, 8, 34, 44), (2, 7, 23, 30)),),
    "purple": (
        Territory((290, 300, 330, 345), (6, 10, 36, 48), (10, 18, 90, 96)),
        Territory((296, 302, 335, 345), (34, 46, 60, 74), (10, 18, 80, 90)),
        Territory((305, 311, 335, 345), (55, 68, 200, 200), (10, 18, 80, 90)),
    ),
    "brown": (Territory((22, 38, 82, 94), (7, 11, 40, 52), (12, 18, 46, 58)),),
    "beige": (
        Territory((50, 64, 92, 102), (5, 9, 26, 36), (54, 64, 86, 94)),
        Territory((34, 48, 80, 92), (9, 14, 26, 34), (54, 62, 82, 90)),
    ),
}
"""Basic word -> where it applies."""

_EVERY_HUE = (-1.0, 0.0, 720.0, 721.0)
_BOUNDS = np.array(
    [(box.hue or _EVERY_HUE, box.chroma, box.lightness) for boxes in TERRITORIES.values() for box in boxes]
).transpose(1, 2, 0)
_FIRST_BOX = np.cumsum([0, *[len(boxes) for boxes in TERRITORIES.values()]][:-1])


def memberships(labs: Sequence[Color]) -> Numbers:
    """(n, words): how far each colour lies in the territory of each basic word, 0..1, in the order of `TERRITORIES`."""
    lightness, a, b = np.array(labs, np.float64).T[..., None]
    hue = np.degrees(np.arctan2(b, a)) % 360
    hues, chromas, lightnesses = _BOUNDS
    inside = np.minimum(_trapezoid(np.hypot(a, b), chromas), _trapezoid(lightness, lightnesses))
    inside = np.minimum(inside, np.maximum(_trapezoid(hue, hues), _trapezoid(hue + 360, hues)))
    return np.asarray(np.maximum.reduceat(inside, _FIRST_BOX, axis=1), np.float64)


def _trapezoid(value: Numbers, bounds: Numbers) -> Numbers:
    """1 within the inner bounds, 0 beyond the outer ones, straight between."""
    low, inner_low, inner_high, high = bounds
    with np.errstate(divide="ignore", invalid="ignore"):  # a side without a slope, which nothing lies on
        rising = np.where(value < inner_low, (value - low) / (inner_low - low), 1.0)
        falling = np.where(value > inner_high, (high - value) / (high - inner_high), 1.0)
    return np.asarray(np.clip(np.minimum(rising, falling), 0, 1), np.float64)


def name_odds(lab: Color, palette: Mapping[str, Color]) -> list[tuple[str, float]]:
    """Every word of the palette with its probability for one colour, likeliest first; they sum to 1.

    Empty when the palette holds no word that pixels can show.
    """
    return names_odds([lab], palette)[0]


def names_odds(labs: Sequence[Color], palette: Mapping[str, Color]) -> list[list[tuple[str, float]]]:
    """The same for several colours at once."""
    names = sorted(name for name in palette if name not in NEVER_FROM_PIXELS)
    if not names or not labs:
        return [[] for _ in labs]
    seen = np.array(labs, np.float64)[:, None]
    centroids = np.repeat(np.array([palette[name] for name in names], np.float64)[None], len(labs), axis=0)
    # Stretching L about the colour's own lightness discounts lightness without touching the rest of the formula.
    centroids[..., 0] = seen[..., 0] + (centroids[..., 0] - seen[..., 0]) * _LIGHTNESS_WEIGHT
    distances = np.asarray(ciede2000(seen, centroids), np.float64)
    basic = [(names.index(word), number) for number, word in enumerate(TERRITORIES) if word in names]
    if basic:
        places, numbers = np.array(basic).T
        inside = memberships(labs)[:, numbers]
        owned = _OUTSIDE + (_IN_TERRITORY - _OUTSIDE) * inside
        distances[:, places] = np.minimum(distances[:, places] + _OUTSIDE * 0.2 * (1 - inside), owned)
    odds = np.exp(-(distances - distances.min(axis=1, keepdims=True)) / _SOFTNESS)
    odds /= odds.sum(axis=1, keepdims=True)
    order = np.argsort(-odds, axis=1, kind="stable")  # among equals by name, as they are sorted
    return [
        [(names[place], chance) for place, chance in zip(places, row, strict=True)]
        for places, row in zip(order.tolist(), np.take_along_axis(odds, order, axis=1).tolist(), strict=True)
    ]
