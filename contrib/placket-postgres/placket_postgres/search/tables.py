"""The tables of visual search. Their steps are in ``versions``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, LargeBinary, MetaData, Table, Text, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from placket_local.database.columns import flag, identity, instant, text
from placket_local.database.migrating import Migrations

from .halfvec import HalfVector

MIGRATIONS = Migrations(Path(__file__).parent / "versions", ("s0001",), "search_version")

METADATA = MetaData()

CATALOGS = Table(
    "search_catalogs",
    METADATA,
    *identity(),
    text("name"),
    instant("created_at"),
    Column("model", Text, nullable=False, server_default=""),
    Column("color_weight", Double, nullable=False, server_default="0"),
)
"""One row a catalog. ``model`` is what made its vectors, which are stretched for ``color_weight``."""

ITEMS = Table(
    "search_items",
    METADATA,
    Column("key", BigInteger, primary_key=True),
    Column("catalog", BigInteger, nullable=False),
    *map(text, ("id", "url", "path")),
    flag("kept"),
    Column("sha256", LargeBinary, nullable=False),
    Column("metadata", JSONB, nullable=False),
    Column("words", JSONB, nullable=False),
    Column("indexed", Boolean, nullable=False),
    Column("error", Text, nullable=False),
)
"""One row an item. Its picture is at ``url`` or ``path``; ``sha256`` is empty until it was read. ``kept`` is true where
``path`` is that of our own copy, below the folder of copies.

``words`` are what it shows, as ``{"color:navy": 0.9}``: seen in the picture, or said by the metadata, whose own words
are there as ``{"color=dark blue": 1.0}``. ``error`` says why its picture gave no vector.
"""

# Partial indices are used where a statement has their conditions with no parameter in them.
_EMPTY: Any = literal_column("''")

UNREAD = ~ITEMS.c.indexed & (ITEMS.c.error == _EMPTY)
"""Items whose pictures wait to be embedded."""

FAILED = ITEMS.c.error != _EMPTY
"""Items whose pictures could not be embedded."""

VECTORS = Table(
    "search_vectors",
    METADATA,
    Column("item", BigInteger, primary_key=True),
    Column("catalog", BigInteger, nullable=False),
    Column("vector", HalfVector, nullable=False),
    Column("seen", JSONB, nullable=False),
)
"""One row a vector: the look and then the colours, each stretched by the root of its weight, so that the dot product of
two is their likeness. ``seen`` is what the picture shows in the words of the vocabulary.

They are not in the table of items, because a row that is written again is put into the graph again: a new price would
cost as much as a new picture.
"""
