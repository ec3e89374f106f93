"""What is asked about: a garment with its pictures and what is known of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from msgspec import Struct, field
from msgspec.structs import replace

from ..errors import InvalidInput
from .image import Image

ImageSource = Image | str | Path | bytes | BinaryIO

_ONE_IMAGE = (str, bytes, bytearray, memoryview)


class GarmentImage(Struct, frozen=True):
    """A picture of a garment and what it shows: front, back, reference, detail or another role."""

    image: Image
    role: str = "front"


class Garment(Struct, frozen=True, weakref=True):
    """One garment to ask about.

    ``known`` maps record fields to what the caller knows already, as plain values (see
    `placket.record.claims_of_known`). ``wanted`` limits the question to some fields; None asks for whatever a
    provider can say.
    """

    id: str
    images: tuple[GarmentImage, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    wanted: frozenset[str] | None = None

    @classmethod
    def of(
        cls,
        source: Garment | ImageSource | Iterable[ImageSource],
        *,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
        known: Mapping[str, Any] | None = None,
    ) -> Garment:
        """A garment from one picture, or from several of which the first is the front.

        Without ``id`` it gets a fresh UUID.
        """
        if isinstance(source, Garment):
            if not id and not known:
                return source
            return replace(source, id=id or source.id, known={**source.known, **(known or {})})
        sources: list[ImageSource] = []
        if isinstance(source, Iterable) and not isinstance(source, _ONE_IMAGE) and not hasattr(source, "read"):
            sources.extend(source)
        else:
            sources.append(cast(ImageSource, source))
        if not sources:
            raise InvalidInput("a garment needs at least one picture, or Garment(id=...) with what is known of it")
        roles = ["front", *["reference"] * (len(sources) - 1)]
        return cls(
            id=id or str(uuid.uuid4()),
            images=tuple(GarmentImage(Image.of(one), role) for one, role in zip(sources, roles, strict=True)),
            known=dict(known or {}),
        )

    def image(self, role: str = "front") -> Image:
        """The first image in a role; raises InvalidInput when there is none."""
        for item in self.images:
            if item.role == role:
                return item.image
        raise InvalidInput(f"garment {self.id} has no {role} image; give one in Garment(images=...)")
