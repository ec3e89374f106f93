"""Fit the second opinion on garments laid flat: a linear discriminant over a coarse grid of the trunk's deep map.

The trunk is never tuned, so there is nothing in it that only suits the senders of the training photos, as there is in
the tuned tails; where in the picture something lies, which the tails average away, is still in the grid. Alone it tells
kinds worse than the tails do, and it errs on other photos. It costs next to nothing: the map is there anyway.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

from . import discriminant
from .calibration import log_loss, softmax, temperature_of
from .photos import CLASSES
from .search import units

GRID = 4
"""Cells along each side. Of 2, 4 and 8, it told the most of the validation photos."""

SHRINKAGE = 0.2
"""Part of the identity in the covariance; between 0.05 and 0.5 the validation photos did not differ."""

_WEIGHTS = np.linspace(0.0, 1.0, 11)

Floats = npt.NDArray[np.floating]
Features = npt.NDArray[np.float16]
Numbers = npt.NDArray[np.intp]


@frozen(eq=False)
class GridKinds:
    """Scores of the 17 kinds, to be added to the tails' logits.

    ``weights`` (1920, 17) and ``bias`` (17,) are for vectors of length 1.
    """

    weights: Floats
    bias: Floats

    def scores(self, vectors: Floats) -> Floats:
        """(n, 1920) -> (n, 17)."""
        found: Floats = units(vectors.astype(np.float64)) @ self.weights + self.bias
        return found


def vectors_of(deep: Features) -> Floats:
    """(n, views, 120, 16, 16) -> (n, views, 1920): the mean of each cell."""
    made = []
    for one in deep:
        views, channels, side, _ = one.shape
        cells = one.astype(np.float32).reshape(views, channels, GRID, side // GRID, GRID, side // GRID)
        made.append(cells.mean(axis=(3, 5)).reshape(views, -1))
    return np.stack(made)


def fit(vectors: Floats, kinds: Numbers) -> GridKinds:
    """Fit on (n, views, 1920) and the (n,) kinds; each of the 17 has to be among them."""
    places, weights, bias = discriminant.fit(vectors, kinds, SHRINKAGE)
    if len(places) < len(CLASSES):
        missing = ", ".join(sorted({*CLASSES} - {CLASSES[place] for place in places}))
        raise SystemExit(f"no training photo is labelled {missing}; each of the {len(CLASSES)} kinds needs some")
    return GridKinds(weights, bias)


def weighed(found: GridKinds, weight: float) -> GridKinds:
    """The same, with every score multiplied by ``weight``."""
    return evolve(found, weights=found.weights * weight, bias=found.bias * weight)


def weight_of(tails: Floats, second: Floats, truth: Numbers) -> float:
    """What to multiply the scores by, so that their sum with the tails' logits makes the truth likeliest.

    ``tails`` and ``second`` are (n, 17), of photos that neither was fitted on. Each is calibrated first, and the weight
    is found in tenths of that: it matters little, and few photos are to be asked.
    """
    own, other = temperature_of(tails, truth), temperature_of(second, truth)
    mine, theirs = np.log(softmax(tails, own) + 1e-12), np.log(softmax(second, other) + 1e-12)

    def loss(weight: float) -> float:
        joined = mine + weight * theirs
        return log_loss(joined, truth, temperature_of(joined, truth))

    return float(min(_WEIGHTS, key=loss)) * own / other
