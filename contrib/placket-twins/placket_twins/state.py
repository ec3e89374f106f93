"""What a twin keeps: documents in a SQLite file, durable before anybody is told that they were taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from placket.errors import InvalidInput

Result = TypeVar("Result")

FILE = "twin.sqlite"

_METADATA = MetaData()

DOCUMENTS = Table(
    "documents",
    _METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("kind", "id"),
)
"""One row a document; ``number`` is the order in which they were first put."""

_columns = DOCUMENTS.c


@frozen
class Document:
    """One document: its id and what it says."""

    id: str
    body: Any


class State:
    """Documents by kind and id, in one SQLite file of ``folder``, and whatever tables a twin adds.

    When a write has returned, it is on the disk: a process killed after that has lost nothing. All work on the file is
    done by one thread, one piece after the other; a second process that opens the same file is told so (InvalidInput).
    """

    def __init__(self, folder: Path, tables: MetaData | None = None) -> None:
        self.folder = folder
        self._tables = tables
        self._engine: Engine | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="placket-twin-state")

    async def open(self) -> None:
        """Open the file, and make what is missing in it."""
        await self._in_thread(self._opened)

    async def aclose(self) -> None:
        """Close the file."""
        await self._in_thread(lambda: self._engine.dispose() if self._engine else None)
        self._thread.shutdown()

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """What ``work`` finds on a connection; it is called in the state's thread."""
        return await self._in_thread(lambda: self._transaction(work))

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Do ``work`` in one transaction: all of it is kept, or, when it raises, nothing."""
        return await self._in_thread(lambda: self._transaction(work))

    async def get(self, kind: str, key: str) -> Any:
        """What was put there, None for nothing."""
        return await self.read(lambda connection: _get(connection, kind, key))

    async def put(self, kind: str, key: str, body: Any) -> None:
        """Keep a document, in the place of the one with the same id."""
        await self.write(lambda connection: _put(connection, kind, key, body))

    async def add(self, kind: str, key: str, body: Any) -> bool:
        """Keep a document unless there is one with that id; whether it was kept."""

        def work(connection: Connection) -> bool:
            if _get(connection, kind, key) is not None:
                return False
            _put(connection, kind, key, body)
            return True

        return await self.write(work)

    async def change(self, kind: str, key: str, change: Callable[[Any], Any]) -> Any:
        """Replace a document by what ``change`` makes of it (of None, where there is none), and return that.

        ``change`` returns None to leave everything as it is.
        """

        def work(connection: Connection) -> Any:
            changed = change(_get(connection, kind, key))
            if changed is not None:
                _put(connection, kind, key, changed)
            return changed

        return await self.write(work)

    async def take(self, kind: str, key: str) -> Any:
        """Remove a document and return it, None when there is none: of many who ask at once, one gets it."""

        def work(connection: Connection) -> Any:
            found = _get(connection, kind, key)
            connection.execute(delete(DOCUMENTS).where(_columns.kind == kind, _columns.id == _storable(key)))
            return found

        return await self.write(work)

    async def list(
        self, kind: str, *, newest_first: bool = False, skip: int = 0, limit: int | None = None
    ) -> Sequence[Document]:
        """The documents of a kind, in the order in which they were first put."""
        order = _columns.number.desc() if newest_first else _columns.number
        asked = select(_columns.id, _columns.body).where(_columns.kind == kind).order_by(order).offset(skip)
        if limit is not None:
            asked = asked.limit(limit)

        def work(connection: Connection) -> list[Document]:
            return [Document(row.id, json.loads(row.body)) for row in connection.execute(asked)]

        return await self.read(work)

    async def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        asked = select(func.count()).select_from(DOCUMENTS).where(_columns.kind == kind)
        return await self.read(lambda connection: connection.execute(asked).scalar() or 0)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _transaction(self, work: Callable[[Connection], Result]) -> Result:
        with self._opened().begin() as connection:
            return work(connection)

    def _opened(self) -> Engine:
        if self._engine is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            engine = create_engine(
                f"sqlite:///{self.folder / FILE}",
                poolclass=StaticPool,
                connect_args={"timeout": 1.0, "check_same_thread": False},
            )
            event.listen(engine, "connect", _on_connect)
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
            try:
                with engine.begin() as connection:
                    _METADATA.create_all(connection)
                    if self._tables is not None:
                        self._tables.create_all(connection)
            except OperationalError as error:
                engine.dispose()
                raise InvalidInput(
                    f"the state in {self.folder} cannot be used ({error.orig}): "
                    "another process may be serving it; end that, or choose another folder"
                ) from error
            self._engine = engine
        return self._engine


def _on_connect(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, too late for a reader that goes on to write.
    connection.isolation_level = None
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _storable(key: str) -> str:
    """The id as text that a database takes: a lone surrogate, which JSON allows, is none."""
    return key.encode("utf-8", "backslashreplace").decode()


def _get(connection: Connection, kind: str, key: str) -> Any:
    key = _storable(key)
    found = connection.execute(select(_columns.body).where(_columns.kind == kind, _columns.id == key)).scalar()
    return None if found is None else json.loads(found)


def _put(connection: Connection, kind: str, key: str, body: Any) -> None:
    key, text = _storable(key), json.dumps(body)
    known = update(DOCUMENTS).where(_columns.kind == kind, _columns.id == key).values(body=text)
    if connection.execute(known).rowcount == 0:
        connection.execute(insert(DOCUMENTS).values(kind=kind, id=key, body=text))
