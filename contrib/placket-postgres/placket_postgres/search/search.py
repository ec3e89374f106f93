"""PostgresSearch: catalogs of pictures on a server, and which of them look like a picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import NotFound
from placket.interfaces import Catalog, CatalogItem, Hit, Listing, Look, NearDuplicate, Page, Ref, StoredItem
from placket_local.search.catalogs import ERRORS_SHOWN, catalog_from, look_at
from placket_local.search.copies import address_of, in_batches
from placket_local.search.items import Incoming, copies_of, with_copies
from placket_local.search.model_search import BATCH, ModelSearch, Wanted, check_is_catalog
from placket_local.search.truth import in_thread

from . import graph
from .database import CatalogDatabase
from .indexing import LOCK, PostgresIndexing, is_indexed_now, locked
from .items import check_storable, forget, store, unused
from .seeking import PostgresSeeker
from .tables import CATALOGS, FAILED, ITEMS, UNREAD

_COPIES = LOCK, 0
"""The lock on copies of pictures: shared by those who store items, had alone by those who remove copies.

No catalog has the number 0.
"""

_catalogs, _items = CATALOGS.c, ITEMS.c


class PostgresSearch(ModelSearch):
    """Searches pictures with an embedded model, in catalogs that machines share."""

    @cached_property
    def _tables(self) -> CatalogDatabase:
        return CatalogDatabase(self._database)

    @cached_property
    def _indexing(self) -> PostgresIndexing:
        return PostgresIndexing(self._tables, self._context, self._embedder, self._weights(None))

    @cached_property
    def _seeker(self) -> PostgresSeeker:
        return PostgresSeeker(self._tables, self._context, self._embedder)

    async def _add_catalog(self, row: Mapping[str, Any]) -> None:
        async with self._tables.writing() as connection:
            await connection.execute(insert(CATALOGS), [row])

    def list_catalogs(self) -> Listing[Catalog]:
        """All catalogs, the oldest first."""

        async def fetch(_cursor: str | None) -> Page[Catalog]:
            async with self._tables.reading() as connection:
                rows = (await connection.execute(_described().order_by(_catalogs.number))).fetchall()
                return Page([await self._catalog(connection, row) for row in rows], len(rows))

        return Listing(fetch)

    async def get_catalog(self, catalog: Ref) -> Catalog:
        """One catalog with its counts, and why the latest items that failed did."""
        async with self._tables.reading() as connection:
            return await self._catalog(connection, await self._row(connection, catalog))

    async def delete_catalog(self, catalog: Ref) -> None:
        """Remove a catalog and everything in it; one that is not there is removed already."""
        check_is_catalog(catalog)
        async with self._tables.reading() as connection:
            asked = select(_catalogs.number).where(_catalogs.id == catalog.id)
            number = (await connection.execute(asked)).scalar()
        if number is None:
            return
        async with self._tables.apart() as connection:
            await graph.drop(connection, number)
        async with self._tables.writing() as connection:
            await connection.execute(locked(_catalogs.number == number))
            emptied = delete(ITEMS).where(_items.catalog == number)
            rows = (await connection.execute(emptied.returning(_items.sha256, _items.path, _items.kept))).fetchall()
            await connection.execute(delete(CATALOGS).where(_catalogs.number == number))
        await self._remove_copies(copies_of(rows))

    def list_items(self, catalog: Ref) -> Listing[StoredItem]:
        """What a catalog holds, in the order in which it was added."""

        async def fetch(cursor: str | None) -> Page[StoredItem]:
            async with self._tables.reading() as connection:
                number = (await self._row(connection, catalog)).number
                inside = select(ITEMS).where(_items.catalog == number, _items.key > int(cursor or 0))
                rows = (await connection.execute(inside.order_by(_items.key).limit(BATCH))).fetchall()
                total = None
                if cursor is None:
                    counted = select(func.count()).select_from(ITEMS).where(_items.catalog == number)
                    total = (await connection.execute(counted)).scalar()
            stored = [StoredItem(row.id, address_of(self._pictures, row.url, row.path), row.metadata) for row in rows]
            return Page(stored, total, str(rows[-1].key) if len(rows) == BATCH else None)

        return Listing(fetch)

    async def delete_items(self, catalog: Ref, ids: Sequence[str]) -> int:
        """Remove items by their ids and return how many there were; from then on no search finds them."""
        await self._number(catalog)
        unique, count = list(dict.fromkeys(ids)), 0
        for start in range(0, len(unique), BATCH):
            async with self._tables.writing() as connection:
                number = await self._locked(connection, catalog)
                gone, copies = await forget(connection, number, unique[start : start + BATCH])
            await self._remove_copies(copies)
            count += gone
        return count

    async def aclose(self) -> None:
        """Stop indexing after the batch under way, and close the connections."""
        if "_indexing" in self.__dict__:
            await self._indexing.aclose()
        await super().aclose()

    async def _checked(self, item: CatalogItem) -> Incoming:
        checked = await super()._checked(item)
        check_storable(checked)
        return checked

    async def _number(self, catalog: Ref) -> int:
        async with self._tables.reading() as connection:
            return int((await self._row(connection, catalog)).number)

    async def _store(self, catalog: Ref, batch: Mapping[str, Incoming]) -> Collection[str]:
        async with self._tables.writing() as connection:
            number = await self._locked(connection, catalog)
            await connection.execute(select(func.pg_advisory_xact_lock_shared(*_COPIES)))
            whole = await in_thread(with_copies, batch, self._pictures)
            copies = await store(connection, number, whole, self._context.vocabulary)
        await self._remove_copies(copies)
        return batch.keys() - whole.keys()

    async def _remove_copies(self, copies: Mapping[bytes, str]) -> None:
        """Remove those that no item has; nobody can store an item while it is asked which these are."""

        def remove(paths: Sequence[str]) -> None:
            for path in paths:
                (self._pictures / path).unlink(missing_ok=True)

        for batch in in_batches(copies):
            async with self._tables.writing() as connection:
                await connection.execute(select(func.pg_advisory_xact_lock(*_COPIES)))
                await in_thread(remove, await unused(connection, batch))

    async def _begin(self, catalog: Ref) -> int:
        async with self._tables.reading() as connection:
            row = await self._row(connection, catalog)
        if row.model and self._indexing.is_other(row):
            # A graph takes no vectors of another length.
            async with self._tables.apart() as connection:
                await graph.drop(connection, row.number)
        async with self._tables.writing() as connection:
            await self._locked(connection, catalog)
            await self._indexing.begin(connection, await self._row(connection, catalog))
        return int(row.number)

    async def _look(self, catalog: Ref) -> tuple[Look[Catalog], int]:
        async with self._tables.reading() as connection:
            row = await self._row(connection, catalog)
            return look_at(await self._catalog(connection, row), row.unread), row.number

    async def _seek(self, wanted: Wanted, catalogs: Sequence[Ref]) -> Sequence[Hit]:
        return await self._seeker.seek(wanted, catalogs)

    async def _pairs(self, catalog: Ref, within: float, after: int) -> tuple[Sequence[NearDuplicate], int | None]:
        return await self._seeker.pairs(catalog, within, after)

    async def _row(self, connection: AsyncConnection, catalog: Ref) -> Any:
        check_is_catalog(catalog)
        row = (await connection.execute(_described().where(_catalogs.id == catalog.id))).one_or_none()
        if row is None:
            raise self._missing(catalog)
        return row

    async def _locked(self, connection: AsyncConnection, catalog: Ref) -> int:
        row = (await connection.execute(locked(_catalogs.id == catalog.id))).one_or_none()
        if row is None:
            raise self._missing(catalog)
        return int(row.number)

    def _missing(self, catalog: Ref) -> NotFound:
        return NotFound(f"there is no catalog {catalog.id}", provider=self._context.name)

    async def _catalog(self, connection: AsyncConnection, row: Any) -> Catalog:
        errors = []
        if row.failed:
            asked = select(_items.id, _items.error).where(_items.catalog == row.number, FAILED)
            shown = await connection.execute(asked.order_by(_items.key.desc()).limit(ERRORS_SHOWN))
            errors = [f"{item.id}: {item.error}" for item in shown]
        return catalog_from(row, self._context.name, row.total, row.unread, row.failed, errors, indexing=row.indexing)


def _described() -> Any:
    """Catalogs, with what is counted in them."""
    counted = select(func.count()).select_from(ITEMS).where(_items.catalog == _catalogs.number)
    return select(
        CATALOGS,
        counted.scalar_subquery().label("total"),
        counted.where(UNREAD).scalar_subquery().label("unread"),
        counted.where(FAILED).scalar_subquery().label("failed"),
        is_indexed_now(),
    )
