"""A smooth model of the surface a garment lies on, fitted to the border of the picture.

A sheet, a wall or a studio backdrop is one colour under uneven light: each Lab channel is then a quadratic surface. How
well the border agrees with one surface says whether the model can be trusted.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from .arrays import Flags, Lab, Plane

RING = 0.035  # width of the border ring, as a part of the short side
_STUDIO = 0.03  # part of the border that is blown-out white in a studio picture, even where a close-up leaves little
_SHADOW = 0.35  # what a step darker counts, against one brighter
_MINIMUM_SPREAD = np.array([1.6, 0.9], np.float32)  # sensor noise and compression, along and across the shadow ray


@frozen(eq=False)
class Backdrop:
    """``distance``: (height, width) how many spreads a pixel is from the surface; shadows count little.

    ``agreement``: 0..1, the part of the border within 3 spreads. ``spread``: residual of the border along lightness and
    across it, in Lab units.
    """

    distance: Plane
    with_shadows: Plane
    agreement: float
    spread: tuple[float, float]
    white: bool


def ring_of(height: int, width: int) -> Flags:
    """Mark the border ring."""
    thickness = max(1, round(RING * min(height, width)))
    ring = np.ones((height, width), np.bool_)
    ring[thickness : height - thickness, thickness : width - thickness] = False
    return ring


def fit_backdrop(lab: Lab) -> Backdrop:
    """Fit the surface to the border, robustly: a garment that touches part of the border is outvoted."""
    height, width = lab.shape[:2]
    ring = ring_of(height, width)
    basis = _quadratic_basis(height, width)
    samples, terms = lab[ring].astype(np.float64), basis[ring]

    center = _mode(samples)
    residual = np.linalg.norm(samples - center, axis=1)
    for _ in range(8):
        scale = max(3.0, 1.4826 * float(np.median(residual)))
        weight = np.clip(1 - (residual / (3.0 * scale)) ** 2, 0, None) ** 2
        # The ridge keeps the curvature terms down where only a part of the border belongs to the surface.
        ridge = np.diag([0.0, 1.0, 1.0, 3.0, 3.0, 3.0]) * (0.02 * max(1.0, float(weight.sum())))
        normal = (terms * weight[:, None]).T @ terms + ridge + np.eye(6) * 1e-6
        surface = np.linalg.solve(normal, (terms * weight[:, None]).T @ samples)
        residual = np.linalg.norm(samples - terms @ surface, axis=1)
    expected = (basis @ surface).astype(np.float32)

    along, across = _shadow_coordinates(lab, expected)
    inlier = residual < 3.0 * scale
    spread = np.maximum(
        _MINIMUM_SPREAD,
        [
            1.4826 * float(np.median(np.abs(along[ring][inlier]))),
            1.2 * float(np.median(across[ring][inlier])),
        ],
    ).astype(np.float32)
    # A shadow darkens without changing the ray of the colour; light garments on gray are brighter than any shadow.
    darker = np.where(along < 0, _SHADOW * along, along)
    distance = np.hypot(darker / spread[0], across / spread[1]).astype(np.float32)
    with_shadows = np.hypot(along / spread[0], across / spread[1]).astype(np.float32)
    agreement = float(np.mean(with_shadows[ring] < 4.0))
    white = bool(expected[..., 0].min() > 96 and agreement > _STUDIO)
    return Backdrop(distance, with_shadows, agreement, (float(spread[0]), float(spread[1])), white)


def _mode(
    samples: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Find the densest colour of the border: the median fails when the garment covers half of it."""
    blown = (samples[:, 0] > 98) & (np.hypot(samples[:, 1], samples[:, 2]) < 2)
    if blown.mean() > _STUDIO:
        return np.asarray(samples[blown].mean(axis=0), np.float64)
    few = samples[:: max(1, len(samples) // 250)]
    gaps = np.linalg.norm(few[:, None] - few[None], axis=2)
    crowd = np.exp(-((gaps / 8.0) ** 2))
    best = crowd[int(np.argmax(crowd.sum(axis=1)))]
    return np.asarray((few * best[:, None]).sum(axis=0) / best.sum(), np.float64)


def _quadratic_basis(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _shadow_coordinates(lab: Lab, expected: Lab) -> tuple[Plane, Plane]:
    """Split the difference to the expected colour along the ray that less light would move it, and across.

    Scaling linear light by k scales (L + 16, a, b) by the cube root of k, so shadows of one colour lie on a ray.
    """
    lift = np.array([16.0, 0.0, 0.0], np.float32)
    pixel, origin = lab + lift, expected + lift
    length = np.maximum(np.linalg.norm(origin, axis=-1), 1e-3)
    along = np.einsum("...c,...c->...", pixel, origin) / length - length
    squared = np.einsum("...c,...c->...", pixel - origin, pixel - origin) - along**2
    return along.astype(np.float32), np.sqrt(np.maximum(squared, 0)).astype(np.float32)
