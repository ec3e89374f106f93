"""Foreground against background as two colour mixtures with a spatial prior.

The idea of GrabCut (Rother, Kolmogorov, Blake 2004) without its graph cut: the labels are relaxed by mean-field steps
whose neighbours pull the less, the more their colours differ.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Lab, Plane, product

_COMPONENTS = 5
_ROUNDS = 3
_STEPS = 5  # of expectation and maximisation, in each round
_FITTED_SAMPLES = 5000
_BLUR = np.diag([4.0, 2.0, 2.0])  # added to every covariance: noise, and a guard against collapse
_EVIDENCE_WEIGHT = 0.6  # pixels of a texture are not independent witnesses
_EVIDENCE_LIMIT = 6.0
_COUPLING = 1.6  # pull of one neighbour of the same colour, in log-odds
_RELAXATIONS = 14
_BLACK = np.array([16.0, 0.0, 0.0], np.float32)  # scaling light moves (L + 16, a, b) along its ray
_SHADOWS = (0.9, 0.8, 0.7, 0.6)  # how long the ray is in a shadow; its cube is what is left of the light
_SHADOW_WEIGHT = 0.3
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))


def refine(lab: Lab, prior: Plane, *, trust: float, shadows: bool = False) -> Plane:
    """Posterior probability of foreground, (height, width), from a first guess ``prior`` in 0..1.

    ``trust`` scales how much of the guess's log-odds stays in force against the colour models. With ``shadows`` the
    background is expected to be darker in places, so that a shadow beside the foreground is not taken for it.
    """
    samples = lab.reshape(-1, 3)
    middle = samples.mean(axis=0)
    products = _products(samples - middle)
    dark = (middle + _BLACK).astype(np.float32) if shadows else None
    coupling = _coupling(lab)
    clipped = np.clip(prior, 0.01, 0.99)
    guess_odds = trust * np.log(clipped / (1 - clipped))
    posterior = prior
    for _ in range(_ROUNDS):
        share = posterior.ravel()
        evidence = _log_density(products, share) - _log_density(products, 1 - share, dark)
        limited = np.clip(evidence, -_EVIDENCE_LIMIT, _EVIDENCE_LIMIT).reshape(prior.shape)
        posterior = _relax((guess_odds + _EVIDENCE_WEIGHT * limited).astype(np.float32), coupling)
    return posterior


def color_odds(lab: Lab, share: Plane) -> Plane:
    """What the colour of each pixel says for foreground, in log-odds, (height, width), where ``share`` is it."""
    samples = lab.reshape(-1, 3)
    products = _products(samples - samples.mean(axis=0))
    weight = share.ravel()
    odds = _log_density(products, weight) - _log_density(products, 1 - weight)
    return np.asarray(odds.reshape(share.shape), np.float32)


def _products(samples: Floats) -> Floats:
    """(n, 10): 1, the three channels, and their six products, so that a Gaussian's logarithm is one dot product."""
    first, second, third = samples.T
    one = np.ones_like(first)
    return np.stack(
        [one, first, second, third, first**2, second**2, third**2, first * second, first * third, second * third],
        axis=1,
    ).astype(np.float32)


def _log_density(products: Floats, share: Floats, dark: Floats | None = None) -> Floats:
    """Log density of every sample under a mixture fitted to the samples that ``share`` gives more than half.

    With ``dark``, the way from black to the middle of the samples, the mixture also holds their colours in shadow.
    """
    step = max(1, len(products) // _FITTED_SAMPLES)
    few, weight = products[::step], share[::step]
    few, weight = few[weight > 0.5], weight[weight > 0.5]
    if len(few) < 8:
        return np.full(len(products), -14.0, np.float32)
    centers = _spread_out(few[:, 1:4], weight)
    gaps = ((few[:, None, 1:4] - centers[None]) ** 2).sum(axis=2)
    responsibility = (gaps == gaps.min(axis=1, keepdims=True)) * weight[:, None]
    for _ in range(_STEPS):
        logs = product(few, _gaussians(few, responsibility))
        responsibility = np.exp(logs - logs.max(axis=1, keepdims=True))
        responsibility *= (weight / responsibility.sum(axis=1))[:, None]
    gaussians = [_gaussians(few, responsibility)]
    if dark is not None:
        for light in _SHADOWS:
            shaded = _gaussians(_products((few[:, 1:4] + dark) * light - dark), responsibility)
            shaded[0] += np.log(_SHADOW_WEIGHT)
            gaussians.append(shaded)
    logs = product(products, np.concatenate(gaussians, axis=1))
    top = logs.max(axis=1)
    return np.asarray(top + np.log(np.exp(logs - top[:, None]).sum(axis=1)), np.float32)


def _spread_out(samples: Floats, weight: Floats) -> Floats:
    """First centres: the mean, then repeatedly the sample farthest from all centres, outliers passed over."""
    centers = [np.average(samples, axis=0, weights=weight)]
    gap = ((samples - centers[0]) ** 2).sum(axis=1)
    for _ in range(_COMPONENTS - 1):
        limit = np.partition(gap, int(0.97 * (len(gap) - 1)))[int(0.97 * (len(gap) - 1))]
        centers.append(samples[int(np.argmax(np.where(gap <= limit, gap, -1)))])
        gap = np.minimum(gap, ((samples - centers[-1]) ** 2).sum(axis=1))
    return np.asarray(centers, np.float32)


def _gaussians(products: Floats, responsibility: Floats) -> Floats:
    """(10, k): what to multiply `_products` by to get each component's weighted log density."""
    sums = product(products.T, responsibility).astype(np.float64)
    size = sums[0] + 1e-3
    moments = sums / size
    count = len(size)
    mean = moments[1:4].T
    second = np.empty((count, 3, 3))
    for row, (i, j) in enumerate(((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)), start=4):
        second[:, i, j] = second[:, j, i] = moments[row]
    covariance = second - mean[:, :, None] * mean[:, None, :] + _BLUR
    precision = np.linalg.inv(covariance)
    linear = np.einsum("kij,kj->ki", precision, mean)
    constant = np.log(size / size.sum()) - 0.5 * (np.linalg.slogdet(covariance)[1] + (linear * mean).sum(axis=1))
    diagonal = -0.5 * np.einsum("kii->ki", precision)
    crossed = -np.stack([precision[:, 0, 1], precision[:, 0, 2], precision[:, 1, 2]], axis=1)
    return np.concatenate([constant[:, None], linear, diagonal, crossed], axis=1).T.astype(np.float32)


def _coupling(lab: Lab) -> list[tuple[tuple[int, int], Plane]]:
    """For each direction how strongly two neighbours pull at each other."""
    gaps = []
    for down, right in _DIRECTIONS:
        one, other = _pair(lab, down, right)
        gaps.append(((one - other) ** 2).sum(axis=-1))
    usual = max(4.0, 2 * float(np.mean([gap.mean() for gap in gaps])))
    return [
        (direction, np.asarray(_COUPLING * np.exp(-gap / usual) / np.hypot(*direction), np.float32))
        for direction, gap in zip(_DIRECTIONS, gaps, strict=True)
    ]


def _pair(plane: Floats, down: int, right: int) -> tuple[Floats, Floats]:
    """View the plane at each pixel and at its neighbour in one direction."""
    height, width = plane.shape[:2]
    left, shifted = max(0, -right), max(0, right)
    span = width - abs(right)
    return plane[: height - down, left : left + span], plane[down:, shifted : shifted + span]


def _relax(unary: Plane, coupling: list[tuple[tuple[int, int], Plane]]) -> Plane:
    lean = np.tanh(unary / 2)
    for _ in range(_RELAXATIONS):
        field = unary.copy()
        for (down, right), strength in coupling:
            here, there = _pair(field, down, right)
            lean_here, lean_there = _pair(lean, down, right)
            here += strength * lean_there
            there += strength * lean_here
        lean = np.tanh(field / 2)
    return np.asarray((lean + 1) / 2, np.float32)
