"""Uploaded pictures, and pictures that were made: kept by their content, and named by its hash."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from pathlib import Path

from aiohttp import web

from placket.interfaces import Image
from placket.transport import image_size, image_type

from ..files import write_whole
from ..multipart import MULTIPART, FormFile, form_of
from ..refusal import Refusal
from ..routes import JSON, Asked
from ..vendor import Ground
from .quirks import AutoretouchQuirks

_TYPES = ("image/jpeg", "image/png", "image/tiff", "image/webp")
_LARGEST_SIDE = 10_000
_MOST_URLS = 20


class Uploads:
    """The files of the twin."""

    def __init__(self, ground: Ground, quirks: AutoretouchQuirks) -> None:
        self._folder = ground.state.folder / "files"
        self._fetcher = ground.fetcher
        self._quirks = quirks

    async def post(self, asked: Asked) -> web.Response:
        """``POST /upload``: a form with a file, answered with its content hash as plain text.

        The vendor's client also sends ``{"urls": {name: url}}``, which is answered in kind.
        """
        self._check_organization(asked)
        content_type = asked.request.content_type
        if content_type == JSON:
            return await self._post_urls(asked.body)
        if content_type != MULTIPART:
            raise Refusal(415, f"the header Content-Type must be {MULTIPART}")
        file = form_of(asked.body, asked.request.headers["Content-Type"]).get("file")
        if not isinstance(file, FormFile):
            raise Refusal(400, "the form has no file in its field file")
        return web.Response(text=self.shown(await self.keep(_checked(file.data))), status=201)

    async def _post_urls(self, data: bytes) -> web.Response:
        try:
            urls = json.loads(data)["urls"]
            named = {str(name): str(url) for name, url in urls.items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Refusal(400, 'the body is not {"urls": {name: url}}') from None
        if len(named) > _MOST_URLS:
            raise Refusal(400, f"at most {_MOST_URLS} addresses at a time")
        fetched = {name: _checked(await self._fetcher.fetch_image(url)) for name, url in named.items()}
        return web.json_response(
            {"urls": {name: self.shown(await self.keep(fetched[name])) for name in fetched}}, status=201
        )

    async def head(self, asked: Asked) -> web.Response:
        """``HEAD /upload``: whether a picture is there."""
        self._check_organization(asked)
        path = self.path(asked.query["contentHash"])
        there = path is not None and await asyncio.to_thread(path.is_file)
        return web.Response(status=200 if there else 404)

    def _check_organization(self, asked: Asked) -> None:
        if self._quirks.organization == "required" and not asked.query.get("organization"):
            raise Refusal(400, "the query parameter organization is missing")

    async def keep(self, data: bytes) -> str:
        """Keep a file; gives its SHA-256 in hexadecimal digits."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._folder / sha256
        if not await asyncio.to_thread(path.is_file):
            await asyncio.to_thread(write_whole, path, lambda file: file.write(data))
        return sha256

    def shown(self, sha256: str) -> str:
        """The content hash as the quirk has it."""
        if self._quirks.content_hash == "base64":
            return base64.b64encode(bytes.fromhex(sha256)).decode()
        return sha256

    def path(self, content_hash: str) -> Path | None:
        """Where the file with this content hash would lie; None for what is no content hash."""
        try:
            digest = bytes.fromhex(content_hash) if len(content_hash) == 64 else base64.b64decode(content_hash)
        except ValueError:
            return None
        return self._folder / digest.hex() if len(digest) == 32 else None

    async def image(self, content_hash: str) -> Image | None:
        """An uploaded picture; None for an identifier of nothing."""
        path = self.path(content_hash)
        if path is None or not await asyncio.to_thread(path.is_file):
            return None
        return Image.of(await asyncio.to_thread(path.read_bytes))

    async def kept_of(self, path: str, url: str) -> str | None:
        """Keep a picture that somebody else has made, from a file or an address; None where there is neither."""
        if path:
            return await self.keep(await asyncio.to_thread(Path(path).read_bytes))
        return await self.keep(await self._fetcher.fetch_image(url)) if url else None


def _checked(data: bytes) -> bytes:
    size = image_size(data)
    if image_type(data) not in _TYPES or size is None:
        raise Refusal(422, "the image cannot be processed: it is no JPEG, PNG, TIFF or WebP")
    if max(size) > _LARGEST_SIDE:
        raise Refusal(422, f"the image has more than {_LARGEST_SIDE} x {_LARGEST_SIDE} pixels")
    return data
