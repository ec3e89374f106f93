"""Decode every photo once, squeeze it to a square, and let the rule-based cut-out draw its mask."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from placket_local.cutout import cut_out
from placket_local.picture import decode

from .photos import Photo
from .spectra import garment_pattern
from .views import Stored

STORED_SIDE = 320
"""A little more than the networks see, so that a view can go nearer."""
_WORKING_SIZE = 640
_SURE_SOLID = 0.55


def prepare(photos: Sequence[Photo], folder: Path, workers: int) -> None:
    """Write ``pixels.npy``, ``masks160.npy``, ``quality.npy`` and ``solid.npy``, one row for each photo."""
    side = STORED_SIDE
    np.lib.format.open_memmap(folder / "pixels.npy", "w+", np.uint8, (len(photos), side, side, 3))
    np.lib.format.open_memmap(folder / "masks160.npy", "w+", np.uint8, (len(photos), side // 2, side // 2))
    np.lib.format.open_memmap(folder / "quality.npy", "w+", np.float32, (len(photos),))
    np.lib.format.open_memmap(folder / "solid.npy", "w+", np.bool_, (len(photos),))
    context = get_context("fork")
    jobs = [
        context.Process(target=_rows, args=(photos, folder, range(k, len(photos), workers))) for k in range(workers)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    if any(job.exitcode for job in jobs):
        raise SystemExit("a process that prepared photos failed; its message is above")


def read(folder: Path) -> tuple[list[Stored], np.ndarray]:
    """Open what `prepare` wrote; also whether the garment of each photo is surely plain."""
    pixels, masks = (np.load(folder / name, mmap_mode="r") for name in ("pixels.npy", "masks160.npy"))
    quality = np.load(folder / "quality.npy")
    stored = [Stored(pixels[i], masks[i], float(quality[i])) for i in range(len(quality))]
    return stored, np.load(folder / "solid.npy")


def _rows(photos: Sequence[Photo], folder: Path, rows: range) -> None:
    pixels, masks, quality, solid = (
        np.lib.format.open_memmap(folder / name, "r+")
        for name in ("pixels.npy", "masks160.npy", "quality.npy", "solid.npy")
    )
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
