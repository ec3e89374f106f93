"""Pictures: taken from an address, base64 or an upload, kept by their content, and served again."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import uuid
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from placket.errors import InvalidInput, PlacketError
from placket.interfaces import Image
from placket.transport import image_size

from ..files import write_whole
from ..refusal import Problem, Refusal
from ..vendor import Ground
from .quirks import SartiqQuirks
from .settings import SartiqSettings
from .uploads import Uploads
from .words import stamp

NAMESPACE = uuid.UUID("5b0e9d1c-6a57-4c57-8a61-0f1de3b0c9aa")
"""For ids that follow from something else."""

FILES = "/media"
"""Where pictures are served: ``/media/{resource_id}/file.{ext}``, the vendor's canonical path."""

_DETAILS = ("alt_text", "caption", "color_profile", "dominant_color", "duration", "protected")


class Media:
    """The pictures of the twin. The same bytes are one resource."""

    def __init__(self, ground: Ground, settings: SartiqSettings, quirks: SartiqQuirks, uploads: Uploads) -> None:
        self._ground = ground
        self._settings = settings
        self._quirks = quirks
        self._uploads = uploads
        self._folder = ground.state.folder / "media"

    async def image(self, given: Any, place: tuple[str | int, ...], base_url: str) -> Image:
        """The picture that a client gave as an address, as base64 or as a MediaInput; raises Refusal.

        One whose address brings nothing stays an address, unless the quirk refuses it.
        """
        details: Mapping[str, Any] = given if isinstance(given, dict) else {"url": given}
        try:
            if details.get("media_resource_id"):
                return Image.of(await self._resource_bytes(details["media_resource_id"]))
            source = (details.get("url") or "").strip()
            if not source:
                raise InvalidInput("a picture needs a url or a media_resource_id")
            data = await self._bytes(source, base_url)
            if data is None:
                return Image.of(source)
            await self.keep(data, details)
            return Image.of(data)
        except PlacketError as error:
            problem = Problem(place, str(error), "value_error", None)
            raise Refusal(422, str(error), problems=[problem]) from None

    async def keep(self, data: bytes, details: Mapping[str, Any] | None = None) -> str:
        """Keep a picture on the disk; gives its resource id."""
        image = Image.of(data)
        resource_id = resource_of(image.sha256)
        size = image_size(data)
        await asyncio.to_thread(_write, self._folder / image.sha256, data)
        said = {name: value for name in _DETAILS if (value := (details or {}).get(name)) is not None}

        def change(known: Any) -> Any:
            body = known or {
                "sha256": image.sha256,
                "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
                "extension": image.suffix.removeprefix("."),
                "media_type": image.media_type,
                "size": len(data),
                "width": size[0] if size else None,
                "height": size[1] if size else None,
                "created_at": stamp(self._ground.clock.now()),
            }
            return {**body, **said}

        await self._ground.state.change("media", resource_id, change)
        return resource_id

    async def shown(self, resource_id: str, base_url: str) -> dict[str, Any] | None:
        """The resource as the vendor tells it; None when there is none."""
        found = await self._ground.state.get("media", resource_id)
        return None if found is None else _public(resource_id, found, base_url)

    async def shown_of(self, sha256: str, path: str, base_url: str) -> dict[str, Any] | None:
        """The resource of a picture that the backend holds; it is copied here when it was not made through the twin."""
        shown = await self.shown(resource_of(sha256), base_url)
        if shown is None and path and await asyncio.to_thread(Path(path).is_file):
            await self.keep(await asyncio.to_thread(Path(path).read_bytes))
            shown = await self.shown(resource_of(sha256), base_url)
        return shown

    async def file(self, resource_id: str) -> tuple[Path, str] | None:
        """Where a picture lies, and its media type."""
        found = await self._ground.state.get("media", resource_id)
        return None if found is None else (self._folder / found["sha256"], found["media_type"])

    async def _resource_bytes(self, resource_id: str) -> bytes:
        found = await self.file(resource_id)
        if found is None:
            raise InvalidInput(f"there is no media resource {resource_id}")
        return await asyncio.to_thread(found[0].read_bytes)

    async def _bytes(self, source: str, base_url: str) -> bytes | None:
        if not source.lower().startswith(("http://", "https://")):
            return _checked(await asyncio.to_thread(_decoded, source))
        own = self._own_path(source, base_url)
        if own.startswith(f"{FILES}/"):
            return await self._resource_bytes(own.split("/")[2])
        if own:
            uploaded = await self._uploads.take(own)
            if uploaded is None:
                raise InvalidInput("nothing was uploaded to this address; PUT the file to its upload_url first")
            return _checked(uploaded)
        try:
            async with asyncio.timeout(self._settings.image_timeout):
                return await self._ground.fetcher.fetch_image(source)
        except (PlacketError, TimeoutError) as error:
            if self._quirks.unreachable_image == "refused":
                raise InvalidInput(f"the picture cannot be had: {error}") from error
            return None

    @staticmethod
    def _own_path(source: str, base_url: str) -> str:
        return source.removeprefix(base_url).partition("?")[0] if source.startswith(f"{base_url}/") else ""


@lru_cache(4096)
def resource_of(sha256: str) -> str:
    """The id of the resource with these bytes."""
    return str(uuid.uuid5(NAMESPACE, sha256))


def _public(resource_id: str, found: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    width, height = found["width"], found["height"]
    return {
        "id": resource_id,
        "url": f"{base_url}{FILES}/{resource_id}/file.{found['extension']}",
        "resource_type": "IMAGE",
        "content_hash": found["md5"],
        "extension": found["extension"],
        "file_size": found["size"],
        "protected": bool(found.get("protected", False)),
        "created_at": found["created_at"],
        "alt_text": found.get("alt_text"),
        "caption": found.get("caption"),
        "color_profile": found.get("color_profile"),
        "dominant_color": found.get("dominant_color"),
        "duration": found.get("duration"),
        "width": width,
        "height": height,
        "aspect_ratio": round(width / height, 4) if width and height else None,
        "orientation": _orientation(width, height),
    }


def _orientation(width: int | None, height: int | None) -> str | None:
    if not width or not height:
        return None
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"


def _decoded(source: str) -> bytes:
    if source[:5].lower() == "data:":
        return Image.of(source).content()
    try:
        return base64.b64decode(source, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("a picture is an http(s) address, base64 or a data: URL") from None


def _checked(data: bytes) -> bytes:
    return Image.of(data).content()


def _write(path: Path, data: bytes) -> None:
    if not path.exists():
        write_whole(path, lambda file: file.write(data))
