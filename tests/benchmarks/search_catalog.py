"""One catalog of made vectors, measured in a process of its own: ``search_catalog.py COUNT FOLDER build|serve``.

Prints one JSON document. ``build`` fills a catalog through the tables and writes its index; ``serve`` opens it as a
search would and asks it questions whose answers are known from comparing everything.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
from search_vectors import COLOR, COLOR_WEIGHT, LOOK, Floats, World
from sqlalchemy import insert, select

from placket.interfaces import Filter, Ref
from placket.record import Vocabulary
from placket_local.search.catalog_index import CatalogIndex, rebuild
from placket_local.search.embedder import Embedded, Weights
from placket_local.search.facts import facts_of
from placket_local.search.items import state_facts
from placket_local.search.seeking import Seeker, Wanted
from placket_local.search.stored_vectors import StoredVectors
from placket_local.search.tables import CATALOGS, ITEMS, VECTORS
from placket_local.search.truth import Truth

MODEL = SimpleNamespace(version="made-1", look=LOOK, color=COLOR, color_weight=COLOR_WEIGHT)
WEIGHTS = Weights(LOOK, COLOR_WEIGHT)
QUESTIONS = 100
FILTERED = 30
CATALOG = Ref("here", "catalog", "made")
SHARES = {"half": 2, "tenth": 10, "hundredth": 100, "thousandth": 1000}


def truth_in(folder: Path) -> Truth:
    return Truth(folder / "search.sqlite", provider="here")


def metadata(number: int, kind: int) -> dict[str, Any]:
    """Shares that have nothing to do with the look, and the type, which has everything."""
    drawn = (number * 2_654_435_761) % 1_000_003
    return {"type": f"type-{kind}", **{name: drawn % share == 0 for name, share in SHARES.items()}}


def fill(truth: Truth, count: int) -> None:
    vocabulary = Vocabulary.default()
    with truth.writing() as connection:
        connection.execute(
            insert(CATALOGS), {"id": CATALOG.id, "name": "made", "created_at": 0, "model": MODEL.version}
        )
    number = 0
    for chunk in World().garments(count, seed=1):
        joined = np.concatenate([chunk.look, chunk.color], axis=1).astype("<f2")
        items, vectors, facts = [], [], []
        for row, kind in zip(joined, chunk.kind.tolist(), strict=True):
            number += 1
            said = metadata(number, kind)
            items.append(
                {
                    "key": number, "catalog": 1, "id": f"item-{number}", "url": "", "path": "", "kept": 0,
                    "sha256": b"", "metadata": msgspec.json.encode(said), "vector": number, "error": "",
                }
            )  # fmt: skip
            vectors.append({"number": number, "catalog": 1, "item": number, "vector": row.tobytes(), "seen": b"{}"})
            facts.append((number, facts_of(said, {}, vocabulary)))
        with truth.writing() as connection:
            connection.execute(insert(ITEMS), items)
            connection.execute(insert(VECTORS), vectors)
            state_facts(connection, 1, facts)


def build(count: int, folder: Path) -> dict[str, Any]:
    truth = truth_in(folder)
    fill(truth, count)
    started = time.process_time()
    rebuild(truth, 1, WEIGHTS, LOOK + COLOR, name="made")
    spent = time.process_time() - started
    truth.close()
    return {
        "build": spent,
        "index bytes": (folder / "made.faiss").stat().st_size,
        "truth bytes": (folder / "search.sqlite").stat().st_size,
    }


def resident() -> int:
    """Bytes of memory that this process holds, mapped files included."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def questions(count: int) -> list[Embedded]:
    (chunk,) = World().garments(count, seed=2)
    return [Embedded(look, color) for look, color in zip(chunk.look, chunk.color, strict=True)]


def serve(count: int, folder: Path) -> dict[str, Any]:
    base = resident()
    truth = truth_in(folder)
    context: Any = SimpleNamespace(name="here", vocabulary=Vocabulary.default(), data_folder=folder)
    asked = questions(QUESTIONS)
    started = time.perf_counter()
    seeker = Seeker(truth, context, MODEL, WEIGHTS, lambda row: None)
    seeker.seek(Wanted(asked[0], WEIGHTS, (), (), 10), [CATALOG])
    result: dict[str, Any] = {"open": time.perf_counter() - started}

    def ids(question: Embedded, weights: Weights = WEIGHTS, filters: tuple[Filter, ...] = ()) -> list[int]:
        hits = seeker.seek(Wanted(question, weights, (), filters, 10), [CATALOG])
        return [int(hit.id.removeprefix("item-")) for hit in hits]

    started = time.process_time()
    found = [ids(question) for question in asked]
    result["search"] = (time.process_time() - started) / len(asked)
    result["nearest"] = nearest(truth, asked)
    filtered, times = {}, {}
    for name, condition, _ in conditions():
        ids(asked[0], filters=(condition,))
        started = time.process_time()
        filtered[name] = [ids(question, filters=(condition,)) for question in asked[:FILTERED]]
        times[name] = (time.process_time() - started) / FILTERED
    result["filtered times"] = times
    knobs = {weight: [ids(question, Weights(LOOK, weight)) for question in asked[:40]] for weight in (0.0, 0.3, 1.0)}
    result["resident"], result["resident added"] = resident(), resident() - base
    with truth.reading() as connection:
        counted = connection.execute(select(CATALOGS.c.index_count)).scalar_one()
    truth.close()
    assert counted == count

    matrix = np.concatenate(
        [np.concatenate([chunk.look, chunk.color], axis=1) for chunk in World().garments(count, seed=1)]
    )
    kinds = np.concatenate([chunk.kind for chunk in World().garments(count, seed=1)])
    weighted = WEIGHTS.stretched(matrix, 0.5)
    started = time.process_time()
    for question in asked[:20]:
        exactly(weighted, WEIGHTS.stretched(np.concatenate([question.look, question.color])[None], 0.5)[0], None)
    result["exact"] = (time.process_time() - started) / 20
    result["recall"] = recall(matrix, asked, found, WEIGHTS, None)
    numbers = np.arange(1, count + 1)
    result["filtered"] = {
        name: recall(matrix, asked[:FILTERED], filtered[name], WEIGHTS, lets_through(numbers, kinds))
        for name, _, lets_through in conditions()
    }
    result["knobs"] = {
        weight: recall(matrix, asked[:40], answers, Weights(LOOK, weight), None) for weight, answers in knobs.items()
    }
    return result


def nearest(truth: Truth, asked: Sequence[Embedded]) -> float:
    """Seconds of CPU time for the numbers and distances of the ten nearest: what comparing everything gives as well."""
    index = CatalogIndex(truth, 1, WEIGHTS, StoredVectors(LOOK + COLOR))
    catalog = select(CATALOGS)
    with truth.reading() as connection:
        index.refresh(connection, connection.execute(catalog).one())
    started = time.process_time()
    for question in asked:
        with truth.reading() as connection:
            state = index.refresh(connection, connection.execute(catalog).one())
            index.nearest(connection, state, WEIGHTS.query(question.look, question.color), WEIGHTS, 10, None)
    return (time.process_time() - started) / len(asked)


def conditions() -> Sequence[tuple[str, Filter, Callable[[Any, Any], Any]]]:
    """Filters of all sizes, by chance and by type; for most questions a type is far from what is asked for."""
    by_chance = [(f"a {name} by chance", Filter(name, equals=True), _drawn(share)) for name, share in SHARES.items()]
    by_type = [
        ("one type", Filter("type", equals="type-7"), lambda _, kinds: kinds == 7),
        ("a quarter of the types", Filter("type", any_of=tuple(f"type-{one}" for one in range(15))),
         lambda _, kinds: kinds < 15),
    ]  # fmt: skip
    return [*by_chance, *by_type]


def _drawn(share: int) -> Callable[[Any, Any], Any]:
    return lambda numbers, _: (numbers * 2_654_435_761) % 1_000_003 % share == 0


def exactly(matrix: Floats, query: Floats, inside: Any) -> list[int]:
    """The numbers of the ten nearest, from comparing everything."""
    likeness = matrix @ query
    if inside is not None:
        likeness = np.where(inside, likeness, -9)
    best = np.argpartition(likeness, -10)[-10:]
    return [int(place) + 1 for place in best[np.argsort(-likeness[best])]]


def recall(matrix: Floats, asked: Sequence[Embedded], found: Any, weights: Weights, inside: Any) -> float:
    """What part of the ten nearest was found."""
    rates = []
    for question, answer in zip(asked, found, strict=True):
        best = exactly(matrix, weights.query(question.look, question.color), inside)
        rates.append(len(set(best) & set(answer)) / 10)
    return float(np.mean(rates))


if __name__ == "__main__":
    count, folder, stage = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    print(json.dumps({"build": build, "serve": serve}[stage](count, folder)))
