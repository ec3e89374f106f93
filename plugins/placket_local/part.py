"""What the parts of the embedded provider share: settings, context, and one database."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from placket.errors import ConfigError
from placket.registry import ProviderContext, Secret

if TYPE_CHECKING:
    from .database import Database

FILE = "placket.sqlite"

STORAGE = (
    "the embedded search, store, shoots and AR content need SQLAlchemy, Alembic, aiosqlite and faiss; "
    "install them with: pip install 'placket[local]'"
)


class StorageSettings(Protocol):
    """What a part must be told: the database, as the path of a SQLite file or as a URL that may hold a password."""

    @property
    def database(self) -> Path | Secret | None:
        """Where the database is; None for a file in the data folder."""


def database_of(settings: StorageSettings, context: ProviderContext) -> Database:
    """The configured database, not opened yet; raises ConfigError when a library that it needs is missing."""
    # Looked for and not imported: what is imported late would fail late, as a fault of a call.
    if not all(find_spec(name) for name in ("sqlalchemy", "greenlet", "alembic", "aiosqlite", "faiss")):
        raise ConfigError(STORAGE)
    from .database import Database

    configured = settings.database
    if configured is None:
        configured = context.data_folder / FILE
    place = configured.reveal() if isinstance(configured, Secret) else configured
    return Database(place, provider=context.name)


class LocalPart:
    """One interface of the embedded provider; `LocalProvider` is all of them together.

    Parts of one provider share a ``database``: it has one writer at a time. A part without one opens its own.
    """

    def __init__(self, settings: StorageSettings, context: ProviderContext, database: Database | None = None) -> None:
        self._settings = settings
        self._context = context
        self._shared = database

    @cached_property
    def _database(self) -> Database:
        if self._shared is not None:
            return self._shared
        return database_of(self._settings, self._context)

    @property
    def _media(self) -> Path:
        return self._context.data_folder / "media"

    async def aclose(self) -> None:
        """Close the database, if it was opened here."""
        if "_database" in self.__dict__ and self._shared is None:
            await self._database.aclose()
