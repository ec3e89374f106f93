"""Brings a database to the version that this code expects, once, whatever else is starting up beside it."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen
from sqlalchemy import Connection, inspect, text

from placket.errors import ConfigError

_SCRIPTS = Path(__file__).parent / "migrations"

_LOCK = 7_526_352_144
"""The key of the advisory lock under which PostgreSQL is migrated: any number that nobody else uses."""


@frozen
class Migrations:
    """Steps, the oldest first, and the folder of their scripts. ``table`` is where a database notes the last one.

    What shares a database and not its tables has steps of its own, and a table of its own to note them in.
    """

    folder: Path
    steps: tuple[str, ...]
    table: str = "alembic_version"

    @property
    def head(self) -> str:
        """The newest step."""
        return self.steps[-1]


PRODUCTS = Migrations(_SCRIPTS / "versions", ("0001", "0002", "0003"))
"""The tables of products, shoots and AR content."""


def needs_migrating(connection: Connection, migrations: Migrations = PRODUCTS) -> bool:
    """Whether the database is older than this code; raises ConfigError when it is newer."""
    if not inspect(connection).has_table(migrations.table):
        return True
    found = connection.execute(text(f"SELECT version_num FROM {migrations.table}")).scalar()  # noqa: S608 - our own name
    if found is not None and found not in migrations.steps:
        raise ConfigError(
            f"the database was written by a newer Placket (its version is {found}, this one knows up to "
            f"{migrations.head}): upgrade Placket, or name another database"
        )
    return bool(found != migrations.head)


def wait_for_turn(connection: Connection) -> None:
    """Let nobody else change what tables there are until the transaction ends; SQLite sees to it by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def migrate(connection: Connection, migrations: Migrations = PRODUCTS) -> None:
    """Run what is missing. The connection is in a transaction that the caller ends."""
    wait_for_turn(connection)
    # Another process may have been faster while this one waited for its turn.
    if not needs_migrating(connection, migrations):
        return
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": migrations.table})
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("version_locations", str(migrations.folder))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, migrations.head)
