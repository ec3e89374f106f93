"""The embedded AR builder as an application opens it, on a folder of the test's own, and photos drawn for it."""

import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw

import placket
from placket.interfaces import (
    ArConfiguration,
    ARContentBuilder,
    ArProduct,
    ArProductDraft,
    GarmentImage,
    Image,
    ProductStore,
)

SHIRT = [
    (70, 40), (85, 48), (115, 48), (130, 40), (175, 65), (165, 100), (145, 92), (147, 200), (53, 200), (55, 92),
    (35, 100), (25, 65),
]  # fmt: skip
CONFIG = {
    "providers": {"here": {"plugin": "local"}},
    "routes": {name: {"targets": ["here"]} for name in ("product_store", "ar_content_builder")},
}


class Content:
    """A router with shorthands for what every test does."""

    def __init__(self, router: Any) -> None:
        self.router = router
        self.ar = router.interface(ARContentBuilder)
        self.store = router.interface(ProductStore)

    async def built(self, draft: ArProductDraft) -> ArProduct:
        product = await self.ar.create_product(draft)
        job = await self.ar.mark_ready(product.ref)
        built: ArProduct = await job.result()
        return built


@pytest.fixture
def config() -> dict[str, Any]:
    return CONFIG


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Content]:
    async with placket.open(CONFIG, data_folder=tmp_path) as router:
        yield Content(router)


@pytest.fixture
def content_of() -> type[Content]:
    return Content


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    def encoded(pixels: np.ndarray) -> bytes:
        file = io.BytesIO()
        Picture.fromarray(pixels).save(file, "PNG", compress_level=1)
        return file.getvalue()

    return encoded


@pytest.fixture(scope="session")
def shirt() -> np.ndarray:
    """(600, 480) float, 1 inside a shirt."""
    image = Picture.new("L", (960, 1200))
    ImageDraw.Draw(image).polygon([(4.8 * x, 5 * y) for x, y in SHIRT], fill=255)
    return np.asarray(image.resize((480, 600), Picture.Resampling.BOX), np.float32) / 255


@pytest.fixture(scope="session")
def photo(shirt: np.ndarray, encode: Callable[..., bytes]) -> Callable[..., bytes]:
    def taken(cloth: object = (190, 40, 50), ground: object = (242, 240, 236)) -> bytes:
        mixed = np.asarray(cloth, float) * shirt[..., None] + np.asarray(ground, float) * (1 - shirt[..., None])
        noisy = mixed + np.random.default_rng(5).normal(0, 1.5, mixed.shape)
        return encode(np.clip(noisy, 0, 255).astype(np.uint8))

    return taken


@pytest.fixture
def configuration() -> Callable[..., ArConfiguration]:
    """A configuration of a name and pictures by their role."""

    def made(name: str = "Red", id: str = "", **pictures: bytes) -> ArConfiguration:  # noqa: A002
        images = tuple(GarmentImage(Image.of(data), role.replace("_", "-")) for role, data in pictures.items())
        return ArConfiguration(name, images, sku=f"sku-{name}", id=id)

    return made
