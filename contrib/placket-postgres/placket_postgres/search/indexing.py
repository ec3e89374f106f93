"""Indexing a catalog on the server: one process does it, held by a lock that the server takes back when it dies."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, bindparam, delete, func, insert, literal_column, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import Conflict, PlacketError
from placket.interfaces import Image
from placket.registry import ProviderContext
from placket_local.search.catalogs import other_model
from placket_local.search.driving import BATCH, Driving
from placket_local.search.embedder import Embedded, Embedder, Weights, embed_files
from placket_local.search.truth import in_thread

from . import graph
from .database import CatalogDatabase
from .items import among, words_of
from .tables import CATALOGS, FAILED, ITEMS, UNREAD, VECTORS

LOCK = 1_886_151_020
"""The first half of the keys of advisory locks, whose other half is a catalog: any number that nobody else uses."""

_catalogs, _items = CATALOGS.c, ITEMS.c

_SET_INDEXED = (
    update(ITEMS)
    .where(_items.key == bindparam("of"))
    .values(indexed=bindparam("done"), words=bindparam("shown"), sha256=bindparam("digest"), error=bindparam("said"))
)


class PostgresIndexing(Driving):
    """The indexing of catalogs in PostgreSQL. ``weights`` are those for which vectors are stored."""

    def __init__(
        self, database: CatalogDatabase, context: ProviderContext, embedder: Embedder, weights: Weights
    ) -> None:
        super().__init__(context)
        self._database = database
        self._embedder = embedder
        self._weights = weights
        self._held: dict[int, tuple[AsyncConnection, AsyncExitStack]] = {}

    async def begin(self, connection: AsyncConnection, row: Any) -> None:
        """Make everything due: what was never read, what could not be, and all of it where the model is another.

        The catalog of ``row`` is locked, and a graph over vectors of another model is gone already.
        """
        catalog = row.number
        await connection.execute(update(ITEMS).where(_items.catalog == catalog, FAILED).values(error=""))
        if not self.is_other(row):
            return
        await connection.execute(delete(VECTORS).where(VECTORS.c.catalog == catalog))
        again = update(ITEMS).where(_items.catalog == catalog, _items.indexed)
        await connection.execute(again.values(indexed=False, words={}))
        await connection.execute(
            update(CATALOGS)
            .where(_catalogs.number == catalog)
            .values(model=self._embedder.version, color_weight=self._weights.color)
        )

    def is_other(self, row: Any) -> bool:
        """Whether the vectors of a catalog are not those that this model makes and this code stores."""
        return bool((row.model, row.color_weight) != (self._embedder.version, self._weights.color))

    async def _take(self, catalog: int) -> bool:
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(self._database.apart())
            if not (await connection.execute(select(func.pg_try_advisory_lock(LOCK, catalog)))).scalar_one():
                return False
            self._held[catalog] = connection, stack.pop_all()
            return True

    async def _give_back(self, catalog: int) -> None:
        if catalog in self._held:
            # The lock belongs to the server's session, which ends with the connection.
            await self._held.pop(catalog)[1].aclose()

    async def _unread(self, catalog: int) -> Sequence[Any]:
        asked = select(ITEMS).where(_items.catalog == catalog, UNREAD).order_by(_items.key).limit(BATCH)
        async with self._database.reading() as connection:
            return (await connection.execute(asked)).fetchall()

    async def _embed(self, catalog: int, rows: Sequence[Any], files: Sequence[bytes | PlacketError]) -> None:
        results = await in_thread(embed_files, self._embedder, files)
        async with self._database.writing() as connection:
            row = (await connection.execute(locked(_catalogs.number == catalog))).one_or_none()
            if row is None:
                return
            if self.is_other(row):
                raise self._refused(row)
            # While the pictures were looked at, items may have been removed or replaced.
            asked = select(ITEMS).where(_items.key == among([row.key for row in rows]), UNREAD)
            now = {row.key: row for row in await connection.execute(asked)}
            values, vectors = [], []
            for before, file, result in zip(rows, files, results, strict=True):
                row = now.get(before.key)
                if row is None or (row.url, row.path, row.sha256) != (before.url, before.path, before.sha256):
                    continue
                words, said = {}, ""
                if isinstance(result, Embedded):
                    vectors.append(self._vector(catalog, row.key, result))
                    words = words_of(row.metadata, result.seen, self._context.vocabulary)
                else:
                    said = str(result).replace("\0", "")
                digest = row.sha256 if isinstance(file, PlacketError) else bytes.fromhex(Image.of(file).sha256)
                values.append({"of": row.key, "done": not said, "shown": words, "digest": digest, "said": said})
            if values:
                await connection.execute(_SET_INDEXED, values)
            if vectors:
                await connection.execute(insert(VECTORS), vectors)

    def _refused(self, row: Any) -> Conflict:
        """Why a catalog is not indexed on: who has another model, or stores otherwise, may have begun it anew."""
        return other_model(row, self._embedder.version, self._context.name) or Conflict(
            f"the catalog {row.name} was indexed by a Placket that weighs colour otherwise; index the catalog again, "
            "which embeds its pictures anew",
            provider=self._context.name,
        )

    def _vector(self, catalog: int, item: int, embedded: Embedded) -> dict[str, Any]:
        joined = np.concatenate([embedded.look, embedded.color])
        stretched = self._weights.stretched(joined, 0.5)
        return {"item": item, "catalog": catalog, "vector": stretched, "seen": embedded.seen}

    async def _renew_index(self, catalog: int) -> None:
        """Make a graph once all is embedded: adding to one costs more for each vector than making one of all."""
        unread = select(_items.key).where(_items.catalog == catalog, UNREAD).exists()
        asked = select(graph.is_there(), unread.label("unread")).where(_catalogs.number == catalog)
        counted = select(func.count()).select_from(VECTORS).where(VECTORS.c.catalog == catalog)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).one_or_none()
            if row is None or row.graph or row.unread:
                return
            count = (await connection.execute(counted)).scalar_one()
        if count > graph.EXACT:
            connection, _ = self._held[catalog]
            with self._database.explaining():
                await graph.build(connection, catalog, count, self._embedder.look + self._embedder.color)


def locked(condition: ColumnElement[bool]) -> Any:
    """The row of a catalog, which nobody else changes, nor its items, until the transaction ends."""
    return select(CATALOGS).where(condition).with_for_update()


def is_indexed_now() -> ColumnElement[bool]:
    """Whether a process indexes the catalog in a row of `CATALOGS`: a column for a query."""
    return (
        select(literal_column("1"))
        .select_from(text("pg_locks"))
        .where(
            literal_column("locktype") == "advisory",
            literal_column("database") == select(literal_column("oid")).select_from(text("pg_database")).where(
                literal_column("datname") == func.current_database()
            ).scalar_subquery(),
            literal_column("classid::bigint") == LOCK,
            literal_column("objid::bigint") == _catalogs.number,
            literal_column("granted"),
        )
        .exists()
        .label("indexing")
    )  # fmt: skip
