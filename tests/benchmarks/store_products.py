"""Products that are made up, as many as one wants, and a database of a million of them.

Brands and collections are as uneven as in a shop: a few have tens of thousands of products, most have some hundred.
The large database is made of 10,000 products that the store itself has written, copied within SQLite and renumbered,
with indexes built at the end; it is kept in ``.cache`` for the next run.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from attrs import frozen
from figures import ROOT

from placket.interfaces import ProductDraft, SystemClock
from placket.record import Season
from placket.testing.fixtures import context_of
from placket.transport import Secret, SessionPool
from placket_local.database.migrating import PRODUCTS
from placket_local.store import LocalStore

PATTERNS = 10_000
"""How many different products a large database is copied from."""

BRANDS, COLLECTIONS = 3000, 300
KINDS = ("t-shirt", "dresses", "coats", "trousers", "skirts", "shirts", "jeans", "shorts", "sweaters", "blazers")
WORDS = (
    "breton", "classic", "slim", "wool", "linen", "summer", "oversized", "ribbed", "printed", "pleated", "cropped",
    "striped", "washed", "cotton", "soft", "vintage", "city", "coast", "studio", "heritage",
)  # fmt: skip
STATES = ("", "pending", "in-review", "approved")


@frozen
class Storage:
    """Where a store keeps its products."""

    database: Path | Secret | None


@asynccontextmanager
async def opened(place: Path | Secret, folder: Path) -> AsyncIterator[LocalStore]:
    """A store on a file or a server."""
    async with SessionPool() as sessions:
        store = LocalStore(Storage(place), context_of("here", SystemClock(), sessions, folder))
        try:
            yield store
        finally:
            await store.aclose()


def uneven(drawn: random.Random, count: int) -> int:
    """A number below ``count``, the small ones far more often."""
    return min(int(count ** drawn.random()), count) - 1


def fields(drawn: random.Random, number: str) -> dict[str, Any]:
    kind = drawn.choice(KINDS)
    found: dict[str, Any] = {
        "sku": f"SKU-{number}",
        "name": f"{drawn.choice(WORDS)} {drawn.choice(WORDS)} {kind} {number}".title(),
        "brand": f"Label{uneven(drawn, BRANDS)}",
        "collection": f"Line {uneven(drawn, COLLECTIONS)}",
        "season": Season(drawn.choice(("SS", "AW", "PF")), 2027 - uneven(drawn, 12)),
        "gender": drawn.choices(("female", "male", "unisex"), (5, 3, 2))[0],
        "category": kind,
        "color": [drawn.choice(("navy", "white", "black", "red", "green"))],
        "material_text": "100% cotton",
        "descriptions.long": f"A {drawn.choice(WORDS)} piece in {drawn.choice(WORDS)} {drawn.choice(WORDS)}",
        "visibility.archived": drawn.random() < 0.1,
        "visibility.enabled": drawn.random() < 0.95,
    }
    if state := drawn.choice(STATES):
        found["shoot.state"] = state
    return found


def products(count: int, number: str = "{}") -> Iterator[ProductDraft]:
    """Drafts that are the same in every run; ``number`` is the pattern of the numbers in their SKUs and names."""
    drawn = random.Random(4)
    for place in range(count):
        yield ProductDraft(fields(drawn, number.format(place)))


async def streamed(drafts: list[ProductDraft]) -> AsyncIterator[ProductDraft]:
    for draft in drafts:
        yield draft


def large(count: int) -> Path:
    """A database of so many products, made once."""
    file = ROOT / ".cache" / "store" / f"products-{count}-{PRODUCTS.head}.sqlite"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        print(f"making {file.relative_to(ROOT)}, once: minutes")
        partial = file.with_suffix(".part")
        partial.unlink(missing_ok=True)
        asyncio.run(_patterns(partial, min(count, PATTERNS)))
        _copied(partial, count)
        partial.rename(file)
    return file


async def _patterns(file: Path, count: int) -> None:
    async with opened(file, file.parent) as store:
        # The sign stands where the number of a copy will be.
        await store.upsert(streamed(list(products(count, "{}-@"))))


def _copied(file: Path, count: int) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-500000", "temp_store=MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        asked = (
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'products' AND type <> 'table' AND sql <> ''"
        )
        slow = database.execute(asked).fetchall()
        for kind, name, _ in slow:
            database.execute(f"DROP {kind} {name}")
        database.execute("CREATE TEMP TABLE patterns AS SELECT * FROM products")
        database.execute("DELETE FROM products")
        columns = [row[1] for row in database.execute("PRAGMA table_info(products)") if row[1] != "number"]
        several = database.execute("SELECT count(*) FROM patterns").fetchone()[0]
        database.execute(
            "WITH RECURSIVE places(place) AS"
            f" (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place < {count - 1})"
            f" INSERT INTO products ({', '.join(columns)}) SELECT {', '.join(map(_renumbered, columns))}"
            f" FROM places JOIN patterns ON patterns.rowid = 1 + (place * 7919) % {several}"
        )
        for _, _, statement in slow:
            database.execute(statement)
        counted = [row[1] for row in database.execute("PRAGMA table_info(product_counts)") if row[1] != "products"]
        database.execute("DELETE FROM product_counts")
        database.execute(
            f"INSERT INTO product_counts SELECT {', '.join(counted)}, count(*) FROM products"
            f" GROUP BY {', '.join(counted)}"
        )
        database.execute("INSERT INTO products_words(products_words) VALUES ('rebuild')")
        database.execute("PRAGMA journal_mode=WAL")


def _renumbered(column: str) -> str:
    """What a column of a copy holds."""
    if column == "id":
        return "printf('%08x-0000-4000-8000-%012x', (place * 2654435761) % 4294967296, place)"
    if column in ("created_at", "updated_at"):
        return f"{column} + place * 1000003"
    if column == "claims":
        return "CAST(replace(CAST(claims AS TEXT), '@', place) AS BLOB)"
    return f"replace({column}, '@', place)" if column in ("sku", "name", "words", "name_key") else column
