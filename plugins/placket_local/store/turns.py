"""Whose turn it is to look for products by their SKU and to make those that are not there."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from sqlalchemy import ARRAY, Integer, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

LANES = 64
"""SKUs wait by the lane that they are in. A server keeps room for 64 locks a transaction unless it is told otherwise
(``max_locks_per_transaction``), and a batch has hundreds of SKUs.
"""

_LOCK = 752_633_521
"""The first key of the advisory locks: any number that nobody else uses."""

_TAKE = text("SELECT pg_advisory_xact_lock(:lock, lane) FROM unnest(:lanes) AS lane").bindparams(
    bindparam("lanes", type_=ARRAY(Integer))
)


async def wait_for_turn(connection: AsyncConnection, skus: Iterable[str]) -> None:
    """Let nobody else upsert these SKUs until the transaction ends.

    There is no row yet that could be locked, and no unique index: two products may have one SKU. SQLite has one
    writer at a time anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    # Everybody takes them in one order, so that no two wait for each other.
    lanes = sorted({crc32(sku.encode("utf-8", "surrogatepass")) % LANES for sku in skus})
    await connection.execute(_TAKE, {"lock": _LOCK, "lanes": lanes})
