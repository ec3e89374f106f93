"""Fit the linear map that makes the frozen network's vectors fit for finding the same product from another side.

Photos of one product and colour differ by pose, crop and side only. What differs inside such groups is scaled down
(within-class covariance normalisation), on training products alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from attrs import frozen

Floats = npt.NDArray[np.floating]
Names = npt.NDArray[np.str_]

SHRINKAGE = 0.1
"""Part of the identity in the covariance: there are fewer groups than dimensions."""

_VECTOR_PARTS, _SUMMARY_PARTS, _COLOR_PARTS = 96, 48, 96
VECTOR = 1280


@frozen(eq=False)
class Maps:
    """``look = (features - center) @ look`` and ``color = histogram @ color``; both are then scaled to length 1."""

    center: Floats
    look: Floats
    color: Floats


def fit(features: Floats, histograms: Floats, products: Names) -> Maps:
    """Fit on (n, 1664) features, the vector of length 1 and the summary, and on (n, 648) histograms.

    ``products`` names the product and colour of each row.
    """
    center = features.mean(axis=0)
    centered = features - center
    vector = _principal(centered[:, :VECTOR], _VECTOR_PARTS)
    scale = centered[:, VECTOR:].std(axis=0) + 1e-3
    summary = _principal(centered[:, VECTOR:] / scale, _SUMMARY_PARTS) / scale[:, None]
    parts = np.zeros((features.shape[1], vector.shape[1] + summary.shape[1]))
    parts[:VECTOR, : vector.shape[1]] = vector / _size(centered[:, :VECTOR] @ vector)
    parts[VECTOR:, vector.shape[1] :] = summary / _size(centered[:, VECTOR:] @ summary)
    reduced = centered @ parts
    spread = [reduced[products == name] - reduced[products == name].mean(axis=0) for name in np.unique(products)]
    inside = np.concatenate([one for one in spread if len(one) > 1])
    covariance = inside.T @ inside / len(inside)
    covariance *= len(covariance) / np.trace(covariance)
    values, axes = np.linalg.eigh((1 - SHRINKAGE) * covariance + SHRINKAGE * np.eye(len(covariance)))
    whitened = parts @ (axes / np.sqrt(values))
    _, _, color = np.linalg.svd(histograms, full_matrices=False)
    return Maps(center, whitened, color[:_COLOR_PARTS].T)


def units(vectors: Floats) -> Floats:
    """Scale every row to length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def recall(
    likeness: Floats, names: Names, queries: npt.NDArray[np.bool_], places: tuple[int, ...]
) -> dict[int, list[bool]]:
    """For every query that has a partner: whether one is among the first k; the query itself is left out."""
    own = likeness.copy()
    np.fill_diagonal(own, -np.inf)
    order = np.argsort(-own, axis=1, kind="stable")
    same = names[order] == names[:, None]
    asked = queries & ((names[:, None] == names[None]).sum(axis=1) > 1)
    return {k: same[asked][:, :k].any(axis=1).tolist() for k in places}


def precision(likeness: Floats, kinds: npt.NDArray[np.intp], k: int = 10) -> Floats:
    """Part of the first k that is of the query's kind, for every query."""
    own = likeness.copy()
    np.fill_diagonal(own, -np.inf)
    order = np.argsort(-own, axis=1, kind="stable")[:, :k]
    return (kinds[order] == kinds[:, None]).mean(axis=1)


def _principal(centered: Floats, count: int) -> Floats:
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    return axes[:count].T


def _size(reduced: Floats) -> float:
    return float(np.sqrt((reduced**2).sum(axis=1).mean()))
