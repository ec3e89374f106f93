"""The embedded shoots as an application opens them, on a folder of the test's own."""

import hashlib
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture

import placket
from placket.interfaces import (
    Brief,
    BriefDraft,
    GarmentImage,
    Image,
    ProductStore,
    Ref,
    ShootManager,
    Sku,
    SkuDraft,
    WantedShot,
)
from placket.record import MediaItem, Shot

CONFIG = {
    "providers": {"here": {"plugin": "local"}},
    "routes": {name: {"targets": ["here"]} for name in ("product_store", "shoot_manager")},
}


class Shoots:
    """A router with shorthands for what every test does."""

    def __init__(self, router: Any) -> None:
        self.router = router
        self.shoots = router.interface(ShootManager)
        self.store = router.interface(ProductStore)

    async def sku(self, *images: tuple[str, bytes], **fields: Any) -> Sku:
        pictures = tuple(GarmentImage(Image.of(data), role) for role, data in images)
        return await self.shoots.create_sku(SkuDraft({"name": "Shirt", **fields}, pictures))

    async def brief(self, skus: list[Ref], *wanted: WantedShot) -> Brief:
        return await self.shoots.create_brief(skus, BriefDraft("spring", wanted))

    async def made(self, skus: list[Ref], *wanted: WantedShot) -> list[Shot]:
        """The shots of a brief, once all that can be made is made."""
        brief = await self.brief(skus, *wanted)
        job = await self.shoots.start_brief(brief.ref)
        async for _ in job.events():
            pass
        return await self.shoots.brief_results(brief.ref).collect()


@pytest.fixture
def seen() -> Callable[[MediaItem], Picture.Image]:
    """A picture that was made, decoded; its file is whole: it is what its name says."""

    def decoded(item: MediaItem) -> Picture.Image:
        data = Path(item.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == item.sha256 == Path(item.path).stem
        picture = Picture.open(io.BytesIO(data))
        picture.load()
        return picture

    return decoded


@pytest.fixture
def config() -> dict[str, Any]:
    return CONFIG


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Shoots]:
    async with placket.open(CONFIG, data_folder=tmp_path) as router:
        yield Shoots(router)


@pytest.fixture
def shoots_of() -> type[Shoots]:
    return Shoots
