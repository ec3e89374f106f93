"""A garment's silhouette -> a flat mesh of well-shaped triangles whose rim lies on the silhouette.

The plane is covered with a lattice of equilateral triangles, and those that the silhouette crosses are cut along it.
Lattice points close to the silhouette are moved onto it first, so that no cut leaves a sliver (the idea of isosurface
stuffing, Labelle and Shewchuk 2007, in two dimensions).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from attrs import frozen
from scipy import ndimage

from placket.errors import InvalidInput

from ..arrays import Flags, Plane

Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_SNAP = 0.3
"""The part of a lattice edge within which a point is moved onto the silhouette. From 0.2 to 0.4 no angle of the
rendered test garments falls below 15 degrees."""

_HALVINGS = 8
"""Bisections of an edge: the silhouette is met within 1/256 of it."""

_SMOOTHING = 1.5
"""Pixels over which the silhouette is smoothed: the mask's pixels must not show as steps."""

_SMALLEST_HOLE = 0.002
"""Holes below this share of the silhouette are flaws of the cut-out and are filled."""


@frozen(eq=False)
class Sheet:
    """A flat mesh: ``points`` (n, 2) as x and y in pixels, y down; ``triangles`` (m, 3), all turning the same way.

    ``rim`` (n,) is True on the silhouette.
    """

    points: Doubles
    triangles: Indices
    rim: Flags


def sheet_of(mask: Plane, rows: int) -> Sheet:
    """Mesh the largest connected part of ``mask`` (height, width; 0..1), about ``rows`` lattice cells high.

    Raises InvalidInput when there is nothing to mesh.
    """
    field = _signed(mask)
    inside_rows = np.flatnonzero((field > 0).any(axis=1))
    if inside_rows.size < 3:
        raise InvalidInput("the cut-out is too small to make a surface of; take a picture with a larger garment")
    spacing = (inside_rows[-1] - inside_rows[0]) / rows
    points, triangles = _cut(field, *_lattice(field, max(spacing, 1.0)))
    points, triangles = _without_bridges(*_without_pinches(*_used(points, triangles)))
    return Sheet(points, triangles, _rim(len(points), triangles))


def _signed(mask: Plane) -> Plane:
    """The distance to the silhouette of the largest part of the mask, in pixels, positive inside."""
    padded = np.pad(mask, 2)
    labels, count = ndimage.label(padded > 0.5)
    if not count:
        raise InvalidInput("there is no garment in the cut-out to make a surface of")
    sizes = np.bincount(labels.ravel())[1:]
    part = labels == 1 + int(sizes.argmax())
    holes, _ = ndimage.label(~part)
    hole_sizes = np.bincount(holes.ravel())
    small = hole_sizes < _SMALLEST_HOLE * part.sum()
    small[0] = False
    filled = part | small[holes]
    distance = ndimage.distance_transform_edt(filled) - ndimage.distance_transform_edt(~filled)
    smooth: Plane = ndimage.gaussian_filter(distance.astype(np.float32), _SMOOTHING)
    return smooth[2:-2, 2:-2]


def _lattice(field: Plane, spacing: float) -> tuple[Doubles, Indices]:
    inside = np.argwhere(field > 0)
    (top, left), (bottom, right) = inside.min(axis=0) - 2 * spacing, inside.max(axis=0) + 2 * spacing
    height = spacing * np.sqrt(3) / 2
    rows, columns = int((bottom - top) / height) + 2, int((right - left) / spacing) + 2
    row, column = np.mgrid[0:rows, 0:columns]
    points = np.stack((left + (column + 0.5 * (row % 2)) * spacing, top + row * height), axis=-1).reshape(-1, 2)
    number = row * columns + column
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    odd = (row[:-1, :-1] % 2).astype(bool)[..., None]
    first = np.where(odd, np.stack((a, b, d), -1), np.stack((a, b, c), -1))
    second = np.where(odd, np.stack((a, d, c), -1), np.stack((b, d, c), -1))
    return points, np.concatenate((first.reshape(-1, 3), second.reshape(-1, 3)))


def _sample(field: Plane, points: Doubles) -> Doubles:
    values: Doubles = ndimage.map_coordinates(field, (points[:, 1], points[:, 0]), order=1, mode="nearest")
    return values


def _cut(field: Plane, points: Doubles, triangles: Indices) -> tuple[Doubles, Indices]:
    """Keep what is inside; of a triangle that the silhouette crosses, the part that is."""
    edges, of_triangle = np.unique(
        np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0, return_inverse=True
    )
    of_triangle = of_triangle.reshape(-1, 3)
    values = _sample(field, points)
    crossed = np.flatnonzero(values[edges[:, 0]] * values[edges[:, 1]] < 0)
    part = _crossing(field, points[edges[crossed, 0]], points[edges[crossed, 1]])
    on_edge = points[edges[crossed, 0]] + part[:, None] * (points[edges[crossed, 1]] - points[edges[crossed, 0]])
    points, values = _snapped(points, values, edges[crossed], part, on_edge)
    left = values[edges[crossed, 0]] * values[edges[crossed, 1]] < 0
    cut = np.full(len(edges), -1)
    cut[crossed[left]] = len(points) + np.arange(left.sum())

    signs = np.sign(values[triangles])
    positive, negative = (signs > 0).sum(axis=1), (signs < 0).sum(axis=1)
    flat = (positive == 0) & (negative == 0) & (_sample(field, points[triangles].mean(axis=1)) > 0)
    whole = triangles[((positive > 0) & (negative == 0)) | flat]
    split = (positive > 0) & (negative > 0)
    # Each split triangle is turned so that its odd corner comes first: the only positive one, or the only negative one.
    odd = np.where(positive[split] == 1, 1, -1)
    turn = ((signs[split] == odd[:, None]).argmax(axis=1)[:, None] + np.arange(3)) % 3
    a, b, c = np.take_along_axis(triangles[split], turn, axis=1).T
    to_b, _, to_c = np.take_along_axis(of_triangle[split], turn, axis=1).T
    ab, ac = np.where(values[b] == 0, b, cut[to_b]), np.where(values[c] == 0, c, cut[to_c])
    tip, rest = odd > 0, odd < 0
    kept = (
        whole,
        np.stack((a, ab, ac), axis=1)[tip],
        np.stack((ab, b, c), axis=1)[rest],
        np.stack((ab, c, ac), axis=1)[rest],
    )
    return np.concatenate((points, on_edge[left])), np.concatenate(kept)


def _crossing(field: Plane, start: Doubles, end: Doubles) -> Doubles:
    """How far along each edge the silhouette is, 0..1, by bisection: the field is not straight along an edge."""
    positive_start = _sample(field, start) > 0
    low, high = np.zeros(len(start)), np.ones(len(start))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        before = (_sample(field, start + middle[:, None] * (end - start)) > 0) == positive_start
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return (low + high) / 2


def _snapped(
    points: Doubles, values: Doubles, edges: Indices, part: Doubles, on_edge: Doubles
) -> tuple[Doubles, Doubles]:
    """Move each point that is close to the silhouette onto it, to where the nearest of its edges crosses."""
    point = np.concatenate((edges[:, 0], edges[:, 1]))
    away = np.concatenate((part, 1 - part))
    order = np.lexsort((away, point))
    point, first = np.unique(point[order], return_index=True)
    nearest = order[first]
    close = away[nearest] < _SNAP
    points, values = points.copy(), values.copy()
    points[point[close]] = np.concatenate((on_edge, on_edge))[nearest[close]]
    values[point[close]] = 0.0
    return points, values


def _used(points: Doubles, triangles: Indices) -> tuple[Doubles, Indices]:
    """Drop the points that no triangle uses, and all triangles that do not hang together with most of the others."""
    parts = np.arange(len(points))
    while True:
        lowest = parts[triangles].min(axis=1)
        before = parts.copy()
        np.minimum.at(parts, triangles.ravel(), np.repeat(lowest, 3))
        parts = parts[parts]
        if (parts == before).all():
            break
    of_triangle = parts[triangles[:, 0]]
    triangles = triangles[of_triangle == np.bincount(of_triangle).argmax()]
    used, renamed = np.unique(triangles, return_inverse=True)
    return points[used], renamed.reshape(-1, 3)


def _rim_edges(triangles: Indices) -> Indices:
    every = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    _, first, count = np.unique(np.sort(every, axis=1), axis=0, return_index=True, return_counts=True)
    alone: Indices = every[first[count == 1]]
    return alone


def _rim(count: int, triangles: Indices) -> Flags:
    rim = np.zeros(count, bool)
    rim[_rim_edges(triangles).ravel()] = True
    return rim


def _without_bridges(points: Doubles, triangles: Indices) -> tuple[Doubles, Indices]:
    """Halve every inner edge that runs from rim to rim.

    Front and back meet on the rim; along such an edge they would touch across the garment.
    """
    while True:
        rim = _rim(len(points), triangles)
        ends = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
        edges, of_triangle, count = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
        of_triangle = of_triangle.reshape(-1, 3)
        bridge = (count == 2) & rim[edges].all(axis=1)
        # One edge a triangle at a time: the lowest-numbered of its bridges, if its other triangle chooses it too.
        chosen = np.where(bridge[of_triangle], of_triangle, len(edges)).min(axis=1)
        votes = np.bincount(chosen, minlength=len(edges) + 1)[:-1]
        halved = np.flatnonzero(votes == 2)
        if not halved.size:
            return points, triangles
        middle = np.full(len(edges) + 1, -1)
        middle[halved] = len(points) + np.arange(halved.size)
        points = np.concatenate((points, points[edges[halved]].mean(axis=1)))
        split = middle[chosen] >= 0
        turn = ((of_triangle[split] == chosen[split][:, None]).argmax(axis=1)[:, None] + np.arange(3)) % 3
        a, b, c = np.take_along_axis(triangles[split], turn, axis=1).T
        new = middle[chosen[split]]
        triangles = np.concatenate((triangles[~split], np.stack((a, new, c), axis=1), np.stack((new, b, c), axis=1)))


def _without_pinches(points: Doubles, triangles: Indices) -> tuple[Doubles, Indices]:
    """Give each fan of triangles at a point that the rim passes twice a point of its own.

    Where two parts of the surface touch in one point, the two sides of the garment could not be closed.
    """
    ends, count = np.unique(_rim_edges(triangles), return_counts=True)
    triangles, extra = triangles.copy(), []
    for pinched in ends[count > 2].tolist():
        fans = _fans(triangles, pinched)
        for fan in fans[1:]:
            extra.append(points[pinched])
            mine = triangles[fan]
            mine[mine == pinched] = len(points) + len(extra) - 1
            triangles[fan] = mine
    return (np.concatenate((points, np.array(extra))) if extra else points), triangles


def _fans(triangles: Indices, center: int) -> list[list[int]]:
    """The triangles around a point, grouped by those that share an edge with it."""
    left = np.flatnonzero((triangles == center).any(axis=1)).tolist()
    fans: list[list[int]] = []
    while left:
        fan, reached = [left.pop(0)], set()
        reached |= set(triangles[fan[0]].tolist()) - {center}
        grown = True
        while grown:
            grown = False
            for other in list(left):
                corners = set(triangles[other].tolist()) - {center}
                if corners & reached:
                    reached |= corners
                    fan.append(other)
                    left.remove(other)
                    grown = True
        fans.append(fan)
    return fans
