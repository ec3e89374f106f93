"""What can be told from the outline of a garment's mask, and how it is drawn at the picture's own size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from attrs import frozen
from PIL import Image
from scipy import ndimage

from .arrays import Bytes3, Flags, Floats, Lab, Plane, product
from .morphology import dilated, eroded, opened, spread

Box = tuple[float, float, float, float]


@frozen(kw_only=True)
class Figures:
    """What the rules of both cut-outs look at.

    ``area``: part of the picture. ``contrast``: as `contrast_across`. ``border``: part of the border ring that the mask
    covers. ``corners``: as `corners_covered`. ``solidity``: as `solidity_of`. ``white``: whether the backdrop is blown
    out, as in a studio. ``parts``: as `parts_of`.
    """

    area: float
    contrast: float
    border: float
    corners: int
    solidity: float
    white: bool
    parts: tuple[float, ...]

    def problems(self, low_contrast: float) -> list[str]:
        """Codes of what is wrong with the outline; ``low_contrast`` is the least contrast that will do."""
        problems = []
        if self.contrast < low_contrast:
            problems.append("low-contrast")
        if self.border > 0.3 or self.corners >= (4 if self.white else 2):
            problems.append("touches-border")
        if len(self.parts) > 1 and self.parts[1] > 0.3:
            problems.append("several-objects")
        if self.solidity < 0.72 or len(self.parts) > 4:
            problems.append("fragmented")
        return problems


def parts_of(posterior: Plane) -> tuple[Flags, tuple[float, ...]]:
    """Drop specks and pinholes; also return the size of each kept part relative to the first."""
    flags = opened(posterior > 0.5)
    labels, count = ndimage.label(flags)
    if count == 0:
        return flags, ()
    sizes, merit = (_sums(labels, count, weight) for weight in (None, _central(*flags.shape)))
    main = float(sizes[int(np.argmax(merit))])
    keep = (sizes >= 0.12 * main) & (merit / sizes > 0.15) | (merit == merit.max())
    kept = np.concatenate([[False], keep])[labels]
    shares = tuple(float(size) / main for size in sorted(sizes[keep], reverse=True))
    return ~_left_out(kept, posterior), shares


def _left_out(kept: Flags, posterior: Plane) -> Flags:
    """What is not garment: what lies around it, and its real holes."""
    labels, count = ndimage.label(~kept)
    if count == 0:
        return ~kept
    sizes, doubt = (_sums(labels, count, weight) for weight in (None, posterior))
    # An arm on the hip leaves a real hole, surely background; a white print on the chest is a small or unsure one.
    real = (sizes > 0.004 * kept.size) & (doubt / sizes < 0.12)
    around = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    out = np.concatenate([[False], real])
    out[around] = True
    out[0] = False  # the garment's own number
    return np.asarray(out[labels], np.bool_)


def _sums(labels: npt.NDArray[np.integer], count: int, weight: Plane | None) -> npt.NDArray[np.float64]:
    """Sum of the weights, or number of pixels, of the parts 1 to ``count``."""
    flat = None if weight is None else weight.ravel()
    return np.asarray(np.bincount(labels.ravel(), flat, count + 1)[1:], np.float64)


@lru_cache(maxsize=16)
def _central(height: int, width: int) -> Plane:
    """How much a pixel counts by its place: garments are in the middle."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray(np.exp(-(x**2 + y**2) / 0.8), np.float32)


def contrast_across(lab: Lab, kept: Flags) -> float:
    """Median Lab distance between the sides of the outline, over its quarters: the lower quartile of local steps."""
    outline = kept & ~eroded(kept, beyond=True)
    if not outline.any():
        return 0.0
    inner = blurred(kept[..., None], 2.0)[..., 0]
    covers = (kept & (inner < 0.95), ~kept & (inner > 0.05))
    framed = np.concatenate([part for cover in covers for part in (lab * cover[..., None], cover[..., None])], axis=-1)
    within, without = np.split(blurred(framed, 3.0, truncate=2.5)[outline], 2, axis=1)
    steps = within[:, :3] / (within[:, 3:] + 1e-4) - without[:, :3] / (without[:, 3:] + 1e-4)
    return float(np.percentile(np.linalg.norm(steps, axis=-1), 30))


def blurred(planes: Floats | Flags, sigma: float, truncate: float = 4.0) -> Floats:
    """Blur (height, width, n) along height and width, as SciPy's Gaussian filter does.

    As two products of matrices: small planes take a fifth of the time.
    """
    height, width, count = planes.shape
    down, across = (_blur(length, sigma, truncate) for length in (height, width))
    rows = product(down, planes.astype(np.float32).reshape(height, -1)).reshape(height, width, count)
    return np.asarray(across @ rows, np.float32)


@lru_cache(maxsize=64)
def _blur(length: int, sigma: float, truncate: float) -> Floats:
    return np.asarray(ndimage.gaussian_filter1d(np.eye(length, dtype=np.float32), sigma, axis=0, truncate=truncate))


def corners_covered(kept: Flags) -> int:
    """How many corners of the picture the mask covers: a garment covers at most one or two."""
    y, x = max(1, kept.shape[0] // 16), max(1, kept.shape[1] // 16)
    patches = (kept[:y, :x], kept[:y, -x:], kept[-y:, :x], kept[-y:, -x:])
    return sum(bool(patch.mean() > 0.5) for patch in patches)


def solidity_of(kept: Flags) -> float:
    """Area against the area after closing wide gaps: torn masks lose much."""
    reach = max(2, round(0.06 * max(kept.shape)))
    padded = np.pad(kept, reach)
    closed = ~spread(~spread(padded, reach), reach)
    return float(kept.sum() / max(1, (closed | padded).sum()))


def ramp(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high``, straight between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def draw_edge(
    rgb: Bytes3,
    small_rgb: Bytes3,
    posterior: Plane,
    kept: Flags,
) -> Plane:
    """Enlarge the mask to the picture's size by a local linear model of it in the colours (guided filter)."""
    target = np.where(kept, np.maximum(posterior, 0.5), np.minimum(posterior, 0.5))
    deep = eroded(eroded(kept, beyond=True), beyond=True)
    target = np.where(deep, 1.0, np.where(dilated(dilated(kept)), target, 0.0)).astype(np.float32)
    guide = small_rgb.astype(np.float32) / np.float32(255)
    radius = 5

    def box(plane: Plane) -> Plane:
        return np.asarray(ndimage.uniform_filter(plane, radius, mode="nearest"), np.float32)

    means = np.stack([box(guide[..., c]) for c in range(3)], axis=-1)
    mean_target = box(target)
    cross = np.stack([box(guide[..., c] * target) for c in range(3)], axis=-1) - means * mean_target[..., None]
    covariance = np.empty((*target.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            term = box(guide[..., i] * guide[..., j]) - means[..., i] * means[..., j]
            covariance[..., i, j] = covariance[..., j, i] = term
    slope = np.linalg.solve(covariance + np.eye(3, dtype=np.float32) * 4e-4, cross[..., None])[..., 0]
    offset = mean_target - (slope * means).sum(axis=-1)
    height, width = rgb.shape[:2]

    def enlarged(plane: Plane) -> Plane:
        image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
        return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32)

    mask = enlarged(box(offset))
    for c in range(3):
        mask = mask + enlarged(box(slope[..., c])) * (rgb[..., c].astype(np.float32) / np.float32(255))
    # The linear model leaks a little into texture: firm up around one half, and keep to the neighbourhood of the mask.
    near = enlarged(target)
    mask = np.clip((mask - 0.5) * 1.6 + 0.5, 0, 1)
    return np.asarray(np.clip(np.clip(mask, near * 2 - 1.0, near * 2), 0, 1), np.float32)


def bounding_box_of(mask: Plane) -> Box | None:
    """Give (x0, y0, x1, y1) in fractions of width and height; None for an empty mask."""
    rows, columns = np.flatnonzero((mask > 0.5).any(axis=1)), np.flatnonzero((mask > 0.5).any(axis=0))
    if len(rows) == 0:
        return None
    height, width = mask.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )
