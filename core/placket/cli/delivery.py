"""Files that providers made, written where the user wants them."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from attrs import define, field

from ..config import Config
from ..errors import InvalidInput
from ..interfaces import Image, media_type_of
from ..transport import FetchLimits, SafeFetcher, SessionPool

LARGEST = 512 * 2**20
"""Bytes of one file that are fetched: a ZIP of shots or a 3D file may be larger than any photo."""

PATIENCE = 600.0
"""Seconds that fetching one file may take."""

_LONGEST_NAME = 200
"""Bytes. Disks take 255, of which the suffix, a number and what marks an unfinished file need some."""

_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9\u00b9\u00b2\u00b3])(\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever suffix it has."""

_SUFFIX = re.compile(r"\.\w{1,16}")


@define
class Delivery:
    """Writes files into a folder. A file is whole or not there, and no two have one name on any system.

    One that is there already is never written over: it may be another garment's.
    """

    folder: Path
    fetcher: SafeFetcher
    _names: set[str] = field(factory=set)
    _numbers: dict[str, int] = field(factory=dict)

    async def write(self, name: str, *, path: str = "", url: str = "", kind: str = "") -> Path:
        """Write the file that is at ``path`` or ``url`` as ``name``, which gets the file's own suffix.

        Where it has none, ``kind`` is its suffix, else that of the picture that it is. Raises InvalidInput where
        another file has that name.
        """
        content = await asyncio.to_thread(_read, Path(path)) if path else await self.fetcher.fetch(url)
        suffix = Path(path or urlsplit(url).path).suffix
        if not _SUFFIX.fullmatch(suffix):
            suffix = f".{kind}" if kind else ""
        if not suffix and media_type_of(content) is not None:
            suffix = Image.of(content).suffix
        target = self.place(name, suffix)
        await asyncio.to_thread(_write_new, target, content)
        return target

    def place(self, name: str, suffix: str) -> Path:
        """Where a file goes that is called so: no other one of this delivery has the same place."""
        plain = file_name(name)
        first = chosen = plain + suffix
        # Going on from the last number, or thousands of shots of one type would be looked through for each.
        number = self._numbers.get(_compared(first), 1)
        while _compared(chosen) in self._names:
            number += 1
            chosen = f"{plain}-{number}{suffix}"
        self._numbers[_compared(first)] = number
        self._names.add(_compared(chosen))
        return self.folder / chosen


@asynccontextmanager
async def delivering(config: Config, folder: Path) -> AsyncIterator[Delivery]:
    """Make the folder, and give what writes into it."""
    await asyncio.to_thread(_made, folder)
    limits = FetchLimits(max_bytes=LARGEST, timeout=PATIENCE)
    async with SessionPool() as sessions:
        yield Delivery(folder, SafeFetcher(sessions, limits=limits, trusted_hosts=config.http.trusted_hosts))


def file_name(text: str) -> str:
    """A text as a file name without suffix that any system takes: letters, digits, dots and hyphens."""
    plain = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", text)).strip("-.")
    plain = plain.encode()[:_LONGEST_NAME].decode(errors="ignore").rstrip("-.") or "file"
    return f"_{plain}" if _RESERVED.match(plain) else plain


def _compared(name: str) -> str:
    """A name as a disk compares it that makes no difference between cases, or between ways to write an accent."""
    return unicodedata.normalize("NFC", name).casefold()


@contextmanager
def whole_file(target: Path, advice: str = "name another --out") -> Iterator[BinaryIO]:
    """A file to write into, which is whole or not there; raises InvalidInput when it cannot be written.

    An OSError that is raised inside is taken for the disk's.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(target)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}; {advice}") from None
    finally:
        with suppress(OSError):  # it became the file, or was never made
            part.unlink()


def write_whole(target: Path, content: bytes) -> None:
    """Write a file that is whole or not there; raises InvalidInput when it cannot be written."""
    with whole_file(target, "make room, or choose another place") as file:
        file.write(content)


def _write_new(target: Path, content: bytes) -> None:
    try:
        there = target.read_bytes()
    except FileNotFoundError:
        write_whole(target, content)
        return
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}; name another --out") from None
    if there != content:
        raise InvalidInput(f"{target} is there already with another content; name another --out")


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"the folder {folder} cannot be made: {error.strerror}; name another with --out") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"the file {path}, which the provider made, cannot be read: {error.strerror}") from None
