"""Cutting the garment out of its picture, and knowing when that failed.

The picture's own transparency is used where it has some. Otherwise: a smooth backdrop model (`background`) when the
border looks like one surface, the border connectivity of regions (`regions`) when it does not, a blend in between;
then two colour mixtures settle every pixel (`mixture`), small parts and holes go, and the edge follows the picture.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import evolve, frozen

from .arrays import Flags, Lab, Plane
from .background import Backdrop, fit_backdrop, ring_of
from .lab import rgb_to_lab
from .mixture import refine
from .morphology import dilated, eroded, opened
from .outline import (
    Figures,
    bounding_box_of,
    contrast_across,
    corners_covered,
    draw_edge,
    parts_of,
    ramp,
    solidity_of,
)
from .picture import Picture, reduced
from .regions import foreground_likelihood, superpixels
from .skin import skin_colored

PROBLEMS: dict[str, str] = {
    "no-garment": "nothing stands out from the background; use a plainer or a differently coloured background",
    "low-contrast": "garment and background have nearly the same colour; use a background of another colour",
    "touches-border": "the garment runs over much of the picture's border; step back",
    "worn": "somebody wears it, and hands and hair hide parts of it; photograph it lying flat or on a hanger",
    "several-objects": "there are several separate things; photograph one garment at a time",
    "fragmented": "the outline is torn or full of holes; use a plain background and even light",
    "busy-background": "the background is patterned or untidy; use a plain one",
}
"""Every code that `Cutout.problems` may hold, and what it tells a person."""

SIZE = 176
"""Long side, in pixels, at which the garment is found; its edge is then drawn at full size."""

GOOD_ENOUGH = 0.5
"""Quality from which on a cut-out is believed."""

_SMALLEST_GARMENT = 0.012  # part of the picture
_CLOSE_UP_QUALITY = 0.55
_LOW_CONTRAST = 7.0  # Lab distance across the outline


@frozen(eq=False)
class Cutout:
    """Where the garment is.

    ``mask``: (height, width) float32, 0 background .. 1 garment, soft at the edge. ``quality``: 0..1, the estimated
    chance that the mask is usable. ``problems``: codes of `PROBLEMS`. ``method``: ``alpha`` or ``background``.
    ``bounding_box``: (x0, y0, x1, y1) as fractions of width and height, or None when there is no garment.
    """

    mask: Plane
    quality: float
    problems: tuple[str, ...]
    method: str
    bounding_box: tuple[float, float, float, float] | None


def cut_out(picture: Picture) -> Cutout:
    """Find the garment; never fails, but may say ``no-garment`` with quality 0."""
    if picture.alpha is not None:
        return _from_alpha(picture.alpha)
    height, width = picture.rgb.shape[:2]
    if min(height, width) < 16:
        return _nothing(height, width)
    small_rgb = reduced(picture.rgb, SIZE)
    best = find_garment(rgb_to_lab(small_rgb))
    if best is None:
        return _nothing(height, width)
    mask = draw_edge(picture.rgb, small_rgb, best.posterior, best.kept)
    return Cutout(mask, best.quality, best.problems, "background", bounding_box_of(mask))


@frozen(eq=False)
class Candidate:
    """A garment in a reduced picture: ``kept`` (height, width) is the ``posterior`` decided and tidied."""

    posterior: Plane
    kept: Flags
    quality: float
    problems: tuple[str, ...]


def find_garment(lab: Lab) -> Candidate | None:
    """Find the garment in a picture whose long side is `SIZE`, before its edge is drawn; None when there is none."""
    best: Candidate | None = None
    for candidate in _candidates(lab):
        if best is None or candidate.quality > best.quality:
            best = candidate
        if best.quality >= GOOD_ENOUGH:
            break
    if best is None or best.quality == 0:
        return None
    return _close_up(lab, best) or best


def _candidates(lab: Lab) -> Iterator[Candidate]:
    """Masks from ever weaker assumptions; the later ones cost time and are tried only when the earlier look bad."""
    backdrop = fit_backdrop(lab)
    plain = _plainness(backdrop)
    guess = _likelihood(backdrop.distance)
    if plain < 1:
        connected = foreground_likelihood(lab, superpixels(lab))
        guess = plain * guess + (1 - plain) * connected
    yield _candidate(lab, guess, plain, trust=0.4 + 0.8 * plain, white=backdrop.white)
    # A gray shirt on a gray wall looks like the wall in shadow: count shadows in full.
    yield _candidate(lab, _likelihood(backdrop.with_shadows), plain, trust=0.4 + 0.6 * plain)
    if plain == 1:
        connected = foreground_likelihood(lab, superpixels(lab))
    yield _candidate(lab, connected, plain, trust=0.5)
    last = _candidate(lab, _centered(*lab.shape[:2]), plain, trust=0.35)
    yield evolve(last, quality=0.8 * last.quality)  # it would find something in the middle of anything


def _candidate(lab: Lab, guess: Plane, plain: float, trust: float, *, white: bool = False) -> Candidate:
    posterior = refine(lab, guess, trust=trust)
    kept, parts = parts_of(posterior)
    if kept.mean() < _SMALLEST_GARMENT:
        return Candidate(posterior, kept, 0.0, ("no-garment",))
    figures = _Figures(
        plain=plain,
        white=white,
        area=float(kept.mean()),
        contrast=contrast_across(lab, kept),
        border=float(kept[ring_of(*kept.shape)].mean()),
        corners=corners_covered(kept),
        certainty=_certainty(posterior, kept),
        agreement=_overlap(kept, guess > 0.5),
        solidity=solidity_of(kept),
        parts=parts,
    )
    return Candidate(posterior, kept, *_judge(figures))


def _close_up(lab: Lab, found: Candidate) -> Candidate | None:
    """Take the whole close-up when what stands out is skin that runs out of the picture: the rest is the garment."""
    skin = skin_colored(lab) & found.kept
    ring = ring_of(*found.kept.shape)
    if skin.sum() < 0.4 * found.kept.sum() or (skin & ring).sum() < 0.04 * ring.sum() or found.kept.mean() > 0.5:
        return None
    white = (lab[..., 0] > 97) & (np.hypot(lab[..., 1], lab[..., 2]) < 3)
    kept = ~opened(white)
    if kept.sum() < 1.5 * found.kept.sum():  # the whole wearer was found already
        return None
    return Candidate(kept.astype(np.float32), kept, _CLOSE_UP_QUALITY, ("touches-border",))


def _centered(height: int, width: int) -> Plane:
    """Where garments lie, when the picture itself gives no hint."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray(1 / (1 + np.exp(8 * (np.hypot(x, y) - 0.75))), np.float32)


def _from_alpha(alpha: Plane) -> Cutout:
    if float((alpha > 0.5).mean()) < 0.001:
        return Cutout(alpha, 0.0, ("no-garment",), "alpha", None)
    return Cutout(alpha, 1.0, (), "alpha", bounding_box_of(alpha))


def _nothing(height: int, width: int) -> Cutout:
    return Cutout(np.zeros((height, width), np.float32), 0.0, ("no-garment",), "background", None)


def _plainness(backdrop: Backdrop) -> float:
    """1 where the border is one smooth surface, 0 where that model says nothing."""
    along, across = backdrop.spread
    if backdrop.white:
        return 1.0
    calm = np.clip((9.0 - along) / 5.0, 0, 1) * np.clip((6.0 - across) / 3.0, 0, 1)
    return float(calm * np.clip((backdrop.agreement - 0.5) / 0.3, 0, 1))


def _likelihood(distance: Plane) -> Plane:
    """Foreground probability from the distance to the backdrop: even odds at 4.5 spreads."""
    odds = np.clip((distance - 4.5) * 1.1, -5, 5)
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


@frozen(kw_only=True)
class _Figures(Figures):
    plain: float
    certainty: float
    agreement: float


def _certainty(posterior: Plane, kept: Flags) -> float:
    """How decided the pixels are that are not at the outline."""
    inside = eroded(eroded(kept))
    outside = ~dilated(dilated(kept))
    sure_in = float(posterior[inside].mean()) if inside.any() else 0.5
    sure_out = float(1 - posterior[outside].mean()) if outside.any() else 0.5
    return min(sure_in, sure_out)


def _overlap(one: Flags, other: Flags) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


def _judge(figures: _Figures) -> tuple[float, tuple[str, ...]]:
    problems = figures.problems(_LOW_CONTRAST)
    if figures.plain < 0.25:
        problems.append("busy-background")
    quality = (
        (0.55 + 0.45 * figures.plain)
        * ramp(figures.contrast, 2.0, 14.0) ** 0.7
        * (1 - (0.5 if figures.white else 0.8) * ramp(figures.border, 0.15, 0.6))
        * (1 - 0.25 * max(0, figures.corners - (2 if figures.white else 1)))
        * (0.3 + 0.7 * ramp(figures.certainty, 0.75, 0.97))
        * (0.3 + 0.7 * ramp(figures.agreement, 0.3, 0.85))
        * (0.4 + 0.6 * ramp(figures.solidity, 0.5, 0.8))
        * ramp(figures.area, 0.0, 0.12)
    )
    return float(min(1.0, max(0.0, quality))), tuple(problems)
