"""What visual search needs of a model: two vectors of a picture, and what it shows in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from attrs import evolve, field, frozen

from placket.errors import InvalidInput, PlacketError

from ..analysis import WORKING_SIZE
from ..arrays import Floats
from ..picture import Picture, decode

Box = tuple[float, float, float, float]


@frozen(eq=False)
class Embedded:
    """One picture as a model sees it.

    ``look`` and ``color`` are float32 of length 1, both zero where no garment was seen. ``seen`` holds vocabulary ids
    by field, with their confidence 0..1.
    """

    look: Floats
    color: Floats
    seen: Mapping[str, Mapping[str, float]] = field(factory=dict)


class Embedder(Protocol):
    """A model. ``look`` and ``color`` are the lengths of its two vectors.

    ``version`` names it: vectors of different versions are never compared. ``color_weight`` is how much of the likeness
    is colour where the caller does not say.
    """

    @property
    def version(self) -> str:
        """What is different whenever its vectors are."""

    @property
    def look(self) -> int:
        """The length of the vector of the look."""

    @property
    def color(self) -> int:
        """The length of the vector of the colours."""

    @property
    def color_weight(self) -> float:
        """0..1."""

    def embed(self, pictures: Sequence[Picture]) -> Sequence[Embedded]:
        """One result for each picture. It is called in a thread."""


def embed_files(
    embedder: Embedder, files: Sequence[bytes | PlacketError], region: Box | None = None
) -> list[Embedded | PlacketError]:
    """Decode and embed image files; the place of one that cannot be used holds the error that says why."""
    results: list[Embedded | PlacketError] = []
    pictures: list[Picture] = []
    for file in files:
        try:
            if isinstance(file, PlacketError):
                raise file
            # A part of a picture needs the pixels that the whole does without.
            picture = decode(file) if region else decode(file, working_size=WORKING_SIZE)
            pictures.append(cropped(picture, region) if region else picture)
        except PlacketError as error:
            results.append(error)
        else:
            results.append(_NO_GARMENT)
    made = iter(embedder.embed(pictures) if pictures else ())
    for place, result in enumerate(results):
        if result is _NO_GARMENT:
            embedded = next(made)
            results[place] = embedded if np.any(embedded.look) else _NO_GARMENT
    return results


_NO_GARMENT = InvalidInput("no garment was found in the picture; take one that shows the garment large and alone")


def cropped(picture: Picture, region: Box) -> Picture:
    """The part of a picture inside ``region``; raises InvalidInput for an impossible one."""
    left, top, right, bottom = region
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InvalidInput(f"a region is left, top, right, bottom in fractions 0..1 of the picture, not {region}")
    height, width = picture.rgb.shape[:2]
    rows = slice(int(top * height), max(int(top * height) + 1, round(bottom * height)))
    columns = slice(int(left * width), max(int(left * width) + 1, round(right * width)))
    alpha = None if picture.alpha is None else np.ascontiguousarray(picture.alpha[rows, columns])
    return evolve(picture, rgb=np.ascontiguousarray(picture.rgb[rows, columns]), alpha=alpha)


@frozen
class Weights:
    """How a likeness is made of look and colours: ``color`` is the part of the colours, 0..1."""

    look_length: int
    color: float

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.color <= 1:
            raise InvalidInput(f"color_weight is between 0 (look alone) and 1 (colour alone), not {self.color}")

    def query(self, look: Floats, color: Floats) -> Floats:
        """(d,): its dot product with a stored vector is the weighted likeness."""
        return np.concatenate([look * np.float32(1 - self.color), color * np.float32(self.color)])

    def stretched(self, vectors: Floats, power: float) -> Floats:
        """(n, d) vectors with their two parts scaled by the weights to a power."""
        least = 1e-6  # a model that leaves one of the two out must not divide by zero
        stretched = np.array(vectors, np.float32)
        stretched[..., : self.look_length] *= np.float32(max(1 - self.color, least) ** power)
        stretched[..., self.look_length :] *= np.float32(max(self.color, least) ** power)
        return stretched
