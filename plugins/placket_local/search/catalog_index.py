"""One catalog, ready to be searched: the index file where there is one, and beside it what is newer, exactly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from attrs import field, frozen
from sqlalchemy import Connection, delete, func, select, update

from placket.record import Term

from ..arrays import Floats, product
from .approximate import SAMPLE, Allowed, Approximate, Numbers, without, write
from .embedder import Weights
from .stored_vectors import StoredVectors, fetched, numbers_of, read_vectors
from .tables import CATALOGS, REMOVED, VECTORS
from .truth import Truth

EXACT = 20_000
"""Vectors up to which a catalog has no index file: comparing them all takes about 2 ms."""

NEWER = 0.05
"""What part of the vectors may be newer than the file before it is written anew; `EXACT` of them always may."""

_MARGIN, _WIDE_MARGIN = 60, 400
"""Candidates compared exactly beyond twice those asked for: the file gets the order of near ones wrong.

It does so more where a filter leaves ones that are far away, or other weights than the file's are asked for.
"""

_FETCHED = 500
"""Vectors let through by a filter that are fetched from the truth one by one rather than looked for in the lists."""

_TWINS = 100
"""Near duplicates of one vector at most: copies of one picture, each paired with every other, fill the memory."""

_BATCH = 20_000
_REMEMBERED = 16

vectors = VECTORS.c


@frozen(eq=False)
class Near:
    """Vectors and their likeness to a query, the most alike first."""

    numbers: Numbers
    likeness: Floats


class CatalogIndex:
    """What this process knows of a catalog. It follows the truth: `refresh` before every search."""

    def __init__(self, truth: Truth, catalog: int, weights: Weights, stored: StoredVectors) -> None:
        self._truth = truth
        self._catalog = catalog
        self._weights = weights
        self._stored = stored
        self._turn = threading.Lock()
        self._state: State | None = None

    def refresh(self, connection: Connection, row: Any) -> State:
        """The state that the truth has, read as far as it is not known; ``row`` is the catalog's."""
        with self._turn:
            state = self._state
            if state is None or state.seal != row.index_seal:
                state = self._followed(connection, row, self._beginning(row, self._file(row)))
            elif state.change > row.change:
                # A search that began later was faster here: this one's connection does not see what that one saw.
                state = self._followed(connection, row, self._beginning(row, state.file))
            elif state.change < row.change:
                state = self._followed(connection, row, state)
            self._state = state
            return state

    def _file(self, row: Any) -> Approximate | None:
        return Approximate.open(self._truth.path.parent / row.index_file, row.index_seal) if row.index_file else None

    def _beginning(self, row: Any, file: Approximate | None) -> State:
        return State(row.index_seal, row.change, file, row.index_last, 0, _NONE, self._stored.none, _NONE)

    def _followed(self, connection: Connection, row: Any, state: State) -> State:
        """What changed since a state: vectors that are new, and vectors that are gone."""
        asked = select(REMOVED.c.place, REMOVED.c.vector).where(
            REMOVED.c.catalog == self._catalog, REMOVED.c.place > state.last_removed
        )
        gone = connection.execute(asked.order_by(REMOVED.c.place)).fetchall()
        removed = np.array([each.vector for each in gone], np.int64)
        fresh_numbers, fresh = read_vectors(connection, self._catalog, after=state.last, size=self._stored.size)
        numbers = np.concatenate([state.newer, fresh_numbers])
        newer = np.concatenate([state.newer_vectors, fresh])
        stay = ~np.isin(numbers, removed)
        return State(
            row.index_seal,
            row.change,
            state.file,
            int(numbers.max(initial=state.last)),
            gone[-1].place if gone else state.last_removed,
            numbers[stay],
            newer[stay],
            np.concatenate([state.removed, removed[removed <= row.index_last]]),
        )

    def nearest(
        self, connection: Connection, state: State, query: Floats, weights: Weights, most: int, within: Allowed | None
    ) -> Near:
        """The ``most`` vectors with the largest dot products with ``query`` (d,), which ``weights`` have weighted."""
        if within is not None and len(within.numbers) <= max(_FETCHED, most):
            candidates, exact = within.numbers, _NONE_NEAR
        else:
            exact = state.exact(query, most, within)
            candidates = _NONE
            if state.file is not None:
                wide = within is not None or weights != self._weights
                found = state.file.candidates(
                    self._weights.stretched(query[None], -0.5),
                    2 * most + (_WIDE_MARGIN if wide else _MARGIN),
                    everywhere=wide,
                    within=within,
                    gone=state.gone,
                )
                candidates = found[found >= 0]
        numbers, near = self._stored.of(connection, candidates)
        numbers = np.concatenate([exact.numbers, numbers])
        likeness = np.concatenate([exact.likeness, product(near, query)])
        best = np.argsort(-likeness, kind="stable")[:most]
        return Near(numbers[best], likeness[best])

    def pairs(
        self, connection: Connection, state: State, numbers: Numbers, page: Floats, within: float
    ) -> tuple[Numbers, Numbers, Floats]:
        """The pairs of vectors of a page (n,), (n, d) with earlier ones: both numbers, and the distances.

        Each is paired with the `_TWINS` nearest at most, so that those that belong together hang together.
        """
        queries = self._weights.stretched(page, 1.0)
        to_newer = product(state.newer_vectors, queries.T).T
        near = (to_newer >= 1 - within - 1e-4) & (state.newer < numbers[:, None])
        for crowded in np.flatnonzero(near.sum(axis=1) > _TWINS):
            several = np.flatnonzero(near[crowded])
            near[crowded, several[np.argpartition(-to_newer[crowded, several], _TWINS)[_TWINS:]]] = False
        place, column = np.nonzero(near)
        other = state.newer[column]
        if state.file is not None:
            found = state.file.candidates(self._weights.stretched(page, 0.5), _TWINS, gone=state.gone)
            place = np.concatenate([place, np.repeat(np.arange(len(page)), found.shape[1])])
            other = np.concatenate([other, found.ravel()])
        once = (other >= 0) & (other < numbers[place])
        place, other = place[once], other[once]
        known, vectors_of = self._stored.of(connection, np.unique(other))
        order = np.argsort(known)
        known, vectors_of = known[order], vectors_of[order]
        alive = np.isin(other, known)
        place, other = place[alive], other[alive]
        likeness = np.einsum("ij,ij->i", queries[place], vectors_of[np.searchsorted(known, other)])
        close = likeness >= 1 - within - 1e-6
        return other[close], numbers[place[close]], np.maximum(0, 1 - likeness[close])


@frozen(eq=False)
class State:
    """A catalog at one moment: its index file, the vectors that are newer than it, and those of it that are gone."""

    seal: str
    change: int
    file: Approximate | None
    last: int
    last_removed: int
    newer: Numbers
    newer_vectors: Floats
    removed: Numbers
    remembered: dict[Any, Allowed] = field(factory=dict)
    meanings: dict[str, Mapping[str, Term]] = field(factory=dict)

    def meant(self, attribute: str, texts: Callable[[], Mapping[str, Term]]) -> Mapping[str, Term]:
        """The texts of metadata that mean a term of an attribute; ``texts`` finds them out when first asked for."""
        found = self.meanings.get(attribute)
        if found is None:
            self.meanings[attribute] = found = texts()
        return found

    def allowed(self, key: Any, numbers: Any) -> Allowed:
        """What a filter lets through; ``numbers`` finds it out where it is not remembered under ``key``."""
        found = self.remembered.get(key)
        if found is None:
            found = Allowed(numbers())
            if len(self.remembered) >= _REMEMBERED:
                self.remembered.clear()
            self.remembered[key] = found
        return found

    @cached_property
    def gone(self) -> Any:
        """The filter that leaves out what is removed, None where nothing is."""
        return without(self.removed)

    def exact(self, query: Floats, most: int, within: Allowed | None) -> Near:
        """The nearest of the vectors that are newer than the file: of all vectors where there is none."""
        numbers, newer = self.newer, self.newer_vectors
        if within is not None:
            let_through = np.isin(numbers, within.numbers, assume_unique=True)
            numbers, newer = numbers[let_through], newer[let_through]
        if not len(numbers):
            return _NONE_NEAR
        likeness = product(newer, query)
        if len(likeness) > most:
            best = np.argpartition(-likeness, most)[:most]
            return Near(numbers[best], likeness[best])
        return Near(numbers, likeness)


_NONE: Numbers = np.empty(0, np.int64)
_NONE_NEAR = Near(_NONE, np.empty(0, np.float32))


def is_due(connection: Connection, row: Any) -> bool:
    """Whether a catalog has outgrown its index file, or its file too much that is gone."""
    asked = select(func.count()).select_from(VECTORS)
    newer = connection.execute(asked.where(vectors.catalog == row.number, vectors.number > row.index_last)).scalar_one()
    gone = connection.execute(
        select(func.count()).select_from(REMOVED).where(REMOVED.c.catalog == row.number)
    ).scalar_one()
    return bool(newer > max(EXACT, NEWER * row.index_count) or gone > max(EXACT // 10, 4 * NEWER * row.index_count))


def rebuild(truth: Truth, catalog: int, weights: Weights, size: int, *, name: str) -> None:
    """Write a catalog's index file anew from the truth, as ``name``, and have all processes change over to it.

    A catalog of at most `EXACT` vectors is left without one. A file that somebody else has renewed meanwhile stays in
    use. Raises OSError when the file cannot be written: then the old one stays in use.
    """
    with truth.reading() as connection:
        before = connection.execute(select(CATALOGS.c.index_seal).where(CATALOGS.c.number == catalog)).scalar()
        count, last = connection.execute(
            select(func.count(), func.max(vectors.number)).where(vectors.catalog == catalog)
        ).one()
        # What is removed while the file is written is still in it, and has to stay in the list of what was removed.
        removed = connection.execute(select(func.max(REMOVED.c.place)).where(REMOVED.c.catalog == catalog)).scalar()
        seal, file = name, ""
        if count > EXACT:
            file = f"{name}.faiss"
            sample = _sample(connection, catalog, count, weights, size)
            seal = write(truth.path.parent / file, count, sample, _batches(connection, catalog, weights, size))
    with truth.writing() as connection:
        unchanged = (CATALOGS.c.number == catalog) & (CATALOGS.c.index_seal == before)
        unused = connection.execute(select(CATALOGS.c.index_file).where(unchanged)).scalar()
        renewed = connection.execute(
            update(CATALOGS)
            .where(unchanged)
            .values(
                index_file=file,
                index_seal=seal,
                index_last=last if file else 0,
                index_count=count if file else 0,
                change=CATALOGS.c.change + 1,
            )
        )
        if renewed.rowcount:
            connection.execute(delete(REMOVED).where(REMOVED.c.catalog == catalog, REMOVED.c.place <= (removed or 0)))
        else:
            unused = file
    if unused:
        (truth.path.parent / unused).unlink(missing_ok=True)


def _sample(connection: Connection, catalog: int, count: int, weights: Weights, size: int) -> Floats:
    """Vectors from all over the catalog, the same ones each time."""
    numbers = numbers_of(connection, select(vectors.number).where(vectors.catalog == catalog))
    if count > SAMPLE:
        numbers = np.sort(np.random.default_rng(count).choice(numbers, SAMPLE, replace=False))
    pieces = [fetched(connection, piece, size)[1] for piece in np.array_split(numbers, len(numbers) // _BATCH + 1)]
    return weights.stretched(np.concatenate(pieces), 0.5)


def _batches(connection: Connection, catalog: int, weights: Weights, size: int) -> Any:
    after = 0
    while True:
        numbers, found = read_vectors(connection, catalog, size=size, after=after, most=_BATCH)
        if not len(numbers):
            return
        yield numbers, weights.stretched(found, 0.5)
        after = int(numbers[-1])
