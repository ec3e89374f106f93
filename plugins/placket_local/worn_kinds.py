"""A second opinion on the kind of a garment that somebody wears.

The tails that were tuned for tags learned mostly from garments laid flat, and of the few worn ones they remember too
much. The tail that was never tuned, which makes the vectors for search, tells worn garments apart at least as well,
with no more than a linear discriminant on top; and they err on different photos. It knows only the kinds that the
studio's photos show, so it moves probability among those and takes none from the others: a worn dress stays a dress.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from attrs import evolve, frozen

from . import network
from .arrays import Floats, Labels
from .embedding import unit
from .tags import energy, worn_chances

FILE = "worn.npz"
"""Beside the networks: the discriminant, fitted by ``placket_train``."""


@frozen(eq=False)
class Discriminant:
    """Linear scores of k kinds from the untuned tail's vector.

    ``places`` (k,): the kinds' numbers among the network's. ``weights`` (1280, k) and ``bias`` (k,) are for vectors of
    length 1. ``temperature`` calibrates the scores.
    """

    places: Labels
    weights: Floats
    bias: Floats
    temperature: float

    def opinion(self, vectors: Floats) -> Floats:
        """(n, 1280) -> (n, k) log-probabilities."""
        return _normalized((unit(vectors) @ self.weights + self.bias) / np.float32(self.temperature))

    def corrected(self, logits: Floats, vectors: Floats) -> Floats:
        """(n, 17) logits of the tuned tails, multiplied by the opinion where it has one.

        The kinds that it knows keep together what they had.
        """
        mine = logits[:, self.places]
        made = logits.copy()
        made[:, self.places] = energy(mine)[:, None] + _normalized(_normalized(mine) + self.opinion(vectors))
        return made


def reconsidered(scores: network.Scores, seen: network.Seen, looks: Floats | None = None) -> network.Scores:
    """Correct the kinds of those pictures in which somebody wears the garment.

    ``looks`` (n, 1280): the untuned tail's vectors, where the caller has them anyway; otherwise that tail is run for
    the worn garments alone, which makes them take a sixth longer.
    """
    worn = np.flatnonzero(worn_chances(scores) > 0.5)
    if len(worn) == 0:
        return scores
    vectors = network.look(seen.at(worn)) if looks is None else looks[worn]
    kinds = scores.kinds.copy()
    kinds[worn] = _discriminant(network.WEIGHTS).corrected(kinds[worn], vectors)
    return evolve(scores, kinds=kinds)


@cache
def _discriminant(folder: Path) -> Discriminant:
    with np.load(folder / FILE) as stored:
        return Discriminant(
            places=stored["places"].astype(np.intp),
            weights=stored["weights"].astype(np.float32),
            bias=stored["bias"].astype(np.float32),
            temperature=float(stored["temperature"]),
        )


def _normalized(logits: Floats) -> Floats:
    return np.asarray(logits - energy(logits)[:, None], np.float32)
