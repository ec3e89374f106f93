"""A process that fills a catalog until it is killed: ``writer.py URL FOLDER CATALOG FIRST``.

Prints a line for every batch of items that was acknowledged, and for every one that was indexed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

from numbers_model import NumbersModel, photo

from placket.interfaces import CatalogItem, Image, Ref, SystemClock
from placket.record import Vocabulary
from placket.registry import ProviderContext
from placket.transport import SafeFetcher, Secret, SessionPool
from placket_postgres.search import graph
from placket_postgres.search.search import PostgresSearch


async def garments(first: int) -> AsyncIterator[CatalogItem]:
    for number in range(first, first + 20):
        yield CatalogItem(f"item-{number}", Image.of(photo(number)), {"number": number})


async def main(url: str, folder: Path, catalog: Ref, first: int) -> None:
    # So that a graph is made, and grows, in the midst of it.
    graph.EXACT = 40
    async with SessionPool() as sessions:
        context = ProviderContext(
            name="shop",
            plugin="placket-postgres 1.0",
            clock=SystemClock(),
            vocabulary=Vocabulary.default(),
            sessions=sessions,
            fetcher=SafeFetcher(sessions, clock=SystemClock()),
            data_folder=folder,
        )
        search = PostgresSearch(SimpleNamespace(database=Secret(url)), context, embedder=NumbersModel())
        print("ready", flush=True)
        while True:
            await search.add_items(catalog, garments(first))
            print("added", *(f"item-{number}" for number in range(first, first + 20)), flush=True)
            done = await (await search.index(catalog)).result()
            print("indexed", done.items_indexed, flush=True)
            first += 20


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Ref.parse(sys.argv[3]), int(sys.argv[4])))
