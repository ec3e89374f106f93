"""Counts what the account used, by month and operation: durable before the answer, many requests in one write."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from ..vendor import Ground
from .tables import USAGE

OPERATIONS = ("catalog_index", "search", "detect", "tag", "catalog_upload")
"""The vendor's words for what is counted."""

Counted = tuple[str, str, int, int]


class Usage:
    """The usage of the account. Months are those of UTC."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._waiting: list[Counted] = []
        self._writing = asyncio.Lock()

    async def count(self, operation: str, images: int = 1) -> None:
        """Count a call. Those that wait for the disk together are written together."""
        self._waiting.append(self.counted(operation, images))
        async with self._writing:
            batch, self._waiting = self._waiting, []
            if batch:
                await self._ground.state.write(lambda connection: write_counts(connection, batch))

    def counted(self, operation: str, images: int) -> Counted:
        """One call of the present month, for `write_counts`."""
        now = self._ground.clock.now()
        return f"{now.year}-{now.month}", operation, 1, images

    async def by_month(self) -> dict[str, dict[str, Any]]:
        """What was used, the latest month first; a month or operation without any is not there."""
        asked = select(USAGE.c.month, USAGE.c.operation, USAGE.c.calls, USAGE.c.images)
        rows = await self._ground.state.read(lambda connection: connection.execute(asked).fetchall())
        found: dict[str, dict[str, Any]] = {}
        for row in sorted(rows, key=lambda row: tuple(map(int, row.month.split("-"))), reverse=True):
            found.setdefault(row.month, {})[row.operation] = {"num_calls": row.calls, "num_images": row.images}
        return found


def write_counts(connection: Connection, counts: list[Counted]) -> None:
    """Add calls and images to what is there."""
    for month, operation, calls, images in counts:
        added = insert(USAGE).values(month=month, operation=operation, calls=calls, images=images)
        connection.execute(
            added.on_conflict_do_update(
                index_elements=["month", "operation"],
                set_={"calls": USAGE.c.calls + calls, "images": USAGE.c.images + images},
            )
        )
