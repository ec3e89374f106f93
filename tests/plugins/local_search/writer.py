"""A process that writes into a catalog until it is killed: ``writer.py FOLDER CATALOG FIRST``.

Prints a line for every batch of items that was acknowledged, and for every one that was indexed.
"""

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from placket.interfaces import CatalogItem, Image, Ref, SystemClock
from placket.record import Vocabulary
from placket.registry import ProviderContext
from placket.transport import SafeFetcher, SessionPool
from placket_local.search import LocalSearch, catalog_index


def sample() -> Any:
    """The model and the pictures of the tests, by their path: test folders are no packages."""
    spec = importlib.util.spec_from_file_location("search_conftest", Path(__file__).parent / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[LocalSearch]:
    async with SessionPool() as sessions:
        context = ProviderContext(
            name="here",
            plugin="placket 1.0",
            clock=SystemClock(),
            vocabulary=Vocabulary.default(),
            sessions=sessions,
            fetcher=SafeFetcher(sessions, clock=SystemClock()),
            data_folder=folder,
        )
        search = LocalSearch(SimpleNamespace(database=None), context, embedder=sample().ToyEmbedder())
        yield search
        await search.aclose()


async def new_catalog(folder: Path) -> str:
    async with opened(folder) as search:
        return str((await search.create_catalog("Summer")).ref)


async def ids_in(folder: Path, catalog: str) -> set[str]:
    async with opened(folder) as search:
        return {item.id async for item in search.list_items(Ref.parse(catalog))}


async def main(folder: Path, catalog: Ref, first: int) -> None:
    tests = sample()
    # So that index files are written, and written anew, all the time.
    catalog_index.EXACT = 40
    async with opened(folder) as search:
        print("ready", flush=True)
        while True:
            numbers = range(first, first + 20)
            items = [
                CatalogItem(
                    f"item-{number}",
                    Image.of(tests.png((number * 37 % 200 + 40, number * 91 % 200 + 40, 60), number)),
                    {"number": number},
                )
                for number in numbers
            ]
            await search.add_items(catalog, tests.stream(items))
            print("added", *(item.id for item in items), flush=True)
            ready = await (await search.index(catalog)).result()
            print("indexed", ready.items_indexed, flush=True)
            first += 20


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Ref.parse(sys.argv[2]), int(sys.argv[3])))
