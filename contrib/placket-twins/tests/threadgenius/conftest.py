"""A search that compares mean colours, and a twin of Thread Genius to ask."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from PIL import Image as Picture

from placket.errors import InvalidInput, NotFound
from placket.interfaces import (
    Catalog,
    CatalogItem,
    CatalogState,
    FinishedJob,
    Hit,
    Image,
    Job,
    Query,
    Ref,
    SearchResults,
    Uploaded,
    VisualSearch,
)
from placket.record import Detection, Vocabulary
from placket_twins import LoopbackImages, ThreadGeniusQuirks, Twin

KEY, SECRET = "key-of-the-dashboard", "secret-of-the-dashboard"

COLORS = {"navy": "#1d2a52", "blue": "#2e4fae", "red": "#b01e28", "white": "#f2f2f2"}

Rgb = tuple[float, ...]


def plain_picture(color: str, size: tuple[int, int] = (40, 60)) -> bytes:
    file = io.BytesIO()
    Picture.new("RGB", size, color).save(file, "PNG")
    return file.getvalue()


def mean_color(data: bytes) -> Rgb:
    with Picture.open(io.BytesIO(data)) as opened:
        pixel = opened.convert("RGB").resize((1, 1), Picture.Resampling.BOX).getpixel((0, 0))
    return tuple(float(channel) / 255 for channel in pixel)


class ColorSearch(VisualSearch):
    """Finds pictures of the same colour. Remembers what it was asked; ``gate`` holds indexing back while it is set."""

    def __init__(self) -> None:
        self.catalogs: dict[str, dict[str, CatalogItem]] = {}
        self.colors: dict[str, dict[str, Rgb]] = {}
        self.asked: list[Query] = []
        self.gate: asyncio.Event | None = None
        self.waiting = asyncio.Event()
        self.found: tuple[Detection, ...] = ()
        self.error: Exception | None = None
        self.distances = True
        self.unusable: set[str] = set()

    async def create_catalog(self, name: str) -> Catalog:
        catalog_id = str(len(self.colors) + 1)
        self.catalogs[catalog_id], self.colors[catalog_id] = {}, {}
        return self._catalog(catalog_id, name)

    async def get_catalog(self, catalog: Ref) -> Catalog:
        return self._catalog(catalog.id, "there")

    async def delete_catalog(self, catalog: Ref) -> None:
        if self.catalogs.pop(catalog.id, None) is None:
            raise NotFound("gone")

    async def add_items(self, catalog: Ref, items: AsyncIterable[CatalogItem]) -> Uploaded:
        accepted = 0
        async for item in items:
            self.catalogs[catalog.id][item.id] = item
            accepted += 1
        return Uploaded(accepted)

    async def delete_items(self, catalog: Ref, ids: Sequence[str]) -> int:
        return len([self.catalogs[catalog.id].pop(each, None) for each in ids])

    async def index(self, catalog: Ref) -> Job[Catalog]:
        if self.error is not None:
            raise self.error
        if self.gate is not None:
            self.waiting.set()
            await self.gate.wait()
        colors = self.colors[catalog.id]
        colors.clear()
        for item in self.catalogs[catalog.id].values():
            if item.id not in self.unusable:
                colors[item.id] = mean_color(item.image.content())
        return FinishedJob(self._catalog(catalog.id, "indexed"))

    async def search(self, query: Query, catalogs: Sequence[Ref]) -> SearchResults:
        self.asked.append(query)
        hits = []
        for catalog in catalogs:
            for item in self.catalogs[catalog.id].values():
                distance = self._distance(query, catalog.id, item)
                if distance is not None:
                    told = distance if self.distances else None
                    hits.append(Hit(item.id, catalog, 1 / (1 + distance), told, item.image.url, item.metadata))
        hits.sort(key=lambda hit: -hit.score)
        return SearchResults(tuple(hits[: query.limit]))

    async def detect(self, image: Image) -> tuple[Detection, ...]:
        image.content()
        return self.found

    def _distance(self, query: Query, catalog: str, item: CatalogItem) -> float | None:
        if query.image is None:
            words = query.text.split()
            if "unheard-of" in words:
                raise InvalidInput("'unheard-of' is no word that is known")
            return 0.0 if all(word in json.dumps(dict(item.metadata)) for word in words) else None
        one, other = mean_color(query.image.content()), self.colors[catalog].get(item.id)
        if other is None:
            return None
        return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5

    def _catalog(self, catalog_id: str, name: str) -> Catalog:
        return Catalog(
            Ref("fake", "catalog", catalog_id),
            name,
            CatalogState.READY,
            items_total=len(self.catalogs[catalog_id]),
            items_indexed=len(self.colors[catalog_id]),
            errors=tuple(f"{each}: no garment in it" for each in self.unusable & self.catalogs[catalog_id].keys()),
        )

    def see_an_outfit(self) -> None:
        """What the vendor's page shows, in fractions of a picture of 336 x 600 pixels."""
        find = Vocabulary.default().find
        self.found = (
            Detection(find("category", "jackets"), (66 / 336, 55 / 600, 243 / 336, 293 / 600), 0.996),
            Detection(find("category", "boots"), (143 / 336, 455 / 600, 216 / 336, 536 / 600), 0.977),
            Detection(find("category", "pants"), (48 / 336, 203 / 600, 270 / 336, 524 / 600), 0.699),
            Detection(find("category", "dress"), (0, 0, 1, 1), None),
        )


@pytest.fixture
async def search() -> ColorSearch:
    return ColorSearch()


class V0:
    """Requests as the vendor's page writes them. ``base`` ends in /v0."""

    def __init__(self, session: aiohttp.ClientSession, base: str, twin: Twin, images: LoopbackImages) -> None:
        self.session = session
        self.base = base
        self.twin = twin
        self.images = images
        self.token = ""

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        status, body, _ = await self.whole(method, path, **options)
        return status, body

    async def whole(self, method: str, path: str, **options: Any) -> tuple[int, Any, Mapping[str, str]]:
        if self.token:
            options["headers"] = {"Authorization": f"Bearer {self.token}", **options.get("headers", {})}
        options.setdefault("allow_redirects", False)
        async with self.session.request(method, self.base + path, **options) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text[:1] in "{[" and text else text, answer.headers

    async def log_in(self) -> None:
        login = {"api_key": KEY, "api_secret": SECRET}
        status, body = await self.request("POST", "/token", data=login)
        if status == 405:
            status, body = await self.request("GET", "/token/", params=login)
        assert status == 200, body
        self.token = body["access_token"]

    async def publish(self, color: str, size: tuple[int, int] = (40, 60)) -> str:
        return await self.images.publish(Image.of(plain_picture(COLORS.get(color, color), size)))

    async def create(self, name: str = "My Awesome Catalog") -> str:
        status, body = await self.request("POST", "/catalog", data={"name": name})
        assert status == 200, body
        catalog_id: str = body["catalog"]["catalog_id"]
        return catalog_id

    async def upload(self, catalog_id: str, content: str | bytes) -> tuple[int, Any]:
        form = aiohttp.FormData()
        data = content.encode() if isinstance(content, str) else content
        form.add_field("catalog_file", data, filename="catalog.tsv")
        return await self.request("POST", f"/catalog/{catalog_id}/upload", data=form)

    async def get(self, catalog_id: str) -> dict[str, Any]:
        status, body = await self.request("GET", f"/catalog/{catalog_id}")
        assert status == 200, body
        catalog: dict[str, Any] = body["catalog"]
        return catalog

    async def lines(self, *colors: str) -> str:
        """A catalog file of plain pictures, called by their colours."""
        rows = [
            f'{each}\t{await self.publish(each)}\t{{"price": 19.99, "SKU": 1, "tags": ["{each}"]}}' for each in colors
        ]
        return "\n".join(rows)

    async def uploaded(self, content: str, name: str = "My Awesome Catalog") -> str:
        catalog_id = await self.create(name)
        status, body = await self.upload(catalog_id, content)
        assert status == 200, body
        await self.twin.settled()
        return catalog_id

    async def indexed(self, content: str) -> str:
        catalog_id = await self.uploaded(content)
        await self.request("POST", f"/catalog/{catalog_id}/index")
        await self.twin.settled()
        return catalog_id

    async def search(self, catalog_id: str, color: str, **fields: Any) -> tuple[int, Any]:
        data = {"url": await self.publish(color), "catalog_id": catalog_id, **fields}
        return await self.request("POST", "/search", data=data)


@pytest.fixture
async def make(tagger, search, clock, images) -> AsyncIterator[Callable[..., Any]]:
    """Start a twin with some quirks and settings, and get a client that has logged in."""
    async with AsyncExitStack() as opened:

        async def start(*, logged_in: bool = True, options: Mapping[str, Any] | None = None, **quirks: Any) -> V0:
            twin = Twin(
                "threadgenius",
                quirks=ThreadGeniusQuirks(**quirks),
                backend=SimpleNamespace(garment_tagger=tagger, visual_search=search),
                clock=clock,
                **{"trusted_hosts": (images.authority,), "api_key": KEY, "api_secret": SECRET, **(options or {})},
            )
            base = await opened.enter_async_context(twin)
            session = await opened.enter_async_context(aiohttp.ClientSession())
            client = V0(session, base, twin, images)
            if logged_in:
                await client.log_in()
            return client

        yield start
