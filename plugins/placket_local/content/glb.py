"""Writes binary glTF 2.0 (ISO/IEC 12113): one mesh, and one material with its own texture for each colour.

Two profiles. ``compat`` is core glTF with JPEG textures and floats, which every viewer reads, Android's included;
``web`` stores numbers in fewer bits (KHR_mesh_quantization) and textures as WebP (EXT_texture_webp), for browsers.
Colours are switched with KHR_materials_variants; KHR_materials_sheen gives cloth its soft edge. A viewer that knows
neither of these two shows the first colour on a dull surface.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen
from PIL import Image

from ..arrays import Bytes3
from .surface import Surface

GENERATOR = "Placket"

_MAGIC, _VERSION, _JSON, _BIN = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
_FLOAT, _BYTE, _SHORT, _UNSIGNED_SHORT, _UNSIGNED_INT = 5126, 5120, 5122, 5123, 5125
_VERTICES, _INDICES = 34962, 34963
_LINEAR, _MIPMAP_LINEAR, _CLAMP = 9729, 9987, 33071


class Profile(StrEnum):
    """For whom a file is written."""

    COMPAT = "compat"
    WEB = "web"


@frozen(eq=False)
class Colorway:
    """One colour of the garment: its name, and its texture (height, width, 3)."""

    name: str
    texture: Bytes3


def write_glb(
    surface: Surface,
    colorways: Sequence[Colorway],
    profile: Profile,
    *,
    name: str,
    extras: Mapping[str, Any],
    quality: int = 80,
) -> bytes:
    """The file. ``extras``, plain JSON, is what it says about itself; ``quality`` is that of the textures, 1..95."""
    document = _Document()
    web = profile is Profile.WEB
    attributes, placement = _quantized(document, surface) if web else _floats(document, surface)
    indices = surface.triangles.ravel()
    small = len(surface.positions) <= 0xFFFF
    primitive: dict[str, Any] = {
        "attributes": attributes,
        "indices": document.accessor(
            indices.astype(np.uint16 if small else np.uint32),
            _UNSIGNED_SHORT if small else _UNSIGNED_INT,
            "SCALAR",
            _INDICES,
        ),
        "material": 0,
    }
    extensions = ["KHR_materials_sheen"]
    required: list[str] = []
    if web:
        required = ["EXT_texture_webp", "KHR_mesh_quantization"]
    if len(colorways) > 1:
        extensions.append("KHR_materials_variants")
        primitive["extensions"] = {
            "KHR_materials_variants": {
                "mappings": [{"material": index, "variants": [index]} for index in range(len(colorways))]
            }
        }
        document.top["extensions"] = {
            "KHR_materials_variants": {"variants": [{"name": colorway.name} for colorway in colorways]}
        }
    document.top |= {
        "asset": {"version": "2.0", "generator": GENERATOR, "extras": dict(extras)},
        "extensionsUsed": sorted([*extensions, *required]),
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": name, **placement}],
        "meshes": [{"name": name, "primitives": [primitive]}],
        "materials": [_material(index, colorway.name) for index, colorway in enumerate(colorways)],
        "samplers": [{"magFilter": _LINEAR, "minFilter": _MIPMAP_LINEAR, "wrapS": _CLAMP, "wrapT": _CLAMP}],
        "textures": [
            {"sampler": 0, "extensions": {"EXT_texture_webp": {"source": index}}}
            if web
            else {"sampler": 0, "source": index}
            for index in range(len(colorways))
        ],
        "images": [document.image(colorway.texture, profile, quality) for colorway in colorways],
    }
    if required:
        document.top["extensionsRequired"] = required
    return document.packed()


def _material(index: int, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "pbrMetallicRoughness": {
            "baseColorTexture": {"index": index},
            "metallicFactor": 0.0,
            "roughnessFactor": 0.9,
        },
        "extensions": {"KHR_materials_sheen": {"sheenColorFactor": [0.08, 0.08, 0.08], "sheenRoughnessFactor": 0.8}},
    }


def _floats(document: _Document, surface: Surface) -> tuple[dict[str, int], dict[str, Any]]:
    return {
        "POSITION": document.accessor(surface.positions, _FLOAT, "VEC3", _VERTICES, bounds=True),
        "NORMAL": document.accessor(surface.normals, _FLOAT, "VEC3", _VERTICES),
        "TEXCOORD_0": document.accessor(surface.coordinates, _FLOAT, "VEC2", _VERTICES),
    }, {}


def _quantized(document: _Document, surface: Surface) -> tuple[dict[str, int], dict[str, Any]]:
    """Positions as 16-bit fractions of the largest one, which the node scales back; normals in 8 bits, rows padded."""
    largest = float(np.abs(surface.positions).max())
    positions = np.rint(surface.positions / largest * 32767).astype(np.int16)
    normals = np.rint(surface.normals * 127).astype(np.int8)
    coordinates = np.rint(surface.coordinates * 65535).astype(np.uint16)
    return {
        "POSITION": document.accessor(_padded(positions), _SHORT, "VEC3", _VERTICES, bounds=True, normalized=True),
        "NORMAL": document.accessor(_padded(normals), _BYTE, "VEC3", _VERTICES, normalized=True),
        "TEXCOORD_0": document.accessor(coordinates, _UNSIGNED_SHORT, "VEC2", _VERTICES, normalized=True),
    }, {"scale": [largest] * 3}


def _padded(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A fourth column that is not read: each row must begin at a multiple of four bytes."""
    return np.pad(rows, ((0, 0), (0, 1)))


_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}


@define(eq=False)
class _Document:
    """The JSON and the binary chunk while they are written."""

    top: dict[str, Any] = field(factory=dict)
    binary: bytearray = field(factory=bytearray)
    views: list[dict[str, Any]] = field(factory=list)
    accessors: list[dict[str, Any]] = field(factory=list)

    def view(self, data: bytes, **details: Any) -> int:
        self.binary += bytes(-len(self.binary) % 4)
        self.views.append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data), **details})
        self.binary += data
        return len(self.views) - 1

    def accessor(
        self,
        values: npt.NDArray[Any],
        component: int,
        shape: str,
        target: int,
        *,
        bounds: bool = False,
        normalized: bool = False,
    ) -> int:
        columns = _COMPONENTS[shape]
        padded = values.ndim == 2 and values.shape[1] > columns
        details = {"byteStride": values.strides[0]} if padded else {}
        accessor: dict[str, Any] = {
            "bufferView": self.view(values.tobytes(), target=target, **details),
            "componentType": component,
            "count": len(values),
            "type": shape,
        }
        if normalized:
            accessor["normalized"] = True
        if bounds:
            shown = values[:, :columns]
            accessor |= {"min": shown.min(axis=0).tolist(), "max": shown.max(axis=0).tolist()}
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    def image(self, texture: Bytes3, profile: Profile, quality: int) -> dict[str, Any]:
        file = io.BytesIO()
        if profile is Profile.WEB:
            Image.fromarray(texture).save(file, "WEBP", quality=quality, method=4)
            return {"bufferView": self.view(file.getvalue()), "mimeType": "image/webp"}
        Image.fromarray(texture).save(file, "JPEG", quality=quality, optimize=True)
        return {"bufferView": self.view(file.getvalue()), "mimeType": "image/jpeg"}

    def packed(self) -> bytes:
        self.binary += bytes(-len(self.binary) % 4)
        self.top |= {
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": len(self.binary)}],
        }
        text = json.dumps(self.top, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        chunks = struct.pack("<II", len(text), _JSON) + text + struct.pack("<II", len(self.binary), _BIN) + self.binary
        return struct.pack("<III", _MAGIC, _VERSION, 12 + len(chunks)) + chunks
