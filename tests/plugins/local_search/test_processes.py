"""Several processes, processes that are killed, and files that are not what they should be."""

import random
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from placket.errors import ConfigError, QuotaExhausted, Unavailable
from placket.interfaces import CatalogItem, CatalogState, Image, Query
from placket_local.search.lock import is_held

RED, GREEN, BLUE = (220, 20, 30), (20, 200, 40), (30, 40, 210)

WRITER = Path(__file__).parent / "writer.py"

ROUNDS = 4


@pytest.mark.timeout(240)
async def test_whatever_was_acknowledged_survives_kill_9(open_search, tmp_path, picture):
    search = open_search()
    catalog = await search.create_catalog("Summer")
    acknowledged: set[str] = set()
    luck = random.Random(7)
    for turn in range(ROUNDS):
        command = [sys.executable, str(WRITER), str(tmp_path), str(catalog.ref), str(turn * 1000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: ASYNC220
            assert writer.stdout is not None
            lines = luck.randint(1, 12)
            for line in writer.stdout:
                if line.startswith("added"):
                    acknowledged.update(line.split()[1:])
                lines -= 1
                if lines <= 0:
                    break
            writer.kill()
            # What it had said before it died was acknowledged as well.
            for line in writer.stdout:
                if line.startswith("added") and line.endswith("\n"):
                    acknowledged.update(line.split()[1:])
        assert acknowledged
        reader = open_search()
        assert acknowledged <= {item.id async for item in reader.list_items(catalog.ref)}
    ready = await (await search.index(catalog.ref)).result(deadline=300)
    assert ready.state is CatalogState.READY
    assert ready.items_indexed == ready.items_total >= len(acknowledged)
    hits = (await search.search(Query(Image.of(picture(RED)), limit=1000), [catalog.ref])).hits
    assert len({hit.id for hit in hits}) == min(1000, ready.items_total)


async def test_those_that_look_at_a_catalog_do_not_take_each_other_for_who_indexes_it(search, filled, tmp_path):
    await filled()
    (lock,) = tmp_path.glob("search/*.lock")
    with ThreadPoolExecutor(4) as threads:
        assert not any(threads.map(is_held, [lock] * 4_000))


async def test_a_lock_that_cannot_be_written_is_no_fault_of_the_plugin(search, some, wardrobe, tmp_path):
    catalog = await search.create_catalog("Summer")
    await search.add_items(catalog.ref, some(wardrobe))
    (tmp_path / "search" / "1.lock").mkdir()
    with pytest.raises(Unavailable, match=r"1\.lock cannot be written"):
        await search.index(catalog.ref)
    assert (await search.get_catalog(catalog.ref)).state is CatalogState.UPLOADED


async def test_readers_follow_a_writer(open_search, filled, some, picture):
    writer, readers = open_search(), [open_search() for _ in range(3)]
    catalog = await filled(into=writer)
    query = Query(Image.of(picture(GREEN, 9)), limit=1)
    for number in range(5):
        await writer.add_items(catalog.ref, some([CatalogItem(f"new-{number}", Image.of(picture(GREEN, 9)))]))
        await (await writer.index(catalog.ref)).result()
        for reader in readers:
            assert (await reader.search(query, [catalog.ref])).hits[0].id.startswith("new-")
        await writer.delete_items(catalog.ref, [f"new-{number}"])
        for reader in readers:
            assert not (await reader.search(query, [catalog.ref])).hits[0].id.startswith("new-")


async def test_a_damaged_catalog_file_is_said_with_the_way_out(open_search, filled, tmp_path, picture):
    search = open_search()
    catalog = await filled(into=search)
    await search.aclose()
    file = tmp_path / "search" / "search.sqlite"
    file.write_bytes(b"this was a catalog once" * 1000)
    with pytest.raises(ConfigError, match=r"damaged or no catalog file.*put a copy of it back"):
        await open_search().search(Query(Image.of(picture(RED))), [catalog.ref])


@pytest.mark.parametrize("column", ["id", "path", "metadata"])
async def test_damage_within_an_item_is_said_with_the_way_out(open_search, filled, tmp_path, picture, column):
    search = open_search()
    catalog = await filled(into=search)
    with closing(sqlite3.connect(tmp_path / "search" / "search.sqlite")) as database, database:
        # CAST keeps the bytes, which a disk may damage, and the type of the column.
        kind = "BLOB" if column == "metadata" else "TEXT"
        database.execute(f"UPDATE items SET {column} = CAST(x'7bc3' || key AS {kind}) WHERE key = 3")
        database.execute("UPDATE catalogs SET change = change + 1")
    for call in (
        search.search(Query(Image.of(picture(RED))), [catalog.ref]),
        search.list_items(catalog.ref).collect(),
    ):
        with pytest.raises(ConfigError, match=r"search\.sqlite is damaged.*put a copy of it back"):
            await call


@pytest.mark.parametrize("replaced", [False, True])
async def test_nothing_is_acknowledged_into_a_file_that_was_taken_away(
    search, open_search, filled, some, wardrobe, tmp_path, picture, replaced
):
    catalog = await filled(wardrobe[:3])
    file = tmp_path / "search" / "search.sqlite"
    (copy := tmp_path / "copy").write_bytes(file.read_bytes())
    shutil.rmtree(tmp_path / "search")
    if replaced:
        file.parent.mkdir()
        copy.rename(file)
    for call in (
        search.add_items(catalog.ref, some(wardrobe)),
        search.create_catalog("Winter"),
        search.search(Query(Image.of(picture(RED))), [catalog.ref]),
    ):
        with pytest.raises(Unavailable, match="removed or replaced while it was in use; open the router again"):
            await call
    if not replaced:
        assert await open_search().list_catalogs().collect() == []


async def test_a_catalog_file_of_a_newer_placket_is_left_alone(open_search, filled, tmp_path):
    import sqlite3

    search = open_search()
    await filled(into=search)
    await search.aclose()
    connection = sqlite3.connect(tmp_path / "search" / "search.sqlite")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(ConfigError, match=r"newer Placket.*upgrade"):
        await open_search().list_catalogs().collect()


async def test_a_full_disk_is_said_and_what_was_acknowledged_stays(open_search, some, picture, monkeypatch):
    search = open_search()
    catalog = await search.create_catalog("Summer")
    kept = await search.add_items(catalog.ref, some([CatalogItem("kept", Image.of(picture(RED)))]))
    assert kept.accepted == 1

    def small_disk(connection, _record, _proxy):
        connection.execute("PRAGMA max_page_count=40")

    event.listen(search._truth._engine, "checkout", small_disk)
    items = [CatalogItem(f"item-{n}", Image.of(picture(RED)), {"note": "long " * 200}) for n in range(400)]
    with pytest.raises(QuotaExhausted, match=r"the disk is full.*make room"):
        await search.add_items(catalog.ref, some(items))
    assert [item.id async for item in search.list_items(catalog.ref)] == ["kept"]


async def test_a_data_folder_that_cannot_be_made_is_a_config_error(open_search, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ConfigError, match="cannot be kept in"):
        await open_search(tmp_path / "file" / "data").list_catalogs().collect()


async def test_a_folder_that_cannot_be_written_is_said_with_the_way_out(open_search, filled, small_disk, picture):
    catalog = await filled(into=(writer := open_search(small_disk.path)))
    await writer.aclose()
    small_disk.close_to_writing()
    query = Query(Image.of(picture(RED)))
    with pytest.raises(Unavailable, match="let this process write there, or copy the folder"):
        await open_search(small_disk.path).search(query, [catalog.ref])
