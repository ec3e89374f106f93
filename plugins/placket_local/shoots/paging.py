"""Lists of rows, a page at a time, the newest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import InvalidInput
from placket.interfaces import Listing, Page

from ..database import Database

LARGEST_PAGE = 1000

Item = TypeVar("Item")


def newest_first(
    database: Database,
    table: Table,
    where: Sequence[ColumnElement[bool]],
    made: Callable[[AsyncConnection, Sequence[Any]], Awaitable[Sequence[Item]]],
    size: int = 100,
) -> Listing[Item]:
    """What ``made`` makes of a page's rows. None is left out or told twice while others are added."""
    if size < 1:
        raise InvalidInput(f"a page of {size} is none; ask for at least one")
    size = min(size, LARGEST_PAGE)

    async def fetch(cursor: str | None) -> Page[Item]:
        asked = select(table).where(*where).order_by(table.c.number.desc()).limit(size)
        if cursor is not None:
            asked = asked.where(table.c.number < int(cursor))
        async with database.reading() as connection:
            rows = (await connection.execute(asked)).fetchall()
            total = None
            if cursor is None:
                total = (await connection.execute(select(func.count()).select_from(table).where(*where))).scalar()
            items = await made(connection, rows)
        return Page(items, total, str(rows[-1].number) if len(rows) == size else None)

    return Listing(fetch)
