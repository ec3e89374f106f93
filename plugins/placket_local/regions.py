"""Which regions of a picture are background, judged by how far they are connected with its border.

For borders of several colours (planks, tiles, a rumpled sheet), where no smooth surface fits. The measure is the
boundary connectivity of Zhu, Liang, Wei and Sun, "Saliency Optimization from Robust Background Detection" (CVPR 2014):
a region whose geodesic surroundings run along much of the border is background. Constants are theirs unless noted.
"""

from __future__ import annotations

import numpy as np

from .arrays import Flags, Lab, Labels, Plane

_COLOR_SIGMA = 9.0
_SPACE_SIGMA = 0.25
_REGIONS = 240
_SMOOTHNESS_FLOOR = 0.1

Matrix = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def superpixels(lab: Lab, count: int = _REGIONS, rounds: int = 5, compactness: float = 10.0) -> Labels:
    """(height, width) labels 0..n-1 of about ``count`` compact regions of one colour (SLIC on a fixed grid)."""
    height, width = lab.shape[:2]
    rows = max(2, round((count * height / width) ** 0.5))
    columns = max(2, round(count / rows))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    home_row = np.minimum((y * rows / height).astype(np.intp), rows - 1)
    home_column = np.minimum((x * columns / width).astype(np.intp), columns - 1)
    spacing = np.sqrt(height * width / (rows * columns))
    scale = np.float32(compactness / spacing)
    samples = np.concatenate([lab, (y * scale)[..., None], (x * scale)[..., None]], axis=-1).reshape(-1, 5)
    labels: Labels = (home_row * columns + home_column).ravel()
    centers = _means(samples, labels, rows * columns, np.zeros((rows * columns, 5), np.float32))
    flat_row, flat_column = home_row.ravel(), home_column.ravel()
    for _ in range(rounds):
        best = np.full(len(samples), np.inf, np.float32)
        chosen = labels.copy()
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                candidate = np.clip(flat_row + down, 0, rows - 1) * columns + np.clip(
                    flat_column + right, 0, columns - 1
                )
                difference = samples - centers[candidate]
                gap = np.einsum("ij,ij->i", difference, difference)
                closer = gap < best
                best[closer] = gap[closer]
                chosen[closer] = candidate[closer]
        labels = chosen
        centers = _means(samples, labels, rows * columns, centers)
    _, compact = np.unique(labels, return_inverse=True)
    return np.asarray(compact, np.intp).reshape(height, width)


def foreground_likelihood(lab: Lab, labels: Labels) -> Plane:
    """(height, width) 0..1: high where a region differs from what is connected with the border."""
    count = int(labels.max()) + 1
    flat = labels.ravel()
    height, width = labels.shape
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    zeros = np.zeros((count, 3))
    colors = _means(lab.reshape(-1, 3), flat, count, zeros)
    places = _means(np.stack([y.ravel(), x.ravel(), x.ravel()], axis=1), flat, count, zeros)[:, :2]
    border = np.zeros(count, np.bool_)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        border[edge] = True

    appearance = np.linalg.norm(colors[:, None] - colors[None], axis=2)
    neighbors = _adjacency(labels, count)
    geodesic = _geodesic(appearance, neighbors | (border[:, None] & border[None]), border)

    reach = np.exp(-(geodesic**2) / (2 * _COLOR_SIGMA**2))
    connectivity = reach[:, border].sum(axis=1) / np.sqrt(reach.sum(axis=1))
    background = 1 - np.exp(-(connectivity**2) / 2)
    nearness = np.exp(-(np.linalg.norm(places[:, None] - places[None], axis=2) ** 2) / (2 * _SPACE_SIGMA**2))
    contrast = (appearance * nearness * background[None]).sum(axis=1)
    contrast /= max(float(contrast.max()), 1e-6)
    # Garments are photographed in the middle; the paper has no such prior, a product photo does.
    central = np.exp(-(((places - 0.5) ** 2).sum(axis=1)) / (2 * 0.33**2))
    foreground = contrast * (1 - background) * (0.4 + 0.6 * central)

    two_steps = neighbors | ((neighbors.astype(np.float32) @ neighbors.astype(np.float32)) > 0)
    smoothness = (np.exp(-(appearance**2) / (2 * _COLOR_SIGMA**2)) + _SMOOTHNESS_FLOOR) * two_steps
    smoothness[np.ix_(border, border)] += np.exp(-(appearance[np.ix_(border, border)] ** 2) / (2 * _COLOR_SIGMA**2))
    np.fill_diagonal(smoothness, 0)
    laplacian = np.diag(smoothness.sum(axis=1)) - smoothness
    system = laplacian + np.diag(5.0 * background + foreground) + 1e-6 * np.eye(count)
    salience = np.linalg.solve(system, foreground)
    salience -= salience.min()
    salience /= max(float(np.percentile(salience, 98)), 1e-6)
    return np.asarray(np.clip(salience, 0, 1)[labels], np.float32)


def _means(samples: np.ndarray, labels: Labels, count: int, empty: np.ndarray) -> np.ndarray:
    """Mean of the samples of each label; where a label has none, ``empty``."""
    size = np.bincount(labels, minlength=count)
    sums = np.stack([np.bincount(labels, samples[:, i], count) for i in range(samples.shape[1])], axis=1)
    return np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], empty).astype(empty.dtype)


def _adjacency(labels: Labels, count: int) -> Flags:
    touching = np.zeros((count, count), np.bool_)
    for one, other in ((labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1])):
        touching[one.ravel(), other.ravel()] = True
    return touching | touching.T


def _geodesic(appearance: Matrix, edges: Flags, border: Flags) -> Matrix:
    """All shortest paths, each step costing its colour difference above the usual noise (Floyd and Warshall)."""
    nearest = np.where(edges & ~np.eye(len(edges), dtype=bool), appearance, np.inf).min(axis=1)
    noise = float(np.median(nearest[border])) if border.any() else 0.0
    path = np.where(edges, np.maximum(appearance - noise, 0), np.inf)
    np.fill_diagonal(path, 0)
    for middle in range(len(path)):
        np.minimum(path, path[:, middle, None] + path[None, middle], out=path)
    return path
