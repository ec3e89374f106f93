"""Counts what the account used, by month and operation; a process killed after an answer has counted it."""

from __future__ import annotations

import asyncio
from typing import Any, BinaryIO

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from ..files import write_whole
from ..vendor import Ground
from .tables import USAGE

OPERATIONS = ("catalog_index", "search", "detect", "tag", "catalog_upload")
"""The vendor's words for what is counted."""

FILE = "usage.log"

_LONGEST = 50_000
"""Lines after which the journal is written anew, one line for each month and operation."""

Counted = tuple[str, str, int, int]


class Usage:
    """The usage of the account. Months are those of UTC.

    A call is a line of a journal, which is handed to the operating system before the answer: a transaction of the
    database for each would cost more than a search. What ends the process loses no line; what ends the whole machine
    can lose the last ones. Counts that belong to another change are in the table, in one transaction with it.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._path = ground.state.folder / FILE
        self._journal: BinaryIO | None = None
        self._lines = 0
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    async def start(self) -> None:
        """Read the journal."""
        await asyncio.to_thread(self._open)

    async def aclose(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()

    def count(self, operation: str, images: int = 1) -> None:
        """Count a call."""
        assert self._journal is not None, "start it first"
        counted = self.counted(operation, images)
        self._journal.write(_line(*counted))
        _add(self._counts, counted)
        self._lines += 1
        if self._lines > _LONGEST:
            self._renew()

    def counted(self, operation: str, images: int) -> Counted:
        """One call of the present month, for `write_counts`."""
        now = self._ground.clock.now()
        return f"{now.year}-{now.month}", operation, 1, images

    async def by_month(self) -> dict[str, dict[str, Any]]:
        """What was used, the latest month first; a month or operation without any is not there."""
        asked = select(USAGE.c.month, USAGE.c.operation, USAGE.c.calls, USAGE.c.images)
        rows = await self._ground.state.read(lambda connection: connection.execute(asked).fetchall())
        counts = dict(self._counts)
        for row in rows:
            _add(counts, tuple(row))
        found: dict[str, dict[str, Any]] = {}
        for month, operation in sorted(counts, key=lambda each: tuple(map(int, each[0].split("-"))), reverse=True):
            calls, images = counts[month, operation]
            found.setdefault(month, {})[operation] = {"num_calls": calls, "num_images": images}
        return found

    def _open(self) -> None:
        if self._path.exists():
            for line in self._path.read_bytes().splitlines():
                counted = _counted(line)
                if counted is not None:
                    _add(self._counts, counted)
        self._renew()

    def _renew(self) -> None:
        if self._journal is not None:
            self._journal.close()
        lines = [_line(*each, *counts) for each, counts in self._counts.items()]
        write_whole(self._path, lambda file: file.writelines(lines))
        self._journal = self._path.open("ab", buffering=0)
        self._lines = len(lines)


def write_counts(connection: Connection, counts: list[Counted]) -> None:
    """Add calls and images to what is in the table."""
    for month, operation, calls, images in counts:
        added = insert(USAGE).values(month=month, operation=operation, calls=calls, images=images)
        connection.execute(
            added.on_conflict_do_update(
                index_elements=["month", "operation"],
                set_={"calls": USAGE.c.calls + calls, "images": USAGE.c.images + images},
            )
        )


def _add(counts: dict[tuple[str, str], tuple[int, int]], counted: Counted) -> None:
    month, operation, calls, images = counted
    before = counts.get((month, operation), (0, 0))
    counts[month, operation] = before[0] + calls, before[1] + images


def _line(month: str, operation: str, calls: int, images: int) -> bytes:
    return f"{month} {operation} {calls} {images}\n".encode()


def _counted(line: bytes) -> Counted | None:
    """A line of the journal; None for one that a full disk has cut."""
    parts = line.decode("ascii", "replace").split(" ")
    if len(parts) != 4 or not (parts[2].isdigit() and parts[3].isdigit()):
        return None
    return parts[0], parts[1], int(parts[2]), int(parts[3])
