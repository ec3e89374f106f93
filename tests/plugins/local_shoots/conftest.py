"""The embedded shoots as an application opens them, on a folder of the test's own, and photos drawn for them."""

import hashlib
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw
from scipy import ndimage

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

SHIRT = [
    (70, 40), (85, 48), (115, 48), (130, 40), (175, 65), (165, 100), (145, 92), (147, 200), (53, 200), (55, 92),
    (35, 100), (25, 65),
]  # fmt: skip
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


@pytest.fixture(scope="session")
def silhouette() -> Callable[..., np.ndarray]:
    """(height, width) float, 1 inside a shirt that fills most of it."""

    def drawn(width: int = 960, height: int = 1200) -> np.ndarray:
        image = Picture.new("L", (width * 2, height * 2))
        corners = [(x * width / 100, y * height / 120) for x, y in SHIRT]
        ImageDraw.Draw(image).polygon(corners, fill=255)
        return np.asarray(image.resize((width, height), Picture.Resampling.BOX), np.float32) / 255

    return drawn


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    def encoded(pixels: np.ndarray, form: str = "PNG", **options: Any) -> bytes:
        file = io.BytesIO()
        Picture.fromarray(pixels).save(file, form, **options)
        return file.getvalue()

    return encoded


@pytest.fixture(scope="session")
def photo(silhouette: Callable[..., np.ndarray], encode: Callable[..., bytes]) -> Callable[..., bytes]:
    """A file of a shirt with folds and a little noise on a ground that is darker at one side."""

    def taken(cloth: object = (190, 40, 50), ground: object = (242, 240, 236), **size: int) -> bytes:
        mask = silhouette(**size)
        random = np.random.default_rng(5)
        folds = ndimage.gaussian_filter(random.normal(size=mask.shape), (25, 9))
        shade = 1 + 0.1 * np.clip(folds / folds.std(), -2, 2)
        garment = np.asarray(cloth, float) * shade[..., None]
        light = np.linspace(1.0, 0.95, mask.shape[1])[None, :, None]
        mixed = (garment * mask[..., None] + np.asarray(ground, float) * (1 - mask[..., None])) * light
        noisy = mixed + random.normal(0, 1.5, mixed.shape)
        return encode(np.clip(noisy, 0, 255).astype(np.uint8), compress_level=1)

    return taken
