"""Copies of pictures that were given as bytes: they are written before their items are stored."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from placket.registry import ProviderContext

from ..store.media import write_whole
from .tables import ITEMS, KEPT
from .truth import Truth

ABANDONED = 86_400.0
"""Seconds after which a copy that no item has belongs to a batch that was never stored: its process was killed.

They are looked for as often as that, too, because it means a look at every copy.
"""

_LOOKED = "looked-through"
"""The file whose time says when they were looked for last."""

_LENGTH = 64  # digits of a SHA-256


def folder_of(context: ProviderContext) -> Path:
    """The folder of copies. Rows have their paths below it, so that a data folder can be moved."""
    return context.data_folder / "search" / "pictures"


def address_of(folder: Path, url: str, path: str) -> str:
    """Where a picture is, for people: its address, or the file; ``folder`` is that of copies."""
    return url or str(folder / path)


def write_copy(path: Path, data: bytes, provider: str) -> None:
    """As `write_whole`; one that is there already is taken for as young as a new one."""
    try:
        os.utime(path)
    except OSError:
        write_whole(path, data, provider)


def remove_abandoned_copies(truth: Truth, pictures: Path) -> None:
    """Remove the copies that no item has and that nobody is about to store, unless that was done lately."""
    # The times of files are told by the system, whatever clock this process was given.
    oldest = time.time() - ABANDONED
    with suppress(OSError):
        looked = pictures / _LOOKED
        if not looked.exists() or looked.stat().st_mtime < oldest:
            looked.touch()
            for first in range(256):
                if (folder := pictures / f"{first:02x}").is_dir():
                    _look_through(truth, folder, oldest)


def _look_through(truth: Truth, folder: Path, oldest: float) -> None:
    """``folder`` has the copies whose SHA-256 begins with its name."""
    copies = [path for path in folder.iterdir() if len(path.stem) == _LENGTH and path.stat().st_mtime < oldest]
    if not copies:
        return
    first = bytes.fromhex(folder.name)
    with truth.reading() as connection:
        asked = select(ITEMS.c.sha256).where(KEPT, ITEMS.c.sha256.between(first, first + b"\xff" * 31))
        needed = {digest.hex() for digest in connection.execute(asked).scalars()}
    for path in copies:
        if path.stem not in needed and path.stat().st_mtime < oldest:
            path.unlink()
