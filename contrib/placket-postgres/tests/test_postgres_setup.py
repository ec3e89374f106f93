"""A server without pgvector, a user who may not set it up, and a database of a newer version: each says what to do."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from placket.errors import ConfigError
from placket.interfaces import ProductDraft
from placket_postgres.search import tables
from placket_postgres.search.halfvec import HalfVector


async def test_a_server_without_pgvector_says_what_to_install(open_search, open_store, server, url):
    name = url.split("?")[0].rpartition("/")[2]
    # Where it looks for extensions there is none, as on a server to which none were added.
    server.psql(f"ALTER DATABASE {name} SET extension_control_path = '/nowhere';")
    with pytest.raises(
        ConfigError, match=rf"install it there.*pgvector/pgvector.*CREATE EXTENSION vector; in the database {name}"
    ):
        await open_search().list_catalogs().collect()
    await open_store().create(ProductDraft({"name": "Top"}))


async def test_a_user_who_may_not_set_it_up_is_told_what_to_ask_for(open_search, server, url):
    name = url.split("?")[0].rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (f"CREATE ROLE {name}_user LOGIN", f"GRANT CREATE ON SCHEMA public TO {name}_user"):
            connection.execute(statement)
    asking = open_search(url.replace("postgres:@", f"{name}_user:@"))
    with pytest.raises(ConfigError, match=r"let an administrator of the server run CREATE EXTENSION vector;"):
        await asking.list_catalogs().collect()


async def test_an_old_pgvector_is_said(open_search, monkeypatch):
    monkeypatch.setattr("placket_postgres.search.database.OLDEST", (9, 0))
    with pytest.raises(ConfigError, match=r"pgvector 9\.0 or newer.*ALTER EXTENSION vector UPDATE"):
        await open_search().list_catalogs().collect()


async def test_several_that_open_a_new_database_at_once_all_can(open_search):
    searches = [open_search() for _ in range(4)]
    await asyncio.gather(*(search.create_catalog("New") for search in searches))
    assert len(await searches[0].list_catalogs().collect()) == 4


async def test_catalogs_of_a_newer_version_are_left_alone(open_search, server, url):
    await open_search().list_catalogs().collect()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE search_version SET version_num = 's9999'")
    with pytest.raises(ConfigError, match=r"newer Placket.*upgrade"):
        await open_search().list_catalogs().collect()


def test_the_code_knows_the_newest_step() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from placket_local.database import migrating

    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    config.set_main_option("version_locations", str(tables.MIGRATIONS.folder))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [tables.MIGRATIONS.head]


async def test_the_tables_are_what_the_steps_make(open_search, monkeypatch):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy.dialects.postgresql.base import ischema_names

    monkeypatch.setitem(ischema_names, "halfvec", HalfVector)
    search = open_search()
    async with search._tables.reading() as connection:
        found = await connection.run_sync(
            lambda plain: compare_metadata(MigrationContext.configure(plain), tables.METADATA)
        )
    assert [change for change in found if change[0] not in ("remove_index", "remove_table", "remove_fk")] == []
