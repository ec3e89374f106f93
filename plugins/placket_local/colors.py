"""The garment's colours: clusters of its pixels in Lab, named, ranked by the share of the garment they cover."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from attrs import frozen
from PIL import Image

from .arrays import Bytes3, Flags, Floats, Lab, Labels
from .color_names import Color, names_odds
from .cutout import Cutout
from .lab import lab_to_linear, linear_to_lab, rgb_to_lab, srgb_to_linear_bytes
from .morphology import eroded
from .picture import Picture, reduced
from .skin import worn_skin

Number = TypeVar("Number", bound=np.generic)

_SIZE = 176  # long side at which colours are counted: a thread is blended, a stripe of a shirt is not
_BIN = 2.0  # Lab units
_CLUSTERS = 8
_ROUNDS = 8
_LIGHTNESS_WEIGHT = 0.55  # folds change lightness, dye changes hue and chroma
_SAME_COLOR = 9.0  # clusters closer than this (lightness weighted) are one cloth under uneven light
_STEEP = 5.0  # Lab units per pixel
_SMALLEST_SHARE = 0.04
_TRACE = 0.01  # of the garment: a thread, a button; not worth a name
_MOST_COLORS = 5
_NEUTRAL = 9.0  # chroma
_SURROUNDED = 0.1  # part of the picture that has to be background before the light is judged by it
_SAMPLED = 5  # every such pixel of the background is enough


@frozen
class ColorShare:
    """One colour of a garment.

    ``lab``: the colour itself. ``share``: 0..1 of the garment's visible area. ``confidence``: 0..1, how likely
    a person would use this name. ``alternatives``: (name, probability) of the next likely names, best first.
    """

    name: str
    lab: Color
    share: float
    confidence: float
    alternatives: tuple[tuple[str, float], ...]


def garment_colors(
    picture: Picture, cutout: Cutout, palette: Mapping[str, Color], *, worn: bool | None = None
) -> tuple[ColorShare, ...]:
    """Name the garment's colours, largest share first, at most five; none when there is no garment.

    ``palette`` maps names to Lab centroids. Skin is left out when the garment is ``worn``, or looks so to the pixels
    where nobody knows. The same picture gives the same
    answer on every run: clustering starts from the data, not from chance.
    """
    if "no-garment" in cutout.problems:
        return ()
    rgb = reduced(picture.rgb, _SIZE)
    inside, outside = _counted(rgb, cutout)
    if int(inside.sum()) < 12:
        return ()
    surrounded = picture.alpha is None and outside.mean() >= _SURROUNDED  # nothing is seen through what is transparent
    around = rgb_to_lab(_taken(rgb, np.flatnonzero(outside)[::_SAMPLED])) if surrounded else None
    gains = None if around is None else _uncast(around)
    lab = rgb_to_lab(rgb) if gains is None else linear_to_lab(srgb_to_linear_bytes(rgb) * gains)
    skin = None if worn is False else worn_skin(lab, inside, studio=around is not None and _is_studio(around))
    if skin is not None:
        inside = inside & ~skin
    cloth = _binned(_taken(lab, np.flatnonzero(inside)), _central_weight(inside), _unmixed(lab, inside))
    brightest = float(np.percentile(lab[::2, ::2, 0], 98))
    parts: list[tuple[float, Color]] = []
    for members in _clusters(cloth):
        share = float(cloth.weight[members].sum() / cloth.weight.sum())
        if share >= _TRACE:
            clean = members & (cloth.pure > 0)
            parts.append((share, _representative(cloth, clean if clean.any() else members, brightest)))
    named: dict[str, list[tuple[float, Color, list[tuple[str, float]]]]] = {}
    for (share, color), odds in zip(parts, names_odds([color for _, color in parts], palette), strict=True):
        if odds:
            named.setdefault(odds[0][0], []).append((share, color, odds))
    shares = [_joined(name, found, cutout.quality) for name, found in named.items()]
    shares = [one for one in shares if one.share >= _SMALLEST_SHARE] or shares[:1]
    return tuple(sorted(shares, key=lambda one: (-one.share, one.name))[:_MOST_COLORS])


@frozen(eq=False)
class _Cloth:
    """The garment's colours in small bins: ``lab`` (n, 3) means, ``weight`` of all pixels and of the ``pure`` ones."""

    lab: Lab
    weight: Floats
    pure: Floats


def _binned(samples: Lab, weights: Floats, pure: Flags) -> _Cloth:
    """Sum pixels up in bins of about the eye's smallest step; what follows then costs nothing."""
    channels = np.ascontiguousarray(samples.T)  # NumPy runs along the last axis, which should be the long one
    cells = np.floor(channels * np.float32(1 / _BIN)).astype(np.int32)
    cells -= cells.min(axis=1, keepdims=True)
    _, middle, last = extent = cells.max(axis=1) + 1
    code = (cells[0] * middle + cells[1]) * last + cells[2]
    # Numbering the cells that are used, in their order, takes half the time of sorting all samples.
    used = np.zeros(int(extent.prod()), np.bool_)
    used[code] = True
    member = (np.cumsum(used) - 1)[code]
    weight = np.bincount(member, weights)
    sums = np.stack([np.bincount(member, weights * channel) for channel in channels], axis=1)
    return _Cloth(
        (sums / weight[:, None]).astype(np.float32),
        weight.astype(np.float32),
        np.bincount(member, weights * pure).astype(np.float32),
    )


def _taken(pixels: npt.NDArray[Number], places: Labels) -> npt.NDArray[Number]:
    """(n, 3): some pixels of a picture, as a mask would pick them, several times as fast."""
    return pixels.reshape(-1, 3).take(places, 0)


def _counted(rgb: Bytes3, cutout: Cutout) -> tuple[Flags, Flags]:
    """Say which of these pixels surely are the garment, and which surely are not."""
    height, width = rgb.shape[:2]
    mask = np.asarray(Image.fromarray(cutout.mask).resize((width, height), Image.Resampling.BOX))
    solid = mask > 0.8
    core = eroded(solid)  # the outline blends with the background
    return core if core.sum() > 0.3 * solid.sum() else solid, mask < 0.02


def _is_studio(around: Lab) -> bool:
    """Recognise a blown-out white backdrop: pictures of worn garments have one more often than any other."""
    lightness, a, b = (around[:, i] for i in range(3))
    return bool(np.percentile(lightness, 25) > 92 and np.median(np.hypot(a, b)) < 4)


def _uncast(around: Lab) -> Floats | None:
    """(3,) gains of linear light that half undo the tint of the light; None where there is nothing to undo.

    Only where the background is bright and nearly neutral, so probably white or gray; and only half: a cream sheet is
    not a yellow lamp, and pixels alone cannot tell them apart.
    """
    bright = around[around[:, 0] >= np.percentile(around[:, 0], 40)]
    light = np.median(np.ascontiguousarray(bright.T), axis=1)
    chroma = float(np.hypot(light[1], light[2]))
    if light[0] < 60 or chroma > 9 or chroma < 1.0:
        return None
    linear = lab_to_linear(light)
    return np.asarray((lab_to_linear(np.array([light[0], 0, 0])) / np.maximum(linear, 1e-3)) ** 0.5, np.float32)


def _central_weight(inside: Flags) -> Floats:
    """Count more what lies in the middle of the cut-out: at the rim are sleeves, other clothes, hangers, shoes.

    Gives one weight for each pixel inside.
    """
    down, across = (_bell(np.flatnonzero(inside.any(axis=axis)), inside.shape[1 - axis]) for axis in (1, 0))
    return np.asarray(0.35 + (down[:, None] * across[None])[inside], np.float32)


def _bell(covered: Labels, length: int) -> Floats:
    """1 in the middle of the places that are covered, falling off on both sides."""
    middle, extent = (covered[0] + covered[-1]) / 2, max(1, covered[-1] - covered[0])
    return np.asarray(np.exp(-(((np.arange(length) - middle) / extent) ** 2) / (2 * 0.3**2)), np.float32)


def _unmixed(lab: Lab, inside: Flags) -> Flags:
    """Leave out the steeper half of the pixels: between a navy and a white stripe they are gray, and no thread is.

    Gives one flag for each pixel inside.
    """
    height, width = inside.shape
    place = np.flatnonzero(inside)
    right, pixels = place % width, lab.reshape(-1, 3)
    up, down = np.where(place < width, 0, -width), np.where(place >= (height - 1) * width, 0, width)
    before, after = -(right > 0).astype(np.intp), (right < width - 1).astype(np.intp)
    steps = (
        pixels.take(place + one, 0) - pixels.take(place + other, 0) for one, other in ((after, before), (down, up))
    )
    steepness = sum(np.einsum("ij,ij->i", step, step) for step in steps) / 4
    return np.asarray(steepness <= max(_STEEP**2, float(np.median(steepness))), np.bool_)


def _clusters(cloth: _Cloth) -> list[Flags]:
    """k-means with lightness discounted, fitted to the pure pixels, then close clusters joined; largest first.

    Starts at the mean, then at the farthest colours, outliers passed over.
    """
    scale = np.array([_LIGHTNESS_WEIGHT, 1, 1], np.float32)
    points = cloth.lab * scale
    fitted = cloth.pure > 0
    few, weight = (points[fitted], cloth.pure[fitted]) if fitted.any() else (points, cloth.weight)
    centers = np.average(few, axis=0, weights=weight)[None]
    gap = ((few - centers[0]) ** 2).sum(axis=1)
    for _ in range(min(_CLUSTERS, len(few)) - 1):
        (limit,) = _quantiles(gap, weight, 0.985)
        if limit < _SAME_COLOR**2:  # whatever is left over would be joined to a cluster that there is
            break
        centers = np.vstack([centers, few[int(np.argmax(np.where(gap <= limit, gap, -1)))]])
        gap = np.minimum(gap, ((few - centers[-1]) ** 2).sum(axis=1))
    before = None
    for _ in range(_ROUNDS):
        labels = _nearest(few, centers)
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        sums, size = _sums(few, weight, labels, len(centers))
        centers = np.where(size[:, None] > 0, sums / np.maximum(size, 1e-9)[:, None], centers)
    return _joined_clusters(points, cloth.weight, _nearest(points, centers), len(centers))


def _sums(points: Floats, weight: Floats, labels: Labels, count: int) -> tuple[Floats, Floats]:
    mine = np.where(labels == np.arange(count)[:, None], weight, np.float32(0))
    return mine @ points, mine.sum(axis=1)


def _nearest(points: Floats, centers: Floats) -> Labels:
    return np.asarray(np.argmin((centers**2).sum(axis=1) - 2 * points @ centers.T, axis=1), np.intp)


def _joined_clusters(points: Floats, weight: Floats, labels: Labels, count: int) -> list[Flags]:
    sums, size = _sums(points, weight, labels, count)
    kept = [number for number in range(count) if size[number] > 0]
    while len(kept) > 1:
        means = sums[kept] / size[kept][:, None]
        gaps = np.linalg.norm(means[:, None] - means[None], axis=2) + np.eye(len(kept)) * 1e6
        one, other = divmod(int(np.argmin(gaps)), len(kept))
        if gaps[one, other] >= _SAME_COLOR:
            break
        sums[kept[one]] += sums[kept[other]]
        size[kept[one]] += size[kept[other]]
        labels = np.where(labels == kept[other], kept[one], labels)
        del kept[other]
    return [labels == number for number in sorted(kept, key=lambda number: -float(size[number]))]


def _quantiles(values: Floats, weight: Floats, *parts: float) -> list[float]:
    """Weighted quantiles: the smallest values with at least these parts of the weight at or under them."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    places = np.searchsorted(reached, np.array(parts, np.float32) * reached[-1])
    found: list[float] = values[order[np.minimum(places, len(order) - 1)]].tolist()
    return found


def _representative(cloth: _Cloth, members: Flags, brightest: float) -> Color:
    """Pick the colour a person would name: that of the lit parts of the cloth, since folds only darken.

    A near-neutral cloth is judged by its brighter third. If it is also about the brightest thing in a dim picture, its
    lightness is raised part of the way to what white would have there.
    """
    samples, weight = cloth.lab[members], cloth.weight[members]
    low, middle, upper = _quantiles(samples[:, 0], weight, 0.4, 0.55, 0.7)
    (a,), (b,) = (_quantiles(samples[:, c], weight, 0.5) for c in (1, 2))
    if math.hypot(a, b) >= _NEUTRAL:
        return middle, a, b
    if upper <= 40:
        return low, a, b  # a sheen on black cloth is not gray
    dim = upper > 55 and upper > brightest - 6
    return upper + 0.5 * max(0.0, 92 - upper) if dim else upper, a, b


def _joined(name: str, parts: list[tuple[float, Color, list[tuple[str, float]]]], quality: float) -> ColorShare:
    share = sum(part[0] for part in parts)
    lab = np.average([part[1] for part in parts], axis=0, weights=[part[0] for part in parts])
    odds: dict[str, float] = {}
    for part_share, _, part_odds in parts:
        for word, probability in part_odds:
            odds[word] = odds.get(word, 0.0) + probability * part_share / share
    rest = sorted(((w, p) for w, p in odds.items() if w != name), key=lambda pair: (-pair[1], pair[0]))
    alternatives = tuple((word, round(p, 3)) for word, p in rest[:3] if p >= 0.03)
    return ColorShare(
        name=name,
        lab=(float(lab[0]), float(lab[1]), float(lab[2])),
        share=share,
        confidence=_confidence(odds[name], share, quality),
        alternatives=alternatives,
    )


def _confidence(odds: float, share: float, quality: float) -> float:
    """Turn the name's probability into the chance of a hit.

    A logistic curve near the one fitted to the tuning half of the studio photos (``tests/benchmarks/local_tagger.py``).
    It is flat in the odds, because most misses there are sellers' words that no pixel shows. Those photos cut out well
    and show one main colour, so share and quality count more here than they did there.
    """
    clipped = min(0.98, max(0.02, odds))
    score = -1.5 + 0.3 * math.log(clipped / (1 - clipped)) + 1.5 * share + 1.2 * quality
    return 1 / (1 + math.exp(-score))
