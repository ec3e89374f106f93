"""A linear discriminant: classes of vectors that spread alike, told apart with little to learn from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .search import units

Floats = npt.NDArray[np.floating]
Numbers = npt.NDArray[np.intp]


def fit(vectors: Floats, kinds: Numbers, shrinkage: float) -> tuple[Numbers, Floats, Floats]:
    """Fit on (n, views, width) and the (n,) kinds, every view a sample; the kinds count alike.

    Returns the k kinds that there are, and (width, k) weights and (k,) biases: for a vector of length 1 they give the
    logarithm of each kind's likelihood, up to a constant. ``shrinkage`` is the part of the identity in the covariance.
    """
    count, views, width = vectors.shape
    samples = units(vectors.reshape(-1, width).astype(np.float64))
    truth = np.repeat(kinds, views)
    places = np.unique(kinds)
    means = np.stack([samples[truth == place].mean(axis=0) for place in places])
    spread = samples - means[np.searchsorted(places, truth)]
    covariance = spread.T @ spread / (count * views)
    covariance *= 1 - shrinkage
    covariance[np.diag_indices(width)] += shrinkage * np.trace(covariance) / (1 - shrinkage) / width
    weights = np.linalg.solve(covariance, means.T)
    return places, weights, -0.5 * (means * weights.T).sum(axis=1)
