"""Made vectors that crowd as garments do: types, styles within them, and palettes that have nothing to do with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

Floats = npt.NDArray[np.float32]

LOOK, COLOR, COLOR_WEIGHT = 161, 96, 0.22
"""As the embedded model has them."""
TYPES, STYLES, PALETTES = 60, 40, 80
CHUNK = 20_000


@frozen(eq=False)
class Chunk:
    """(n, 161) looks, (n, 96) colours, and (n,) types."""

    look: Floats
    color: Floats
    kind: npt.NDArray[np.int64]


def unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


class World:
    """What the vectors are drawn from. ``seed`` chooses the garments; the types and palettes are always the same."""

    def __init__(self) -> None:
        made = np.random.default_rng(5)
        types = made.normal(size=(TYPES, 1, LOOK))
        self._styles = unit(types + 0.6 * made.normal(size=(TYPES, STYLES, LOOK))).reshape(-1, LOOK)
        # Within a style a garment lies 1.6 from its middle, in 24 directions that its type has; a dye 1, in 12.
        self._bases = (1.6 * made.normal(size=(TYPES, 24, LOOK)) / np.sqrt(24 * LOOK)).astype(np.float32)
        self._palettes = unit(np.abs(made.normal(size=(PALETTES, COLOR))) ** 2)
        self._dyes = (made.normal(size=(PALETTES, 12, COLOR)) / np.sqrt(12 * COLOR)).astype(np.float32)
        often = 1 / np.arange(1, TYPES * STYLES + 1) ** 0.8
        self._often = made.permutation(often / often.sum())

    def garments(self, count: int, seed: int) -> Iterator[Chunk]:
        drawn = np.random.default_rng(seed)
        for start in range(0, count, CHUNK):
            yield self._chunk(drawn, min(CHUNK, count - start))

    def _chunk(self, drawn: Any, count: int) -> Chunk:
        styles = drawn.choice(TYPES * STYLES, size=count, p=self._often)
        palettes = drawn.integers(PALETTES, size=count)
        look, color = self._styles[styles].copy(), self._palettes[palettes].copy()
        kinds = styles // STYLES
        for kind in range(TYPES):
            here = kinds == kind
            look[here] += drawn.normal(size=(here.sum(), 24)).astype(np.float32) @ self._bases[kind]
        for palette in range(PALETTES):
            here = palettes == palette
            color[here] += drawn.normal(size=(here.sum(), 12)).astype(np.float32) @ self._dyes[palette]
        return Chunk(unit(look), unit(color), kinds)
