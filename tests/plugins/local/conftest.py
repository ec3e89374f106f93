from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

PALETTE = {
    "beige": (80.0, 2.0, 20.0),
    "black": (8.0, 1.0, -2.0),
    "blue": (41.0, 12.0, -48.0),
    "brown": (32.0, 14.0, 21.0),
    "gray": (58.0, 0.0, -2.0),
    "green": (51.0, -40.0, 26.0),
    "navy": (18.0, 7.0, -24.0),
    "orange": (63.0, 39.0, 62.0),
    "pink": (74.0, 34.0, -2.0),
    "purple": (35.0, 38.0, -39.0),
    "red": (42.0, 61.0, 36.0),
    "white": (96.0, 0.0, 1.0),
    "yellow": (85.0, -3.0, 76.0),
    "cream": (93.0, -1.0, 14.0),
    "turquoise": (68.0, -34.0, -9.0),
    "charcoal": (28.0, 0.0, -3.0),
}


@pytest.fixture
def palette() -> dict[str, tuple[float, float, float]]:
    return dict(PALETTE)


@pytest.fixture
def file_of() -> Callable[..., bytes]:
    """Encode a Pillow image or an array as a file."""

    def encode(picture: Image.Image | np.ndarray, form: str = "PNG", **options: object) -> bytes:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        file = BytesIO()
        image.save(file, form, **options)
        return file.getvalue()

    return encode


@pytest.fixture(scope="session")
def shirt() -> np.ndarray:
    """(480, 400) float: the silhouette of a T-shirt, 1 inside."""
    image = Image.new("L", (800, 960))
    draw = ImageDraw.Draw(image)
    outline = [
        (280, 160), (340, 190), (460, 190), (520, 160), (700, 260), (660, 400), (580, 370),
        (590, 800), (210, 800), (220, 370), (140, 400), (100, 260),
    ]  # fmt: skip
    draw.polygon(outline, fill=255)
    return np.asarray(image.resize((400, 480), Image.Resampling.BOX), np.float32) / 255


@pytest.fixture(scope="session")
def photo(shirt: np.ndarray) -> Callable[..., np.ndarray]:
    """Render the shirt as (480, 400, 3) uint8: folds, a soft shadow, uneven light, noise.

    ``cloth`` and ``ground`` are one RGB colour, or an array of the picture's shape.
    """

    def render(cloth: object, ground: object, *, folds: float = 0.1, shadow: float = 0.25, seed: int = 5) -> np.ndarray:
        random = np.random.default_rng(seed)
        height, width = shirt.shape
        wrinkles = ndimage.gaussian_filter(random.normal(size=shirt.shape), (25, 9))
        shade = 1 + folds * np.clip(wrinkles / wrinkles.std(), -2, 2)
        cast = ndimage.gaussian_filter(np.roll(shirt, (5, 4), (0, 1)), 5)
        light = np.linspace(1.0, 0.9, height)[:, None] * np.linspace(0.96, 1.0, width)[None]
        garment = np.broadcast_to(np.asarray(cloth, np.float64), (height, width, 3)) * shade[..., None]
        surface = np.broadcast_to(np.asarray(ground, np.float64), (height, width, 3)) * (1 - shadow * cast[..., None])
        mixed = garment * shirt[..., None] + surface * (1 - shirt[..., None])
        return np.clip(mixed * light[..., None] + random.normal(0, 2.0, mixed.shape), 0, 255).astype(np.uint8)

    return render


def _rows(period: float, one: object, other: object, axis: int) -> np.ndarray:
    place = np.indices((480, 400))[axis]
    return np.where(((place / period) % 1 < 0.5)[..., None], np.asarray(one, float), np.asarray(other, float))


@pytest.fixture(scope="session")
def cloths() -> dict[str, np.ndarray]:
    """(480, 400, 3) woven patterns, by name."""
    random = np.random.default_rng(11)
    across, down = _rows(24, (1, 1, 1), (0, 0, 0), 0), _rows(24, (1, 1, 1), (0, 0, 0), 1)
    blots = ndimage.gaussian_filter(random.normal(size=(480, 400)), 7)
    return {
        "stripes": _rows(26, (235, 228, 210), (32, 42, 84), 0),
        "narrow stripes": _rows(12, (240, 240, 240), (180, 40, 50), 0),
        "upright stripes": _rows(20, (240, 240, 240), (60, 90, 160), 1),
        "gingham": 245 - (across + down) / 2 * np.array([190.0, 140.0, 60.0]),
        "tartan": np.array([150.0, 30.0, 40.0]) - across * (90, 10, 10) + down * (40, 90, 60),
        "blots": np.where((blots > 0)[..., None], np.array([230.0, 90.0, 60.0]), np.array([40.0, 60.0, 120.0])),
    }


@pytest.fixture
def planks() -> np.ndarray:
    """(480, 400, 3) a floor of wooden planks with grain."""
    random = np.random.default_rng(3)
    tone = np.repeat(random.uniform(0.82, 1.08, 8), 50)[None, :400]
    grain = ndimage.gaussian_filter(random.normal(size=(480, 400)), (30, 0.8))
    wood = tone * (1 + 0.05 * grain / grain.std())
    wood[:, ::50] *= 0.6
    return wood[..., None] * np.array([176.0, 132.0, 92.0])
