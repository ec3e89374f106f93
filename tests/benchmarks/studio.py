"""What pack-shots and AR content cost on one core, and how large the files are: ``python tests/benchmarks/studio.py``.

Seconds are of processor time, so that whatever else runs on the machine does not count. The peer of the pack-shot is
Pillow alone with the mask given: decode, resize, paste, encode. It finds no garment, casts no shadow and leaves the old
ground in the edge, so that it says what the rest costs.
"""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable

import numpy as np
from figures import Figure, at_most, show
from PIL import Image, ImageDraw
from scipy import ndimage

from placket.record import Vocabulary
from placket_local.content.main_color import main_color
from placket_local.content.preview import Photos, Preview, build_preview
from placket_local.studio.compose import pack_shot
from placket_local.studio.files import Origin, encoded
from placket_local.studio.garment_photo import cut_from
from placket_local.studio.presets import PRESETS

SHIRT = [
    (70, 40), (85, 48), (115, 48), (130, 40), (175, 65), (165, 100), (145, 92), (147, 200), (53, 200), (55, 92),
    (35, 100), (25, 65),
]  # fmt: skip
SIZE = (1800, 2240)
"""Width and height: 4 megapixels."""


def photo(cloth: tuple[int, int, int]) -> tuple[bytes, Image.Image]:
    """A rendered photo as a JPEG file, and the mask that is right."""
    outline = Image.new("L", (2 * SIZE[0], 2 * SIZE[1]))
    ImageDraw.Draw(outline).polygon([(x * SIZE[0] / 100, y * SIZE[1] / 120) for x, y in SHIRT], fill=255)
    silhouette = outline.resize(SIZE, Image.Resampling.BOX)
    mask = np.asarray(silhouette, np.float32)[..., None] / 255
    random = np.random.default_rng(5)
    folds = ndimage.zoom(ndimage.gaussian_filter(random.normal(size=(224, 180)), (8, 3)), 10, order=1)[..., None]
    stripes = ((np.arange(SIZE[1]) // 40) % 2)[:, None, None]
    shade = 1 + 0.1 * np.clip(folds / folds.std(), -2, 2)
    garment = (np.array(cloth) * (1 - stripes) + np.array((235, 228, 210)) * stripes) * shade
    cast = ndimage.gaussian_filter(np.roll(mask, (12, 8), (0, 1)), (20, 20, 0))
    mixed = garment * mask + np.array((232, 228, 222)) * (1 - 0.25 * cast) * (1 - mask)
    noisy = np.clip(mixed + random.normal(0, 3, mixed.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=92)
    return file.getvalue(), silhouette


def ours(data: bytes) -> int:
    picture = pack_shot(cut_from(data), PRESETS["square-white"])
    return len(encoded(picture, Origin.ENHANCED, "a benchmark")[0])


def pillow(data: bytes, mask: Image.Image) -> int:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    box = mask.getbbox()
    scale = 1760 / max(box[2] - box[0], box[3] - box[1])
    size = (round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale))
    cloth = picture.crop(box).resize(size, Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (2000, 2000), "white")
    canvas.paste(cloth, ((2000 - size[0]) // 2, (2000 - size[1]) // 2), mask.crop(box).resize(size))
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=92, subsampling=0)
    return len(file.getvalue())


def content(front: bytes, back: bytes) -> Preview:
    vocabulary = Vocabulary.default()
    labs = {term.id: vocabulary.lab(term) for term in vocabulary.terms("color")}
    palette = {name: lab for name, lab in labs.items() if lab is not None}
    colors = [Photos(name, color=palette[name]) for name in ("green", "x:burgundy")]
    photos = [Photos("own", front, back), *colors]
    return build_preview("Shirt", photos, lambda rgb, mask: main_color(rgb, mask, palette), height=0.68)


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median processor time."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def measure(rounds: int = 5) -> list[Figure]:
    if hasattr(os, "sched_setaffinity"):
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cores)})
    try:
        return _measure(rounds)
    finally:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, cores)


def _measure(rounds: int) -> list[Figure]:
    front, mask = photo((60, 80, 150))
    back, _ = photo((62, 84, 154))
    ours(front)
    shot, peer = seconds(lambda: ours(front), rounds), seconds(lambda: pillow(front, mask), rounds)
    made: list[Preview] = []
    preview = seconds(lambda: made.append(content(front, back)), max(2, rounds - 2))
    sizes = {file.profile: len(file.data) for file in made[-1].files if file.format == "glb"}
    usdz = max(len(file.data) for file in made[-1].files if file.format == "usdz")
    return [
        at_most("pack-shot of 2000 pixels from a 4-megapixel photo, one core", shot, 1.5, "s"),
        Figure("Pillow alone with the mask given: resize and paste", f"{peer:.2f} s"),
        at_most("AR: front and back, three colours, two GLBs, three USDZs", preview, 4.0, "s"),
        at_most("GLB for every viewer (compat)", sizes["compat"] / 1e3, 1000, "kB"),
        at_most("GLB for the web", sizes["web"] / 1e3, 250, "kB"),
        Figure("the largest USDZ", f"{usdz / 1e3:.0f} kB"),
    ]


if __name__ == "__main__":
    show("Studio", measure())
