"""The tables of visual search. They are the truth; the index file beside them is made from them and may be lost."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text, literal_column
from sqlalchemy.types import UserDefinedType

METADATA = MetaData()


class AnyValue(UserDefinedType[Any]):
    """A column that keeps each value as it is: SQLite compares numbers as numbers and texts as texts."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """A column of type BLOB converts nothing."""
        return "BLOB"


CATALOGS = Table(
    "catalogs",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("model", Text, nullable=False, server_default=""),
    Column("change", Integer, nullable=False, server_default="0"),
    Column("index_file", Text, nullable=False, server_default=""),
    Column("index_seal", Text, nullable=False, server_default=""),
    Column("index_last", Integer, nullable=False, server_default="0"),
    Column("index_count", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
"""One row a catalog.

``model`` is what made its vectors; ``change`` grows with each change that a search must see. The file ``index_file``
covers ``index_count`` vectors up to number ``index_last``; ``index_seal`` tells whether it is whole.
"""

ITEMS = Table(
    "items",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("catalog", Integer, nullable=False),
    Column("id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("metadata", LargeBinary, nullable=False),
    Column("vector", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Index("items_by_id", "catalog", "id", unique=True),
)
"""One row an item. Its picture is at ``url`` or ``path``; ``sha256`` is empty until it was read. ``kept`` is 1 where
``path`` is that of our own copy, below the folder of copies.

``vector`` is the number of its vector, 0 while it has none. ``error`` says why its picture gave none.
"""

# SQLite uses these indices only where a statement has their conditions word for word, with no parameter in them.
_ZERO: Any
_ONE: Any
_EMPTY: Any
_ZERO, _ONE, _EMPTY = (literal_column(written) for written in ("0", "1", "''"))

UNREAD = (ITEMS.c.vector == _ZERO) & (ITEMS.c.error == _EMPTY)
"""Items whose pictures wait to be embedded."""

FAILED = ITEMS.c.error != _EMPTY
"""Items whose pictures could not be embedded."""

KEPT = ITEMS.c.kept == _ONE
"""Items whose picture is our own copy."""

Index("items_unread", ITEMS.c.catalog, ITEMS.c.key, sqlite_where=UNREAD)
Index("items_failed", ITEMS.c.catalog, ITEMS.c.key, sqlite_where=FAILED)
Index("items_kept", ITEMS.c.sha256, sqlite_where=KEPT)

VECTORS = Table(
    "vectors",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("catalog", Integer, nullable=False),
    Column("item", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("seen", LargeBinary, nullable=False),
    Index("vectors_by_catalog", "catalog", "number"),
    sqlite_autoincrement=True,
)
"""One row a vector: float16, the look and then the colours, each of length 1.

A number is never used twice, and its vector never changes: what is embedded anew gets a new number. ``seen`` is what
the picture shows in the words of the vocabulary, as JSON.
"""

REMOVED = Table(
    "removed",
    METADATA,
    Column("place", Integer, primary_key=True),
    Column("catalog", Integer, nullable=False),
    Column("vector", Integer, nullable=False),
    Index("removed_by_catalog", "catalog", "place"),
    sqlite_autoincrement=True,
)
"""The vectors that the index file still holds and the truth does not."""

FACTS = Table(
    "facts",
    METADATA,
    Column("catalog", Integer, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", AnyValue, primary_key=True),
    Column("vector", Integer, primary_key=True),
    Column("confidence", Float, nullable=False),
    sqlite_with_rowid=False,
)
"""What can be filtered by: each value of each item's metadata, and what its picture shows."""
