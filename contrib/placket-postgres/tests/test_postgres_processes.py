"""Several processes on one database, and processes that are killed."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest

from placket.interfaces import CatalogItem, CatalogState, Image, Query

WRITER = Path(__file__).parent / "writer.py"

ROUNDS = 3


def started(url, tmp_path, catalog, first):
    command = [sys.executable, str(WRITER), url, str(tmp_path / "shop"), str(catalog.ref), str(first)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.timeout(240)
async def test_whatever_was_acknowledged_survives_kill_9(open_search, url, tmp_path, model):
    search = open_search()
    catalog = await search.create_catalog("Summer")
    acknowledged: set[str] = set()
    luck = random.Random(7)
    for turn in range(ROUNDS):
        with started(url, tmp_path, catalog, turn * 1000) as writer:
            assert writer.stdout is not None
            lines = luck.randint(2, 12)
            for line in writer.stdout:
                acknowledged.update(line.split()[1:] if line.startswith("added") else ())
                lines -= 1
                if lines <= 0:
                    break
            writer.kill()
            # What it had said before it died was acknowledged as well.
            for line in writer.stdout:
                acknowledged.update(line.split()[1:] if line.startswith("added") and line.endswith("\n") else ())
        assert acknowledged <= {item.id async for item in search.list_items(catalog.ref)}
    assert acknowledged
    ready = await (await search.index(catalog.ref)).result(deadline=300)
    assert ready.state is CatalogState.READY
    assert ready.items_indexed == ready.items_total >= len(acknowledged)
    hits = (await search.search(Query(Image.of(model.photo(3)), limit=1000), [catalog.ref])).hits
    assert len({hit.id for hit in hits}) == min(1000, ready.items_total)


@pytest.mark.timeout(120)
async def test_two_processes_fill_one_catalog(open_search, url, tmp_path):
    catalog = await open_search().create_catalog("Summer")
    added = [set[str](), set[str]()]
    # Half of what they add has the ids of the other's.
    both = [started(url, tmp_path, catalog, first) for first in (0, 20)]
    try:
        for mine, writer in zip(added, both, strict=True):
            assert writer.stdout is not None
            for line in writer.stdout:
                mine.update(line.split()[1:] if line.startswith("added") else ())
                if len(mine) >= 60:
                    break
    finally:
        for writer in both:
            writer.kill()
            writer.communicate()
    items = [item.id async for item in open_search().list_items(catalog.ref)]
    assert added[0] | added[1] <= set(items)
    assert len(items) == len(set(items))


async def test_readers_follow_a_writer(open_search, filled, some, model):
    writer, readers = open_search(), [open_search() for _ in range(2)]
    catalog = await filled(into=writer)
    query = Query(Image.of(model.photo(9000)), limit=1)
    for turn in range(3):
        await writer.add_items(catalog.ref, some([CatalogItem(f"new-{turn}", Image.of(model.photo(9000)))]))
        await (await writer.index(catalog.ref)).result()
        for reader in readers:
            assert (await reader.search(query, [catalog.ref])).hits[0].id == f"new-{turn}"
        await writer.delete_items(catalog.ref, [f"new-{turn}"])
        for reader in readers:
            assert not (await reader.search(query, [catalog.ref])).hits[0].id.startswith("new-")


async def test_one_indexes_and_the_other_watches(open_search, garment, some, model, monkeypatch):
    monkeypatch.setattr("placket_postgres.search.indexing.BATCH", 4)
    models = [model.NumbersModel(), model.NumbersModel()]
    first, second = (open_search(embedder=each) for each in models)
    catalog = await first.create_catalog("Summer")
    await first.add_items(catalog.ref, some([garment(number) for number in range(40)]))
    jobs = [await search.index(catalog.ref) for search in (first, second)]
    done = await asyncio.gather(*(job.result() for job in jobs))
    assert [each.items_indexed for each in done] == [40, 40]
    assert sum(each.pictures for each in models) == 40, "each picture is embedded once"
