"""The networks' scores -> what is said about a garment: kind, sleeve, pattern, whether it is worn."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from . import network
from .arrays import Floats
from .kinds import Guess, category_of, probabilities, sleeve_of

PATTERN_TERMS: dict[str, str] = {
    "solid": "solid",
    "striped": "striped",
    "checkered": "checkered",
    "dots": "dots",
    "floral": "floral",
}
"""The head's names as vocabulary terms. It also knows "other": prints, motifs and animal skins, which are not said."""


@frozen
class Tags:
    """What one picture shows; None where the network is not sure enough.

    ``familiar``: whether somebody wears it, or any kind of garment speaks up for it, as one did in every photo that
    calibrated this. ``worn``: 0..1.
    """

    familiar: bool
    category: Guess | None
    sleeve: Guess | None
    pattern: Guess | None
    worn: float


def kind_chances(scores: network.Scores) -> Floats:
    """(n, 17) calibrated probabilities, in the order of ``heads.json``.

    Of worn garments less is sure: part of them is hidden, and fewer were learned from. So they have a temperature of
    their own, and what may be worn or not has one between.
    """
    temperature = network.heads()["kinds"]["temperature"]
    worn = worn_chances(scores)[:, None]
    return probabilities(scores.kinds, worn * temperature["worn"] + (1 - worn) * temperature["flat"])


def worn_chances(scores: network.Scores) -> Floats:
    """(n,) calibrated probabilities that somebody wears the garment."""
    return np.asarray(1 / (1 + np.exp(-scores.worn / np.float32(network.heads()["worn"]["temperature"]))), np.float32)


def energy(logits: Floats) -> Floats:
    """(..., 17) logits -> how loudly all kinds together speak up: low for what is no garment.

    Probabilities do not tell it, for they sum to 1 whatever the picture shows (Liu, Wang, Owens and Li, "Energy-based
    Out-of-distribution Detection", NeurIPS 2020).
    """
    return np.asarray(np.logaddexp.reduce(logits, axis=-1), np.float32)


def read_scores(scores: network.Scores, place: int = 0) -> Tags:
    """Calibrate the scores of one picture of a batch, and leave out what is not sure."""
    heads = network.heads()
    kinds, patterns = heads["kinds"], heads["patterns"]
    chances = dict(zip(kinds["names"], map(float, kind_chances(scores)[place]), strict=True))
    looks = probabilities(scores.patterns[place] + np.array(patterns["prior"], np.float32), patterns["temperature"])
    on_somebody = float(worn_chances(scores)[place])
    return Tags(
        familiar=on_somebody > 0.5 or float(energy(scores.kinds[place])) >= kinds["familiar"],
        category=category_of(chances, kinds["least"]),
        sleeve=sleeve_of(chances, kinds["least"]["sleeve"]),
        pattern=_pattern(dict(zip(patterns["names"], map(float, looks), strict=True)), patterns["least"]),
        worn=on_somebody,
    )


def _pattern(chances: dict[str, float], least: float) -> Guess | None:
    ranked = sorted(chances, key=lambda name: -chances[name])
    if ranked[0] not in PATTERN_TERMS or chances[ranked[0]] < least:
        return None
    others = [(PATTERN_TERMS[name], chances[name]) for name in ranked[1:] if name in PATTERN_TERMS]
    return Guess(PATTERN_TERMS[ranked[0]], chances[ranked[0]], tuple(one for one in others if one[1] >= 0.03)[:3])
