"""Many clients of one database wait for their turn, and nobody waits for what is slow elsewhere."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.interfaces import GarmentImage, Image, ProductDraft, ProductQuery
from placket.registry import ProviderContext
from placket.testing.virtual_time import VirtualClock
from placket_local import LocalSettings
from placket_local.database import Database
from placket_local.store import LocalStore

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


async def test_hundreds_of_clients_wait_for_a_connection_as_long_as_they_may(
    tmp_path: Path, clock: VirtualClock, new_context: Callable[..., ProviderContext]
) -> None:
    database = Database(tmp_path / "shop.sqlite", provider="here")
    store = LocalStore(LocalSettings(), new_context("here"), database)
    made = await store.create(ProductDraft({"name": "Top"}))
    async with AsyncExitStack() as taken:
        for _ in range(10):
            await taken.enter_async_context(database.reading())
        readers = [asyncio.create_task(store.list(ProductQuery()).collect()) for _ in range(300)]
        writers = [asyncio.create_task(store.create(ProductDraft({"name": "Coat"}))) for _ in range(20)]
        await clock.sleep(120)
        assert not any(task.done() for task in readers + writers)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await store.get(made.ref)
    assert all(made in found for found in await asyncio.gather(*readers))
    await asyncio.gather(*writers)
    assert len(await store.list(ProductQuery()).collect()) == 21
    await database.aclose()


async def test_a_picture_that_is_slow_to_read_keeps_no_writer_waiting(
    open_store: Callable[..., LocalStore], add: Callable[..., Any], clock: VirtualClock
) -> None:
    slow, write_end = os.pipe()

    async def drafts() -> AsyncIterator[ProductDraft]:
        yield ProductDraft({"sku": "A"})
        yield ProductDraft({"sku": "B"}, (GarmentImage(Image.of(f"/dev/fd/{slow}")),))

    importing = asyncio.create_task(open_store().upsert(drafts()))
    await clock.sleep(1)
    assert (await add("Coat")).version == "1"
    assert not importing.done()
    os.write(write_end, PNG)
    os.close(write_end)
    assert (await importing).created == 2
    os.close(slow)


async def test_who_still_reads_when_the_store_is_closed_gives_the_connection_back(
    tmp_path: Path, new_context: Callable[..., ProviderContext]
) -> None:
    database = Database(tmp_path / "shop.sqlite", provider="here")
    await LocalStore(LocalSettings(), new_context("here"), database).create(ProductDraft({"name": "Top"}))
    async with database.reading() as connection:
        await database.aclose()
        assert await _names(connection) == ["Top"]
    async with database.reading() as connection:
        assert await _names(connection) == ["Top"]
    assert "shop.sqlite" not in _open_files()


async def _names(connection: AsyncConnection) -> list[str]:
    return list((await connection.exec_driver_sql("SELECT name FROM products")).scalars())


def _open_files() -> list[str]:
    return [link.resolve().name for link in Path("/proc/self/fd").iterdir()]
