"""LocalSearch: catalogs of pictures on this machine, and which of them look like a picture."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from placket.errors import NotFound
from placket.interfaces import Catalog, Hit, Listing, Look, NearDuplicate, Page, Ref, StoredItem

from .catalogs import catalog_of, look_at, unread_of
from .copies import abandoned, address_of, in_batches
from .facts import storable
from .indexing import Indexing, lock_of
from .items import Incoming, copies_of, decode, forget, store, unused, with_copies
from .lock import is_held
from .model_search import BATCH, ModelSearch, Wanted, check_is_catalog
from .seeking import Seeker
from .tables import CATALOGS, FACTS, ITEMS, REMOVED, VECTORS
from .truth import Truth, in_thread

FILE = "search.sqlite"

_catalogs, _items = CATALOGS.c, ITEMS.c


class LocalSearch(ModelSearch):
    """Searches pictures with an embedded model, in catalogs on this machine."""

    @cached_property
    def _truth(self) -> Truth:
        return Truth(self._context.data_folder / "search" / FILE, provider=self._context.name)

    @cached_property
    def _indexing(self) -> Indexing:
        return Indexing(self._truth, self._context, self._embedder, self._weights(None))

    @cached_property
    def _seeker(self) -> Seeker:
        return Seeker(self._truth, self._context, self._embedder, self._weights(None), self._indexing.rebuild)

    async def _add_catalog(self, row: Mapping[str, Any]) -> None:
        def write() -> None:
            with self._truth.writing() as connection:
                connection.execute(insert(CATALOGS), row)

        await in_thread(write)

    def list_catalogs(self) -> Listing[Catalog]:
        """All catalogs, the oldest first."""

        def read() -> Page[Catalog]:
            with self._truth.reading() as connection:
                rows = connection.execute(select(CATALOGS).order_by(_catalogs.number)).fetchall()
                return Page([self._catalog(connection, row) for row in rows], len(rows))

        async def fetch(_cursor: str | None) -> Page[Catalog]:
            return await in_thread(read)

        return Listing(fetch)

    async def get_catalog(self, catalog: Ref) -> Catalog:
        """One catalog with its counts, and why the latest items that failed did."""

        def read() -> Catalog:
            with self._truth.reading() as connection:
                return self._catalog(connection, self._row(connection, catalog))

        return await in_thread(read)

    async def delete_catalog(self, catalog: Ref) -> None:
        """Remove a catalog and everything in it; one that is not there is removed already."""
        check_is_catalog(catalog)

        def write() -> None:
            with self._truth.writing() as connection:
                row = connection.execute(select(CATALOGS).where(_catalogs.id == catalog.id)).one_or_none()
                if row is None:
                    return
                copies = self._emptied(connection, row.number)
                connection.execute(delete(CATALOGS).where(_catalogs.number == row.number))
            self._remove_copies(copies)
            self._remove_index(row)
            lock_of(self._truth, row.number).unlink(missing_ok=True)

        await in_thread(write)

    def list_items(self, catalog: Ref) -> Listing[StoredItem]:
        """What a catalog holds, in the order in which it was added."""

        def read(cursor: str | None) -> Page[StoredItem]:
            with self._truth.reading() as connection:
                number = self._row(connection, catalog).number
                inside = select(ITEMS).where(_items.catalog == number, _items.key > int(cursor or 0))
                rows = connection.execute(inside.order_by(_items.key).limit(BATCH)).fetchall()
                total = None
                if cursor is None:
                    counted = select(func.count()).select_from(ITEMS).where(_items.catalog == number)
                    total = connection.execute(counted).scalar()
                stored = [
                    StoredItem(row.id, address_of(self._pictures, row.url, row.path), decode(row.metadata))
                    for row in rows
                ]
            return Page(stored, total, str(rows[-1].key) if len(rows) == BATCH else None)

        async def fetch(cursor: str | None) -> Page[StoredItem]:
            return await in_thread(read, cursor)

        return Listing(fetch)

    async def delete_items(self, catalog: Ref, ids: Sequence[str]) -> int:
        """Remove items by their ids and return how many there were; from then on no search finds them."""

        def write(some: Sequence[str]) -> int:
            with self._truth.writing() as connection:
                number = self._row(connection, catalog).number
                count, copies = forget(connection, number, some, self._context.vocabulary)
            self._remove_copies(copies)
            return count

        # An id that cannot be stored is none that is there.
        unique = [one for one in dict.fromkeys(ids) if storable(one)]
        pieces = [unique[start : start + BATCH] for start in range(0, len(unique), BATCH)] or [[]]
        return sum([await in_thread(write, piece) for piece in pieces])

    async def _begin(self, catalog: Ref) -> int:
        def begin() -> int:
            with self._truth.writing() as connection:
                row = self._row(connection, catalog)
                self._indexing.begin(connection, row)
            if row.model != self._embedder.version:
                self._remove_index(row)
            with suppress(OSError):  # what cannot be removed today may be tomorrow
                for copies in abandoned(self._pictures):
                    self._remove_copies(copies)
            return int(row.number)

        return await in_thread(begin)

    async def _look(self, catalog: Ref) -> tuple[Look[Catalog], int]:
        def read() -> tuple[Look[Catalog], int]:
            with self._truth.reading() as connection:
                row = self._row(connection, catalog)
                return look_at(self._catalog(connection, row), unread_of(connection, row)), row.number

        return await in_thread(read)

    async def _seek(self, wanted: Wanted, catalogs: Sequence[Ref]) -> Sequence[Hit]:
        return await in_thread(self._seeker.seek, wanted, catalogs)

    async def _pairs(self, catalog: Ref, within: float, after: int) -> tuple[Sequence[NearDuplicate], int | None]:
        return await in_thread(self._seeker.pairs, catalog, within, after)

    async def aclose(self) -> None:
        """Stop indexing after the batch under way, and close the files."""
        if "_indexing" in self.__dict__:
            await self._indexing.aclose()
        await asyncio.to_thread(self._truth.close)
        await super().aclose()

    def _remove_index(self, row: Any) -> None:
        if row.index_file:
            (self._truth.path.parent / row.index_file).unlink(missing_ok=True)

    def _row(self, connection: Connection, catalog: Ref) -> Any:
        check_is_catalog(catalog)
        row = connection.execute(select(CATALOGS).where(_catalogs.id == catalog.id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no catalog {catalog.id}", provider=self._context.name)
        return row

    async def _number(self, catalog: Ref) -> int:
        def read() -> int:
            with self._truth.reading() as connection:
                return int(self._row(connection, catalog).number)

        return await in_thread(read)

    def _catalog(self, connection: Connection, row: Any) -> Catalog:
        return catalog_of(connection, row, self._context.name, indexing=is_held(lock_of(self._truth, row.number)))

    async def _store(self, catalog: Ref, batch: Mapping[str, Incoming]) -> Collection[str]:
        def write() -> Collection[str]:
            with self._truth.writing() as connection:
                number = self._row(connection, catalog).number
                whole = with_copies(batch, self._pictures)
                copies = store(connection, number, whole, self._context.vocabulary)
            self._remove_copies(copies)
            return batch.keys() - whole.keys()

        return await in_thread(write)

    def _remove_copies(self, copies: Mapping[bytes, str]) -> None:
        """Remove those that no item has; nobody can store an item while it is asked which these are."""
        for batch in in_batches(copies):
            with self._truth.writing() as connection:
                for path in unused(connection, batch):
                    (self._pictures / path).unlink(missing_ok=True)

    def _emptied(self, connection: Connection, number: int) -> dict[bytes, str]:
        """Remove everything in a catalog, and return the copies of pictures that its items had."""
        kept = select(_items.sha256, _items.path, _items.kept).where(_items.catalog == number, _items.kept == 1)
        rows = connection.execute(kept).fetchall()
        for table in (FACTS, VECTORS, REMOVED, ITEMS):
            connection.execute(delete(table).where(table.c.catalog == number))
        return copies_of(rows)
