"""What an older Placket has stored is brought up to date, and nothing is lost; what a newer one has is left alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import Connection, MetaData, Table, create_engine, insert, inspect, select, text

from placket.errors import ConfigError, Unavailable
from placket.interfaces import (
    SORT_KEYS,
    ExportRequest,
    Facet,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    SortOrder,
)
from placket.record import Claim, Season, Source
from placket_local.database import migrating
from placket_local.database.studio_tables import SKUS
from placket_local.database.tables import METADATA
from placket_local.store import LocalStore

QUERIES: list[dict[str, Any]] = [
    {"search": "top"},
    {"search": "seaside", "enabled": True},
    {"brand": "halyard", "page_size": 7},
    {"collections": ("Cruise", "Resort"), "year": 2027},
    {"season": "aw", "gender": "male", "archived": False},
    {"product_type": "t-shirt", "archived": False},
    {"archived": True},
    *({"sort_by": key, "order": order, "page_size": 11} for key in SORT_KEYS for order in SortOrder),
]


def as_known_at(step: str) -> migrating.Migrations:
    """What a Placket knew when this step was its newest."""
    steps = migrating.PRODUCTS.steps
    return evolve(migrating.PRODUCTS, steps=steps[: steps.index(step) + 1])


@contextmanager
def connected(path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def version(path: Path) -> str:
    with connected(path) as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All that the tables hold, but for the numbers of rows, which say no more than their order."""
    return {
        name: [
            {column: value for column, value in row.items() if column != "number"}
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
        ]
        for name, table in METADATA.tables.items()
    }


def copied_into(older: Path, source: Path, step: str) -> None:
    """Make a database as a Placket of this step did, with what the source holds, as far as that Placket knew of it."""
    with connected(source) as now:
        held = rows(now)
    with connected(older) as connection:
        migrating.migrate(connection, as_known_at(step))
        for name in sorted(METADATA.tables.keys() & set(inspect(connection).get_table_names())):
            table = Table(name, MetaData(), autoload_with=connection)
            if held[name]:
                known = [{column: row[column] for column in row if column in table.c} for row in held[name]]
                connection.execute(insert(table), known)


async def wardrobe() -> AsyncIterator[ProductDraft]:
    for number in range(60):
        fields: dict[str, Any] = {
            "sku": f"W-{number}",
            "name": f"{['Top', 'Coat', 'Café Skirt'][number % 3]} {number % 7}",
            "brand": ["Halyard", "HALYARD", "Öko"][number % 3],
            "collection": ["Cruise", "Resort", None][number % 3],
            "season": Season(["SS", "AW"][number % 2], 2026 + number % 3),
            "gender": ["female", "male"][number % 2],
            "category": ["t-shirt", "coats"][number % 2],
            "descriptions.long": None if number % 5 else "For the seaside",
        }
        said = Claim("fit", None, Source("vendor"), raw=f"comfy {number}", confidence=0.4)
        yield ProductDraft(fields, claims=(said,))


@pytest.fixture
async def filled(
    store: LocalStore, tmp_path: Path, add_shots: Callable[..., Any], finished: Callable[..., Any]
) -> LocalStore:
    """Products that were made, changed, put away and removed; shots, an export, and a garment of the shoots."""
    await store.upsert(wardrobe())
    first, second, third, *_ = await store.list(ProductQuery(sort_by="name")).collect()
    await store.update(first.ref, ProductChanges({"brand": "Bolt", "visibility.public": True}))
    await store.archive(second.ref)
    await store.delete(third.ref)
    await add_shots(first, ["approved", "rejected"])
    await finished(await store.start_export(ExportRequest(products=(first.ref,))))
    garment = {"id": "g", "version": 1, "created_at": 1, "updated_at": 2, "sku": "W-1", "claims": b"[]"}
    with connected(tmp_path / "placket.sqlite") as connection:
        connection.execute(insert(SKUS), [garment])
    return store


async def told(store: LocalStore) -> list[Any]:
    """What a store answers: lists with their totals, facets, products one by one, exports."""
    answers: list[Any] = []
    for query in QUERIES:
        listing = store.list(ProductQuery(**query))
        found = await listing.collect()
        assert found, query
        answers += [query, listing.total, found]
    answers += [await store.facet(facet) for facet in Facet]
    answers += [await store.get(product.ref) for product in found]
    return [*answers, await store.list_exports().collect()]


async def test_what_was_stored_before_lists_of_many_were_fast_reads_the_same(
    filled: LocalStore, open_store: Callable[..., LocalStore], tmp_path: Path
) -> None:
    older = tmp_path / "older.sqlite"
    copied_into(older, tmp_path / "placket.sqlite", "0002")
    assert version(older) == "0002"
    upgraded = open_store(str(older))
    assert await told(upgraded) == await told(filled)
    assert version(older) == migrating.PRODUCTS.head
    with connected(tmp_path / "placket.sqlite") as now, connected(older) as then:
        assert rows(then) == rows(now)
        assert rows(then)["skus"]
        indexes = [
            {(each["name"], *each["column_names"]) for each in inspect(it).get_indexes("products")}
            for it in (now, then)
        ]
    assert indexes[0] == indexes[1]


async def test_the_oldest_database_loses_nothing_either(
    store: LocalStore, open_store: Callable[..., LocalStore], tmp_path: Path
) -> None:
    older = tmp_path / "older.sqlite"
    await store.upsert(wardrobe())
    copied_into(older, tmp_path / "placket.sqlite", "0001")
    found = await open_store(str(older)).list(ProductQuery()).collect()
    assert found == await store.list(ProductQuery()).collect()
    assert len(found) == 60


async def test_counts_stay_right_after_an_upgrade(
    filled: LocalStore, open_store: Callable[..., LocalStore], tmp_path: Path
) -> None:
    copied_into(tmp_path / "older.sqlite", tmp_path / "placket.sqlite", "0002")
    store = open_store(str(tmp_path / "older.sqlite"))
    first, second, *_ = before = await store.list(ProductQuery(gender="female", archived=False)).collect()
    await store.update(first.ref, ProductChanges({"gender": "male"}))
    await store.delete(second.ref)
    await store.create(ProductDraft({"name": "New", "gender": "female"}))
    listing = store.list(ProductQuery(gender="female", archived=False))
    assert len(await listing.collect()) == listing.total == len(before) - 1
    assert len(await store.list(ProductQuery(search="new")).collect()) == 1


async def test_several_may_open_an_older_database_at_once(
    filled: LocalStore, open_store: Callable[..., LocalStore], tmp_path: Path
) -> None:
    copied_into(tmp_path / "older.sqlite", tmp_path / "placket.sqlite", "0002")
    stores = [open_store(str(tmp_path / "older.sqlite")) for _ in range(4)]
    listed = await asyncio.gather(*(store.list(ProductQuery()).collect() for store in stores))
    assert all(each == listed[0] and len(each) == 59 for each in listed)


async def test_an_upgrade_that_breaks_off_changes_nothing_and_is_done_later(
    filled: LocalStore, open_store: Callable[..., LocalStore], tmp_path: Path
) -> None:
    older = tmp_path / "older.sqlite"
    copied_into(older, tmp_path / "placket.sqlite", "0002")
    with connected(older) as connection:
        connection.execute(text("CREATE TABLE product_counts (in_the_way)"))
        before = inspect(connection).get_indexes("products")
    with pytest.raises(Unavailable, match="product_counts already exists"):
        await open_store(str(older)).list(ProductQuery()).collect()
    assert version(older) == "0002"
    with connected(older) as connection:
        assert inspect(connection).get_indexes("products") == before
        connection.execute(text("DROP TABLE product_counts"))
    assert len(await open_store(str(older)).list(ProductQuery()).collect()) == 59


@pytest.mark.parametrize("step", ["0001", "0002"])
async def test_an_older_placket_leaves_a_newer_database_alone(filled: LocalStore, tmp_path: Path, step: str) -> None:
    with connected(tmp_path / "placket.sqlite") as connection:
        before = rows(connection)
        with pytest.raises(
            ConfigError,
            match=rf"newer Placket \(its version is {migrating.PRODUCTS.head}, this one knows up to {step}\): "
            "upgrade Placket, or name another database",
        ):
            migrating.migrate(connection, as_known_at(step))
        assert rows(connection) == before
    assert version(tmp_path / "placket.sqlite") == migrating.PRODUCTS.head
    assert len(await filled.list(ProductQuery()).collect()) == 59
