"""Brings a database to the version that this code expects, once, whatever else is starting up beside it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from placket.errors import ConfigError

HEAD = "0002"
"""The newest migration."""

_KNOWN = ("0001", HEAD)

_LOCK = 7_526_352_144
"""The key of the advisory lock under which PostgreSQL is migrated: any number that nobody else uses."""


def needs_migrating(connection: Connection) -> bool:
    """Whether the database is older than this code; raises ConfigError when it is newer."""
    if not inspect(connection).has_table("alembic_version"):
        return True
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in _KNOWN:
        raise ConfigError(
            f"the database was written by a newer Placket (its version is {found}, this one knows up to {HEAD}): "
            "upgrade Placket, or name another database"
        )
    return bool(found != HEAD)


def migrate(connection: Connection) -> None:
    """Run what is missing. The connection is in a transaction that the caller ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    # Another process may have been faster while this one waited for its turn.
    if not needs_migrating(connection):
        return
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
