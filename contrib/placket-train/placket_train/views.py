"""Made views of a photo: moved, turned, relit, and with the garment laid on another background.

A view is a square of `backbone.SIDE` pixels with the garment's mask, drawn by a generator that the caller seeds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from attrs import frozen
from PIL import Image, ImageFilter
from scipy import ndimage

from .backbone import SIDE

Pixels = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

MASK_SIDE = 64


@frozen(eq=False)
class Stored:
    """A photo squeezed to a square, with the teacher's mask (0..255) of half its side, and the mask's quality."""

    pixels: Pixels
    mask: Pixels
    quality: float


@frozen(eq=False)
class View:
    """``pixels``: (side, side, 3). ``mask``: (64, 64) in 0..255."""

    pixels: Pixels
    mask: Pixels


def plain_view(stored: Stored) -> View:
    """The photo as it is."""
    return View(_resized(stored.pixels, SIDE), _resized(stored.mask, MASK_SIDE))


def made_view(stored: Stored, backgrounds: Backgrounds, generator: np.random.Generator, *, replace: bool) -> View:
    """Draw one view; ``replace`` lays the garment on another background."""
    pixels, mask = stored.pixels, stored.mask
    zoom = generator.uniform(0.92, 1.35) if replace else generator.uniform(0.72, 1.06)
    matrix = _affine(generator, zoom)
    fill = tuple(int(value) for value in np.median(np.concatenate([pixels[0], pixels[-1]]), axis=0))
    moved = _moved(Image.fromarray(pixels), matrix, SIDE, fill)
    cover = _moved(Image.fromarray(mask), matrix, SIDE, 0)
    if generator.random() < 0.5:
        moved, cover = moved[:, ::-1], cover[:, ::-1]
    if replace:
        ground = backgrounds.draw(generator)
        soft = ndimage.gaussian_filter(cover.astype(np.float32) / 255, 0.8)[..., None]
        shadow = 1 - generator.uniform(0, 0.5) * ndimage.shift(
            ndimage.uniform_filter(soft[..., 0], int(generator.integers(5, 25))), generator.uniform(-6, 6, 2), order=1
        )
        moved = moved * soft + ground * shadow[..., None] * (1 - soft)
    return View(relit(moved, generator), _resized(np.ascontiguousarray(cover), MASK_SIDE))


class Backgrounds:
    """Surfaces to lay garments on: made ones, and pieces of real photos from beside the garment."""

    def __init__(self, pieces: list[Pixels]) -> None:
        self._pieces = pieces

    @staticmethod
    def pieces_of(stored: Stored) -> list[Pixels]:
        """Cut out the strips beside the garment where the teacher is sure of them."""
        if stored.quality < 0.5:
            return []
        half = stored.mask > 30
        rows, columns = np.flatnonzero(half.any(axis=1)), np.flatnonzero(half.any(axis=0))
        if len(rows) == 0:
            return []
        top, bottom, left, right = 2 * rows[0], 2 * rows[-1] + 2, 2 * columns[0], 2 * columns[-1] + 2
        side = len(stored.pixels)
        strips = (
            stored.pixels[: top - 4],
            stored.pixels[bottom + 4 :],
            stored.pixels[:, : left - 4] if left > 4 else stored.pixels[:0],
            stored.pixels[:, right + 4 : side],
        )
        return [np.ascontiguousarray(strip) for strip in strips if min(strip.shape[:2]) >= 40]

    def draw(self, generator: np.random.Generator) -> Plane:
        """(side, side, 3) float32 in 0..255."""
        if self._pieces and generator.random() < 0.6:
            piece = self._pieces[generator.integers(len(self._pieces))]
            side = min(piece.shape[:2])
            top = generator.integers(piece.shape[0] - side + 1)
            left = generator.integers(piece.shape[1] - side + 1)
            ground = _resized(piece[top : top + side, left : left + side], SIDE).astype(np.float32)
            return np.ascontiguousarray(np.rot90(ground, generator.integers(4)))
        return _surface(generator)


def _surface(generator: np.random.Generator) -> Plane:
    """A wall, a cloth, planks or tiles, under uneven light."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    color = generator.uniform(20, 255, 3) * 0.35 + generator.uniform(30, 255) * 0.65
    if generator.random() < 0.25:
        color = np.full(3, generator.uniform(235, 256))
    plane = np.zeros((SIDE, SIDE))
    kind = generator.integers(4)
    angle = generator.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    if kind == 1:
        plane += generator.uniform(5, 40) * np.sign(np.sin(along * generator.uniform(6, 40)))
    elif kind == 2:
        across = -x * np.sin(angle) + y * np.cos(angle)
        period = generator.uniform(6, 40)
        plane += generator.uniform(5, 50) * np.sign(np.sin(along * period) * np.sin(across * period))
    elif kind == 3:
        rough = generator.normal(0, 1, (SIDE // 8, SIDE // 8)).astype(np.float32)
        plane += generator.uniform(10, 60) * ndimage.zoom(rough, 8, order=1)
    plane += generator.uniform(0, 30) * (x * generator.uniform(-1, 1) + y * generator.uniform(-1, 1))
    plane += generator.normal(0, generator.uniform(0, 8), plane.shape)
    tint = generator.uniform(0.7, 1.3, 3)
    return np.clip(color + plane[..., None] * tint, 0, 255).astype(np.float32)


def _affine(generator: np.random.Generator, zoom: float) -> npt.NDArray[np.float64]:
    angle = generator.normal(0, 0.14)
    if generator.random() < 0.08:
        angle += generator.choice([-1, 1]) * np.pi / 2
    stretch = np.exp(generator.normal(0, 0.09))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = zoom * turn @ np.diag([stretch, 1 / stretch])
    room = max(0.04, abs(1 - zoom) / 2)
    center = 0.5 + generator.uniform(-room, room, 2)
    return np.column_stack([linear, center - linear @ np.array([0.5, 0.5])])


def _moved(image: Image.Image, matrix: npt.NDArray[np.float64], side: int, fill: object) -> Pixels:
    scaled = matrix * np.array([image.width / side, image.width / side, image.width])
    return np.asarray(
        image.transform(
            (side, side), Image.Transform.AFFINE, tuple(scaled.ravel()), Image.Resampling.BILINEAR, fillcolor=fill
        )
    )


def relit(pixels: npt.NDArray[np.generic], generator: np.random.Generator) -> Pixels:
    """Another lamp, another exposure, another camera."""
    x = np.asarray(pixels, np.float32) / 255
    gray = x.mean(axis=2, keepdims=True)
    saturation = 0.0 if generator.random() < 0.03 else generator.uniform(0.6, 1.3)
    x = gray + (x - gray) * saturation
    x = x * (generator.uniform(0.88, 1.12, 3) * generator.uniform(0.7, 1.3)).astype(np.float32)
    if generator.random() < 0.3:
        ramp = np.linspace(-1, 1, x.shape[0], dtype=np.float32)
        down, right = generator.uniform(-0.3, 0.3, 2).astype(np.float32)
        x = x * (1 + down * ramp[:, None] + right * ramp[None, :])[..., None]
    if generator.random() < 0.3:
        noise = generator.standard_normal(x.shape, np.float32)
        x = x + noise * np.float32(generator.uniform(0.01, 0.05))
    curve = 255 * np.linspace(0, 1, 256) ** generator.uniform(0.75, 1.35)
    image = Image.fromarray(curve.astype(np.uint8)[(np.clip(x, 0, 1) * 255).astype(np.uint8)])
    if generator.random() < 0.2:
        image = image.filter(ImageFilter.GaussianBlur(generator.uniform(0.5, 1.5)))
    return np.asarray(image)


def _resized(pixels: Pixels, side: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR, reducing_gap=3))
