"""Decode every photo once, squeeze it to a square, and let the rule-based cut-out draw its mask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from placket_local.cutout import cut_out
from placket_local.picture import decode

from .photos import Photo
from .processes import in_processes
from .spectra import garment_pattern
from .views import Stored

STORED_SIDE = 320
"""A little more than the networks see, so that a view can go nearer."""
_WORKING_SIZE = 640
_TABLES = {"pixels": np.uint8, "masks160": np.uint8, "quality": np.float32, "solid": np.bool_}
_SURE_SOLID = 0.55


def prepare(photos: Sequence[Photo], folder: Path, workers: int) -> None:
    """Write ``pixels.npy``, ``masks160.npy``, ``quality.npy`` and ``solid.npy``, one row for each photo."""
    side, count = STORED_SIDE, len(photos)
    shapes = {"pixels": (side, side, 3), "masks160": (side // 2, side // 2), "quality": (), "solid": ()}
    for name, kind in _TABLES.items():
        np.lib.format.open_memmap(folder / f"{name}.part.npy", "w+", kind, (count, *shapes[name]))
    in_processes(_rows, (photos, folder), count, workers)
    for name in _TABLES:  # the last of them says that all are whole
        (folder / f"{name}.part.npy").rename(folder / f"{name}.npy")


def read(folder: Path) -> tuple[list[Stored], np.ndarray]:
    """Open what `prepare` wrote; also whether the garment of each photo is surely plain."""
    pixels, masks = (np.load(folder / name, mmap_mode="r") for name in ("pixels.npy", "masks160.npy"))
    quality = np.load(folder / "quality.npy")
    stored = [Stored(pixels[i], masks[i], float(quality[i])) for i in range(len(quality))]
    return stored, np.load(folder / "solid.npy")


def _rows(photos: Sequence[Photo], folder: Path, rows: range) -> None:
    pixels, masks, quality, solid = (np.lib.format.open_memmap(folder / f"{name}.part.npy", "r+") for name in _TABLES)
    for done, row in enumerate(rows):
        picture = decode(photos[row].path.read_bytes(), working_size=_WORKING_SIZE)
        cutout = cut_out(picture)
        guess = garment_pattern(picture, cutout)
        image = Image.fromarray(picture.rgb)
        pixels[row] = np.asarray(image.resize((STORED_SIDE, STORED_SIDE), Image.Resampling.BICUBIC, reducing_gap=3))
        mask = Image.fromarray((cutout.mask * 255).astype(np.uint8))
        masks[row] = np.asarray(mask.resize((STORED_SIDE // 2, STORED_SIDE // 2), Image.Resampling.BOX))
        quality[row] = cutout.quality
        solid[row] = guess is not None and guess.name == "solid" and guess.confidence > _SURE_SOLID
        if done % 200 == 0:
            print(f"prepared {done} of {len(rows)} photos", flush=True)
