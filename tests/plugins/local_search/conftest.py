"""An embedded visual search on real files, with a small model that needs no weights."""

import io
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pixels

from placket.interfaces import Catalog, CatalogItem, Image
from placket.registry import ProviderContext
from placket.testing.fixtures import clock, new_context, pytest_asyncio_loop_factories, sessions
from placket_local.detection import Found
from placket_local.picture import Picture
from placket_local.search import LocalSearch
from placket_local.search.embedder import Embedded

__all__ = ["clock", "new_context", "pytest_asyncio_loop_factories", "sessions"]

SETTINGS = SimpleNamespace(database=None)


class ToyEmbedder:
    """Sees a picture's light and dark as its look and its mean colour as its colours; a black one has no garment."""

    look = 16
    color = 8
    color_weight = 0.5

    def __init__(self, version: str = "toy-1") -> None:
        self.version = version
        self.pictures = 0

    def embed(self, pictures: Sequence[Picture]) -> Sequence[Embedded]:
        self.pictures += len(pictures)
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Embedded:
        small = Pixels.fromarray(picture.rgb).resize((4, 4), Pixels.Resampling.BOX)
        rgb = np.asarray(small, np.float32) / 255
        look = rgb.mean(axis=2).ravel()
        if look.max() < 0.02:
            return Embedded(np.zeros(16, np.float32), np.zeros(8, np.float32))
        mean = rgb.reshape(-1, 3).mean(axis=0)
        spread = np.array([*mean, *(1 - mean), 0.1, 0.1], np.float32) ** 4
        name = ("red", "green", "blue")[int(np.argmax(mean))]
        return Embedded(
            (look / np.linalg.norm(look)).astype(np.float32),
            (spread / np.linalg.norm(spread)).astype(np.float32),
            {"color": {name: round(float(mean.max()), 3)}},
        )


def png(shade: tuple[int, int, int], seed: int = 0, size: int = 32) -> bytes:
    """A picture of one shade, with a pattern of light and dark squares that ``seed`` decides."""
    pattern = np.random.default_rng(seed).uniform(0.4, 1, (4, 4)).repeat(size // 4, 0).repeat(size // 4, 1)
    pixels = (pattern[..., None] * np.array(shade)).astype(np.uint8)
    file = io.BytesIO()
    Pixels.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


RED, GREEN, BLUE = (220, 20, 30), (20, 200, 40), (30, 40, 210)


@pytest.fixture
def picture() -> Callable[..., bytes]:
    return png


@pytest.fixture
async def open_search(
    tmp_path: Path, new_context: Callable[..., ProviderContext], unused_tcp_port: int
) -> AsyncIterator[Callable[..., LocalSearch]]:
    """Open a search on the test's folder; several are several processes' worth of connections to one file."""
    opened: list[LocalSearch] = []

    def open_(
        folder: Path = tmp_path, *, embedder: Any = None, found: Sequence[Found] = (), **fields: Any
    ) -> LocalSearch:
        context = new_context("here", trusted_hosts=[f"127.0.0.1:{unused_tcp_port}"], data_folder=folder, **fields)
        search = LocalSearch(SETTINGS, context, embedder=embedder or ToyEmbedder(), detector=lambda _: found)
        opened.append(search)
        return search

    yield open_
    for search in opened:
        await search.aclose()


@pytest.fixture
def toy() -> type[ToyEmbedder]:
    return ToyEmbedder


@pytest.fixture
def search(open_search: Callable[..., LocalSearch]) -> LocalSearch:
    return open_search()


async def stream(items: Sequence[CatalogItem]) -> AsyncIterator[CatalogItem]:
    for item in items:
        yield item


@pytest.fixture
def some() -> Callable[..., AsyncIterator[CatalogItem]]:
    """Items as a stream."""
    return stream


def item(name: str, color: tuple[int, int, int], seed: int = 0, /, **metadata: Any) -> CatalogItem:
    return CatalogItem(name, Image.of(png(color, seed)), metadata)


@pytest.fixture
def wardrobe() -> list[CatalogItem]:
    """Nine pictures: three shades, each in three patterns."""
    return [
        item(f"{shade_name}-{seed}", shade, seed, shade=shade_name, price=10 * seed + place, sold=seed == 2)
        for place, (shade_name, shade) in enumerate((("red", RED), ("green", GREEN), ("blue", BLUE)))
        for seed in range(3)
    ]


@pytest.fixture
def filled(search: LocalSearch, wardrobe: list[CatalogItem]) -> Callable[..., Any]:
    """A catalog with items, indexed."""

    async def made(items: Sequence[CatalogItem] | None = None, *, into: LocalSearch = search) -> Catalog:
        catalog = await into.create_catalog("Summer")
        await into.add_items(catalog.ref, stream(wardrobe if items is None else items))
        return await (await into.index(catalog.ref)).result()

    return made
