"""What a garment looks like, as two vectors for search: its look, and its colours.

The look comes from layers that were never tuned for tags, which search well because they kept what tags throw away. A
linear map learned from products photographed from several sides takes out what pose and camera change; the kinds'
probabilities join it, so that a shirt is never far from shirts. The colours are a histogram of the garment's pixels
alone. Both vectors have length 1, so a knob between them is a weight.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from attrs import frozen

from . import network
from .arrays import Flags, Floats, Lab
from .cutout import Cutout
from .picture import Picture
from .seen_cutout import stretched
from .tags import kind_chances

LOOK, COLOR = 161, 96
"""Lengths of the two vectors."""

COLOR_WEIGHT = 0.32
"""How much of the likeness is colour unless the caller says otherwise."""

_KIND_WEIGHT = 0.45
"""How much of the look is the kind of garment."""

BINS = (8, 9, 9)
"""Cells along L*, a* and b*; a pixel counts in the eight cells around it."""

_A_LIMIT = 60.0


@frozen(eq=False)
class Embedding:
    """``look`` (161,) and ``color`` (96,), float32 of length 1; all zero where no garment was seen."""

    look: Floats
    color: Floats

    def vector(self, color_weight: float = COLOR_WEIGHT) -> Floats:
        """(257,): the two joined, so that the dot product of two is their weighted likeness, at most 1."""
        parts = (self.look * np.sqrt(1 - color_weight), self.color * np.sqrt(color_weight))
        return np.concatenate(parts).astype(np.float32)


def embed(
    picture: Picture, seen: network.Seen, looks: Floats, scores: network.Scores, cutout: Cutout, place: int = 0
) -> Embedding:
    """Make both vectors of the picture at ``place`` in the batch that was seen; ``looks`` as `network.look` gives."""
    tables = _tables(network.WEIGHTS)
    features = np.concatenate([unit(looks[place]), seen.summary[place]])
    look = unit((features - tables["center"]) @ tables["look"]) * np.float32((1 - _KIND_WEIGHT) ** 0.5)
    kind = np.sqrt(kind_chances(scores)[place] * np.float32(_KIND_WEIGHT))
    lab = picture.small_lab
    inside = stretched(cutout.mask, lab.shape[1], lab.shape[0]) > 0.5
    return Embedding(unit(np.concatenate([look, kind])), unit(histogram(lab, inside) @ tables["color"]))


def histogram(lab: Lab, inside: Flags) -> Floats:
    """(648,): square root of the share of each Lab cell inside the mask; zero for an empty mask."""
    samples = lab[inside]
    counts = np.zeros(BINS[0] * BINS[1] * BINS[2])
    if len(samples) == 0:
        return counts.astype(np.float32)
    span = np.array([100.0, 2 * _A_LIMIT, 2 * _A_LIMIT], np.float32)
    offset = np.array([0.0, _A_LIMIT, _A_LIMIT], np.float32)
    last = np.array(BINS, np.float32) - 1
    place = np.clip((samples + offset) / span * last, 0, last - 1e-3)
    low = place.astype(np.intp)
    rest = place - low
    for corner in np.ndindex(2, 2, 2):
        cell = low + corner
        weight = np.where(corner, rest, 1 - rest).prod(axis=1)
        counts += np.bincount((cell[:, 0] * BINS[1] + cell[:, 1]) * BINS[2] + cell[:, 2], weight, len(counts))
    return np.asarray(np.sqrt(counts / counts.sum()), np.float32)


def unit(vector: Floats) -> Floats:
    """Scale to length 1, along the last axis; zero stays zero."""
    return np.asarray(vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-9), np.float32)


@cache
def _tables(weights: Path) -> dict[str, Floats]:
    with np.load(weights / "search.npz") as stored:
        return {name: stored[name].astype(np.float32) for name in ("center", "look", "color")}
