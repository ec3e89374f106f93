"""The database with the tables of visual search in it: pgvector is asked for where they are first needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import ConfigError
from placket_local.database import Database
from placket_local.database.migrating import migrate, needs_migrating, wait_for_turn

from .tables import MIGRATIONS

OLDEST = (0, 8)
"""The version of pgvector that brought scans which go on until enough was found."""

_NOT_ALLOWED = "42501"
_NOT_INSTALLED = ("0A000", "58P01")
"""The server's codes: for lack of a right, and for a feature, or in older versions its file, that is not there."""


class CatalogDatabase:
    """The provider's database, for visual search; who keeps products only needs no pgvector."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._preparing = asyncio.Lock()
        self._ready = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that changes nothing."""
        await self._prepare()
        async with self._database.reading() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: what is written in it is there when it ends, and not at all when it ends in an error."""
        await self._prepare()
        async with self._database.writing() as connection:
            yield connection

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements are transactions each."""
        await self._prepare()
        async with self._database.apart() as connection:
            yield connection

    def explaining(self) -> AbstractContextManager[None]:
        """Tell what goes wrong inside as errors of Placket: for a connection that outlives its context."""
        return self._database.explaining()

    async def _prepare(self) -> None:
        async with self._preparing:
            if self._ready:
                return
            async with self._database.reading() as connection:
                due = await connection.run_sync(needs_migrating, MIGRATIONS)
            if due:
                async with self._database.writing() as connection:
                    await connection.run_sync(_set_up)
            self._ready = True


def _set_up(connection: Connection) -> None:
    database = connection.engine.url.database
    wait_for_turn(connection)
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except DBAPIError as error:
        code: Any = getattr(error.orig, "sqlstate", None)
        if code == _NOT_ALLOWED:
            raise ConfigError(
                "visual search needs pgvector, and this user may not set it up: let an administrator of the server run "
                f"CREATE EXTENSION vector; in the database {database}"
            ) from error
        if code not in _NOT_INSTALLED:
            raise
        raise ConfigError(
            "visual search needs pgvector, and the server does not have it: install it there (the Debian package is "
            "postgresql-NN-pgvector, with the server's version for NN; the container image is pgvector/pgvector), then "
            f"run CREATE EXTENSION vector; in the database {database} ({_first_line(error)})"
        ) from error
    found = connection.execute(text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")).scalar_one()
    if tuple(int(part) for part in found.split(".")[:2]) < OLDEST:
        raise ConfigError(
            f"visual search needs pgvector {OLDEST[0]}.{OLDEST[1]} or newer, and this database has {found}: install a "
            f"newer one on the server, then run ALTER EXTENSION vector UPDATE; in the database {database}"
        )
    migrate(connection, MIGRATIONS)


def _first_line(error: DBAPIError) -> str:
    return next(iter(str(error.orig).splitlines()), "")
