"""Indexing a catalog: every picture that has no vector gets one, batch by batch, whoever dies on the way."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from placket.errors import PlacketError, QuotaExhausted
from placket.interfaces import Image
from placket.registry import ProviderContext

from ..store.media import not_written
from .catalog_index import is_due, rebuild
from .catalogs import other_model
from .driving import BATCH, Driving
from .embedder import Embedded, Embedder, Weights, embed_files
from .facts import facts_of
from .items import decode, encode, state_facts, touch
from .lock import FileLock
from .tables import CATALOGS, FACTS, FAILED, ITEMS, REMOVED, UNREAD, VECTORS
from .truth import Truth, in_thread

_catalogs, _items = CATALOGS.c, ITEMS.c

_SET_VECTOR = (
    update(ITEMS)
    .where(_items.key == bindparam("of"))
    .values(vector=bindparam("number"), sha256=bindparam("digest"), error=bindparam("said"))
)


@frozen
class _Read:
    """An item whose picture was embedded, or why it could not be."""

    row: Any
    digest: bytes
    result: Embedded | PlacketError


class Indexing(Driving):
    """The indexing of catalogs in SQLite."""

    def __init__(self, truth: Truth, context: ProviderContext, embedder: Embedder, weights: Weights) -> None:
        super().__init__(context)
        self._truth = truth
        self._embedder = embedder
        self._weights = weights
        self._locks: dict[int, FileLock] = {}

    def begin(self, connection: Connection, row: Any) -> None:
        """Make everything due: what was never read, what could not be, and all of it where the model is another.

        The index file of another model is of no use then, and can go once this is committed.
        """
        catalog = row.number
        connection.execute(update(ITEMS).where(_items.catalog == catalog, FAILED).values(error=""))
        if row.model == self._embedder.version:
            return
        for table in (FACTS, VECTORS, REMOVED):
            connection.execute(delete(table).where(table.c.catalog == catalog))
        connection.execute(update(ITEMS).where(_items.catalog == catalog, _items.vector != 0).values(vector=0))
        connection.execute(
            update(CATALOGS)
            .where(_catalogs.number == catalog)
            .values(model=self._embedder.version, index_file="", index_seal=str(uuid.uuid4()), index_last=0,
                    index_count=0, change=_catalogs.change + 1)
        )  # fmt: skip

    async def _take(self, catalog: int) -> bool:
        lock = FileLock(path := lock_of(self._truth, catalog))
        try:
            taken = lock.take()
        except OSError as error:
            raise not_written(path, error, self._context.name) from error
        if taken:
            self._locks[catalog] = lock
        return taken

    async def _give_back(self, catalog: int) -> None:
        if catalog in self._locks:
            self._locks.pop(catalog).give_back()

    async def _unread(self, catalog: int) -> Sequence[Any]:
        return await in_thread(self._read_unread, catalog)

    async def _embed(self, catalog: int, rows: Sequence[Any], files: Sequence[bytes | PlacketError]) -> None:
        await in_thread(self._embed_files, catalog, rows, files)

    async def _renew_index(self, catalog: int) -> None:
        await in_thread(self._rebuild_when_due, catalog)

    def _read_unread(self, catalog: int) -> Sequence[Any]:
        with self._truth.reading() as connection:
            self._check_model(connection, catalog)
            asked = select(ITEMS).where(_items.catalog == catalog, UNREAD).order_by(_items.key).limit(BATCH)
            return connection.execute(asked).fetchall()

    def _embed_files(self, catalog: int, rows: Sequence[Any], files: Sequence[bytes | PlacketError]) -> None:
        results = embed_files(self._embedder, files)
        read = [_Read(row, _digest(file), result) for row, file, result in zip(rows, files, results, strict=True)]
        with self._truth.writing() as connection:
            self._check_model(connection, catalog)
            # While the pictures were looked at, items may have been removed or replaced.
            asked = select(_items.key, _items.url, _items.path, _items.sha256, _items.metadata).where(
                _items.key.in_([row.key for row in rows]), UNREAD
            )
            now = {row.key: row for row in connection.execute(asked)}
            vocabulary = self._context.vocabulary
            facts, values = [], []
            for one in read:
                row = now.get(one.row.key)
                if row is None or (row.url, row.path, row.sha256) != (one.row.url, one.row.path, one.row.sha256):
                    continue
                number, said = 0, ""
                if isinstance(one.result, Embedded):
                    number = _stored(connection, catalog, row.key, one.result)
                    facts.append((number, facts_of(decode(row.metadata), one.result.seen, vocabulary)))
                else:
                    said = str(one.result)
                values.append({"of": row.key, "number": number, "digest": one.digest or row.sha256, "said": said})
            if values:
                connection.execute(_SET_VECTOR, values)
                state_facts(connection, catalog, facts)
                touch(connection, catalog)

    def _check_model(self, connection: Connection, catalog: int) -> None:
        """Raise Conflict where the vectors are another model's: who has that one may have begun the catalog anew."""
        row = connection.execute(select(CATALOGS).where(_catalogs.number == catalog)).one_or_none()
        refused = None if row is None else other_model(row, self._embedder.version, self._context.name)
        if refused is not None:
            raise refused

    def _rebuild_when_due(self, catalog: int) -> None:
        with self._truth.reading() as connection:
            row = connection.execute(select(CATALOGS).where(_catalogs.number == catalog)).one_or_none()
            if row is None or not is_due(connection, row):
                return
        self.rebuild(row)

    def rebuild(self, row: Any) -> None:
        """Write a catalog's index file anew; raises QuotaExhausted when there is no room for it."""
        name = f"{row.id}-{uuid.uuid4().hex[:8]}"
        try:
            size = self._embedder.look + self._embedder.color
            rebuild(self._truth, row.number, self._weights, size, name=name)
        except OSError as error:
            raise QuotaExhausted(
                f"the index of the catalog {row.name} cannot be written ({error}); nothing is lost: make room on the "
                "disk, and index it again",
                provider=self._context.name,
            ) from error


def lock_of(truth: Truth, catalog: int) -> Path:
    """The file whose lock whoever indexes a catalog has."""
    return truth.path.parent / f"{catalog}.lock"


def _stored(connection: Connection, catalog: int, item: int, embedded: Embedded) -> int:
    joined = b"".join(part.astype("<f2").tobytes() for part in (embedded.look, embedded.color))
    row = {"catalog": catalog, "item": item, "vector": joined, "seen": encode(embedded.seen)}
    key = connection.execute(insert(VECTORS), row).inserted_primary_key
    assert key is not None
    return int(key[0])


def _digest(file: bytes | PlacketError) -> bytes:
    return b"" if isinstance(file, PlacketError) else bytes.fromhex(Image.of(file).sha256)
