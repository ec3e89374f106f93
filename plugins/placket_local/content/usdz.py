"""Writes USDZ: a stored ZIP whose files begin at multiples of 64 bytes, with a scene in USD's text form and a texture.

The packaging rules are those of the USDZ specification 1.3; the surface is a UsdPreviewSurface, which is what Quick
Look on iOS renders. One colour a file: Quick Look has no switch for several.
"""

from __future__ import annotations

import io
import re
import struct
import zlib

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..arrays import Bytes3
from .surface import Surface

_ALIGNMENT = 64
_PADDING_FIELD = 0x1986
"""The id of the extra field that moves a file to its place; any reader skips ids that it does not know."""

_DOS_EPOCH = 0x0021
"""1 January 1980: the same content gives the same bytes."""

_NOT_NAME = re.compile(r"[^A-Za-z0-9_]+")


def write_usdz(surface: Surface, texture: Bytes3, *, name: str, note: str, quality: int = 80) -> bytes:
    """The file. ``note`` is what it says about itself; ``quality`` is that of the texture, 1..95."""
    file = io.BytesIO()
    Image.fromarray(texture).save(file, "JPEG", quality=quality, optimize=True)
    return _stored_zip({"garment.usda": _scene(surface, name, note).encode(), "textures/color.jpg": file.getvalue()})


def _scene(surface: Surface, name: str, note: str) -> str:
    prim = _NOT_NAME.sub("_", name).strip("_") or "Garment"
    prim = prim if prim[0].isalpha() else f"Garment_{prim}"
    # USD's texture coordinates have v up, glTF's down.
    coordinates = surface.coordinates * np.array([1, -1], np.float32) + np.array([0, 1], np.float32)
    low, high = surface.positions.min(axis=0), surface.positions.max(axis=0)
    return f"""#usda 1.0
(
    customLayerData = {{
        string creator = "Placket"
        string note = "{_quoted(note)}"
    }}
    defaultPrim = "{prim}"
    metersPerUnit = 1
    upAxis = "Y"
)

def Xform "{prim}" (
    assetInfo = {{
        string name = "{_quoted(name)}"
    }}
    kind = "component"
)
{{
    def Mesh "Surface" (
        prepend apiSchemas = ["MaterialBindingAPI"]
    )
    {{
        float3[] extent = [{_rows(np.stack((low, high)))}]
        int[] faceVertexCounts = [{", ".join(["3"] * len(surface.triangles))}]
        int[] faceVertexIndices = [{", ".join(map(str, surface.triangles.ravel().tolist()))}]
        normal3f[] normals = [{_rows(surface.normals, 3)}] (
            interpolation = "vertex"
        )
        point3f[] points = [{_rows(surface.positions)}]
        texCoord2f[] primvars:st = [{_rows(coordinates, 4)}] (
            interpolation = "vertex"
        )
        uniform token subdivisionScheme = "none"
        rel material:binding = </{prim}/Cloth>
    }}

    def Material "Cloth"
    {{
        token outputs:surface.connect = </{prim}/Cloth/Surface.outputs:surface>

        def Shader "Surface"
        {{
            uniform token info:id = "UsdPreviewSurface"
            color3f inputs:diffuseColor.connect = </{prim}/Cloth/Texture.outputs:rgb>
            float inputs:metallic = 0
            float inputs:roughness = 0.9
            token outputs:surface
        }}

        def Shader "Texture"
        {{
            uniform token info:id = "UsdUVTexture"
            asset inputs:file = @textures/color.jpg@
            token inputs:sourceColorSpace = "sRGB"
            float2 inputs:st.connect = </{prim}/Cloth/Coordinates.outputs:result>
            token inputs:wrapS = "clamp"
            token inputs:wrapT = "clamp"
            float3 outputs:rgb
        }}

        def Shader "Coordinates"
        {{
            uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "st"
            float2 outputs:result
        }}
    }}
}}
"""


def _quoted(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).replace("\\", "\\\\").replace('"', '\\"')


def _rows(values: npt.NDArray[np.float32], digits: int = 5) -> str:
    return ", ".join(f"({', '.join(f'{value:.{digits}f}' for value in row)})" for row in values.tolist())


def _stored_zip(files: dict[str, bytes]) -> bytes:
    archive, directory = bytearray(), bytearray()
    for path, data in files.items():
        name, offset = path.encode(), len(archive)
        gap = -(offset + 30 + len(name) + 4) % _ALIGNMENT
        extra = struct.pack("<HH", _PADDING_FIELD, gap) + bytes(gap)
        sums = (zlib.crc32(data), len(data), len(data))
        archive += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, _DOS_EPOCH, *sums, len(name), len(extra))
        archive += name + extra + data
        directory += struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, _DOS_EPOCH, *sums, len(name), 0, 0, 0, 0, 0, offset
        )
        directory += name
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(files), len(files), len(directory), len(archive), 0)
    return bytes(archive + directory + end)
