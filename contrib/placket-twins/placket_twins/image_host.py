"""An image host on this machine: publishes pictures at a loopback address, for a twin that fetches them."""

from __future__ import annotations

from collections import OrderedDict
from types import TracebackType
from typing import Self

from aiohttp import web

from placket.interfaces import Image, ImageHost

from .serving import LoopbackSite

_KEPT = 100
"""Pictures held in memory; the oldest goes first."""


class LoopbackImages(ImageHost):
    """Serves published pictures from memory at ``http://127.0.0.1:PORT/<sha256>.<type>``, inside ``async with``."""

    def __init__(self) -> None:
        app = web.Application()
        app.router.add_get("/{name}", self._serve)
        self._site = LoopbackSite(app)
        self._pictures: OrderedDict[str, Image] = OrderedDict()

    async def __aenter__(self) -> Self:
        await self._site.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def authority(self) -> str:
        """``127.0.0.1:PORT``: what a safe fetcher has to trust to fetch from here."""
        return self._site.authority

    async def publish(self, image: Image) -> str:
        """Keep the picture and return its address; the same bytes have the same address."""
        name = f"{image.sha256}{image.suffix}"
        self._pictures[name] = image
        self._pictures.move_to_end(name)
        if len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)
        return f"http://{self.authority}/{name}"

    async def aclose(self) -> None:
        """Stop serving."""
        await self._site.stop()

    async def _serve(self, request: web.Request) -> web.Response:
        image = self._pictures.get(request.match_info["name"])
        if image is None:
            raise web.HTTPNotFound
        return web.Response(body=image.content(), content_type=image.media_type)
