"""Whose turn it is to look for what has a name, a product by its SKU, and to make what is not there."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from sqlalchemy import ARRAY, Integer, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

LANES = 64
"""Names wait by the lane that they are in. A server keeps room for 64 locks a transaction unless it is told otherwise
(``max_locks_per_transaction``), and a batch has hundreds of SKUs.
"""

_LOCK = 752_633_521
"""The first key of the advisory locks: any number that nobody else uses."""

_TAKE = text("SELECT pg_advisory_xact_lock(:lock, lane) FROM unnest(:lanes) AS lane").bindparams(
    bindparam("lanes", type_=ARRAY(Integer))
)


async def wait_for_turn(connection: AsyncConnection, names: Iterable[str]) -> None:
    """Let nobody else make something of these names until the transaction ends.

    There is no row yet that could be locked, and no unique index where two products may have one SKU. SQLite has one
    writer at a time anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    # Everybody takes them in one order, so that no two wait for each other.
    lanes = sorted({crc32(name.encode("utf-8", "surrogatepass")) % LANES for name in names})
    await connection.execute(_TAKE, {"lock": _LOCK, "lanes": lanes})
