"""What the parts of the embedded provider share: settings, context, and one database."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from placket.errors import ConfigError
from placket.registry import ProviderContext

if TYPE_CHECKING:
    from . import LocalSettings
    from .database import Database

FILE = "placket.sqlite"

STORAGE = "the embedded store needs SQLAlchemy, Alembic and aiosqlite; install them with: pip install 'placket[local]'"


class LocalPart:
    """One interface of the embedded provider; `LocalProvider` is all of them together."""

    def __init__(self, settings: LocalSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context

    @cached_property
    def _database(self) -> Database:
        try:
            from .database import Database
        except ModuleNotFoundError as error:
            raise ConfigError(STORAGE) from error
        configured = self._settings.database
        place = configured.reveal() if configured else self._context.data_folder / FILE
        return Database(place, provider=self._context.name)

    @property
    def _media(self) -> Path:
        return self._context.data_folder / "media"

    async def aclose(self) -> None:
        """Close the database, if it was opened."""
        if "_database" in self.__dict__:
            await self._database.aclose()
