"""Several that upsert the same new products at one moment make each of them once."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.interfaces import Imported, ProductDraft, ProductQuery
from placket.record import Season
from placket_local.store import LocalStore

CONFIG = (
    '[providers.shop]\nplugin = "postgres"\ndatabase = { env = "SHOP" }\n[routes.product_store]\ntargets = ["shop"]\n'
)


async def drafts(skus: Iterable[str]) -> AsyncIterator[ProductDraft]:
    for sku in skus:
        yield ProductDraft({"sku": sku, "name": f"Shirt {sku}"})


async def skus_of(store: LocalStore) -> list[str]:
    found = await store.list(ProductQuery()).collect()
    return sorted(str(claim.value) for product in found for claim in product.claims if claim.field == "sku")


async def test_one_new_product_is_made_once(open_store: Callable[..., LocalStore], held_up: Any) -> None:
    stores = [open_store() for _ in range(2)]
    assert await skus_of(stores[0]) == []
    done = await held_up("products", (store.upsert(drafts(["A-1"])) for store in stores))
    assert sorted((each.created, each.updated) for each in done) == [(0, 1), (1, 0)]
    assert await skus_of(stores[0]) == ["A-1"]


async def test_batches_that_share_products_in_another_order_end_without_a_deadlock(
    open_store: Callable[..., LocalStore], held_up: Any
) -> None:
    stores = [open_store() for _ in range(3)]
    assert await skus_of(stores[0]) == []
    every = [f"S-{number}" for number in range(300)]
    orders = (every, every[::-1], [*every[150:], *every[:150]])
    done = await held_up("products", (store.upsert(drafts(order)) for store, order in zip(stores, orders, strict=True)))
    assert sum(each.created for each in done) == 300
    assert sum(each.updated for each in done) == 600
    assert await skus_of(stores[0]) == sorted(every)


@pytest.mark.parametrize("bad", ["B\ud83d", "B\x00"])
async def test_a_text_that_no_database_can_hold_costs_its_own_product_only(store: LocalStore, bad: str) -> None:
    done = await store.upsert(drafts(["A", bad, "C"]))
    assert (done.created, [which for which, _ in done.refused]) == (2, [bad])
    assert await skus_of(store) == ["A", "C"]


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("name", "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(3000))),
        ("descriptions.long", " ".join(f"{number:x}" for number in range(400_000))),
        ("season", Season("SS", 3 * 10**9)),
    ],
)
async def test_a_value_that_is_too_much_for_the_server_costs_its_own_product_only(
    store: LocalStore, field: str, bad: Any
) -> None:
    async def shelf() -> AsyncIterator[ProductDraft]:
        for sku in "ABC":
            yield ProductDraft({"sku": sku, **({field: bad} if sku == "B" else {})})

    done = await store.upsert(shelf())
    assert (done.created, [which for which, _ in done.refused]) == (2, ["B"])
    assert "the database cannot hold this" in done.refused[0][1]
    with pytest.raises(InvalidInput, match="the database cannot hold this"):
        await store.create(ProductDraft({"name": "x", field: bad}))
    assert await skus_of(store) == ["A", "C"]


@pytest.mark.timeout(120)
async def test_processes_make_each_product_once(
    open_store: Callable[..., LocalStore], held_up: Any, url: str, tmp_path: Path
) -> None:
    store = open_store()
    assert await skus_of(store) == []
    config, lines = tmp_path / "placket.toml", tmp_path / "products.jsonl"
    config.write_text(CONFIG)
    lines.write_text("".join(json.dumps({"sku": f"S-{number}", "name": "Shirt"}) + "\n" for number in range(600)))
    command = [sys.executable, "-m", "placket.cli", "store", "put", str(lines), "--config", str(config), "--json"]
    environment = {"SHOP": url, "PLACKET_DATA": str(tmp_path / "data"), "PATH": ""}

    async def put() -> Imported:
        run = await asyncio.to_thread(
            subprocess.run, command, env=environment, capture_output=True, check=True, timeout=100
        )
        told = json.loads(run.stdout)
        return Imported(told["created"], told["updated"])

    done = await held_up("products", (put() for _ in range(2)))
    assert sum(each.created for each in done) == sum(each.updated for each in done) == 600
    assert len(await skus_of(store)) == 600
