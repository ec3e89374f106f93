"""Placket's products, shoots, AR content and visual search on PostgreSQL: one provider type, ``postgres``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

import placket
from placket.errors import ConfigError
from placket.interfaces import ARContentBuilder, Capabilities, ProductStore, ShootManager, VisualSearch
from placket.registry import ProviderContext, ProviderType, Secret, setting
from placket_local import FIELDS, NOT_DONE, OPERATIONS

if TYPE_CHECKING:
    from .provider import PostgresProvider

INTERFACES = (VisualSearch, ProductStore, ShootManager, ARContentBuilder)


@frozen(kw_only=True)
class PostgresSettings:
    """What an operator can say about this provider."""

    database: Secret = setting(doc="The server and the database: postgresql://user:password@host/name.")
    workers: int = setting(
        default=1, minimum=1, maximum=64, doc="Shots and AR contents that are made at the same time, one core each."
    )
    shot_quality: float = setting(
        default=0.5,
        minimum=0.0,
        maximum=1.0,
        doc="How good the cut-out of the garment must be, 0 to 1, before shots or AR content are made of it.",
    )


def _build(settings: PostgresSettings, context: ProviderContext) -> PostgresProvider:
    from .provider import PostgresProvider

    if not settings.database.reveal().startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        raise ConfigError("must be a PostgreSQL URL, as in postgresql://user:password@host/name", path="database")
    return PostgresProvider(settings, context)


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the one provider type."""
    names = {interface.interface_name for interface in INTERFACES}
    yield ProviderType(
        name="postgres",
        title="On PostgreSQL",
        description="Products, shoots, AR content and visual search of the embedded provider, in a PostgreSQL server.",
        settings=PostgresSettings,
        factory=_build,
        interfaces=INTERFACES,
        capabilities=Capabilities(
            operations={
                name: level
                for name, level in OPERATIONS.items()
                if name.partition(".")[0] in names and name not in NOT_DONE
            },
            fields=FIELDS,
        ),
    )
