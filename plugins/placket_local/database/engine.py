"""One database: opened lazily, migrated before its first use, one writer at a time."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from placket.errors import ConfigError, InvalidInput, PlacketError, ProviderError, QuotaExhausted, Unavailable

from .migrating import migrate, needs_migrating
from .same_file import SameFile

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process that writes to the same SQLite file."""

_PAUSE = 0.02
"""Seconds between two attempts where SQLite does not wait by itself."""

_POOL: Mapping[str, Any] = {"pool_size": 10, "max_overflow": 0, "pool_timeout": None}
"""Who finds all connections taken waits in line, for as long as its call may take: a call's deadline ends the wait.

That is safe as long as nobody who holds a connection waits for another one.
"""

_TOO_MUCH = "54"
"""How the codes of PostgreSQL begin that say that a value is too long, for an index or for the words of a search."""

UNWRITABLE = (
    "; SQLite writes into the folder of its file even to read it: let this process write there, or copy the folder to "
    "where it may"
)
"""What to do about a file that cannot be written.

SQLite can be told that a file never changes, and reads it as it lies there. But whoever may write could do so at any
moment, from another mount of the folder, and what was read then would be wrong without a word.
"""

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class Database:
    """A SQLite file or a PostgreSQL server.

    ``place`` is the path of a file, or a URL as SQLAlchemy writes them. What goes wrong in it is told as a
    ProviderError of ``provider``, or as a ConfigError when the database cannot be used at all.
    """

    def __init__(self, place: str | Path, *, provider: str) -> None:
        self._url = _url_of(place)
        self._provider = provider
        self._file = SameFile(Path(self._url.database or ""), provider=provider) if self.dialect == "sqlite" else None
        self._pool: Mapping[str, Any] = _POOL
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()
        self._writing = asyncio.Lock()

    def __repr__(self) -> str:
        return f"Database({self._url.render_as_string(hide_password=True)!r})"

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._url.get_backend_name()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the database, and changes nothing."""
        engine = await self._opened()
        with self._explained():
            async with engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: what is written in it is there when it ends, and not at all when it ends in an error."""
        engine = await self._opened()
        async with self._writing:
            with self._explained():
                async with engine.execution_options(placket_writes=True).begin() as connection:
                    yield connection

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements are transactions each: for locks that outlast one, and what must be in none.

        Who holds it may wait for others of the pool, because it is not one of them.
        """
        await self._opened()
        engine = _engine_of(self._url, {"poolclass": NullPool})
        try:
            with self._explained():
                async with engine.connect() as connection:
                    yield await connection.execution_options(isolation_level="AUTOCOMMIT")
        finally:
            await engine.dispose()

    def explaining(self) -> AbstractContextManager[None]:
        """Tell what goes wrong inside as errors of Placket: for a connection that outlives its context."""
        return self._explained()

    async def aclose(self) -> None:
        """Close all connections. Who still reads, as the rest of a list, gets one for each look, and none is kept."""
        self._pool = {"poolclass": NullPool}
        async with self._opening:
            engine, self._engine = self._engine, None
        if engine is not None:
            # What is in use goes back to the pool that it came from, which nobody empties a second time.
            event.listen(engine.sync_engine, "checkin", _close)
            await engine.dispose()

    async def _opened(self) -> AsyncEngine:
        if self._engine is not None:
            if self._file is not None:
                self._file.check()
            return self._engine
        async with self._opening:
            if self._engine is None:
                engine = _engine_of(self._url, self._pool)
                try:
                    with self._explained():
                        await _prepare(engine)
                except BaseException:
                    await engine.dispose()
                    raise
                if self._file is not None:
                    self._file.opened()
                self._engine = engine
        return self._engine

    def _explained(self) -> _Explained:
        return _Explained(self._provider)


class _Explained:
    """Turns what a database driver raises into an error that says what to do."""

    def __init__(self, provider: str) -> None:
        self._provider = provider

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, DBAPIError | sqlite3.Error):
            raise _explanation(error, self._provider) from error
        if isinstance(error, UnicodeEncodeError):
            raise InvalidInput(f"no database holds this text, it has half a character: {error.object!r:.60}") from error
        if isinstance(error, OverflowError):
            raise InvalidInput(f"no database holds a number of so many digits ({error})") from error


def _explanation(error: DBAPIError | sqlite3.Error, provider: str) -> PlacketError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    said = next(iter(str(cause).splitlines()), type(error).__name__)
    if isinstance(error, DataError) or str(getattr(cause, "sqlstate", "")).startswith(_TOO_MUCH):
        return InvalidInput(f"the database cannot hold this: {said}")
    lower = said.lower()
    if "locked" in lower or "busy" in lower:
        return Unavailable(
            f"another process has locked the database for more than {BUSY_TIMEOUT:g} s ({said}); end it, or try again",
            provider=provider,
        )
    if "full" in lower or "no space" in lower:
        return QuotaExhausted(f"the disk of the database is full ({said}); nothing was changed", provider=provider)
    if "not a database" in lower or "malformed" in lower:
        return ConfigError(f"the database file is damaged or is none ({said}); restore a copy, or name another file")
    if isinstance(error, OperationalError | sqlite3.OperationalError):
        told = f"the database cannot be reached or written: {said}"
        return Unavailable(told + (UNWRITABLE if is_unwritable(said) else ""), provider=provider)
    return ProviderError(f"the database refuses this: {said}", provider=provider)


def is_unwritable(said: str) -> bool:
    """Whether SQLite, which said this, may not write where it has to."""
    return "unable to open" in said or "readonly" in said


def _url_of(place: str | Path) -> URL:
    text = str(place)
    if "://" not in text:
        return URL.create("sqlite+aiosqlite", database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except ArgumentError:
        raise ConfigError("this is no database URL; write a path, or postgresql://user:password@host/name") from None
    driver = _DRIVERS.get(url.drivername, url.drivername)
    if driver.partition("+")[0] not in ("sqlite", "postgresql"):
        raise ConfigError(f"{driver.partition('+')[0]} is no database that Placket speaks; use SQLite or PostgreSQL")
    return url.set(drivername=driver)


def _engine_of(url: URL, pool: Mapping[str, Any] = _POOL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        try:
            return create_async_engine(url, pool_pre_ping=True, **pool)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise ConfigError(f"PostgreSQL needs a driver: pip install placket-postgres ({error})") from error
    if not url.database or url.database == ":memory:":
        raise ConfigError("a database in memory would be another one for each connection; name a file")
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"the folder of the database, {folder}, cannot be made ({error.strerror}); make it, or name another"
        ) from error
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT, "factory": _Connection}, **pool)
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


class _Connection(sqlite3.Connection):
    """Ends its transaction when it is closed.

    SQLite closes a connection only when its last statement is gone, and of a call that was cancelled one may be left
    in a traceback: until then nobody else could write.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def _on_connect(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and too late: reading first and writing then can deadlock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()


def _close(_connection: Any, entry: ConnectionPoolEntry) -> None:
    entry.close()


def _on_begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("placket_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


async def _prepare(engine: AsyncEngine) -> None:
    if engine.dialect.name == "sqlite":
        await _write_ahead(engine)
    async with engine.connect() as connection:
        if not await connection.run_sync(needs_migrating):
            return
    async with engine.execution_options(placket_writes=True).begin() as connection:
        await connection.run_sync(migrate)


async def _write_ahead(engine: AsyncEngine) -> None:
    """Let readers and a writer work at the same time. The file remembers it, so all but the first find it done.

    SQLite does not wait for its turn here: when several open a new file at once, all but one are told to try again.
    """
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        attempts = round(BUSY_TIMEOUT / _PAUSE) + 1
        for attempt in range(attempts):
            try:
                await driver.execute_fetchall("PRAGMA journal_mode=WAL")
                return
            except sqlite3.Error as error:
                if "locked" not in str(error) or attempt + 1 == attempts:
                    raise
            await asyncio.to_thread(time.sleep, _PAUSE)
