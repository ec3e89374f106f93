"""The graph over the vectors of a large catalog: an HNSW index for this catalog alone.

It is made when a catalog has outgrown exact comparison, holds whatever is added later, and loses nothing: the vectors
are in the table.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, cast, exists, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.logs import LazyLogger

from .halfvec import HalfVector
from .tables import CATALOGS, VECTORS

EXACT = 10_000
"""Vectors up to which a catalog has no graph: the server compares them all in some milliseconds."""

NEIGHBOURS, BREADTH = 24, 128
"""``m`` and ``ef_construction``. With pgvector's own 16 and 64, garments, which crowd by type, are cut off from each
other: a search misses 2 of 100 of the nearest, however far it looks."""

_MEMORY = 1 << 30
"""Bytes that building may take at most, unless the server allows more by itself. A graph that does not fit is built
several times slower."""

_HEAD = 1.5
"""Bytes that building takes, for each of what a vector and its neighbours hold."""

_logger = LazyLogger("placket_postgres.search")


def name_of(catalog: int) -> str:
    """The name of a catalog's graph."""
    return f"search_vectors_graph_{catalog}"


def is_there() -> ColumnElement[bool]:
    """Whether the graph of the catalog in a row of `CATALOGS` is there and whole: a column for a query."""
    name = func.to_regclass(literal_column("'search_vectors_graph_'").concat(CATALOGS.c.number))
    return exists(
        select(literal_column("1"))
        .select_from(text("pg_index"))
        .where(literal_column("pg_index.indexrelid") == name, literal_column("pg_index.indisvalid"))
    ).label("graph")


def in_graph(length: int) -> ColumnElement[object]:
    """The vectors as a graph holds them: it needs to know their length."""
    return cast(VECTORS.c.vector, HalfVector(length))


async def build(connection: AsyncConnection, catalog: int, count: int, length: int) -> None:
    """Make the graph of a catalog of ``count`` vectors, while others read and write. Takes minutes for 100,000.

    The connection must be in no transaction, and is left with settings that suit nothing else.
    """
    await drop(connection, catalog)  # one that was begun and never finished is of no use
    needed = int(_HEAD * count * (2 * length + 16 * NEIGHBOURS)) >> 10
    asked = text("SELECT pg_size_bytes(current_setting('maintenance_work_mem')) >> 10")
    allowed = (await connection.execute(asked)).scalar_one()
    memory = max(allowed, min(needed, _MEMORY >> 10))
    for setting in (f"maintenance_work_mem = '{memory}kB'", "statement_timeout = 0"):
        await connection.execute(text(f"SET {setting}"))
    _logger.info("graph is built", catalog=catalog, vectors=count)
    await connection.execute(
        text(
            f"CREATE INDEX CONCURRENTLY {name_of(catalog)} ON search_vectors USING hnsw "
            f"((vector::halfvec({length})) halfvec_ip_ops) WITH (m = {NEIGHBOURS}, ef_construction = {BREADTH}) "
            f"WHERE catalog = {catalog}"
        )
    )


async def drop(connection: AsyncConnection, catalog: int) -> None:
    """Remove the graph of a catalog, if there is one. The connection must be in no transaction."""
    await connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name_of(catalog)}"))
