"""Pictures as files, each under the name of its content: the same picture is kept once."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from placket.errors import ProviderError, QuotaExhausted, Unavailable
from placket.interfaces import GarmentImage
from placket.record import MediaItem
from placket.registry import ProviderContext

UNFINISHED = "unfinished"
"""The folder beside the finished files in which each is written first."""

PART = ".part"
"""How the name of a file ends that is being written."""

ABANDONED = 3600.0
"""Seconds without a write after which nobody is writing a file any more."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


async def kept(item: GarmentImage, folder: Path, context: ProviderContext) -> MediaItem:
    """What a record says of a picture. One with an address keeps it; any other is written into ``folder``."""
    if item.image.url.startswith(("http://", "https://")):
        return MediaItem(role=item.role, url=item.image.url)
    return await kept_here(item, folder, context)


async def kept_here(item: GarmentImage, folder: Path, context: ProviderContext) -> MediaItem:
    """As `kept`; a picture with an address is fetched and written, too: it will be worked on."""
    image = item.image
    data = await context.content(image)
    path = folder / image.sha256[:2] / f"{image.sha256}{image.suffix}"
    await asyncio.to_thread(write_whole, path, data, context.name)
    return MediaItem(role=item.role, path=str(path), sha256=image.sha256, media_type=image.media_type)


async def keep(data: bytes, suffix: str, folder: Path, provider: str) -> str:
    """Write a file under the name of its content; returns its path below ``folder``, whose stem is the SHA-256."""
    digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
    name = f"{digest[:2]}/{digest}{suffix}"
    await asyncio.to_thread(write_whole, folder / name, data, provider)
    return name


def write_whole(path: Path, data: bytes, provider: str) -> None:
    """Write a file that appears whole or not at all; one that is there already has the same content.

    ``path`` is ``<folder>/<beginning of the name>/<name>``; what is being written lies in ``<folder>/unfinished``.
    Raises QuotaExhausted when the disk is full, Unavailable when the file cannot be written for another reason.
    """
    if path.exists():
        return
    unfinished = path.parents[1] / UNFINISHED
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir(exist_ok=True)
        remove_abandoned(unfinished)
        descriptor, temporary = tempfile.mkstemp(dir=unfinished, suffix=PART)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise not_written(path, error, provider) from error


def remove_abandoned(folder: Path) -> None:
    """Remove the unfinished files of processes that were killed, so that they do not fill the disk."""
    # The times of files are told by the system, whatever clock this process was given.
    oldest = time.time() - ABANDONED
    for left in folder.glob(f"*{PART}"):
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < oldest:
                left.unlink()


def not_written(path: Path | str, error: OSError, provider: str) -> ProviderError:
    """What to tell of a file that could not be written."""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return QuotaExhausted(
            f"{path} cannot be written ({reason}); make room on the disk and try again", provider=provider
        )
    return Unavailable(
        f"{path} cannot be written ({reason}); see to it that its folder can be written, and try again",
        provider=provider,
    )
