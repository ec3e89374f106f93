"""Large catalogs: the graph finds what comparing everything finds, and filters lose nothing by it."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, text, update

from placket.interfaces import CatalogItem, Filter, Image, Query
from placket_postgres.search import graph
from placket_postgres.search.tables import CATALOGS, ITEMS, VECTORS

COUNT = 12_000
UNFINISHED = "UPDATE pg_index SET indisvalid = false WHERE indexrelid::regclass::text LIKE '%graph%'"
ASKED = range(60_000, 60_024)


def described(number: int) -> dict[str, Any]:
    """Metadata that says nothing of the look, and the crowd, which says everything."""
    return {"number": number, "crowd": number % 30, "drawn": (number * 7919) % 100}


async def fill(search: Any, model: Any, numbers: Any) -> Any:
    """A catalog with vectors as indexing stores them, without the pictures."""
    catalog = await search.create_catalog("Large")
    weights = search._weights(None)
    async with search._tables.writing() as connection:
        asked = select(CATALOGS.c.number).where(CATALOGS.c.id == catalog.ref.id)
        number = (await connection.execute(asked)).scalar_one()
        made = {"model": "numbers-1", "color_weight": weights.color}
        await connection.execute(update(CATALOGS).values(made))
        items, vectors = [], []
        for each in numbers:
            items.append(
                {"catalog": number, "id": str(each), "url": "", "path": "/nowhere", "kept": False, "sha256": b"",
                 "metadata": described(each), "words": {}, "indexed": True, "error": "", "key": each + 1}
            )  # fmt: skip
            vector = weights.stretched(np.concatenate(model.vectors(each)), 0.5)
            vectors.append({"item": each + 1, "catalog": number, "vector": vector, "seen": {}})
        await connection.execute(insert(ITEMS), items)
        await connection.execute(insert(VECTORS), vectors)
        await connection.execute(text("SELECT setval('search_items_key_seq', 1000000)"))
        await connection.execute(text("ANALYZE search_items, search_vectors"))
    return catalog


class Exactly:
    """What comparing everything with numpy finds."""

    def __init__(self, model: Any, numbers: Any) -> None:
        self.model, self.numbers = model, np.array(list(numbers))
        self.looks, self.colors = (np.stack(part) for part in zip(*map(model.vectors, numbers), strict=True))

    def nearest(self, number: int, weight: float, inside: Any = None, most: int = 10) -> list[str]:
        look, color = self.model.vectors(number)
        likeness = (1 - weight) * (self.looks @ look) + weight * (self.colors @ color)
        if inside is not None:
            likeness[~inside(self.numbers)] = -9
        return [str(each) for each in self.numbers[np.argsort(-likeness)[:most]]]


async def found(search: Any, catalog: Any, model: Any, number: int, **how: Any) -> list[str]:
    query = Query(Image.of(model.photo(number)), **{"limit": 10, **how})
    return [hit.id for hit in (await search.search(query, [catalog.ref])).hits]


async def has_graph(search: Any) -> bool:
    async with search._tables.reading() as connection:
        return bool((await connection.execute(select(CATALOGS.c.number, graph.is_there()))).one().graph)


@pytest.mark.timeout(300)
async def test_among_12_000_the_graph_finds_what_comparing_everything_finds(search, model):
    catalog = await fill(search, model, range(COUNT))
    exactly = Exactly(model, range(COUNT))
    await (await search.index(catalog.ref)).result()
    assert await has_graph(search)

    async def recall(inside: Any = None, weight: float = model.COLOR_WEIGHT, **how: Any) -> float:
        shares = []
        for number in ASKED[:: 3 if "color_weight" in how else 1]:
            expected = exactly.nearest(number, weight, inside)
            answer = await found(search, catalog, model, number, **how)
            assert len(answer) == len(set(answer)) == 10
            shares.append(len({*answer} & {*expected}) / 10)
        return float(np.mean(shares))

    assert await recall() >= 0.98
    for weight in (0.0, 0.6):
        assert await recall(weight=weight, color_weight=weight) >= 0.98, weight
    for condition, inside in (
        (Filter("drawn", most=49), lambda each: each * 7919 % 100 < 50),
        (Filter("drawn", equals=7), lambda each: each * 7919 % 100 == 7),
        (Filter("crowd", equals=7), lambda each: each % 30 == 7),
        (Filter("crowd", any_of=tuple(range(8))), lambda each: each % 30 < 8),
        (Filter("number", least=COUNT - 50), lambda each: each >= COUNT - 50),
    ):
        assert await recall(inside, filters=(condition,)) >= 0.99, condition
    thousand = await found(search, catalog, model, ASKED[0], limit=1000)
    assert len({*thousand} & {*exactly.nearest(ASKED[0], model.COLOR_WEIGHT, most=1000)}) >= 980


@pytest.fixture
def small_graphs(monkeypatch):
    """Let catalogs have a graph from 100 vectors on."""
    monkeypatch.setattr(graph, "EXACT", 100)


async def test_what_is_added_is_found_and_what_is_gone_is_not(small_graphs, search, open_search, filled, some, model):
    catalog = await filled(150)
    assert await has_graph(search)
    reader = open_search()
    assert (await found(reader, catalog, model, 7))[0] == "item-7"
    await search.delete_items(catalog.ref, ["item-7"])
    await search.add_items(catalog.ref, some([CatalogItem("new", Image.of(model.photo(2000)))]))
    await (await search.index(catalog.ref)).result()
    for each in (search, reader):
        assert "item-7" not in await found(each, catalog, model, 7)
        assert (await found(each, catalog, model, 2000))[0] == "new"
    everything = await found(search, catalog, model, 1, limit=1000)
    assert len(set(everything)) == 150


async def test_hits_do_not_run_short_when_most_items_are_gone(small_graphs, search, filled, model):
    catalog = await filled(300)
    await search.delete_items(catalog.ref, [f"item-{number}" for number in range(280)])
    assert len(await found(search, catalog, model, 5)) == 10


async def test_near_duplicates_are_found_through_the_graph(small_graphs, search, filled, garment, model):
    twins = [CatalogItem(f"twin-{number}", Image.of(model.photo(number))) for number in (5, 140)]
    catalog = await filled([*(garment(number) for number in range(150)), *twins])
    assert await has_graph(search)
    pairs = await search.near_duplicates(catalog.ref, 0.001).collect()
    assert {(pair.first, pair.second) for pair in pairs} == {("item-5", "twin-5"), ("item-140", "twin-140")}


async def test_a_graph_that_was_begun_and_never_finished_is_made_anew(small_graphs, search, filled, server, url, model):
    catalog = await filled(150)
    async with search._tables.apart() as connection:
        await connection.execute(text(UNFINISHED))
    assert not await has_graph(search)
    assert (await found(search, catalog, model, 7))[0] == "item-7"
    await (await search.index(catalog.ref)).result()
    assert await has_graph(search)


async def test_another_model_has_a_graph_of_its_own_and_a_deleted_catalog_has_none(
    small_graphs, search, open_search, filled, model
):
    catalog = await filled(150)
    newer = open_search(embedder=model.NumbersModel("numbers-2", look=12))
    await (await newer.index(catalog.ref)).result()
    assert await has_graph(search)
    assert (await found(newer, catalog, model, 7))[0] == "item-7"
    await newer.delete_catalog(catalog.ref)
    async with search._tables.reading() as connection:
        left = await connection.execute(text("SELECT relname FROM pg_class WHERE relname LIKE 'search_vectors_graph%'"))
        assert left.fetchall() == []
