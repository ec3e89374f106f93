"""Pictures for one task, made from the cut-outs of photos. Everything here keeps a core busy; nothing waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import frozen
from PIL import Image

from placket.errors import InvalidInput
from placket.interfaces import WantedShot

from ..color_names import Color
from ..content.main_color import main_color
from ..content.recolor import recolored
from ..studio.collage import Piece, collage
from ..studio.compose import pack_shot
from ..studio.details import detail_crops
from ..studio.files import Origin, encoded
from ..studio.garment_photo import GarmentPhoto
from ..studio.presets import PRESETS
from .wanted import Kind


@frozen(eq=False)
class Made:
    """The file of one shot."""

    data: bytes
    media_type: str
    size: tuple[int, int]
    """Width and height in pixels."""


@frozen(eq=False)
class Subject:
    """What is shot: the pieces, of which all but a collage show the first, and the colours that have names."""

    name: str
    pieces: Sequence[Piece]
    palette: Mapping[str, Color]


def make(shot: WantedShot, subject: Subject) -> list[Made]:
    """The shots that a wish stands for, at least one and at most its count.

    Raises InvalidInput when the photo is not good enough for them.
    """
    return _MAKERS[Kind(shot.kind)](shot, subject)


def _pack_shot(shot: WantedShot, subject: Subject) -> list[Made]:
    picture = pack_shot(subject.pieces[0].photo, PRESETS[shot.preset])
    return [_file(picture, Origin.ENHANCED, f"{subject.name}: a photo with its ground replaced ({shot.preset})")]


def _details(shot: WantedShot, subject: Subject) -> list[Made]:
    crops = detail_crops(subject.pieces[0].photo, shot.count)
    if not crops:
        raise InvalidInput("no square part of the garment is all cloth, so that there is no detail to show")
    return [_file(crop, Origin.CAPTURE, f"{subject.name}: a part of a photo") for crop in crops]


def _collage(shot: WantedShot, subject: Subject) -> list[Made]:
    picture = collage(subject.pieces, PRESETS[shot.preset])
    return [_file(picture, Origin.COMPOSITE, f"{subject.name}: {len(subject.pieces)} photos put together")]


def _color(shot: WantedShot, subject: Subject) -> list[Made]:
    photo = subject.pieces[0].photo
    main = main_color(photo.rgb, photo.mask, subject.palette)
    dyed = GarmentPhoto(recolored(photo.rgb, main, subject.palette[shot.color]), photo.mask)
    note = f"{subject.name}: a photo with the cloth's colour changed to {shot.color.removeprefix('x:')} by rule"
    return [_file(pack_shot(dyed, PRESETS[shot.preset]), Origin.ENHANCED, f"{note}; nobody has photographed it so")]


def _file(picture: Image.Image, origin: Origin, note: str) -> Made:
    return Made(*encoded(picture, origin, note), picture.size)


_MAKERS: Mapping[Kind, Callable[[WantedShot, Subject], list[Made]]] = {
    Kind.PACK_SHOT: _pack_shot,
    Kind.DETAIL: _details,
    Kind.COLLAGE: _collage,
    Kind.COLOR: _color,
}
