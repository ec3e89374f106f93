"""A search: from what is wanted to hits, in one state of the truth."""

from __future__ import annotations

import os
import threading
from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import Connection, bindparam, select

from placket.errors import NotFound
from placket.interfaces import Hit, NearDuplicate, Ref
from placket.logs import LazyLogger
from placket.record import Term
from placket.registry import ProviderContext

from .approximate import Allowed, Damaged, Numbers
from .catalog_index import CatalogIndex, Near, State
from .catalogs import never_indexed, other_model
from .copies import address_of, folder_of
from .embedder import Embedder, Weights
from .facts import matching, showing, texts_under
from .items import decode, encode
from .model_search import Wanted
from .stored_vectors import StoredVectors, existing, numbers_of, read_vectors
from .tables import CATALOGS, ITEMS
from .truth import SEVERAL, Truth, rows_of, written

SIDE_BY_SIDE = 4
"""Searches at the same time: most of one is Python, so that more only push each other out of the caches."""

AT_ONCE = 256
"""Items of one page of near duplicates."""

_MOST_KNOWN = 20_000
_LONGEST_KNOWN = 1_024
"""Items that are remembered, and bytes of their metadata: an item is the same until its catalog's next change."""

Result = TypeVar("Result")
_Item = tuple[str, str, bytes]
"""Id, URL or path of the picture, and metadata."""

_logger = LazyLogger("placket.local")


class Seeker:
    """Searches catalogs. Calls block: make them in a thread, several at a time if need be.

    ``rebuild`` writes the index file of a catalog's row anew; it is called when that file is damaged.
    """

    def __init__(
        self,
        truth: Truth,
        context: ProviderContext,
        embedder: Embedder,
        weights: Weights,
        rebuild: Callable[[Any], None],
    ) -> None:
        self._truth = truth
        self._context = context
        self._pictures = folder_of(context)
        self._version = embedder.version
        self._stored = StoredVectors(embedder.look + embedder.color)
        self._weights = weights
        self._rebuild = rebuild
        self._turn = threading.Lock()
        self._repair = threading.Lock()
        self._places = threading.BoundedSemaphore(min(SIDE_BY_SIDE, os.cpu_count() or 1))
        self._indices: dict[int, CatalogIndex] = {}
        self._known: dict[tuple[int, int], _Item] = {}

    def seek(self, wanted: Wanted, catalogs: Sequence[Ref]) -> list[Hit]:
        """The hits of all catalogs, the nearest first."""

        def found(connection: Connection) -> list[Hit]:
            all_found: list[tuple[float, int, int, Ref]] = []
            for catalog in catalogs:
                row = self._row(connection, catalog)
                near = self._near(connection, row, wanted)
                distances = np.maximum(0, 1 - near.likeness).tolist()
                all_found += [
                    (away, each, row.change, catalog)
                    for away, each in zip(distances, near.numbers.tolist(), strict=True)
                ]
            all_found.sort(key=itemgetter(0, 1))
            return self._hits(connection, all_found[: wanted.limit])

        return self._repairing(found)

    def pairs(self, catalog: Ref, within: float, after: int) -> tuple[list[NearDuplicate], int | None]:
        """The pairs of the items behind vector ``after`` with earlier ones, for one page, and where the next begins."""

        def found(connection: Connection) -> tuple[list[NearDuplicate], int | None]:
            row = self._row(connection, catalog)
            index, state = self._state(connection, row)
            numbers, page = read_vectors(connection, row.number, size=self._stored.size, after=after, most=AT_ONCE)
            first, second, distances = index.pairs(connection, state, numbers, page, within)
            shown = [(each, row.change) for each in np.union1d(first, second).tolist()]
            items = self._items(connection, shown)
            pairs = [
                NearDuplicate(items[earlier][0], items[later][0], round(float(distance), 6))
                for earlier, later, distance in zip(first.tolist(), second.tolist(), distances, strict=True)
            ]
            return pairs, int(numbers[-1]) if len(numbers) == AT_ONCE else None

        return self._repairing(found)

    def _repairing(self, work: Callable[[Connection], Result]) -> Result:
        """Do something in one state of the truth; an index file that is damaged is written anew on the way."""
        while True:
            try:
                with self._places, self._truth.reading() as connection:
                    return work(connection)
            except _IndexDamaged as damaged:
                with self._repair:
                    self._replace(damaged)

    def _replace(self, damaged: _IndexDamaged) -> None:
        with self._truth.reading() as connection:
            now = _catalog(connection, damaged.row.id)
        # Another search, or another process, may just have replaced the file, though by one that is sealed the same.
        if now is not None and now.index_file == damaged.row.index_file:
            _logger.warning("index file written anew", catalog=now.id, reason=str(damaged.__cause__))
            self._rebuild(now)

    def _row(self, connection: Connection, catalog: Ref) -> Any:
        row = _catalog(connection, catalog.id)
        if row is None:
            raise NotFound(f"there is no catalog {catalog.id}", provider=self._context.name)
        refused = other_model(row, self._version, self._context.name)
        if refused is not None:
            raise refused
        if row.model:
            return row
        asked = select(ITEMS.c.key).where(ITEMS.c.catalog == row.number).limit(1)
        if connection.execute(asked).first() is not None:
            raise never_indexed(row, self._context.name)
        return row

    def _state(self, connection: Connection, row: Any) -> tuple[CatalogIndex, State]:
        with self._turn:
            if row.number not in self._indices:
                self._indices[row.number] = CatalogIndex(self._truth, row.number, self._weights, self._stored)
            index = self._indices[row.number]
        try:
            return index, index.refresh(connection, row)
        except Damaged as error:
            raise _IndexDamaged(row) from error

    def _near(self, connection: Connection, row: Any, wanted: Wanted) -> Near:
        index, state = self._state(connection, row)
        confidences = [self._confidences(connection, row.number, state, terms) for terms in wanted.asked]
        if wanted.embedded is None:
            return self._surest(connection, row, state, wanted, confidences)
        within = None
        if wanted.filters or wanted.asked:
            shown = [np.array(sorted(each), np.int64) for each in confidences]
            within = self._within(connection, row, state, wanted, shown)
        query = wanted.weights.query(wanted.embedded.look, wanted.embedded.color)
        return index.nearest(connection, state, query, wanted.weights, wanted.limit, within)

    def _within(
        self, connection: Connection, row: Any, state: State, wanted: Wanted, shown: Sequence[Numbers]
    ) -> Allowed:
        def numbers() -> Numbers:
            found = [numbers_of(connection, *matching(row.number, one)) for one in wanted.filters]
            common = _common([*found, *shown])
            # Words that the vocabulary knew once may be left of vectors that are gone.
            return existing(connection, common) if shown else common

        return state.allowed(repr((wanted.filters, wanted.asked)), numbers)

    def _confidences(
        self, connection: Connection, catalog: int, state: State, terms: tuple[Term, ...]
    ) -> dict[int, float]:
        vocabulary = self._context.vocabulary

        def meant(attribute: str) -> dict[str, Term]:
            texts = connection.execute(texts_under(catalog, attribute)).scalars()
            found = ((text, vocabulary.find(attribute, text)) for text in texts)
            return {text: term for text, term in found if term is not None}

        said = {term.attribute: state.meant(term.attribute, partial(meant, term.attribute)) for term in terms}
        asked = showing(catalog, terms, vocabulary, said)
        return {row.vector: row.confidence for row in connection.execute(asked)}

    def _surest(
        self,
        connection: Connection,
        row: Any,
        state: State,
        wanted: Wanted,
        confidences: Sequence[dict[int, float]],
    ) -> Near:
        shown = [np.array(sorted(each), np.int64) for each in confidences]
        numbers = self._within(connection, row, state, wanted, shown).numbers
        sure = np.ones(len(numbers), np.float32)
        for each in confidences:
            sure *= np.array([each[number] for number in numbers.tolist()], np.float32)
        best = np.argsort(-sure, kind="stable")[: wanted.limit]
        return Near(numbers[best], sure[best])

    def _hits(self, connection: Connection, found: Sequence[tuple[float, int, int, Ref]]) -> list[Hit]:
        items = self._items(connection, [each[1:3] for each in found])
        providers = (self._context.name,)
        hits = []
        for distance, number, _, catalog in found:
            name, shown, metadata = items[number]
            hits.append(Hit(name, catalog, 1 / (1 + distance), round(distance, 6), shown, decode(metadata), providers))
        return hits

    def _items(self, connection: Connection, wanted: Sequence[tuple[int, int]]) -> dict[int, _Item]:
        """The items of vectors, by the number of the vector and the change that the catalog is at."""
        known = self._known
        found = {each[0]: item for each in wanted if (item := known.get(each)) is not None}
        missing = {number: change for number, change in wanted if number not in found}
        if missing:
            if len(known) > _MOST_KNOWN:
                known.clear()
            keys = self._stored.items(connection, np.array(list(missing), np.int64))
            rows = rows_of(connection, _ITEMS_OF, encode(list(keys.values())))
            items = {
                key: (name, address_of(self._pictures, url, path), metadata) for key, name, url, path, metadata in rows
            }
            for number, key in keys.items():
                found[number] = item = items[key]
                if len(item[2]) <= _LONGEST_KNOWN:
                    known[number, missing[number]] = item
        return found


_CATALOG = written(select(CATALOGS).where(CATALOGS.c.id == bindparam("wanted")))
_CatalogRow = namedtuple("_CatalogRow", CATALOGS.c.keys())  # type: ignore[misc]  # the columns are its fields
_ITEMS_OF = written(
    select(ITEMS.c.key, ITEMS.c.id, ITEMS.c.url, ITEMS.c.path, ITEMS.c.metadata).where(ITEMS.c.key.in_(SEVERAL))
)


def _catalog(connection: Connection, catalog: str) -> Any:
    """The row of a catalog, None for none."""
    found = rows_of(connection, _CATALOG, catalog)
    return _CatalogRow(*found[0]) if found else None


class _IndexDamaged(Exception):
    def __init__(self, row: Any) -> None:
        super().__init__(row.id)
        self.row = row


def _common(sets: Sequence[Numbers]) -> Numbers:
    """The numbers that all of the sorted sets have."""
    found = sets[0]
    for other in sorted(sets[1:], key=len):
        found = np.intersect1d(found, other, assume_unique=True)
    return found
