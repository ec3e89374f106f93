"""A picture of a GLB file, for where nothing can turn it: rendered with numpy, from several sides.

Only what the demo's own files hold is read: one mesh of one primitive with positions, normals and texture coordinates,
quantised or not (KHR_mesh_quantization), and one texture (EXT_texture_webp or core).
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen
from PIL import Image

from placket.errors import InvalidInput

Array = npt.NDArray[np.float32]

ANGLES = (-25.0, 65.0, 155.0)
"""Degrees about the vertical axis, one view each: from the front, from the side, from behind."""

_HEADER, _CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")
_TYPES = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
_LARGEST = {5120: 127, 5121: 255, 5122: 32767, 5123: 65535}
_COLUMNS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}
_VIEW = 340
"""Pixels of a view's height."""
_FINER = 2
"""Each pixel is the mean of this many squared."""
_LIGHT = np.array((-0.35, 0.5, 0.79), np.float32)


@frozen(eq=False)
class Mesh:
    """Positions and normals (n, 3), texture coordinates (n, 2), triangles (m, 3) and texture (height, width, 3)."""

    positions: Array
    normals: Array
    coordinates: Array
    triangles: npt.NDArray[np.intp]
    texture: npt.NDArray[np.uint8]


def still_of(glb: bytes, angles: Sequence[float] = ANGLES) -> bytes:
    """A WebP picture with a transparent ground of a GLB file, seen at some angles, side by side.

    Raises InvalidInput for a file that is not as described.
    """
    try:
        mesh = mesh_of(glb)
    except (ValueError, KeyError, IndexError, TypeError, struct.error, OSError) as error:
        raise InvalidInput(f"the GLB file cannot be drawn: {error}") from error
    file = io.BytesIO()
    turned(mesh, angles).save(file, "WEBP", quality=82, method=4)
    return file.getvalue()


def mesh_of(glb: bytes) -> Mesh:
    """Read the mesh and the texture of a GLB file."""
    magic, _, length = _HEADER.unpack_from(glb)
    if magic != b"glTF" or length != len(glb):
        raise ValueError("it is no whole GLB file")
    size, _ = _CHUNK.unpack_from(glb, 12)
    document = json.loads(glb[20 : 20 + size])
    binary = glb[20 + size + 8 :]
    primitive = document["meshes"][0]["primitives"][0]
    attributes = primitive["attributes"]
    texture = document["textures"][0]
    source = texture.get("source", texture.get("extensions", {}).get("EXT_texture_webp", {}).get("source"))
    view = document["bufferViews"][document["images"][source]["bufferView"]]
    start = view.get("byteOffset", 0)
    with Image.open(io.BytesIO(binary[start : start + view["byteLength"]])) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return Mesh(
        _values(document, binary, attributes["POSITION"]),
        _values(document, binary, attributes["NORMAL"]),
        _values(document, binary, attributes["TEXCOORD_0"]),
        _values(document, binary, primitive["indices"]).astype(np.intp).reshape(-1, 3),
        pixels,
    )


def _values(document: Any, binary: bytes, index: int) -> Array:
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    kind = np.dtype(_TYPES[accessor["componentType"]])
    columns = _COLUMNS[accessor["type"]]
    stride = view.get("byteStride", columns * kind.itemsize)
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    values = np.ndarray((accessor["count"], columns), kind, binary, start, (stride, kind.itemsize)).astype(np.float32)
    if accessor.get("normalized"):
        values /= np.float32(_LARGEST[accessor["componentType"]])
    return values


def turned(mesh: Mesh, angles: Sequence[float]) -> Image.Image:
    """The views side by side, RGBA."""
    views = [_view(mesh, angle) for angle in angles]
    gap = _VIEW // 14
    whole = Image.new("RGBA", (sum(each.width for each in views) + gap * (len(views) - 1), _VIEW))
    left = 0
    for view in views:
        whole.paste(view, (left, 0))
        left += view.width + gap
    return whole


def _view(mesh: Mesh, angle: float) -> Image.Image:
    """One view, as wide as it is: many points of each triangle are put into the picture, the nearest last."""
    turn = np.deg2rad(angle)
    rotation = np.array(((np.cos(turn), 0, np.sin(turn)), (0, 1, 0), (-np.sin(turn), 0, np.cos(turn))), np.float32)
    positions = mesh.positions @ rotation.T
    low, high = positions.min(axis=0), positions.max(axis=0)
    height = _VIEW * _FINER
    scale = (height - 2) / max(high[1] - low[1], 1e-6)
    width = int((high[0] - low[0]) * scale) + 2
    size = np.array(mesh.texture.shape[1::-1]) - 1
    seen = np.column_stack(
        (
            (positions[:, 0] - low[0]) * scale,
            (high[1] - positions[:, 1]) * scale,
            positions[:, 2],
            0.62 + 0.5 * np.clip(mesh.normals @ rotation.T @ _LIGHT, 0, 1),
            mesh.coordinates * size,
        )
    ).astype(np.float32)
    corners = seen[mesh.triangles]
    points = _points(corners[_area(corners) < 0])
    points = points[np.argsort(points[:, 2])]
    x, y = np.clip(points[:, :2].astype(np.intp), 0, (width - 1, height - 1)).T
    column, row = np.clip(points[:, 4:].astype(np.intp), 0, size).T
    canvas = np.zeros((height, width, 4), np.uint8)
    canvas[y, x, :3] = np.clip(mesh.texture[row, column] * points[:, 3:4], 0, 255).astype(np.uint8)
    canvas[y, x, 3] = 255
    return Image.fromarray(canvas).resize((max(1, width // _FINER), _VIEW), Image.Resampling.BOX)


def _area(corners: Array) -> Array:
    """Twice the area of each triangle in the picture; negative where it is seen from outside, for y runs down."""
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area: Array = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    return area


def _points(corners: Array) -> Array:
    """So many points of each triangle, (m, 3, k) to (n, k), that every pixel of its longest edge is met."""
    edges = (corners - np.roll(corners, 1, axis=1))[..., :2]
    longest = np.sqrt((edges**2).sum(axis=2).max(axis=1))
    steps = 4 * np.ceil(np.maximum(longest, 1) * 1.1 / 4).astype(np.intp)
    found = [_weights(int(count)) @ corners[steps == count] for count in np.unique(steps)]
    return np.concatenate([each.reshape(-1, corners.shape[2]) for each in found])


def _weights(steps: int) -> Array:
    """(k, 3) barycentric coordinates of points all over a triangle, ``steps`` of them along an edge."""
    first, second = np.meshgrid(np.arange(steps + 1), np.arange(steps + 1))
    inside = first + second <= steps
    a, b = first[inside] / steps, second[inside] / steps
    return np.column_stack((a, b, 1 - a - b)).astype(np.float32)
