"""The embedded AR builder as an application opens it, on a folder of the test's own."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

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
def photo(photo: Callable[..., bytes]) -> Callable[..., bytes]:
    """Small photos: a preview takes long enough."""
    return partial(photo, width=480, height=600)


@pytest.fixture
def configuration() -> Callable[..., ArConfiguration]:
    """A configuration of a name and pictures by their role."""

    def made(name: str = "Red", id: str = "", **pictures: bytes) -> ArConfiguration:  # noqa: A002
        images = tuple(GarmentImage(Image.of(data), role.replace("_", "-")) for role, data in pictures.items())
        return ArConfiguration(name, images, sku=f"sku-{name}", id=id)

    return made
