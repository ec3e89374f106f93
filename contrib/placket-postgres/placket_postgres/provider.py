"""The provider type ``postgres``: the embedded parts with a PostgreSQL server behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from placket.interfaces import ARContentBuilder, Interface, ProductStore, ShootManager, VisualSearch
from placket_local.parts import PartedProvider, handing_on


@handing_on
class PostgresProvider(PartedProvider, VisualSearch, ProductStore, ShootManager, ARContentBuilder):
    """Products, shoots and AR content in the tables of the embedded provider, and visual search with pgvector."""

    parts: ClassVar[Mapping[type[Interface], tuple[str, str]]] = {
        VisualSearch: ("placket_postgres.search.search", "PostgresSearch"),
        ProductStore: ("placket_local.store", "LocalStore"),
        ShootManager: ("placket_local.shoots", "LocalShoots"),
        ARContentBuilder: ("placket_local.content.builder", "LocalContent"),
    }
