"""How fast claims become records, and how much memory a record takes: ``python tests/benchmarks/merge.py``."""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import attrs
from figures import Figure, at_least, at_most, show

from placket.merge import merge
from placket.record.claim import Claim, Source
from placket.record.record import GarmentRecord
from placket.record.terms import Term
from placket.record.values import Color, Measurement
from placket.record.vocabulary import Vocabulary

RECORDS = 400
ROUNDS = 7
FIELDS = (
    "category", "gender", "age_group", "fit", "pattern", "neckline", "sleeve_length", "brand", "name", "sku",
    "descriptions.long", "color", "fabric", "measurements.waist", "measurements.hips",
)  # fmt: skip
PROVIDERS = ("amber", "birch", "cedar", "dune", "elm")
WORDS = ("one", "two")


def terms(field: str) -> list[Term]:
    """Two values that vendors confuse: categories lie four deep, most other words have nothing above."""
    known = Vocabulary.default()
    if field == "category":
        return [term for word in ("jeans", "leggings") if (term := known.find(field, word))]
    return list(known.terms(field)[:2])


TERMS = {field: terms(field) for field in FIELDS}


def said(name: str, provider: int, garment: int, contested: int) -> Any:
    """One provider's value: in one field out of ``contested`` another of the five disagrees with the rest."""
    disputed = (FIELDS.index(name) + garment) % contested == 0
    choice = 1 if disputed and (provider + garment + len(name)) % len(PROVIDERS) == 0 else 0
    if name in ("brand", "name", "sku"):
        return f"{name} {WORDS[choice]}"
    if name == "descriptions.long":
        return f"A {WORDS[choice]} piece in the words of {PROVIDERS[provider]}"
    if name == "color":
        return Color(TERMS[name][choice], 0.8 - 0.2 * choice)
    if name.startswith("measurements."):
        return Measurement(740.0 + 3 * provider + 80 * choice, 29, "in")
    return TERMS[name][choice]


def answers(garment: int, providers: int = 5, fields: int = 15, contested: int = 2) -> list[Claim]:
    """What several providers say about one garment, fresh: nothing is cached yet."""
    claims = []
    for provider in range(providers):
        source = Source(PROVIDERS[provider], "bench", "tag", f"request-{garment}-{provider}")
        now = datetime(2026, 11, 1, 12, 0, provider, tzinfo=UTC)
        for place, name in enumerate(FIELDS[:fields]):
            value = said(name, provider, garment, contested)
            confidence = 0.6 + 0.02 * ((provider * 7 + place) % 18)
            raw = str(value)
            claims.append(Claim(name, value, source, raw, confidence=confidence, path=f"data.{name}", observed_at=now))
    return claims


def majority(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The peer: the most frequent value of each field of plain dicts, and nothing about who said it."""
    votes: dict[str, Counter[Any]] = {}
    for row in rows:
        for name, value in row.items():
            votes.setdefault(name, Counter())[value] += 1
    return {name: counter.most_common(1)[0][0] for name, counter in votes.items()}


def rows_of(claims: list[Claim]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for claim in claims:
        rows.setdefault(claim.source.provider, {})[claim.field] = claim.raw
    return list(rows.values())


def fastest(prepare: Callable[[int], Any], work: Callable[[Any], object]) -> float:
    """Seconds of processor time a record, of the best of several rounds over fresh input."""
    best = float("inf")
    for _ in range(ROUNDS):
        prepared = [prepare(number) for number in range(RECORDS)]
        gc.collect()
        gc.disable()
        started = time.process_time()
        for one in prepared:
            work(one)
        best = min(best, time.process_time() - started)
        gc.enable()
    return best / RECORDS


def footprint(record: GarmentRecord) -> int:
    """Bytes the record holds beside its claims: everything reachable but the claims, their values and shared terms."""
    seen = {id(claim) for claim in record.claims} | {id(claim.value) for claim in record.claims}
    total = 0
    waiting: list[Any] = [record]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or thing is None or isinstance(thing, Term | bool | str):
            continue
        seen.add(id(thing))
        total += sys.getsizeof(thing)
        if isinstance(thing, Mapping):
            waiting += [*thing.keys(), *thing.values()]
        elif isinstance(thing, tuple | list | frozenset):
            waiting += thing
        elif attrs.has(type(thing)):
            waiting += [getattr(thing, attribute.name) for attribute in attrs.fields(type(thing))]
    return total


def measure() -> list[Figure]:
    counted = fastest(lambda number: rows_of(answers(number)), majority)
    figures = [Figure("majority vote with collections.Counter", f"{1 / counted:,.0f} records/s")]
    for contested, kind in ((10**6, "no field"), (2, "every second field"), (1, "every field")):
        merged = fastest(partial(answers, contested=contested), lambda claims: merge(claims, id="garment"))
        name = f"merge, 5 providers x 15 claims, {kind} contested"
        figures.append(at_least(name, 1 / merged, 2000, "records/s"))
        figures.append(Figure("the same / majority vote", f"{merged / counted:.1f} times the time"))
    for fields in (10, 12, 15):
        record = merge(answers(0, providers=3, fields=fields), id="garment")
        figures.append(
            at_most(f"a record of 3 providers x {fields} claims, beside them", footprint(record), 4000, "bytes")
        )
    return figures


if __name__ == "__main__":
    show("Merge", measure())
