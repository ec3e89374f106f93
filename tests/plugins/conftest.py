"""What the tests of the embedded shoots and AR builder share: drawn photos, workers to kill, and disks that fill up."""

import asyncio
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw, ImageFilter
from scipy import ndimage

SHIRT = [
    (70, 40), (85, 48), (115, 48), (130, 40), (175, 65), (165, 100), (145, 92), (147, 200), (53, 200), (55, 92),
    (35, 100), (25, 65),
]  # fmt: skip
WORKER = Path(__file__).parent / "studio_worker.py"


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

    @cache  # most photos are of one size, and this is nearly all of their time
    def scene(**size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        mask = silhouette(**size)
        random = np.random.default_rng(5)
        folds = ndimage.gaussian_filter(random.normal(size=mask.shape), (25, 9))
        shade = 1 + 0.1 * np.clip(folds / folds.std(), -2, 2)
        return mask[..., None], shade[..., None], random.normal(0, 1.5, (*mask.shape, 3))

    def taken(cloth: object = (190, 40, 50), ground: object = (242, 240, 236), **size: int) -> bytes:
        mask, shade, noise = scene(**size)
        light = np.linspace(1.0, 0.95, mask.shape[1])[None, :, None]
        mixed = (np.asarray(cloth, float) * shade * mask + np.asarray(ground, float) * (1 - mask)) * light
        return encode(np.clip(mixed + noise, 0, 255).astype(np.uint8), compress_level=1)

    return taken


SKIN = (205, 150, 125)


@pytest.fixture(scope="session")
def somebody(encode: Callable[..., bytes]) -> bytes:
    """A file of a person in a green shirt and trousers: the network sees that they are worn."""
    image = Picture.new("RGB", (960, 1200), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    draw.ellipse((385, 20, 575, 215), fill=(60, 40, 30))
    draw.ellipse((410, 50, 550, 235), fill=SKIN)
    for eye in (445, 500):
        draw.ellipse((eye, 120, eye + 18, 130), fill=(40, 30, 30))
    draw.ellipse((455, 185, 505, 197), fill=(180, 80, 80))
    draw.rectangle((450, 210, 510, 300), fill=SKIN)
    neck = [(450, 262), (480, 300), (510, 262)]
    draw.polygon([(340, 290), *neck, (620, 290), (600, 480), (630, 700), (330, 700), (360, 480)], fill=(40, 120, 70))
    for side in (-1, 1):
        sleeve, arm = [(140, 290), (190, 500), (135, 510), (115, 420)], [(185, 495), (140, 505), (170, 740), (195, 735)]
        draw.polygon([(480 + side * x, y) for x, y in sleeve], fill=(40, 120, 70))
        draw.polygon([(480 + side * x, y) for x, y in arm], fill=SKIN)
    legs = [(335, 695), (625, 695), (600, 1190), (500, 1190), (480, 800), (460, 1190), (360, 1190)]
    draw.polygon(legs, fill=(40, 45, 60))
    return encode(np.asarray(image.filter(ImageFilter.GaussianBlur(1.5))))


@pytest.fixture(scope="session")
def worn(encode: Callable[..., bytes]) -> Callable[..., bytes]:
    """A file of a green shirt with a person in it."""

    def taken(cloth: tuple[int, int, int] = (40, 120, 70)) -> bytes:
        image = Picture.new("RGB", (960, 1200), (245, 245, 245))
        draw = ImageDraw.Draw(image)
        draw.ellipse((400, 30, 560, 230), fill=SKIN)
        draw.rectangle((450, 210, 510, 290), fill=SKIN)
        draw.polygon([(340, 270), (620, 270), (640, 760), (320, 760)], fill=cloth)
        for sleeve, arm in (
            ([(340, 270), (250, 520), (320, 540), (360, 400)], [(250, 520), (320, 540), (290, 760), (240, 750)]),
            ([(620, 270), (710, 520), (640, 540), (600, 400)], [(710, 520), (640, 540), (670, 760), (720, 750)]),
        ):
            draw.polygon(sleeve, fill=cloth)
            draw.polygon(arm, fill=SKIN)
        for left in (340, 490):
            draw.rectangle((left, 760, left + 130, 1190), fill=SKIN)
        large = np.asarray(image.resize((1536, 1920)), float)
        noisy = large + np.random.default_rng(1).normal(0, 2, large.shape)
        return encode(np.clip(noisy, 0, 255).astype(np.uint8), compress_level=1)

    return taken


@pytest.fixture
def begin_worker() -> Callable[..., Any]:
    """Start ``studio_worker.py``, whose arguments are told there."""

    async def begun(*arguments: object) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, str(WORKER), *map(str, arguments), stdout=subprocess.PIPE
        )

    return begun


@pytest.fixture
def whole_files() -> Callable[[Path], int]:
    """How many files a folder has; each is what its name says, to the last byte."""

    def counted(folder: Path) -> int:
        files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".part"]
        for file in files:
            assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem
        return len(files)

    return counted


class SmallDisk:
    """A file system of its own, so small that it fills up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self, leaving: int) -> None:
        """Take all but so many bytes."""
        free = os.statvfs(self.path)
        self._filler.write_bytes(bytes(free.f_bavail * free.f_frsize - leaving))

    def close_to_writing(self) -> None:
        """Let nothing be written any more."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.path)], check=True)

    def make_room(self) -> None:
        """Give back what was filled."""
        self._filler.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """32 MB. Only root may mount such a thing; without it the test is skipped."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command to make a small disk with")
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
