"""From the network's 17 kinds of garment to a category of the vocabulary, as deep as the network is sure.

The kinds are those of the photos it learned from. A category's probability is the sum of its kinds', so "top" may be
sure where "blouse" is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen

from .arrays import Floats

CATEGORIES: dict[str, str] = {
    "Blazer": "x:blazer",
    "Blouse": "aa-1-13-1",
    "Body": "aa-1-13-2",
    "Dress": "aa-1-4",
    "Hat": "aa-2-17",
    "Hoodie": "aa-1-13-13",
    "Longsleeve": "x:long_sleeve_top",
    "Outwear": "aa-1-10",
    "Pants": "aa-1-12",
    "Polo": "aa-1-13-6",
    "Shirt": "aa-1-13-7",
    "Shoes": "aa-8",
    "Shorts": "aa-1-14",
    "Skirt": "aa-1-15",
    "T-Shirt": "aa-1-13-8",
    "Top": "aa-1-13",
    "Undershirt": "aa-1-13-9",
}
"""Kind -> category; the data set's "undershirts" are tank tops."""

TOPS = ("Blouse", "Body", "Hoodie", "Longsleeve", "Polo", "Shirt", "T-Shirt", "Top", "Undershirt")
OUTERWEAR = ("Blazer", "Outwear")
BOTTOMS = ("Pants", "Shorts", "Skirt")
GROUPS: dict[str, tuple[str, ...]] = {
    "aa-1-13": TOPS,
    "aa-1-10": OUTERWEAR,
    "aa-1": tuple(kind for kind in CATEGORIES if kind not in ("Hat", "Shoes")),
}
"""Broader category -> the kinds under it, narrowest first."""

SLEEVES: dict[str, str] = {
    "Blazer": "long",
    "Hoodie": "long",
    "Longsleeve": "long",
    "Polo": "short",
    "T-Shirt": "short",
    "Undershirt": "sleeveless",
}
"""Kinds whose name tells the sleeve; a shirt or a dress may have any."""

_SEEN_AT_ALL = 0.03
_MOST_ALTERNATIVES = 3


@frozen
class Guess:
    """A word of the vocabulary with the chance that it is right, and what else it may be, likeliest first."""

    term: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()


def probabilities(logits: Floats, temperature: float | Floats) -> Floats:
    """Softmax over the last axis, with logits divided by the temperature that calibrates them, or by one for each."""
    scaled = logits / np.asarray(temperature, np.float32)
    odds = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True), np.float32)


def category_of(chances: Mapping[str, float], least: Mapping[str, Any]) -> Guess | None:
    """Choose the narrowest category that is likely enough; ``least`` says what is enough for a kind and a group."""
    best = max(chances, key=lambda kind: chances[kind])
    ranked = sorted(chances, key=lambda kind: -chances[kind])
    if chances[best] >= least["kind"]:
        return Guess(CATEGORIES[best], chances[best], _others(chances, ranked[1:]))
    for category, kinds in GROUPS.items():
        together = sum(chances[kind] for kind in kinds)
        if best in kinds and together >= least["group"]:
            inside = [kind for kind in ranked if kind in kinds and CATEGORIES[kind] != category]
            return Guess(category, together, _others(chances, inside))
    return None


def sleeve_of(chances: Mapping[str, float], least: float) -> Guess | None:
    """Tell the sleeve's length where the kinds that are likely all have the same one."""
    lengths: dict[str, float] = {}
    for kind, length in SLEEVES.items():
        lengths[length] = lengths.get(length, 0.0) + chances[kind]
    best = max(lengths, key=lambda length: lengths[length])
    return Guess(best, lengths[best]) if lengths[best] >= least else None


def _others(chances: Mapping[str, float], kinds: list[str]) -> tuple[tuple[str, float], ...]:
    likely = [(CATEGORIES[kind], chances[kind]) for kind in kinds if chances[kind] >= _SEEN_AT_ALL]
    return tuple(likely[:_MOST_ALTERNATIVES])
