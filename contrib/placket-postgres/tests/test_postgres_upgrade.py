"""A server's database that an older Placket has filled is brought up to date with all that it holds."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import Connection, Table, create_engine, insert, inspect, select, text

from placket.errors import ConfigError
from placket.interfaces import SORT_KEYS, Facet, ProductChanges, ProductDraft, ProductQuery
from placket.record import Claim, Season, Source
from placket_local.database import migrating
from placket_local.database.studio_tables import SKUS
from placket_local.database.tables import METADATA, PRODUCTS, SHOTS
from placket_local.store import LocalStore

OLDER = evolve(migrating.PRODUCTS, steps=("0001", "0002"))

KEPT: tuple[Table, ...] = (PRODUCTS, SHOTS, SKUS)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """Without the numbers of rows, which say no more than their order."""
    columns = [column for column in table.c if column.name != "number"]
    return [dict(row) for row in connection.execute(select(*columns).order_by(*table.primary_key)).mappings()]


def version(connection: Connection) -> str:
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


async def wardrobe() -> AsyncIterator[ProductDraft]:
    for number in range(40):
        fields: dict[str, Any] = {
            "sku": f"W-{number}",
            "name": f"{['Top', 'Coat'][number % 2]} {number % 7}",
            "brand": ["Halyard", "HALYARD", "Öko"][number % 3],
            "season": Season(["SS", "AW"][number % 2], 2026 + number % 3),
            "descriptions.long": None if number % 5 else "For the seaside",
        }
        yield ProductDraft(fields, claims=(Claim("fit", None, Source("vendor"), raw=f"comfy {number}"),))


async def told(store: LocalStore) -> list[Any]:
    """What a store answers: lists with their totals, facets, and products one by one."""
    answers: list[Any] = []
    queries: list[dict[str, Any]] = [{"sort_by": key, "page_size": 7} for key in SORT_KEYS]
    for query in [{"brand": "halyard"}, {"search": "seaside to"}, {"year": 2027, "archived": False}, *queries]:
        listing = store.list(ProductQuery(**query))
        found = await listing.collect()
        assert found, query
        answers += [query, listing.total, found]
    answers += [await store.facet(facet) for facet in Facet]
    return [*answers, *[await store.get(product.ref) for product in found]]


@pytest.fixture
async def older(url: str, server: Any, open_store: Callable[..., LocalStore]) -> AsyncIterator[LocalStore]:
    """The test's database as a Placket before step 0003 left it; gives another store that holds the same."""
    server.psql("CREATE DATABASE same;")
    source = server.get_uri("same")
    store = open_store(source)
    await store.upsert(wardrobe())
    first, second, third, *_ = await store.list(ProductQuery()).collect()
    await store.update(first.ref, ProductChanges({"visibility.public": True}))
    await store.archive(second.ref)
    await store.delete(third.ref)
    shot = {column.name: "" for column in SHOTS.c} | {"id": "s", "product_id": first.ref.id, "updated_at": 3}
    garment = {"id": "g", "version": 1, "created_at": 1, "updated_at": 2, "sku": "W-1", "claims": b"[]"}
    with connected(source) as connection, connected(url) as then:
        connection.execute(insert(SHOTS), [shot])
        connection.execute(insert(SKUS), [garment])
        migrating.migrate(then, OLDER)
        for table in KEPT:
            then.execute(insert(table), rows(connection, table))
        assert version(then) == "0002"
    yield store
    await store.aclose()
    server.psql("DROP DATABASE same WITH (FORCE);")


async def test_what_was_stored_reads_the_same(
    older: LocalStore, open_store: Callable[..., LocalStore], url: str, server: Any
) -> None:
    stores = [open_store() for _ in range(3)]
    expected = await told(older)
    assert all(each == expected for each in await asyncio.gather(*map(told, stores)))
    with connected(url) as upgraded, connected(server.get_uri("same")) as new:
        assert version(upgraded) == migrating.PRODUCTS.head
        for table in KEPT:
            assert rows(upgraded, table) == rows(new, table) != []
        assert inspect(upgraded).get_indexes("products") == inspect(new).get_indexes("products")
        assert METADATA.tables.keys() <= set(inspect(upgraded).get_table_names())
    made = await stores[0].create(ProductDraft({"name": "New"}))
    assert await stores[1].get(made.ref) == made


async def test_an_older_placket_leaves_a_newer_database_alone(open_store: Callable[..., LocalStore], url: str) -> None:
    store = open_store()
    await store.create(ProductDraft({"name": "Top"}))
    with connected(url) as connection:
        with pytest.raises(ConfigError, match=r"newer Placket .*knows up to 0002\): upgrade Placket, or name another"):
            migrating.migrate(connection, OLDER)
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer = open_store()
    for call in (newer.list(ProductQuery()).collect(), newer.create(ProductDraft({"name": "Coat"}))):
        with pytest.raises(ConfigError, match=r"its version is 9999.*upgrade Placket"):
            await call
    assert len(await store.list(ProductQuery()).collect()) == 1
