"""Pictures: each is uploaded once, and named by the content hash that the vendor gives it."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from placket.errors import NotFound, ProtocolError
from placket.interfaces import Image
from placket.logs import LazyLogger
from placket.registry import ProviderContext
from placket.transport import FilePart, HttpClient, image_size

from . import wire

if TYPE_CHECKING:
    from . import AutoretouchSettings

REMEMBERED = 4096
"""For how many pictures it is remembered what the vendor called them."""

_log = LazyLogger("placket.autoretouch")


class Uploads:
    """Gives pictures to the vendor, unless it has the same bytes already."""

    def __init__(self, settings: AutoretouchSettings, context: ProviderContext, http: HttpClient) -> None:
        self._settings = settings
        self._context = context
        self._http = http
        self._names: dict[str, str] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def identifier(self, picture: Image | str, key: str) -> str:
        """The vendor's identifier of a picture, which is uploaded first if need be.

        ``key`` is what the vendor calls its role. Raises InvalidInput for what is no picture.
        """
        if isinstance(picture, str):
            return picture
        content = await self._context.content(picture)
        digest = picture.sha256
        async with self._turns.setdefault(digest, asyncio.Lock()):
            name = self._names.get(digest)
            if self._settings.check_uploads:
                asked = name or self._written(digest)
                name = asked if await self._has(asked) else None
            if name is None:
                name = await self._upload(content, f"{key}{picture.suffix}", picture.media_type)
            if len(self._names) < REMEMBERED:
                self._names[digest] = name
            return name

    async def _has(self, content_hash: str) -> bool:
        try:
            await self._http.head(
                self._settings.upload_path, params={"contentHash": content_hash, **self._owner}, operation="find_upload"
            )
        except NotFound:
            return False
        except ProtocolError as error:
            if error.status not in (405, 501):
                raise
            return False  # Not offered under this path: then it has to be sent to be known.
        return True

    async def _upload(self, content: bytes, filename: str, media_type: str) -> str:
        complaints = _complaints(content, media_type)
        if complaints:
            _log.warning("picture-outside-limits", provider=self._context.name, file=filename, limits=complaints)
        try:
            # Named by its content, so that sending it twice makes one upload.
            answer = await self._http.post(
                self._settings.upload_path,
                params=self._owner,
                form={"file": FilePart(content, filename, media_type)},
                repeatable=True,
                operation="upload",
            )
        except (NotFound, ProtocolError) as error:
            if error.status in (404, 405):
                error.message += "; the vendor's page and its old client have two addresses, see upload_path"
            raise
        name = wire.content_hash(answer.body)
        if not name:
            raise answer.protocol_error("the answer to the upload is no content hash")
        return name

    @property
    def _owner(self) -> dict[str, str]:
        return {"organization": self._settings.organization} if self._settings.organization else {}

    def _written(self, digest: str) -> str:
        if self._settings.content_hash == "hex":
            return digest
        return base64.b64encode(bytes.fromhex(digest)).decode()


def _complaints(content: bytes, media_type: str) -> list[str]:
    """Which of the stated limits a picture breaks. It is sent all the same: the vendor knows best what it takes."""
    sides = image_size(content)
    broken = {
        f"{media_type} is not among JPEG, PNG, TIFF and WebP": media_type not in wire.PICTURE_TYPES,
        f"{len(content)} bytes are more than 7 MB": len(content) > wire.LARGEST_FILE,
        f"a side is longer than {wire.LARGEST_SIDE} pixels": sides is not None and max(sides) > wire.LARGEST_SIDE,
        f"the longer side has less than {wire.SMALLEST_SIDE} pixels": sides is not None
        and max(sides) < wire.SMALLEST_SIDE,
    }
    return [complaint for complaint, is_broken in broken.items() if is_broken]
