"""Where pictures lie, as claims say it: a data folder that is moved takes its pictures along."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from placket.record import Claim, MediaItem

_HERE = "\0"
"""Begins the path of a picture below the data folder, as it is stored: no path of any system has it in it."""


def below(folder: str, claim: Claim) -> Claim:
    """The claim as it is stored: a picture in the data folder is where it lies below that."""
    item = claim.value
    if not isinstance(item, MediaItem) or not item.path:
        return claim
    path = Path(item.path)
    if not path.is_relative_to(folder) or ".." in path.parts or str(path) != item.path:
        return claim
    return _moved(claim, item, _HERE + path.relative_to(folder).as_posix())


def inside(folder: str, claim: Claim) -> Claim:
    """The claim that was stored, with its picture where the data folder is now."""
    item = claim.value
    if not isinstance(item, MediaItem) or not item.path.startswith(_HERE):
        return claim
    return _moved(claim, item, str(Path(folder, item.path.removeprefix(_HERE))))


def _moved(claim: Claim, item: MediaItem, path: str) -> Claim:
    # What came without a name has its path as the raw value, too.
    raw = path if claim.raw == item.path else claim.raw
    return evolve(claim, value=evolve(item, path=path), raw=raw)
