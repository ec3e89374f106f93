"""Packs pictures into a ZIP file, beside the event loop."""

from __future__ import annotations

import asyncio
import os
import zipfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import IO

from attrs import frozen

from .media import not_written, remove_abandoned


@frozen
class Picture:
    """A file, and its name in the archive."""

    file: Path
    name: str


async def pack(pictures: Iterable[Picture], target: Path, note: Callable[[int], Awaitable[bool]]) -> bool:
    """Write the archive. ``note`` is told after each picture how many are in it, and says whether to go on.

    False when it was not to go on. Raises OSError; `reason_of` says what to do about it.
    """
    await asyncio.to_thread(_make_room, target.parent)
    # Stored: pictures are compressed already. A ZIP knows no time before 1980, which a restored file may have.
    with (
        target.open("xb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive,
    ):
        for done, picture in enumerate(pictures, start=1):
            await _to_its_end(archive.write, picture.file, picture.name)
            if not await note(done):
                return False
        archive.close()
        await _to_its_end(_flush, file)
    return True


def reason_of(error: OSError, pictures: Iterable[Picture], target: Path, provider: str) -> str:
    """Why an archive could not be written, and what to do."""
    if error.filename in [str(picture.file) for picture in pictures]:
        return f"the picture {error.filename} cannot be read ({error.strerror}); have it made again, and export again"
    return str(not_written(target, error, provider))


async def _to_its_end(work: Callable[..., object], *arguments: object) -> None:
    """Run in a thread. Who is cancelled waits for it all the same: the file that it writes to is closed next."""
    begun = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        await asyncio.shield(begun)
    except asyncio.CancelledError:
        await asyncio.wait([begun])
        raise


def _make_room(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    remove_abandoned(folder)


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
