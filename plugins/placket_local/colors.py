"""The garment's colours: clusters of its pixels in Lab, named, ranked by the share of the garment they cover."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from attrs import frozen
from PIL import Image
from scipy import ndimage

from .arrays import Flags, Floats, Lab, Labels, Plane
from .color_names import Color, name_odds
from .cutout import Cutout
from .lab import lab_to_linear, linear_to_lab, rgb_to_lab
from .picture import Picture
from .skin import worn_skin

_SIZE = 320  # long side at which colours are counted: a thread is blended, a stripe is not
_CLUSTERS = 8
_ROUNDS = 12
_LIGHTNESS_WEIGHT = 0.55  # folds change lightness, dye changes hue and chroma
_SAME_COLOR = 9.0  # clusters closer than this (lightness weighted) are one cloth under uneven light
_STEEP = 5.0  # Lab units per pixel
_SMALLEST_SHARE = 0.04
_MOST_COLORS = 5
_NEUTRAL = 9.0  # chroma


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


def garment_colors(picture: Picture, cutout: Cutout, palette: Mapping[str, Color]) -> tuple[ColorShare, ...]:
    """Name the garment's colours, largest share first, at most five; none when there is no garment.

    ``palette`` maps names to Lab centroids. Skin is left out when the garment is worn. The same picture gives the same
    answer on every run: clustering starts from the data, not from chance.
    """
    if "no-garment" in cutout.problems:
        return ()
    lab, inside, outside = _counted(picture, cutout)
    if int(inside.sum()) < 12:
        return ()
    lab = _without_cast(lab, outside)
    skin = worn_skin(lab, inside, studio=_is_studio(lab, outside))
    if skin is not None:
        inside = inside & ~skin
    samples = lab[inside]
    weights, pure = _central_weight(inside)[inside], _unmixed(lab, inside)[inside]
    clusters = _merged(samples, weights, _cluster(samples, samples[pure]))
    brightest = float(np.percentile(lab[..., 0], 98))
    named: dict[str, list[tuple[float, Color, list[tuple[str, float]]]]] = {}
    for members in clusters:
        share = float(weights[members].sum() / weights.sum())
        clean = members & pure
        color = _representative(samples[clean if clean.any() else members], brightest)
        odds = name_odds(color, palette)
        if odds:
            named.setdefault(odds[0][0], []).append((share, color, odds))
    shares = [_joined(name, parts, cutout.quality) for name, parts in named.items()]
    shares = [one for one in shares if one.share >= _SMALLEST_SHARE] or shares[:1]
    return tuple(sorted(shares, key=lambda one: (-one.share, one.name))[:_MOST_COLORS])


def _counted(picture: Picture, cutout: Cutout) -> tuple[Lab, Flags, Flags]:
    """Scale to counting size; say where the garment surely is, and where it surely is not."""
    height, width = picture.rgb.shape[:2]
    scale = min(1.0, _SIZE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    rgb = np.asarray(Image.fromarray(picture.rgb).resize(size, Image.Resampling.BOX))
    mask = np.asarray(Image.fromarray(cutout.mask).resize(size, Image.Resampling.BOX))
    solid = mask > 0.8
    core = np.asarray(ndimage.binary_erosion(solid), np.bool_)  # the outline blends with the background
    outside = mask < 0.02 if picture.alpha is None else np.zeros(mask.shape, np.bool_)
    return rgb_to_lab(rgb), core if core.sum() > 0.3 * solid.sum() else solid, outside


def _is_studio(lab: Lab, outside: Flags) -> bool:
    """Recognise a blown-out white backdrop: pictures of worn garments have one more often than any other."""
    if outside.mean() < 0.1:
        return False
    lightness, a, b = (lab[outside][:, i] for i in range(3))
    return bool(np.percentile(lightness, 25) > 92 and np.median(np.hypot(a, b)) < 4)


def _without_cast(lab: Lab, outside: Flags) -> Lab:
    """Half undo the tint of the light, where the background is bright and nearly neutral, so probably white or gray.

    Only half, and only near neutral: a cream sheet is not a yellow lamp, and pixels alone cannot tell them apart.
    """
    if outside.mean() < 0.1:
        return lab
    bright = lab[outside & (lab[..., 0] >= np.percentile(lab[outside][:, 0], 40))]
    light = np.median(bright, axis=0)
    chroma = float(np.hypot(light[1], light[2]))
    if light[0] < 60 or chroma > 9 or chroma < 1.0:
        return lab
    linear = lab_to_linear(light)
    gain = (lab_to_linear(np.array([light[0], 0, 0])) / np.maximum(linear, 1e-3)) ** 0.5
    return linear_to_lab(lab_to_linear(lab) * gain)


def _central_weight(inside: Flags) -> Plane:
    """Count more what lies in the middle of the cut-out: at the rim are sleeves, other clothes, hangers, shoes."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    y = (np.arange(inside.shape[0]) - (rows[0] + rows[-1]) / 2) / max(1, rows[-1] - rows[0])
    x = (np.arange(inside.shape[1]) - (columns[0] + columns[-1]) / 2) / max(1, columns[-1] - columns[0])
    return np.asarray(0.35 + np.exp(-(y[:, None] ** 2 + x[None] ** 2) / (2 * 0.3**2)), np.float32)


def _unmixed(lab: Lab, inside: Flags) -> Flags:
    """Leave out the steeper half of the pixels: between a navy and a white stripe they are gray, and no thread is."""
    down, right = np.gradient(lab, axis=(0, 1))
    steepness = (down**2 + right**2).sum(axis=-1)
    return np.asarray(inside & (steepness <= max(_STEEP**2, float(np.median(steepness[inside])))), np.bool_)


def _cluster(samples: Lab, pure: Lab) -> Labels:
    """k-means with lightness discounted, fitted to the pure samples; says where every sample belongs.

    Starts at the mean, then at the farthest samples, outliers passed over.
    """
    scale = np.array([_LIGHTNESS_WEIGHT, 1, 1], np.float32)
    few = pure[:: max(1, len(pure) // 3000)] * scale
    centers = np.mean(few, axis=0, keepdims=True)
    gap = ((few - centers[0]) ** 2).sum(axis=1)
    for _ in range(min(_CLUSTERS, len(few)) - 1):
        limit = np.percentile(gap, 98.5)
        centers = np.vstack([centers, few[int(np.argmax(np.where(gap <= limit, gap, -1)))]])
        gap = np.minimum(gap, ((few - centers[-1]) ** 2).sum(axis=1))
    for _ in range(_ROUNDS):
        labels = _nearest(few, centers)
        size = np.bincount(labels, minlength=len(centers))
        sums = np.stack([np.bincount(labels, few[:, c], len(centers)) for c in range(3)], axis=1)
        centers = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centers).astype(np.float32)
    return _nearest(samples * scale, centers)


def _nearest(points: Floats, centers: Floats) -> Labels:
    return np.asarray(np.argmin((centers**2).sum(axis=1) - 2 * points @ centers.T, axis=1), np.intp)


def _merged(samples: Lab, weights: Floats, labels: Labels) -> list[Flags]:
    """Clusters as flags over the samples, close ones joined, largest first."""
    groups = [labels == label for label in np.unique(labels)]
    scale = np.array([_LIGHTNESS_WEIGHT, 1, 1], np.float32)
    while len(groups) > 1:
        means = np.array([np.average(samples[group], axis=0, weights=weights[group]) for group in groups]) * scale
        gaps = np.linalg.norm(means[:, None] - means[None], axis=2) + np.eye(len(groups)) * 1e6
        one, other = divmod(int(np.argmin(gaps)), len(groups))
        if gaps[one, other] >= _SAME_COLOR:
            break
        groups[one] = groups[one] | groups[other]
        del groups[other]
    return sorted(groups, key=lambda group: -float(weights[group].sum()))


def _representative(samples: Lab, brightest: float) -> Color:
    """Pick the colour a person would name: that of the lit parts of the cloth, since folds only darken.

    A near-neutral cloth is judged by its brighter third. If it is also about the brightest thing in a dim picture, its
    lightness is raised part of the way to what white would have there.
    """
    lightness, a, b = np.median(samples, axis=0)
    chroma = math.hypot(a, b)
    upper = float(np.percentile(samples[:, 0], 70))
    if chroma < _NEUTRAL and upper > 40:
        lightness = upper
        if upper > 55 and upper > brightest - 6:
            lightness = upper + 0.5 * max(0.0, 92 - upper)
    elif chroma < _NEUTRAL:
        lightness = float(np.percentile(samples[:, 0], 40))  # a sheen on black cloth is not gray
    else:
        lightness = float(np.percentile(samples[:, 0], 55))
    return float(lightness), float(a), float(b)


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

    A logistic curve near the one fitted to the tuning half of the studio photos (``tests/evaluation/local_tagger.py``).
    It is flat in the odds, because most misses there are sellers' words that no pixel shows. Those photos cut out well
    and show one main colour, so share and quality count more here than they did there.
    """
    clipped = min(0.98, max(0.02, odds))
    score = -1.5 + 0.3 * math.log(clipped / (1 - clipped)) + 1.5 * share + 1.2 * quality
    return 1 / (1 + math.exp(-score))
