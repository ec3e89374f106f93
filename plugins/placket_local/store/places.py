"""Where files lie, as claims say it: a data folder that is moved takes its files along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from msgspec.structs import replace

from placket.record import ArAsset, Claim, MediaItem, Shot

_HERE = "\0"
"""Begins the path of a file below the data folder, as it is stored: no path of any system has it in it."""


def below(folder: str, claim: Claim) -> Claim:
    """The claim as it is stored: a file in the data folder is where it lies below that."""

    def stored(said: str) -> str:
        path = Path(said)
        if not said or not path.is_relative_to(folder) or ".." in path.parts or str(path) != said:
            return said
        return _HERE + path.relative_to(folder).as_posix()

    return _moved(claim, stored)


def inside(folder: str, claim: Claim) -> Claim:
    """The claim that was stored, with its file where the data folder is now."""

    def found(stored: str) -> str:
        return str(Path(folder, stored.removeprefix(_HERE))) if stored.startswith(_HERE) else stored

    return _moved(claim, found)


def _moved(claim: Claim, place: Callable[[str], str]) -> Claim:
    value: Any = claim.value
    if isinstance(value, Shot) and value.image is not None:
        image = replace(value.image, path=place(value.image.path))
        return replace(claim, value=attrs.evolve(value, image=image))
    if not isinstance(value, MediaItem | ArAsset):
        return claim
    # What came without a name has its path as the raw value, too.
    raw = place(value.path) if claim.raw == value.path else claim.raw
    return replace(claim, value=replace(value, path=place(value.path)), raw=raw)
