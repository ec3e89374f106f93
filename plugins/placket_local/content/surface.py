"""A flat sheet -> a closed, inflated surface: front and back, joined at the rim.

The height over the sheet is the square root of the solution of a Poisson equation that is zero on the rim: over a long
strip that is an ellipse, and everywhere it is smooth and falls to the rim at a right angle, like a filled cushion.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from scipy import sparse
from scipy.sparse.linalg import spsolve

from ..arrays import Flags, Floats
from .sheet import Doubles, Indices, Sheet

FULLNESS = 0.35
"""How thick the surface is beside its width: 1 would make a sleeve round. A garment that lies flat on a table and one
on a body differ; this is between them, chosen by eye."""


@frozen(eq=False)
class Surface:
    """A closed mesh in metres, y up, z towards the viewer, the middle of its bounding box at the origin.

    ``positions`` and ``normals`` are (n, 3) float32, ``coordinates`` (n, 2) float32 into the atlas, v down;
    ``triangles`` (m, 3) run counter-clockwise seen from outside. Points on the rim are there twice, once with the
    coordinates of the front and once with those of the back, at the same place with the same normal.
    """

    positions: Floats
    normals: Floats
    coordinates: Floats
    triangles: Indices

    @property
    def size(self) -> tuple[float, float, float]:
        """Width, height and depth in metres."""
        width, height, depth = np.ptp(self.positions, axis=0).tolist()
        return width, height, depth


def inflate(sheet: Sheet, frame: tuple[float, float, float, float], height: float) -> Surface:
    """Inflate a sheet to a surface that is ``height`` metres high.

    ``frame`` is the part of the picture, x0, y0, x1, y1 in pixels, that fills each half of the atlas: the front the
    left half, the back, mirrored as it is seen from behind, the right one.
    """
    flat = sheet.points.astype(np.float64)
    low, high = flat.min(axis=0), flat.max(axis=0)
    scale = height / (high[1] - low[1])
    middle = (low + high) / 2
    plane = (flat - middle) * scale * np.array([1.0, -1.0])
    bulge = FULLNESS * np.sqrt(np.maximum(_poisson(plane, sheet.triangles, sheet.rim), 0.0) * 2)
    front = np.column_stack((plane, bulge))
    back = np.column_stack((plane, -bulge))
    outward = _counter_clockwise(plane, sheet.triangles)
    count = len(flat)
    triangles = np.concatenate((outward, outward[:, ::-1] + count))
    # For the normals, the two points of a place on the rim are one point.
    welded = np.concatenate((np.arange(count), np.where(sheet.rim, np.arange(count), np.arange(count) + count)))
    positions = np.concatenate((front, back))
    normals = _normals(positions, triangles, welded, plane)
    x0, y0, x1, y1 = frame
    u, v = (flat[:, 0] - x0) / (x1 - x0), (flat[:, 1] - y0) / (y1 - y0)
    coordinates = np.concatenate((np.column_stack((u / 2, v)), np.column_stack((1 - u / 2, v))))
    return Surface(
        positions.astype(np.float32),
        normals.astype(np.float32),
        np.clip(coordinates, 0.0, 1.0).astype(np.float32),
        triangles,
    )


def _counter_clockwise(points: Doubles, triangles: Indices) -> Indices:
    a, b, c = points[triangles].transpose(1, 0, 2)
    return np.where(_cross(b - a, c - a)[:, None] < 0, triangles[:, ::-1], triangles)


def _cross(one: Doubles, other: Doubles) -> Doubles:
    product: Doubles = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return product


def _poisson(points: Doubles, triangles: Indices, rim: Flags) -> Doubles:
    """Solve -laplace(u) = 1 with u = 0 on the rim, by linear elements."""
    corners = points[triangles]
    area = np.maximum(np.abs(_cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])) / 2, 1e-18)
    count = len(points)
    rows, columns, values = [], [], []
    for k in range(3):
        i, j = triangles[:, (k + 1) % 3], triangles[:, (k + 2) % 3]
        to_i, to_j = corners[:, (k + 1) % 3] - corners[:, k], corners[:, (k + 2) % 3] - corners[:, k]
        weight = (to_i * to_j).sum(axis=1) / (4 * area)
        rows += [i, j, i, j]
        columns += [j, i, i, j]
        values += [-weight, -weight, weight, weight]
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    stiffness = sparse.coo_array(entries, shape=(count, count)).tocsr()
    load = np.bincount(triangles.ravel(), np.repeat(area / 3, 3), count)
    free = np.flatnonzero(~rim)
    solution = np.zeros(count)
    if free.size:
        solution[free] = spsolve(stiffness[free][:, free].tocsc(), load[free])
    return solution


def _normals(positions: Doubles, triangles: Indices, welded: Indices, plane: Doubles) -> Doubles:
    """Unit normals, weighted by the angle of each triangle at the point."""
    a, b, c = positions[triangles].transpose(1, 0, 2)
    face = np.cross(b - a, c - a)
    length = np.linalg.norm(face, axis=1, keepdims=True)
    face = np.divide(face, length, out=np.zeros_like(face), where=length > 0)
    total = np.zeros_like(positions)
    for corner, one, other in ((0, b - a, c - a), (1, c - b, a - b), (2, a - c, b - c)):
        cosine = (one * other).sum(axis=1) / np.maximum(
            np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1), 1e-18
        )
        np.add.at(total, welded[triangles[:, corner]], np.arccos(np.clip(cosine, -1, 1))[:, None] * face)
    # A point where front and back cancel each other, at the tip of a thin part, looks away from the middle.
    length = np.linalg.norm(total, axis=1, keepdims=True)
    away = np.column_stack((np.concatenate((plane, plane)), np.zeros(len(positions))))
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-18)
    unit = np.where(length > 1e-6, total / np.maximum(length, 1e-18), away)
    normals: Doubles = unit[welded]
    return normals
