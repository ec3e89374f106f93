"""What a twin keeps: documents in a SQLite file, durable before anybody is told that they were taken."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen
from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Dialect,
    Engine,
    Insert,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from placket.errors import InvalidInput

Result = TypeVar("Result")

FILE = "twin.sqlite"


class AnyText(TypeDecorator[str]):
    """A column of a twin's own table for text that clients send."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """What is given to the database."""
        return None if value is None else _storable(value)


def _storable(text: str) -> str:
    """The text as a database takes it: a lone surrogate, which JSON allows, is none."""
    return text.encode("utf-8", "backslashreplace").decode()


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


def written(statement: Select[Any] | Insert | Delete) -> str:
    """A statement as the driver takes it.

    Those that run several times for a request are written once: writing one costs more than running it.
    """
    return str(statement.compile(dialect=sqlite.dialect()))


_here = _columns.kind == bindparam("at_kind"), _columns.id == bindparam("at_id")
_put = sqlite.insert(DOCUMENTS).values(kind=bindparam("kind"), id=bindparam("id"), body=bindparam("body"))

_GET = written(select(_columns.body).where(*_here))
_PUT = written(_put.on_conflict_do_update(index_elements=["kind", "id"], set_={"body": _put.excluded.body}))
_REMOVE = written(delete(DOCUMENTS).where(*_here))

_CACHE_KIB = 32_768
_MOST_KNOWN = 2_000
_LONGEST_KNOWN = 16_384

_SWEPT = 20

Place = tuple[str, str]
"""Kind and id of a document."""


@frozen
class Document:
    """One document: its id and what it says."""

    id: str
    body: Any


class State:
    """Documents by kind and id, in one SQLite file of ``folder``, and whatever tables a twin adds.

    When a write has returned, it is on the disk: a process killed after that has lost nothing. All work on the file is
    done by one thread, one piece after the other; a second process that opens the same file is told so (InvalidInput).
    Nobody else writes to it, so the documents that were read or written last are known without reading them again.
    """

    def __init__(self, folder: Path, tables: MetaData | None = None) -> None:
        self.folder = folder
        self._tables = tables
        self._engine: Engine | None = None
        self._driver: Any = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="placket-twin-state")
        self._known: dict[Place, str] = {}

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

    async def look_up(self, work: Callable[[Any], Result]) -> Result:
        """What ``work`` finds with one statement on the driver's connection: for what most requests ask."""

        def found() -> Result:
            self._opened()
            return work(self._driver)

        return await self._in_thread(found)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Do ``work`` in one transaction: all of it is kept, or, when it raises, nothing."""
        return await self._in_thread(lambda: self._transaction(work))

    async def get(self, kind: str, key: str) -> Any:
        """What was put there, None for nothing."""
        place = kind, _storable(key)
        text = self._known.get(place)
        if text is None:
            text = await self._documents(lambda documents: documents.text(place))
        return None if text is None else json.loads(text)

    async def put(self, kind: str, key: str, body: Any) -> None:
        """Keep a document, in the place of the one with the same id."""
        await self._documents(lambda documents: documents.put((kind, _storable(key)), body))

    async def add(self, kind: str, key: str, body: Any) -> bool:
        """Keep a document unless there is one with that id; whether it was kept."""

        def work(documents: _Documents) -> bool:
            place = kind, _storable(key)
            if documents.text(place) is not None:
                return False
            documents.put(place, body)
            return True

        return await self._documents(work)

    async def change(self, kind: str, key: str, change: Callable[[Any], Any]) -> Any:
        """Replace a document by what ``change`` makes of it (of None, where there is none), and return that.

        ``change`` returns None to leave everything as it is.
        """

        def work(documents: _Documents) -> Any:
            place = kind, _storable(key)
            text = documents.text(place)
            changed = change(None if text is None else json.loads(text))
            if changed is not None:
                documents.put(place, changed)
            return changed

        return await self._documents(work)

    async def take(self, kind: str, key: str) -> Any:
        """Remove a document and return it, None when there is none: of many who ask at once, one gets it."""
        text = await self._documents(lambda documents: documents.take((kind, _storable(key))))
        return None if text is None else json.loads(text)

    async def sweep(self, kind: str, is_over: Callable[[Any], bool]) -> Sequence[Document]:
        """Remove the oldest documents of a kind, up to the first that is not over, and return them.

        It takes a few at a time: whoever calls it for each document that he puts never has many that are over.
        """

        def work(documents: _Documents) -> list[Document]:
            gone = list(itertools.takewhile(lambda each: is_over(each.body), documents.oldest(kind, _SWEPT)))
            for each in gone:
                documents.take((kind, each.id))
            return gone

        return await self._documents(work)

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

    async def _documents(self, work: Callable[[_Documents], Result]) -> Result:
        """Do ``work`` on documents in one transaction."""

        def transaction() -> Result:
            seen: dict[Place, str | None] = {}
            result = self._transaction(lambda connection: work(_Documents(connection, self._known, seen)))
            # Only now: what is known is on the disk.
            self._know(seen)
            return result

        return await self._in_thread(transaction)

    def _know(self, seen: Mapping[Place, str | None]) -> None:
        for place, text in seen.items():
            self._known.pop(place, None)
            if text is not None and len(text) <= _LONGEST_KNOWN:
                self._known[place] = text
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]

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
                    self._driver = connection.connection.driver_connection
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
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", f"cache_size=-{_CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


class _Documents:
    """The documents in one transaction; ``seen`` takes what was read and written, None for what was removed."""

    def __init__(self, connection: Connection, known: Mapping[Place, str], seen: dict[Place, str | None]) -> None:
        self._connection = connection
        self._known = known
        self._seen = seen

    def text(self, place: Place) -> str | None:
        """The document as JSON, None for none."""
        if place in self._seen:
            return self._seen[place]
        text = self._known.get(place)
        if text is None:
            text = self._connection.exec_driver_sql(_GET, place).scalar()
            self._seen[place] = text
        return text

    def put(self, place: Place, body: Any) -> None:
        """Keep a document."""
        text = json.dumps(body)
        self._connection.exec_driver_sql(_PUT, (*place, text))
        self._seen[place] = text

    def oldest(self, kind: str, limit: int) -> list[Document]:
        """The documents of a kind that were put first."""
        asked = select(_columns.id, _columns.body).where(_columns.kind == kind).order_by(_columns.number).limit(limit)
        return [Document(row.id, json.loads(row.body)) for row in self._connection.execute(asked)]

    def take(self, place: Place) -> str | None:
        """Remove a document, and return it as JSON."""
        text = self.text(place)
        self._connection.exec_driver_sql(_REMOVE, place)
        self._seen[place] = None
        return text
