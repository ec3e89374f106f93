"""A search: from what is wanted to hits. The server compares; nothing of a catalog is kept in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Double,
    Select,
    cast,
    func,
    lateral,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import NotFound
from placket.interfaces import Hit, NearDuplicate, Ref
from placket.record import Term, Vocabulary
from placket.registry import ProviderContext
from placket_local.arrays import Floats
from placket_local.search.catalogs import never_indexed, other_model
from placket_local.search.copies import address_of, folder_of
from placket_local.search.embedder import Embedder, Weights
from placket_local.search.model_search import Wanted

from . import graph
from .database import CatalogDatabase
from .filters import matching
from .halfvec import HalfVector, opposite
from .items import said_word, texts_of
from .tables import CATALOGS, ITEMS, VECTORS

AT_ONCE = 256
"""Items of one page of near duplicates."""

_TWINS = 100
"""Near duplicates of one vector at most: copies of one picture, each paired with every other, fill the memory."""

_LOOKED_AT = 100
"""``hnsw.ef_search`` beyond twice the hits asked for: the nearest are found among so many, and at most `_MOST`."""

_MOST = 1_000

_CANDIDATES = 500
"""The nearest of all among which those that meet conditions are looked for, before all that meet them are compared."""

_COMPARING = {"jit": "off", "enable_sort": "on", "enable_seqscan": "on"}
"""Settings under which all vectors are compared: compiling a statement takes longer than running it."""

_catalogs, _items, _vectors = CATALOGS.c, ITEMS.c, VECTORS.c


class PostgresSeeker:
    """Searches catalogs. ``weights`` are the embedder's own."""

    def __init__(self, database: CatalogDatabase, context: ProviderContext, embedder: Embedder) -> None:
        self._database = database
        self._context = context
        self._version = embedder.version
        self._length = embedder.look + embedder.color

    async def seek(self, wanted: Wanted, catalogs: Sequence[Ref]) -> list[Hit]:
        """The hits of all catalogs, the nearest first."""
        found = list[tuple[float, int, Ref, Any]]()
        async with self._database.reading() as connection:
            for catalog in catalogs:
                row = await self._row(connection, catalog)
                near = await self._found(connection, row, wanted)
                found += [(max(0.0, each.away), each.key, catalog, each) for each in near]
        found.sort(key=lambda one: one[:2])
        pictures = folder_of(self._context)
        return [
            Hit(
                id=item.id,
                catalog=catalog,
                score=1 / (1 + distance),
                distance=round(distance, 6),
                image_url=address_of(pictures, item.url, item.path),
                metadata=item.metadata,
                providers=(self._context.name,),
            )
            for distance, _, catalog, item in found[: wanted.limit]
        ]

    async def pairs(self, catalog: Ref, within: float, after: int) -> tuple[list[NearDuplicate], int | None]:
        """The pairs of the items behind number ``after`` with earlier ones, for one page, and where the next begins."""
        async with self._database.reading() as connection:
            row = await self._row(connection, catalog)
            inside = _vectors.catalog == literal_column(str(row.number))
            page = select(VECTORS).where(inside, _vectors.item > after).order_by(_vectors.item).limit(AT_ONCE)
            paged = page.subquery()
            ends = select(func.max(paged.c.item), func.count()).select_from(paged)
            last, count = (await connection.execute(ends)).one()
            if row.graph:
                await _set(connection, _for_graph(_TWINS))
            found = await connection.execute(_pairs(page.cte("page"), inside, within, self._length if row.graph else 0))
            pairs = [NearDuplicate(each.first, each.second, round(max(0.0, each.away), 6)) for each in found]
        return pairs, last if count == AT_ONCE else None

    async def _row(self, connection: AsyncConnection, catalog: Ref) -> Any:
        asked = select(CATALOGS, graph.is_there()).where(_catalogs.id == catalog.id)
        row = (await connection.execute(asked)).one_or_none()
        if row is None:
            raise NotFound(f"there is no catalog {catalog.id}", provider=self._context.name)
        refused = other_model(row, self._version, self._context.name)
        if refused is not None:
            raise refused
        filled = select(_items.key).where(_items.catalog == row.number).limit(1)
        if not row.model and (await connection.execute(filled)).first() is not None:
            raise never_indexed(row, self._context.name)
        return row

    async def _found(self, connection: AsyncConnection, row: Any, wanted: Wanted) -> Sequence[Any]:
        conditions = [matching(each) for each in wanted.filters]
        shown = [_words(terms, self._context.vocabulary) for terms in wanted.asked]
        conditions += [_items.words.has_any(texts_of(words)) for words in shown]
        if wanted.embedded is None:
            return await _rows(connection, _surest(row.number, conditions, shown, wanted.limit))
        stored = Weights(wanted.weights.look_length, row.color_weight)
        query = stored.stretched(wanted.weights.query(wanted.embedded.look, wanted.embedded.color), -0.5)
        # With more colour than the graph was made for, it leads astray: what is alike is no longer near in it.
        if row.graph and wanted.weights.color <= stored.color:
            found = await self._through_graph(connection, row.number, query, conditions, wanted.limit)
            if found is not None:
                return found
        await _set(connection, _COMPARING)
        compared = _compared(row.number, query, conditions).limit(wanted.limit).cte("near")
        return await _rows(connection, _items_of(compared))

    async def _through_graph(
        self,
        connection: AsyncConnection,
        catalog: int,
        query: Floats,
        conditions: Sequence[ColumnElement[bool]],
        limit: int,
    ) -> Sequence[Any] | None:
        """The nearest, by way of the graph; None where it does not lead to enough that meets the conditions.

        What meets them among the nearest of all is the nearest that meets them. Scanning on until there is enough
        (pgvector's iterative scan) is no such thing: it came upon 62 of 100 of the nearest of one type among 60.
        """
        most = _CANDIDATES if conditions else limit
        if limit > most:
            return None
        await _set(connection, _for_graph(most))
        near = _near_in_graph(catalog, query, self._length).limit(most).cte("near")
        asked = _items_of(near).where(*conditions).order_by(near.c.away).limit(limit)
        found = await _rows(connection, asked)
        return None if len(found) < limit else found


def _near_in_graph(catalog: int, query: Floats, length: int) -> Select[Any]:
    """About the nearest of a catalog: the statement has the words of the index that `graph.build` makes."""
    away = opposite(graph.in_graph(length), literal(query, HalfVector(length)))
    inside = _vectors.catalog == literal_column(str(int(catalog)))
    return select(_vectors.item, away.label("away")).where(inside).order_by(away)


def _compared(catalog: int, query: Floats, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The nearest of what meets the conditions, from comparing all that does."""
    away = opposite(_vectors.vector, literal(query, HalfVector()))
    near = select(_vectors.item, away.label("away")).where(_vectors.catalog == catalog)
    if conditions:
        near = near.join(ITEMS, _items.key == _vectors.item).where(_items.catalog == catalog, *conditions)
    # A sum is no order that an index has.
    return near.order_by(away + 0.0)


def _items_of(near: CTE) -> Select[Any]:
    away = (1 + near.c.away).label("away")
    columns = _items.key, _items.id, _items.url, _items.path, _items.metadata
    return select(away, *columns).join_from(near, ITEMS, _items.key == near.c.item)


def _surest(
    catalog: int, conditions: Sequence[ColumnElement[bool]], shown: Sequence[Sequence[str]], limit: int
) -> Select[Any]:
    """What shows what is asked for, the surest first; how sure is the product of how sure each word is."""
    sure: ColumnElement[float] = literal(1.0, Double)
    for place, names in enumerate(shown):
        word = func.jsonb_each_text(_items.words).table_valued("key", "value", name=f"word{place}")
        most = select(func.max(cast(word.c.value, Double))).where(word.c.key.in_(list(names)))
        sure = sure * most.scalar_subquery()
    away = (1 - sure).label("away")
    columns = _items.key, _items.id, _items.url, _items.path, _items.metadata
    found = select(away, *columns).where(_items.catalog == catalog, _items.indexed, *conditions)
    return found.order_by(away, _items.key).limit(limit)


def _pairs(page: CTE, inside: ColumnElement[bool], within: float, length: int) -> Select[Any]:
    """The pairs of a page with earlier vectors; through the graph, which knows their ``length``, unless that is 0."""
    if length:
        away = opposite(graph.in_graph(length), cast(page.c.vector, HalfVector(length)))
        near = select(_vectors.item, away.label("away")).where(inside).order_by(away).limit(_TWINS)
    else:
        away = opposite(_vectors.vector, page.c.vector)
        near = select(_vectors.item, away.label("away")).where(inside, _vectors.item < page.c.item)
        # A sum is no order that an index has.
        near = near.order_by(away + 0.0).limit(_TWINS)
    other = lateral(near, "other")
    one, two = ITEMS.alias("one"), ITEMS.alias("two")
    distance = (1 + other.c.away).label("away")
    close = distance <= within + 1e-6
    return (
        select(one.c.id.label("first"), two.c.id.label("second"), distance)
        .select_from(page)
        .join(other, true())
        .join(one, one.c.key == other.c.item)
        .join(two, two.c.key == page.c.item)
        .where(other.c.item < page.c.item, close)
    )


def _words(terms: Sequence[Term], vocabulary: Vocabulary) -> list[str]:
    """The words of items that show one of these terms, or a narrower one."""
    narrower = [each for term in terms for each in vocabulary.terms(term.attribute) if each.is_a(term)]
    shown = [f"{each.attribute}:{each.id}" for each in narrower]
    return shown + [said_word(each.attribute, word) for each in narrower for word in vocabulary.words(each)]


def _for_graph(hits: int) -> Mapping[str, str]:
    """Settings under which a search of the graph finds so many, and the server chooses to use it."""
    return {
        "hnsw.ef_search": str(min(_MOST, 2 * hits + _LOOKED_AT)),
        "hnsw.iterative_scan": "relaxed_order",  # or what was deleted since the last vacuum would be missing
        "enable_sort": "off",
        "enable_seqscan": "off",
        "jit": "off",
    }


async def _rows(connection: AsyncConnection, asked: Select[Any]) -> Sequence[Any]:
    return list(await connection.execute(asked))


async def _set(connection: AsyncConnection, settings: Mapping[str, str]) -> None:
    """Set what holds until the transaction ends."""
    await connection.execute(
        select(*(func.set_config(name, value, literal_column("true")) for name, value in settings.items()))
    )
