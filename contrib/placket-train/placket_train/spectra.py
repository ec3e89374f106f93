"""The teacher of plain cloth: solid, striped, checked or other, from the spectra of small patches of a garment.

Each patch of the cut-out is judged alone, so stripes may bend with folds and turn with the sleeves. Stripes put a
patch's contrast on one direction and repeat along it; checks do so on two directions at a right angle; a fold has a
direction but does not repeat; a print has contrast and neither.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from attrs import frozen
from PIL import Image
from scipy import ndimage

from placket_local.arrays import Flags, Floats, Lab, Labels, Plane
from placket_local.cutout import Cutout
from placket_local.lab import rgb_to_lab
from placket_local.picture import Picture

PATTERNS = ("solid", "striped", "checked", "other")
"""Every value of `PatternGuess.name`."""

_PATCH = 48
_STRIDE = 24
_SCALES = (112, 208, 352)  # pixels along the side of a square of the garment's area
_ANGLES = 36  # directions over half a turn
_WEIGHTS = np.array([0.7, 1.0, 1.0], np.float32)  # light draws folds in lightness; only dye draws in chroma
_FEWEST_PATCHES = 5
_MOST_PATCHES = 40
_LEAST_CONFIDENCE = 0.4


@frozen
class PatternGuess:
    """A pattern with the figures it was judged by.

    ``name``: one of `PATTERNS`. ``confidence``: 0..1, the estimated chance that a person would agree. ``contrast``: Lab
    units between neighbouring parts. ``stripe_patches``, ``check_patches``: 0..1, the part of the cloth that looks so.
    ``orientation``: 0..1, how much of the contrast lies on one direction. ``periodicity``: 0..1, how well it repeats.
    ``colors``: how many clearly different colours the cloth has.
    """

    name: str
    confidence: float
    contrast: float
    stripe_patches: float
    check_patches: float
    orientation: float
    periodicity: float
    colors: int


@frozen
class _Evidence:
    contrast: float
    stripes: float
    checks: float
    orientation: float
    periodicity: float
    patches: int


def garment_pattern(picture: Picture, cutout: Cutout) -> PatternGuess | None:
    """Judge the pattern; None when there is no garment or too little of it to judge."""
    if cutout.bounding_box is None or "no-garment" in cutout.problems:
        return None
    evidence = [found for found in (_evidence(picture, cutout.mask, side) for side in _SCALES) if found is not None]
    if not evidence:
        return None
    return _judged(evidence, _color_count(picture, cutout.mask), cutout.quality)


def _evidence(picture: Picture, mask: Plane, side: int) -> _Evidence | None:
    lab, inside = _at_scale(picture, mask, side)
    if lab is None or inside is None:
        return None
    detail = _without_shading(lab, inside) * _WEIGHTS[:, None, None]
    patches = _patches(detail, inside)
    if len(patches) < _FEWEST_PATCHES:
        return None
    contrast = np.sqrt((patches**2).sum(axis=1).mean(axis=(1, 2)))
    on_one, on_two, repeats, repeats_across = _directions(patches)
    striped = _soft(on_one, 0.34, 0.5) * _soft(repeats, 0.25, 0.5) * _soft(on_one - on_two, 0.1, 0.3)
    checked = (
        _soft(on_one + on_two, 0.36, 0.52)
        * _soft(on_two, 0.1, 0.18)
        * _soft(np.minimum(repeats, repeats_across), 0.2, 0.4)
    )
    visible = _soft(contrast, 2.0, 4.0)
    loud = contrast >= np.median(contrast)
    return _Evidence(
        contrast=float(np.percentile(contrast, 70)),
        stripes=float((striped * visible).mean()),
        checks=float((checked * visible).mean()),
        orientation=float(np.median(on_one[loud])),
        periodicity=float(np.median(repeats[loud])),
        patches=len(patches),
    )


def _soft(value: Floats, low: float, high: float) -> Floats:
    return np.asarray(np.clip((value - low) / (high - low), 0, 1), np.float32)


def _at_scale(picture: Picture, mask: Plane, side: int) -> tuple[Lab, Flags] | tuple[None, None]:
    """Scale the garment so that its area is about ``side`` squared; nothing when the picture is too coarse for it."""
    area = float((mask > 0.5).sum())
    scale = side / math.sqrt(area)
    if scale > 1.15:
        return None, None
    rows, columns = np.flatnonzero((mask > 0.5).any(axis=1)), np.flatnonzero((mask > 0.5).any(axis=0))
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    rgb, cover = picture.rgb[window], mask[window]
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.HAMMING, reducing_gap=2))
    covered = np.asarray(Image.fromarray(np.ascontiguousarray(cover)).resize(size, Image.Resampling.BOX)) > 0.9
    return rgb_to_lab(small), np.asarray(ndimage.binary_erosion(covered, iterations=2), np.bool_)


def _without_shading(lab: Lab, inside: Flags) -> Floats:
    """(3, height, width): what is left of the cloth after its surroundings' mean is taken away; zero outside."""
    weight = inside.astype(np.float32)
    amount = np.maximum(_surroundings(weight), 1e-3)
    return np.stack([(plane - _surroundings(plane * weight) / amount) * weight for plane in np.moveaxis(lab, -1, 0)])


def _surroundings(plane: Plane) -> Plane:
    """Two box means, which are nearly a Gaussian and much faster."""
    once = ndimage.uniform_filter(plane, _PATCH * 3 // 4, mode="constant")
    return np.asarray(ndimage.uniform_filter(once, _PATCH * 3 // 4, mode="constant"), np.float32)


def _patches(detail: Floats, inside: Flags) -> Floats:
    """Cut out (n, 3, patch, patch) that lie on cloth for nine tenths, at most `_MOST_PATCHES`, evenly picked."""
    _, height, width = detail.shape
    corners = [
        (top, left)
        for top in range(0, height - _PATCH + 1, _STRIDE)
        for left in range(0, width - _PATCH + 1, _STRIDE)
        if inside[top : top + _PATCH, left : left + _PATCH].mean() > 0.9
    ]
    step = max(1.0, len(corners) / _MOST_PATCHES)
    picked = [corners[int(i * step)] for i in range(int(len(corners) / step))]
    found = [detail[:, top : top + _PATCH, left : left + _PATCH] for top, left in picked]
    return np.array(found, np.float32).reshape(-1, 3, _PATCH, _PATCH)


@cache
def _tables() -> tuple[Floats, Floats, Floats, Labels]:
    """Prepare the window, the spectrum cells of each direction, the window's overlap, and where each lag lies.

    Spectra are of patches padded to twice their side, of which numpy keeps the half plane of non-negative columns.
    """
    ramp = np.hanning(_PATCH + 2)[1:-1].astype(np.float32)
    window = np.outer(ramp, ramp)
    v = np.fft.fftfreq(2 * _PATCH)[:, None] * _PATCH
    u = np.fft.rfftfreq(2 * _PATCH)[None] * _PATCH
    radius, angle = np.hypot(v, u), np.arctan2(v, u) % np.pi
    directions = np.arange(_ANGLES) * np.pi / _ANGLES
    gap = np.abs((angle[..., None] - directions + np.pi / 2) % np.pi - np.pi / 2)
    # At low frequencies the cells are coarse: let the wedge be at least a cell wide.
    wedge = gap <= np.maximum(np.radians(8), 0.6 / np.maximum(radius, 1e-6))[..., None]
    band = (radius >= 1.6) & (radius <= _PATCH * 0.42)
    cells = (wedge & band[..., None]).reshape(-1, _ANGLES).astype(np.float32)
    overlap = np.fft.irfft2(np.abs(np.fft.rfft2(window, s=(2 * _PATCH, 2 * _PATCH))) ** 2)
    lags = np.arange(2, int(_PATCH * 0.62))
    rows = np.rint(np.outer(np.sin(directions), lags)).astype(np.intp) % (2 * _PATCH)
    columns = np.rint(np.outer(np.cos(directions), lags)).astype(np.intp) % (2 * _PATCH)
    return window, cells, (overlap / overlap.max()).astype(np.float32), rows * 2 * _PATCH + columns


def _directions(patches: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Per patch: the part of its energy on the main direction, and at a right angle to it; how well each repeats."""
    window, cells, overlap, places = _tables()
    windowed = (patches - patches.mean(axis=(2, 3), keepdims=True)) * window
    spectrum = np.fft.rfft2(windowed, s=(2 * _PATCH, 2 * _PATCH))
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
    correlation = np.fft.irfft2(power).astype(np.float32).reshape(len(patches), -1)
    correlation /= np.maximum(correlation[:, :1], 1e-9)
    flat = power.reshape(len(patches), -1)
    wedges = flat @ cells
    total = np.maximum(flat @ cells.max(axis=1), 1e-9)
    each, main = np.arange(len(patches)), np.argmax(wedges, axis=1)
    across = (main + _ANGLES // 2) % _ANGLES
    return (
        wedges[each, main] / total,
        wedges[each, across] / total,
        _repeat(correlation, places[main], overlap),
        _repeat(correlation, places[across], overlap),
    )


def _repeat(correlation: Floats, places: Labels, overlap: Floats) -> Floats:
    """Height of the best peak of the autocorrelation after its first trough, less how shallow the trough is."""
    along = np.take_along_axis(correlation, places, axis=1) / overlap.ravel()[places]
    lowest_so_far = np.minimum.accumulate(along, axis=1)
    rise = np.where(lowest_so_far < 0.25, along - np.maximum(lowest_so_far, -0.5), 0)
    peak = np.argmax(rise, axis=1)
    height = np.take_along_axis(along, peak[:, None], axis=1)[:, 0]
    return np.where(rise.max(axis=1) > 0.2, np.clip(height, 0, 1), 0).astype(np.float32)


def _color_count(picture: Picture, mask: Plane) -> int:
    """Count the coarse Lab cells that hold more than a twelfth of the cloth and are far from the larger ones."""
    step = max(1, round(math.sqrt(mask.size / 40_000)))
    samples = rgb_to_lab(picture.rgb[::step, ::step][mask[::step, ::step] > 0.9])
    if len(samples) == 0:
        return 0
    cells = np.floor(samples / np.array([16, 12, 12], np.float32)).astype(np.int64) + np.array([0, 32, 32])
    keys, member, sizes = np.unique(cells @ np.array([4096, 64, 1]), return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(member, samples[:, c], len(keys)) for c in range(3)], axis=1)
    centers = sums / sizes[:, None]
    chosen: list[int] = []
    for index in np.argsort(-sizes, kind="stable"):
        apart = [np.linalg.norm((centers[index] - centers[other]) * (0.7, 1, 1)) > 18 for other in chosen]
        if sizes[index] > len(samples) / 12 and all(apart):
            chosen.append(int(index))
    return len(chosen)


def _judged(evidence: list[_Evidence], colors: int, quality: float) -> PatternGuess | None:
    stripes = max(one.stripes for one in evidence)
    checks = max(one.checks for one in evidence)
    contrast = float(np.mean([one.contrast for one in evidence]))
    orientation = min(one.orientation for one in evidence)
    periodicity = max(one.periodicity for one in evidence)
    # Log-odds against solid. The weights were set by hand on photos of training senders.
    several = 1.0 if colors > 1 else 0.0
    logits = {
        "solid": 0.0,
        "striped": 9.0 * (stripes - 0.62) + 0.25 * min(contrast - 8, 6) + several,
        "checked": 12.0 * (checks - 0.2) + 0.25 * min(contrast - 8, 6) + several,
        "other": 0.45 * (contrast - 10.5) - 5.0 * (orientation - 0.35) + several - 4.0 * (stripes + 2 * checks),
    }
    total = sum(math.exp(value) for value in logits.values())
    name = max(PATTERNS, key=lambda one: logits[one])
    share = math.exp(logits[name]) / total
    confidence = 0.25 + (share - 0.25) * (0.4 + 0.6 * quality)
    if confidence < _LEAST_CONFIDENCE:
        return None
    return PatternGuess(name, confidence, contrast, stripes, checks, orientation, periodicity, colors)
