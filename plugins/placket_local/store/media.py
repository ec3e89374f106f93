"""Pictures as files, each under the name of its content: the same picture is kept once."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path

from placket.errors import QuotaExhausted
from placket.interfaces import GarmentImage
from placket.record import MediaItem
from placket.registry import ProviderContext


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
    """Write a file that appears whole or not at all; one that is there already has the same content."""
    if path.exists():
        return
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise QuotaExhausted(
            f"{path.parent} cannot be written ({error.strerror}); make room on the disk", provider=provider
        ) from error
