"""Fit the second opinion on worn garments: a linear discriminant over the untuned tail's vectors.

There are a few hundred studio photos of worn garments: enough for a discriminant, too few for a tail.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from attrs import evolve

from placket_local.worn_kinds import FILE, Discriminant

from . import discriminant
from .calibration import temperature_of
from .inference import session

SHRINKAGE = 0.1
"""Part of the identity in the covariance; between 0.05 and 0.5 five folds of the training products did not differ."""

Floats = npt.NDArray[np.float32]
Features = npt.NDArray[np.float16]
Numbers = npt.NDArray[np.intp]


def vectors_of(out: Path, deep: Features) -> Floats:
    """Run the untuned tail that was written to ``out`` over (n, views, 120, 16, 16): (n, views, 1280)."""
    network = session(out / "look.onnx")
    return np.stack([network.run(["vector"], {"deep": one.astype(np.float32)})[0] for one in deep])


def fit(vectors: Floats, kinds: Numbers) -> Discriminant:
    """Fit on (n, views, 1280) and the (n,) kinds, every view a sample; the classes count alike."""
    places, weights, bias = discriminant.fit(vectors, kinds, SHRINKAGE)
    return Discriminant(places, weights.astype(np.float32), bias.astype(np.float32), 1.0)


def calibrated(found: Discriminant, vectors: Floats, kinds: Numbers) -> Discriminant:
    """Set the temperature by (n, 1280) vectors of products that it was not fitted on."""
    logits = found.opinion(vectors)
    temperature = temperature_of(logits, np.searchsorted(found.places, kinds))
    return evolve(found, temperature=round(temperature, 4))


def write(found: Discriminant, out: Path) -> None:
    """Write ``worn.npz``."""
    np.savez(
        out / FILE,
        places=found.places.astype(np.int16),
        weights=found.weights.astype(np.float16),
        bias=found.bias,
        temperature=np.float32(found.temperature),
    )
