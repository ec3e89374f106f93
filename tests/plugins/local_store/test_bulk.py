"""Many products at once: streamed, found again by their SKU, and what is done stays done."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from placket.interfaces import ProductDraft, ProductQuery
from placket.merge import merge
from placket_local.store import LocalStore
from placket_local.store.store import BATCH


async def drafts(*fields: dict[str, Any]) -> AsyncIterator[ProductDraft]:
    for one in fields:
        yield ProductDraft(one)


async def test_new_ones_are_made_and_known_ones_updated(store: LocalStore, add: Callable[..., Any]) -> None:
    known = await add("Top", sku="A", brand="Acme", color="navy")
    done = await store.upsert(drafts({"sku": "A", "brand": "Bolt"}, {"sku": "B", "name": "Coat"}))
    assert (done.created, done.updated, done.refused) == (1, 1, ())
    record = merge((await store.get(known.ref)).claims, id="x")
    assert (record.brand, record.name) == ("Bolt", "Top")
    assert record.color[0].term.id == "navy"


async def test_a_sku_that_comes_twice_is_one_product_as_told_last(store: LocalStore) -> None:
    done = await store.upsert(drafts({"sku": "A", "name": "one"}, {"sku": " A ", "name": "two"}))
    assert (done.created, done.updated) == (1, 1)
    (only,) = await store.list(ProductQuery()).collect()
    assert merge(only.claims, id="x").name == "two"


async def test_what_is_refused_is_named_and_stops_nothing(store: LocalStore) -> None:
    done = await store.upsert(
        drafts({"name": "no sku"}, {"sku": "A", "price": 7}, {"sku": "B", "name": "Coat"}, {"sku": "C", "colour": "x"})
    )
    assert done.created == 1
    assert [where for where, _ in done.refused] == ["#1", "A", "C"]
    assert "no SKU" in done.refused[0][1]
    assert "price cannot be 7" in done.refused[1][1]


@pytest.mark.parametrize(
    "bad",
    [
        {"sku": "BAD", "name": "x\ud83d"},
        {"sku": "BAD", "name": "x\x00y"},
        {"sku": "BAD\ud83d", "name": "x"},
        {"sku": "BAD\x00", "name": "x"},
        {"sku": "BAD", "descriptions.long": "x\ud83d"},
        {"sku": "S3", "brand": "x\ud83d"},
    ],
)
async def test_a_text_that_no_database_can_hold_costs_its_own_product_only(
    store: LocalStore, add: Callable[..., Any], bad: dict[str, Any]
) -> None:
    await add("Known", sku="S3")
    good = [{"sku": f"S{number}", "name": "Top"} for number in range(20)]
    done = await store.upsert(drafts(*good[:7], bad, *good[7:]))
    assert (done.created, done.updated) == (19, 1)
    [(which, reason)] = done.refused
    assert which == bad["sku"]
    assert "character" in reason
    found = [merge(product.claims, id="x") async for product in store.list(ProductQuery())]
    assert {record.sku for record in found} == {one["sku"] for one in good}
    assert {record.brand for record in found} == {None}


async def test_a_batch_of_which_nothing_can_be_stored_is_refused_one_by_one(store: LocalStore) -> None:
    done = await store.upsert(drafts(*({"sku": f"S{number}", "name": "x\ud83d"} for number in range(5))))
    assert (done.created, done.updated) == (0, 0)
    assert [which for which, _ in done.refused] == [f"S{number}" for number in range(5)]


async def test_it_streams_in_batches(store: LocalStore) -> None:
    taken = 0
    stored_at_half = 0

    async def endless() -> AsyncIterator[ProductDraft]:
        nonlocal taken, stored_at_half
        for number in range(3 * BATCH):
            taken += 1
            if number == 2 * BATCH:
                stored_at_half = len(await store.list(ProductQuery(page_size=1000)).collect())
            yield ProductDraft({"sku": f"S{number}", "name": "x"})

    done = await store.upsert(endless())
    assert done.created == 3 * BATCH
    assert stored_at_half >= BATCH, "what has come is stored while more is coming"


async def test_several_that_bring_a_new_product_at_once_make_it_once(open_store: Callable[..., LocalStore]) -> None:
    stores = [open_store() for _ in range(4)]
    for number in range(10):
        skus = [{"sku": f"S{number}-{each}", "name": "x"} for each in range(5)]
        orders = (skus, skus[::-1], skus, skus[2:])
        pairs = zip(stores, orders, strict=True)
        done = await asyncio.gather(*(store.upsert(drafts(*order)) for store, order in pairs))
        assert (sum(each.created for each in done), sum(each.updated for each in done)) == (5, 13)
    assert len(await stores[0].list(ProductQuery()).collect()) == 50


async def test_processes_that_bring_the_same_products_make_each_once(
    tmp_path: Path, open_store: Callable[..., LocalStore]
) -> None:
    lines = "".join(json.dumps({"sku": f"S{number}", "name": "x"}) + "\n" for number in range(2 * BATCH + 100))
    (tmp_path / "products.jsonl").write_text(lines)
    (tmp_path / "placket.toml").write_text(
        f"[providers.local]\nplugin = 'local'\ndatabase = '{tmp_path}/placket.sqlite'\n"
    )
    command = [sys.executable, "-m", "placket.cli", "store", "put", str(tmp_path / "products.jsonl"), "--json"]
    command += ["--provider", "local", "--config", str(tmp_path / "placket.toml")]

    async def put() -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        told, _ = await process.communicate()
        return dict(json.loads(told))

    done = await asyncio.gather(put(), put())
    assert sum(each["created"] for each in done) == sum(each["updated"] for each in done) == 2 * BATCH + 100
    listing = open_store().list(ProductQuery(page_size=1000))
    assert len(await listing.collect()) == listing.total == 2 * BATCH + 100


_WRITER = """
import asyncio, sys
from pathlib import Path
from placket.interfaces import ProductDraft, SystemClock
from placket.record import Vocabulary
from placket.registry import ProviderContext
from placket.transport import SafeFetcher, SessionPool
from placket_local import LocalSettings
from placket_local.store import LocalStore

async def main():
    clock = SystemClock()
    async with SessionPool() as sessions:
        store = LocalStore(LocalSettings(), ProviderContext(
            name="here", plugin="placket 1.0", clock=clock, vocabulary=Vocabulary.default(), sessions=sessions,
            fetcher=SafeFetcher(sessions, clock=clock), data_folder=Path(sys.argv[1])))
        number = 0
        while True:
            made = await store.create(ProductDraft({"name": f"N{number}", "sku": f"S{number}"}))
            print(made.ref.id, flush=True)
            number += 1

asyncio.run(main())
"""


async def test_a_writer_that_is_killed_loses_nothing_that_was_acknowledged(
    tmp_path: Path, open_store: Callable[..., LocalStore]
) -> None:
    for acknowledged in (1, 7, 23):
        writer = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WRITER, str(tmp_path), stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        told = [(await writer.stdout.readline()).decode().strip() for _ in range(acknowledged)]
        writer.kill()
        told += [line for line in (await writer.stdout.read()).decode().split("\n")[:-1] if line]
        await writer.wait()
        store = open_store()
        kept = {product.ref.id for product in await store.list(ProductQuery(page_size=1000)).collect()}
        assert set(told) <= kept
        for product in await store.list(ProductQuery(search="N")).collect():
            assert merge(product.claims, id="x").name
