"""The SQLite file in which catalogs are kept: what was committed to it is there, whatever dies afterwards."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Select, bindparam, create_engine, event, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from placket.errors import ConfigError, InvalidInput, ProviderError, QuotaExhausted, Unavailable

from ..database.engine import UNWRITABLE, is_unwritable
from ..database.same_file import SameFile
from .tables import METADATA

Result = TypeVar("Result")

VERSION = 1
"""The version of the tables, in the file's ``user_version``."""

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process that writes to the file."""

_PAUSE = 0.02
_CACHE_KIB = 49_152
"""Of each connection. Pages that a search does not find in it are half of what reading costs."""


class Truth:
    """The catalogs of one provider, in the file at ``path``, which is made at its first use.

    One process writes at a time and the others wait for it; readers wait for nobody. Calls block: make them in a
    thread.
    """

    def __init__(self, path: Path, *, provider: str) -> None:
        self.path = path
        self._provider = provider
        self._opening = threading.Lock()
        self._engine: Engine | None = None
        self._file = SameFile(path, provider=provider)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the file, and changes nothing."""
        with self._explained(), self._opened().connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: what is written in it is there when it ends, and not at all when it ends in an error."""
        with self._explained(), self._opened().execution_options(placket_writes=True).begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _opened(self) -> Engine:
        with self._opening:
            if self._engine is None:
                self._engine = self._open()
                self._file.opened()
            else:
                self._file.check()
            return self._engine

    def _open(self) -> Engine:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"the catalogs cannot be kept in {self.path.parent}: {error.strerror}") from error
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            connect_args={"timeout": BUSY_TIMEOUT},
            max_overflow=-1,
            # The connection that was used last has read last what the next one wants.
            pool_use_lifo=True,
        )
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        try:
            _write_ahead(engine)
            self._prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _prepare(self, engine: Engine) -> None:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if found > VERSION:
            raise ConfigError(
                f"{self.path} was written by a newer Placket (its version is {found}, this one knows up to {VERSION}): "
                "upgrade Placket, or name another data folder"
            )
        if found < VERSION:
            with engine.execution_options(placket_writes=True).begin() as connection:
                METADATA.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise self._explanation(getattr(error, "orig", None) or error) from error
        except (UnicodeDecodeError, msgspec.DecodeError) as error:
            raise self._damaged(error) from error
        except UnicodeEncodeError as error:
            raise InvalidInput(f"no catalog holds this text, it has half a character: {error.object!r:.60}") from error

    def _explanation(self, error: BaseException) -> ProviderError | ConfigError:
        said = str(error) or type(error).__name__
        if "locked" in said or "busy" in said:
            return Unavailable(
                f"another process has kept {self.path} locked for more than {BUSY_TIMEOUT:g} s; end it, or try again",
                provider=self._provider,
            )
        if "full" in said:
            return QuotaExhausted(
                f"the disk is full: {self.path} could not grow, and nothing of this step was stored; make room, and "
                "repeat the call",
                provider=self._provider,
            )
        if "not a database" in said or "malformed" in said or "not decode" in said:
            return self._damaged(error)
        told = f"{self.path} cannot be read or written: {said}"
        return Unavailable(told + (UNWRITABLE if is_unwritable(said) else ""), provider=self._provider)

    def _damaged(self, error: BaseException) -> ConfigError:
        return ConfigError(
            f"{self.path} is damaged or no catalog file ({error}); put a copy of it back, or move it away and add the "
            "items again"
        )


def _on_connect(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and too late: reading first and writing then can deadlock.
    connection.isolation_level = None
    for pragma in ("synchronous=FULL", "temp_store=MEMORY", f"cache_size=-{_CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("placket_writes")
    _driver_of(connection).execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _write_ahead(engine: Engine) -> None:
    """Let readers and a writer work at the same time; SQLite does not wait for its turn in this by itself."""
    connection = engine.raw_connection()
    try:
        attempts = round(BUSY_TIMEOUT / _PAUSE) + 1
        for attempt in range(attempts):
            try:
                connection.cursor().execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.Error as error:
                if "locked" not in str(error) or attempt + 1 == attempts:
                    raise
            time.sleep(_PAUSE)
    finally:
        connection.close()


async def in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Run what blocks beside the event loop. Who is cancelled waits for its end, so that nothing is closed under it."""
    # What `asyncio.to_thread` does, without a task for it.
    inside = contextvars.copy_context()
    work = asyncio.get_running_loop().run_in_executor(None, inside.run, function, *arguments)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


_several = func.json_each(bindparam("several")).table_valued("value")

SEVERAL: Select[Any] = select(_several.c.value)
"""The values that `several` gives, for ``column.in_(SEVERAL)``: one statement, however many there are."""


def written(statement: Select[Any]) -> str:
    """A statement as `rows_of` takes it: writing it anew for each search would cost more than running it."""
    return str(statement.compile(dialect=sqlite.dialect()))


def rows_of(connection: Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a statement finds, as the driver gives it: for the statements of every search, where each row counts."""
    if not connection.in_transaction():
        connection.begin()
    found: list[tuple[Any, ...]] = _driver_of(connection).execute(statement, parameters).fetchall()
    return found


def _driver_of(connection: Connection) -> Any:
    return connection.connection.driver_connection


def several(values: Sequence[Any]) -> dict[str, bytes]:
    """The parameters of a statement with `SEVERAL` in it: whole numbers, or texts."""
    return {"several": msgspec.json.encode(values)}
