"""Pictures for a catalog: files, folders, patterns, web addresses, and JSON Lines that name them."""

from __future__ import annotations

import asyncio
import glob
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from ..errors import InvalidInput
from ..interfaces import CatalogItem, Image
from ..registry import did_you_mean
from .json_lines import NO_TEXT, parsed_line
from .tagging import STDIN, nothing_piped

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif"})
"""What a picture's name ends with, in a folder: other files there are left alone."""

LONGEST_LINE = 1 << 20
"""Bytes of one line of JSON Lines."""

_KEYS = ("id", "path", "url", "metadata")


@define
class ItemSources:
    """The items that ``sources`` name, with ``metadata`` added to each. ``refused`` fills while they are read.

    A source is a picture, a folder with everything below it, a pattern such as ``'photos/*.jpg'``, an http(s) address,
    a file of JSON Lines ending in ``.jsonl``, or ``-`` for JSON Lines on stdin. A picture's id is its path as it is
    written (in a folder: the path below it), or its address.
    """

    sources: Sequence[str]
    metadata: Mapping[str, Any] = field(factory=dict)
    refused: list[tuple[str, str]] = field(factory=list)
    _seen: set[str] = field(factory=set)

    async def items(self) -> AsyncIterator[CatalogItem]:
        """Each item, read from the disk as it is asked for."""
        found = self._found()
        while (item := await asyncio.to_thread(next, found, None)) is not None:
            if item.id in self._seen:
                self.refused.append((item.id, "another picture of this run has this id; name ids in JSON Lines"))
                continue
            self._seen.add(item.id)
            yield item

    def check(self) -> None:
        """Raise InvalidInput for a source that is not there, before anything is added."""
        for source in self.sources:
            if source == STDIN and nothing_piped():
                raise InvalidInput("- reads JSON Lines from stdin, and nothing is piped into it")
            if source != STDIN and not _is_address(source) and not _is_pattern(source) and not Path(source).exists():
                raise InvalidInput(f"there is no picture, folder or file {source}")

    def _found(self) -> Iterator[CatalogItem]:
        for source in self.sources:
            if source == STDIN:
                yield from self._of_lines(sys.stdin.buffer, "stdin", Path())
            elif _is_address(source):
                yield CatalogItem(source, Image.of(source), dict(self.metadata))
            elif source.endswith((".jsonl", ".ndjson")):
                try:
                    with Path(source).open("rb") as file:
                        yield from self._of_lines(file, source, Path(source).parent)
                except OSError as error:
                    self.refused.append((source, f"it cannot be read: {error.strerror}"))
            else:
                yield from self._of_files(source)

    def _of_files(self, source: str) -> Iterator[CatalogItem]:
        before = len(self._seen) + len(self.refused)
        for name, path in _files(source):
            yield CatalogItem(name, Image.of(path), dict(self.metadata))
        if len(self._seen) + len(self.refused) == before:
            self.refused.append((source, "there is no picture there"))

    def _of_lines(self, lines: Any, origin: str, folder: Path) -> Iterator[CatalogItem]:
        number = 0
        while line := lines.readline(LONGEST_LINE + 1):
            number += 1
            if line.isspace():
                continue
            try:
                if len(line) > LONGEST_LINE:
                    raise InvalidInput(f"it is longer than {LONGEST_LINE // 2**20} MiB; is this JSON Lines?")
                yield self._item(line, folder)
            except UnicodeDecodeError:
                self.refused.append((f"{origin}, line {number}", NO_TEXT))
                return
            except InvalidInput as error:
                self.refused.append((f"{origin}, line {number}", str(error)))
                if len(line) > LONGEST_LINE:
                    return

    def _item(self, line: bytes, folder: Path) -> CatalogItem:
        said = parsed_line(line)
        if not isinstance(said, dict):
            raise InvalidInput(
                'it is no item; write {"id": "dress-1", "path": "dress.jpg", "metadata": {"brand": "Acme"}}'
            )
        for key in said:
            if key not in _KEYS:
                raise InvalidInput(f"unknown key {key!r}{did_you_mean(key, _KEYS)}; known: {', '.join(_KEYS)}")
        where = [key for key in ("path", "url") if said.get(key)]
        if len(where) != 1 or not isinstance(said[where[0]], str):
            raise InvalidInput("an item has its picture in path or in url, one of them, as text")
        [key] = where
        metadata = said.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise InvalidInput("its metadata is not an object")
        if key == "url" and not _is_address(said["url"]):
            raise InvalidInput(f"{said['url']!r} is no http or https address; a file is named in path")
        image = Image.of(said["url"]) if key == "url" else Image.of(folder / said["path"])
        item_id = said[key] if said.get("id") in (None, "") else said["id"]
        if not isinstance(item_id, str | int) or isinstance(item_id, bool):
            raise InvalidInput("its id is neither text nor a whole number")
        return CatalogItem(str(item_id), image, {**self.metadata, **metadata})


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _is_pattern(source: str) -> bool:
    return glob.has_magic(source) and not Path(source).exists()


def _files(source: str) -> Iterator[tuple[str, Path]]:
    """Ids and paths. A folder is read in order, and entries that begin with a dot are left out."""
    path = Path(source)
    if not path.is_dir():
        # Path.glob takes no pattern that begins at the root.
        names = sorted(glob.iglob(source, recursive=True)) if _is_pattern(source) else [source]  # noqa: PTH207
        yield from ((name, Path(name)) for name in names if not Path(name).is_dir())
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(folder, name)
            if file.suffix.lower() in SUFFIXES and not name.startswith("."):
                yield file.relative_to(path).as_posix(), file
