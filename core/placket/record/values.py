"""The shapes that a field's value can have, beyond plain text, numbers and terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import field, frozen
from msgspec import Struct

from ..errors import InvalidClaim
from .terms import Term

Lab = tuple[float, float, float]
"""CIE L*a*b* under D65: L 0..100, a and b about -128..127."""

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 as fractions of the picture's width and height, origin at the top left."""


@frozen
class Color:
    """One colour of a garment.

    ``share`` is the part of the garment's visible surface that has it, 0..1, or None when nobody measured it.
    ``lab`` is the measured colour itself, as opposed to the centroid of its name.
    """

    term: Term
    share: float | None = None
    lab: Lab | None = None


@frozen
class Measurement:
    """A length on the garment, in millimetres, with what the source said beside it.

    ``ambiguous`` marks a word that the source does not define, such as a "length" of trousers that may be inside or
    outside leg.
    """

    mm: float
    raw: int | float | str = ""
    raw_unit: str = ""
    ambiguous: bool = False


@frozen
class Size:
    """A size label, in the system it belongs to.

    ``system`` and ``group`` follow schema.org (``size_system``, ``size_group`` in the vocabulary); waist and inside
    leg in millimetres when the label says them, as ``W30 L32`` does.
    """

    label: str
    system: Term | None = None
    group: tuple[Term, ...] = ()
    waist_mm: float | None = None
    inside_leg_mm: float | None = None


@frozen
class Season:
    """A season: ``name`` is SS, AW, PS or FW when known, else the source's own word."""

    name: str
    year: int | None = None


@frozen
class Price:
    """An amount of money. ``currency`` is an ISO 4217 code, or None when the source does not say."""

    amount: Decimal
    currency: str | None = None


@frozen
class Fibre:
    """One part of the material's composition. ``percent`` is None when the source names the fibre only."""

    fibre: str
    percent: float | None = None
    component: str = ""
    """The part of the garment it is said of, such as ``lining``; empty for the shell."""


@frozen
class Label:
    """A free word a source attached to the garment. ``kind`` is the source's own, such as ``shape``."""

    name: str
    kind: str = ""


class MediaItem(Struct, frozen=True):
    """A picture or film of the garment.

    ``role`` is one of front, back, reference, annotated, cut-out, shot, detail, video, data, or the source's own word.
    One of ``url``, ``path`` and ``vendor_ref`` is set. ``vendor_ref`` names it inside the vendor that holds it.
    """

    role: str
    url: str = ""
    path: str = ""
    vendor_ref: str = ""
    sha256: str = ""
    media_type: str = ""
    width: int | None = None
    height: int | None = None
    alt: str = ""
    dominant_color: str = ""
    generated: bool = False

    @property
    def identity(self) -> str:
        """What makes two items the same picture: the bytes when known, else where it is."""
        return self.sha256 or self.url or self.path or self.vendor_ref


@frozen
class Detection:
    """A garment found in a picture. ``box`` is in fractions of the picture; ``raw_box`` is what the source said."""

    category: Term | None
    box: Box
    score: float | None = None
    raw_category: str = ""
    raw_box: tuple[float, ...] = ()
    media: str = ""
    """The identity of the picture it was found in."""

    def __attrs_post_init__(self) -> None:
        x0, y0, x1, y1 = self.box
        if not (0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1):
            raise InvalidClaim(
                f"a detection's box must be x0, y0, x1, y1 in fractions 0..1 of the picture, not {self.box}"
            )


@frozen
class Variant:
    """A size or colour of the garment that is sold, stored or rendered on its own."""

    name: str = ""
    sku: str = ""
    gtin: str = ""
    url: str = ""
    size: Size | None = None
    color: Term | None = None
    external_ids: Mapping[str, str] = field(factory=dict, hash=False)
    created_at: datetime | None = None
    updated_at: datetime | None = None


class ArAsset(Struct, frozen=True):
    """One file of augmented-reality content. ``format`` is glb, usdz, png or the source's own word."""

    format: str
    url: str = ""
    path: str = ""
    sha256: str = ""
    byte_size: int | None = None
    variant: str = ""


@frozen
class ArContent:
    """Augmented-reality content made for the garment."""

    state: str | None
    type: str | None
    assets: tuple[ArAsset, ...]


@frozen
class Shot:
    """One picture of a photo shoot, wanted or made. ``details`` keeps what the source says beyond it."""

    id: str
    state: str = ""
    shot_type: str = ""
    look: str = ""
    image: MediaItem | None = None
    details: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen
class Look:
    """One outfit of a photo shoot. ``details`` keeps what the source says beyond it."""

    id: str
    name: str = ""
    state: str = ""
    details: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen
class Shoot:
    """What photo shoots say about the garment."""

    state: str | None
    project_ids: tuple[str, ...]
    looks: tuple[Look, ...]
    shots: tuple[Shot, ...]
    selected: tuple[str, ...]
    """The ids of the shots that were chosen."""
