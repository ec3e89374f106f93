"""Photos of a garment -> every file of its 2.5D preview.

It is a preview and no scan: the outline is the photo's, the depth is made up, and a side that nobody photographed
repeats the other one. What was assumed is said in `Preview.assumptions` and inside each file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen
from PIL import Image

from placket.errors import InvalidInput

from ..arrays import Bytes3, Plane
from ..facts import LONGEST, checked_length
from ..picture import decode
from ..studio.garment_photo import cutout_of
from .atlas import Framed, atlas_of, framed
from .glb import Colorway, Profile, write_glb
from .recolor import Color, recolored
from .sheet import sheet_of
from .surface import inflate
from .usdz import write_usdz

ASSUMED_HEIGHT = 0.7
"""Metres from the highest to the lowest point of a garment whose length nobody measured: about a top of size M."""

_ROWS = {Profile.COMPAT: 44, Profile.WEB: 30}
"""Lattice rows over the height: about 2,200 and 1,100 points a side. More is not seen, fewer show at the rim."""

_LARGEST = {Profile.COMPAT: 1_000_000, Profile.WEB: 250_000}
"""Bytes. Textures are packed harder until a file fits."""

_NATURE = "2.5D: the outline is photographed, the depth is made up"

_QUALITIES = (85, 78, 70, 60, 50, 40, 30)


@frozen(eq=False)
class Photos:
    """One colour of the garment: photographed, or the first colour's photos in another ``color`` (Lab).

    A mask is a picture of its photo's shape, white where the garment is; without one the garment is cut out.
    """

    name: str
    front: bytes | None = None
    back: bytes | None = None
    color: Color | None = None
    front_mask: bytes | None = None
    back_mask: bytes | None = None


@frozen(eq=False)
class File:
    """One file of a preview. ``variant`` is the colour's name, empty in a file that holds all of them."""

    name: str
    format: str
    profile: str
    variant: str
    data: bytes


@frozen(eq=False)
class Preview:
    """The files, and what was assumed in making them, as sentences for people."""

    files: tuple[File, ...]
    assumptions: tuple[str, ...]
    size: tuple[float, float, float]
    """Width, height and depth in metres."""


def build_preview(
    name: str,
    photos: Sequence[Photos],
    main_color: Color | Callable[[Bytes3, Plane], Color],
    *,
    height: float | None = None,
    minimum_quality: float = 0.5,
    told: Callable[[float], None] = lambda _: None,
) -> Preview:
    """Build the preview of a garment from the photos of its colours; the first must have a front.

    ``main_color`` is the Lab colour of most of the cloth in the first photo, or finds it in pixels and mask; other
    colours without a photo are made from it. ``height`` is the garment's, in metres; the width of
    what lies across its photo, as a belt. ``told`` is called with the part of the work that is done, 0..1. Raises
    InvalidInput when a photo cannot be used, with the reason.
    """
    if not photos or photos[0].front is None:
        raise InvalidInput("the first configuration needs a front picture; the others may name a colour instead")
    if height is not None:
        checked_length(height * 1000)
    front = _side(photos[0].front, photos[0].front_mask, "front", minimum_quality)
    told(0.2)
    atlas = _atlas(front, photos[0], minimum_quality)
    told(0.4)
    main: Color | None = None
    colorways = [Colorway(photos[0].name, atlas)]
    for other in photos[1:]:
        if main is None and other.front is None:
            main = main_color(front.picture.rgb, front.cutout.mask) if callable(main_color) else main_color
        colorways.append(Colorway(other.name, _texture(other, atlas, main, minimum_quality)))
    told(0.6)
    across = _lies_across(front, height or ASSUMED_HEIGHT)
    assumptions = tuple(_assumptions(photos, height, "width" if across > 1 else "height"))
    extras = {"preview": _NATURE, "assumptions": list(assumptions)}
    surfaces = {
        profile: inflate(sheet_of(front.cutout.mask, rows), front.frame, (height or ASSUMED_HEIGHT) / across)
        for profile, rows in _ROWS.items()
    }
    files = []
    for profile, surface in surfaces.items():
        ways = colorways if profile is Profile.COMPAT else [_halved(way) for way in colorways]
        for quality in _QUALITIES:
            data = write_glb(surface, ways, profile, name=name, extras=extras, quality=quality)
            if len(data) <= _LARGEST[profile]:
                break
        files.append(File(f"{profile}.glb", "glb", str(profile), "", data))
    told(0.9)
    note = "; ".join((_NATURE, *assumptions))
    for number, way in enumerate(colorways):
        data = write_usdz(surfaces[Profile.COMPAT], way.texture, name=f"{name} {way.name}", note=note)
        files.append(File(f"{number}.usdz", "usdz", "", way.name, data))
    return Preview(tuple(files), assumptions, surfaces[Profile.COMPAT].size)


def _side(data: bytes, mask: bytes | None, role: str, minimum_quality: float) -> Framed:
    picture = decode(data)
    return framed(picture, cutout_of(picture, mask=mask, minimum_quality=minimum_quality, role=role))


def _lies_across(front: Framed, length: float) -> float:
    """How many times wider than high the garment is, when no garment is as wide as a ``length`` of its height makes it.

    Then it is a belt or a scarf that lies across its photo, and the length is that of its longer side; else 1.
    """
    assert front.cutout.bounding_box is not None, "whoever frames a garment has found it"
    rows, columns = front.cutout.mask.shape
    x0, y0, x1, y1 = front.cutout.bounding_box
    wider = (x1 - x0) * columns / ((y1 - y0) * rows)
    return wider if wider * length > LONGEST / 1000 else 1.0


def _atlas(front: Framed, photos: Photos, minimum_quality: float) -> Bytes3:
    back = None if photos.back is None else _side(photos.back, photos.back_mask, "back", minimum_quality)
    return atlas_of(front, back)


def _texture(photos: Photos, first: Bytes3, main: Color | None, minimum_quality: float) -> Bytes3:
    if photos.front is not None:
        return _atlas(_side(photos.front, photos.front_mask, "front", minimum_quality), photos, minimum_quality)
    if photos.color is None or main is None:
        raise InvalidInput(f"the configuration {photos.name!r} has no front picture and names no colour")
    return recolored(first, main, photos.color)


def _halved(way: Colorway) -> Colorway:
    height, width = way.texture.shape[:2]
    smaller = Image.fromarray(way.texture).resize((width // 2, height // 2), Image.Resampling.LANCZOS)
    return Colorway(way.name, np.asarray(smaller))


def _assumptions(photos: Sequence[Photos], height: float | None, side: str) -> list[str]:
    found = []
    if height is None:
        found.append(f"the {side} is assumed to be {ASSUMED_HEIGHT:g} m, because no length was measured")
    if photos[0].back is None:
        found.append("the back repeats the front, because there is no back picture")
    made = [each.name for each in photos if each.front is None]
    if made:
        found.append(f"not photographed, made from the first colour: {', '.join(made)}")
    return found
