"""How exact the cut-out of shots and AR content is on garments whose outline is known: ``python cutout.py``.

Garments of four shapes in twelve colours are rendered on eight grounds, with folds, shading, a soft shadow, uneven
light, noise and JPEG. For each the overlap over union with the true outline is measured, or that it was refused. Exits
with 1 when a kept one falls below the target.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from placket_local.lab import ciede2000, rgb_to_lab
from placket_local.picture import decode
from placket_local.studio.fine_cutout import overlap
from placket_local.studio.garment_photo import PoorCutout, cutout_of

TARGET = 0.97
SIZE = (816, 1020)
"""Width and height in pixels."""

APART = 12.0
"""CIEDE2000 between cloth and ground, below which a cut-out may be refused: people hardly see the edge either."""

# Corners of the right half, x from the middle line, in thousandths of the width; the left half mirrors it.
SHAPES: dict[str, list[tuple[int, int]]] = {
    "shirt": [
        (0, 232), (60, 225), (95, 190), (190, 225), (262, 270), (330, 470), (250, 500), (200, 385), (205, 650),
        (203, 980), (0, 985),
    ],
    "dress": [
        (0, 210), (55, 195), (75, 110), (115, 108), (140, 225), (165, 300), (130, 470), (190, 720), (260, 1120),
        (0, 1135),
    ],
    "trousers": [
        (0, 150), (170, 148), (190, 330), (205, 700), (190, 1110), (85, 1112), (60, 700), (18, 400), (0, 385),
    ],
    "skirt": [(0, 300), (150, 296), (190, 500), (290, 930), (0, 950)],
}  # fmt: skip
CLOTHS = {
    "black": (28, 28, 32), "navy": (32, 42, 84), "red": (178, 34, 44), "green": (34, 110, 60), "gray": (120, 122, 126),
    "beige": (205, 185, 150), "white": (238, 238, 236), "pink": (226, 150, 170), "brown": (95, 62, 40),
    "sky": (130, 175, 215), "yellow": (225, 190, 60), "purple": (100, 60, 130),
}  # fmt: skip
GROUNDS = {
    "white": (248, 248, 248), "light gray": (215, 216, 218), "mid gray": (150, 150, 152), "cream": (236, 226, 205),
    "wood": (186, 140, 98), "blue sheet": (90, 120, 170), "dark gray": (62, 62, 66), "mint": (190, 220, 205),
}  # fmt: skip


def garment(shape: str) -> np.ndarray:
    """(height, width) float, 1 inside."""
    width, height = SIZE
    right = [((500 + x) * width / 500, y * width / 500) for x, y in SHAPES[shape]]
    left = [(2 * width - x, y) for x, y in reversed(right)]
    image = Image.new("L", (2 * width, 2 * height))
    ImageDraw.Draw(image).polygon([*right, *left], fill=255)
    soft = ndimage.gaussian_filter(np.asarray(image, np.float32) / 255, 6)
    rounded = Image.fromarray(((soft > 0.5) * 255).astype(np.uint8))
    return np.asarray(rounded.resize(SIZE, Image.Resampling.BOX), np.float32) / 255


def rendered(mask: np.ndarray, cloth: tuple[int, int, int], ground: tuple[int, int, int], seed: int) -> bytes:
    """A JPEG file."""
    random = np.random.default_rng(seed)
    wrinkles = ndimage.zoom(ndimage.gaussian_filter(random.normal(size=(204, 164)), (6, 2)), 5, order=1)
    wrinkles = wrinkles[: mask.shape[0], : mask.shape[1]] / wrinkles.std()
    pillow = np.clip(ndimage.distance_transform_edt(mask > 0.5) / 60, 0, 1)
    shade = (0.82 + 0.18 * pillow) * (1 + 0.07 * np.clip(wrinkles, -2.5, 2.5))
    weave = 1 + 0.02 * random.normal(size=mask.shape)
    surface = 1 + 0.02 * ndimage.gaussian_filter(random.normal(size=mask.shape), 3) / 0.09
    cast = ndimage.gaussian_filter(np.roll(mask, (7, 6), (0, 1)), 7)
    height, width = mask.shape
    light = np.linspace(1.0, 0.9, height)[:, None] * np.linspace(0.95, 1.0, width)[None]
    worn = np.array(cloth) * (shade * weave)[..., None]
    under = np.array(ground) * (surface * (1 - 0.3 * cast))[..., None]
    mixed = (worn * mask[..., None] + under * (1 - mask[..., None])) * light[..., None]
    noisy = np.clip(mixed + random.normal(0, 2.0, mixed.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=88)
    return file.getvalue()


def measured() -> Iterator[tuple[str, float, float | None]]:
    """What was rendered, how far apart its colours are, and the overlap; None where it was refused."""
    for number, shape in enumerate(SHAPES):
        mask = garment(shape)
        for place, (cloth, color) in enumerate(CLOTHS.items()):
            for step, (ground, under) in enumerate(GROUNDS.items()):
                if (number + place + step) % 4:
                    continue
                lab = rgb_to_lab(np.array([[color, under]], np.uint8))[0]
                apart = float(ciede2000(lab[0], lab[1]))
                picture = decode(rendered(mask, color, under, seed=100 * number + 10 * place + step))
                found: float | None = None
                with suppress(PoorCutout):
                    found = overlap(cutout_of(picture).mask, mask)
                yield f"{cloth} {shape} on {ground}", apart, found


def main() -> int:
    results = list(measured())
    kept = [(name, found) for name, _, found in results if found is not None]
    refused = [(name, apart) for name, apart, found in results if found is None]
    below = [(name, found) for name, found in kept if found < TARGET]
    shares = np.array([found for _, found in kept])
    print(f"{len(results)} rendered, {len(kept)} kept, {len(refused)} refused")
    lowest = np.quantile(shares, 0.1)
    print(f"overlap of those kept: mean {shares.mean():.4f}, lowest tenth {lowest:.4f}, least {shares.min():.4f}")
    for name, found in below:
        print(f"  below {TARGET}: {name}: {found:.3f}")
    for name, apart in refused:
        print(f"  refused: {name}, whose colours are {apart:.0f} apart{'' if apart < APART else ', UNEXPECTEDLY'}")
    return 1 if below or any(apart >= APART for _, apart in refused) else 0


if __name__ == "__main__":
    raise SystemExit(main())
