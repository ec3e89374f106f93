"""Copies of pictures that were given as bytes: they are written before their items are stored."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from placket.registry import ProviderContext

from ..store.media import write_whole

ABANDONED = 86_400.0
"""Seconds after which a copy that no item has belongs to a batch that was never stored: its process was killed.

They are looked for as often as that, too, because it means a look at every copy.
"""

_LOOKED = "looked-through"
"""The file whose time says when they were looked for last."""

AT_ONCE = 500
"""Copies that are removed in one transaction. Nobody stores an item meanwhile, and a catalog can have a million."""

_DIGEST = re.compile("[0-9a-f]{64}")


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


def in_batches(copies: Mapping[bytes, str]) -> Iterator[dict[bytes, str]]:
    """Copies by their SHA-256, those of one transaction at a time."""
    left = iter(copies.items())
    while batch := dict(islice(left, AT_ONCE)):
        yield batch


def abandoned(pictures: Path) -> Iterator[dict[bytes, str]]:
    """The old copies by their SHA-256, some at a time, with their paths below ``pictures``; none if looked for lately.

    An item may have one: whoever removes them asks first. One that is about to be stored is young.
    """
    # The times of files are told by the system, whatever clock this process was given.
    oldest = time.time() - ABANDONED
    with suppress(OSError):
        looked = pictures / _LOOKED
        if not looked.exists() or looked.stat().st_mtime < oldest:
            looked.touch()
            for first in range(256):
                found = {
                    bytes.fromhex(path.stem): f"{path.parent.name}/{path.name}"
                    for path in (pictures / f"{first:02x}").glob("*")
                    if _DIGEST.fullmatch(path.stem) and path.stat().st_mtime < oldest
                }
                if found:
                    yield found
