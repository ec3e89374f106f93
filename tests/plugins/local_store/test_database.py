"""A database that is locked, newer, damaged or unreachable says so, and what to do."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from placket.errors import ConfigError, Unavailable
from placket.interfaces import ProductDraft, ProductQuery
from placket_local.database import engine, migrating
from placket_local.store import LocalStore

DRAFT = ProductDraft({"name": "Top"})


async def test_the_file_is_made_with_its_folder(open_store: Callable[..., LocalStore], tmp_path: Path) -> None:
    await open_store(folder=tmp_path / "deep" / "down").create(DRAFT)
    assert (tmp_path / "deep" / "down" / "placket.sqlite").is_file()


async def test_a_database_can_be_named_by_path_or_url(open_store: Callable[..., LocalStore], tmp_path: Path) -> None:
    await open_store(str(tmp_path / "mine.db")).create(DRAFT)
    assert len(await open_store(f"sqlite:///{tmp_path}/mine.db").list(ProductQuery()).collect()) == 1


async def test_two_that_open_a_new_database_at_once_both_can(open_store: Callable[..., LocalStore]) -> None:
    stores = [open_store() for _ in range(4)]
    await asyncio.gather(*(store.create(DRAFT) for store in stores))
    assert len(await stores[0].list(ProductQuery()).collect()) == 4


async def test_a_database_locked_by_another_process_is_unavailable(
    open_store: Callable[..., LocalStore], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT", 0.05)
    store = open_store()
    await store.create(DRAFT)
    with closing(sqlite3.connect(tmp_path / "placket.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="another process has locked the database"):
            await store.create(DRAFT)
        assert len(await store.list(ProductQuery()).collect()) == 1, "readers do not wait for a writer"
        other.execute("ROLLBACK")
    await store.create(DRAFT)


@pytest.mark.parametrize("at", ["BEGIN IMMEDIATE", "INSERT INTO products", "SELECT products.id"])
async def test_a_write_that_was_cancelled_leaves_the_database_to_others(
    open_store: Callable[..., LocalStore], tmp_path: Path, at: str
) -> None:
    store = open_store()
    await store.create(DRAFT)
    task = asyncio.create_task(store.create(DRAFT))

    def cancel(*given: Any) -> None:
        if given[2].startswith(at):
            task.cancel()

    event.listen(Engine, "before_cursor_execute", cancel)
    try:
        with pytest.raises(asyncio.CancelledError) as held:
            await task
    finally:
        event.remove(Engine, "before_cursor_execute", cancel)
    with closing(sqlite3.connect(tmp_path / "placket.sqlite", isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    assert held.value
    assert len(await store.list(ProductQuery()).collect()) == 1


async def test_a_database_of_a_newer_version_is_left_alone(
    open_store: Callable[..., LocalStore], tmp_path: Path
) -> None:
    await open_store().create(DRAFT)
    with closing(sqlite3.connect(tmp_path / "placket.sqlite")) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
        before = [*other.iterdump()]
        newer = open_store()
        for call in (newer.list(ProductQuery()).collect(), newer.create(DRAFT)):
            with pytest.raises(ConfigError, match=r"written by a newer Placket \(its version is 9999.*upgrade Placket"):
                await call
        assert [*other.iterdump()] == before


@pytest.mark.parametrize("content", [b"this is no database, it is a text of some length" * 40])
async def test_a_file_that_is_no_database_is_left_alone(
    open_store: Callable[..., LocalStore], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "placket.sqlite").write_bytes(content)
    with pytest.raises(ConfigError, match="damaged or is none"):
        await open_store().list(ProductQuery()).collect()
    assert (tmp_path / "placket.sqlite").read_bytes() == content


@pytest.mark.parametrize(
    ("place", "message"),
    [("mysql://u:secret@h/db", "use SQLite or PostgreSQL"), ("://", "this is no database URL")],
)
async def test_a_url_of_something_else_is_refused_without_its_password(
    open_store: Callable[..., LocalStore], place: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        await open_store(place).list(ProductQuery()).collect()
    assert "secret" not in str(caught.value)


def test_the_code_knows_the_newest_migration() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrating.PRODUCTS.head]


def test_the_tables_are_what_the_migrations_make(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    from placket_local.database.tables import METADATA

    made = create_engine(f"sqlite:///{tmp_path}/x.sqlite")
    with made.begin() as connection:
        migrating.migrate(connection)
    with made.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), METADATA)
    made.dispose()
    assert [change for change in found if change[0] not in ("remove_index", "remove_table")] == []


@pytest.mark.parametrize("replaced", [False, True])
async def test_nothing_is_acknowledged_into_a_file_that_was_taken_away(
    open_store: Callable[..., LocalStore], tmp_path: Path, replaced: bool
) -> None:
    store = open_store()
    product = await store.create(DRAFT)
    file = tmp_path / "placket.sqlite"
    if replaced:
        await open_store(folder=tmp_path / "other").create(DRAFT)
        (tmp_path / "other" / "placket.sqlite").replace(file)
    else:
        file.unlink()
    for call in (
        store.create(DRAFT),
        store.get(product.ref),
        store.list(ProductQuery()).collect(),
        store.archive(product.ref),
    ):
        with pytest.raises(Unavailable, match="removed or replaced while it was in use; open the router again"):
            await call
    await store.aclose()
    assert len(await open_store().list(ProductQuery()).collect()) == int(replaced)


async def test_a_folder_that_cannot_be_written_is_said_with_the_way_out(
    open_store: Callable[..., LocalStore], small_disk: Any
) -> None:
    await (store := open_store(folder=small_disk.path)).create(DRAFT)
    await store.aclose()
    small_disk.close_to_writing()
    with pytest.raises(Unavailable, match="let this process write there, or copy the folder"):
        await open_store(folder=small_disk.path).list(ProductQuery()).collect()
