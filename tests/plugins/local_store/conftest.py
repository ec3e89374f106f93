"""An embedded store on a real SQLite file, as the app builds it."""

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from sqlalchemy import insert

from placket.interfaces import Product, ProductDraft
from placket.record import Vocabulary
from placket.registry import ProviderContext
from placket.testing.virtual_time import VirtualClock, VirtualTimeLoop
from placket.transport import SafeFetcher, Secret, SessionPool
from placket_local.database import Database
from placket_local.database.tables import SHOTS
from placket_local.store import LocalStore


@frozen
class _Storage:
    database: Secret | None


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def open_store(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Callable[..., LocalStore]]:
    """Open a store in the test's folder; several are several processes' worth of connections to one file."""
    opened: list[LocalStore] = []
    async with SessionPool() as sessions:

        def open_(database: str | None = None, *, folder: Path = tmp_path) -> LocalStore:
            context = ProviderContext(
                name="here",
                plugin="placket 1.0",
                clock=clock,
                vocabulary=Vocabulary.default(),
                sessions=sessions,
                fetcher=SafeFetcher(sessions, clock=clock),
                data_folder=folder,
            )
            opened.append(LocalStore(_Storage(database=Secret(database) if database else None), context))
            return opened[-1]

        yield open_
        for store in opened:
            await store.aclose()


@pytest.fixture
def store(open_store: Callable[..., LocalStore]) -> LocalStore:
    return open_store()


@pytest.fixture
def add(store: LocalStore) -> Callable[..., Any]:
    """Make a product of its fields."""

    async def made(name: str = "Top", **fields: Any) -> Product:
        return await store.create(ProductDraft({"name": name, **fields}))

    return made


@pytest.fixture
def add_shots(tmp_path: Path) -> Callable[..., Any]:
    """Put shots of a product into the database, with a picture each, as a shoot would."""

    async def added(product: Product, states: Iterable[str], look: str = "") -> None:
        database = Database(tmp_path / "placket.sqlite", provider="here")
        rows = []
        for number, state in enumerate(states):
            name = f"{product.ref.id}-{number}.jpg"
            (tmp_path / "media").mkdir(exist_ok=True)
            (tmp_path / "media" / name).write_bytes(f"picture {number}".encode() * 1000)
            rows.append(
                {
                    "id": f"{product.ref.id[:8]}-{number}",
                    "product_id": product.ref.id,
                    "look_id": look,
                    "shot_type": "full body",
                    "state": state,
                    "file": name,
                    "media_type": "image/jpeg",
                    "updated_at": 0,
                }
            )
        async with database.writing() as connection:
            await connection.execute(insert(SHOTS), rows)
        await database.aclose()

    return added
