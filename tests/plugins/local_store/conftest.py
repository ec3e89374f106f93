"""An embedded store on a real SQLite file, as the app builds it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from sqlalchemy import insert

from placket.interfaces import Export, Product, ProductDraft
from placket.registry import ProviderContext
from placket.testing.fixtures import clock, new_context, pytest_asyncio_loop_factories, sessions
from placket.testing.virtual_time import VirtualClock
from placket.transport import Secret
from placket_local.database import Database
from placket_local.database.tables import SHOTS
from placket_local.store import LocalStore

__all__ = ["clock", "new_context", "pytest_asyncio_loop_factories", "sessions"]


@frozen
class _Storage:
    database: Secret | None


@pytest.fixture
async def open_store(
    tmp_path: Path, new_context: Callable[..., ProviderContext]
) -> AsyncIterator[Callable[..., LocalStore]]:
    """Open a store in the test's folder; several are several processes' worth of connections to one file."""
    opened: list[LocalStore] = []

    def open_(database: str | None = None, *, folder: Path = tmp_path, **context: Any) -> LocalStore:
        storage = _Storage(database=Secret(database) if database else None)
        opened.append(LocalStore(storage, new_context("here", data_folder=folder, **context)))
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
def finished(store: LocalStore, clock: VirtualClock) -> Callable[[Export], Awaitable[Export]]:
    """Wait, in virtual time, until an export has ended."""

    async def ended(export: Export) -> Export:
        while not export.status.state.is_final:
            await clock.sleep(0.1)
            export = await store.get_export(export.ref)
        return export

    return ended


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
