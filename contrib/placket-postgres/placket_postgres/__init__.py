"""Placket's product store on PostgreSQL: one provider type, ``postgres``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

import placket
from placket.errors import ConfigError
from placket.interfaces import Capabilities, Level, ProductStore, operations_of
from placket.record import RECORD_FIELDS
from placket.registry import ProviderContext, ProviderType, Secret, setting

if TYPE_CHECKING:
    from placket_local.store import LocalStore


@frozen(kw_only=True)
class PostgresSettings:
    """What an operator can say about this provider."""

    database: Secret = setting(doc="The server and the database: postgresql://user:password@host/name.")


def _build(settings: PostgresSettings, context: ProviderContext) -> LocalStore:
    from placket_local.store import LocalStore

    if not settings.database.reveal().startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        raise ConfigError("must be a PostgreSQL URL, as in postgresql://user:password@host/name", path="database")
    return LocalStore(settings, context)


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the one provider type."""
    yield ProviderType(
        name="postgres",
        title="Products on PostgreSQL",
        description="The embedded product store with a PostgreSQL server behind it.",
        settings=PostgresSettings,
        factory=_build,
        interfaces=(ProductStore,),
        capabilities=Capabilities(
            operations={f"product_store.{name}": Level.FULL for name in operations_of(ProductStore)},
            fields={path.partition(".")[0]: Level.FULL for path in RECORD_FIELDS},
        ),
    )
