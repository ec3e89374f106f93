"""Garments cut out of their photos: several shots are made of one cut-out, which is the costly part."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from placket.errors import InvalidInput
from placket.record import MediaItem

from ..studio.garment_photo import GarmentPhoto, cut_from

MASKS = {"front": "mask", "back": "back-mask"}
"""The role of the mask that belongs to a picture, which a person may give."""


class Cutouts:
    """The latest cut-outs, at most ``keep`` of them: each may take 50 MB."""

    def __init__(
        self, in_thread: Callable[..., Coroutine[Any, Any, GarmentPhoto]], minimum_quality: float, *, keep: int
    ) -> None:
        self._in_thread = in_thread
        self._minimum_quality = minimum_quality
        self._keep = keep
        self._latest: dict[tuple[str, str, bool], asyncio.Task[GarmentPhoto]] = {}

    async def of(self, pictures: Mapping[str, MediaItem], view: str, *, several: bool) -> GarmentPhoto:
        """The garment of one of its pictures; raises InvalidInput when there is none, or it cannot be cut out."""
        if view not in pictures:
            raise InvalidInput(f"the garment has no {view} picture; give it one with update_sku")
        picture = Path(pictures[view].path)
        given = pictures.get(MASKS.get(view, ""))
        mask = None if given is None else Path(given.path)
        key = (str(picture), str(mask), several)
        found = self._latest.pop(key, None)
        if found is None or (found.done() and (found.cancelled() or found.exception() is not None)):
            found = asyncio.ensure_future(self._in_thread(_cut, picture, mask, self._minimum_quality, several))
        self._latest[key] = found
        while len(self._latest) > self._keep:
            del self._latest[next(iter(self._latest))]
        return await asyncio.shield(found)


def _cut(picture: Path, mask: Path | None, minimum_quality: float, several: bool) -> GarmentPhoto:
    try:
        data = picture.read_bytes()
        given = None if mask is None else mask.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"the photo {error.filename} cannot be read ({error.strerror}); give it again with update_sku"
        ) from error
    return cut_from(data, mask=given, minimum_quality=minimum_quality, several=several)
