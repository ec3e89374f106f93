"""A product query as SQL: filters, full-text search, and pages that stay in place while rows are added.

Any filters with any order are answered from one index, because each index holds all that can be filtered by. Which one
is chosen here where the database would guess: SQLite knows nothing of how many rows a filter leaves, nor that a page
needs only the first of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import define
from sqlalchemy import (
    ColumnElement,
    Select,
    column,
    false,
    func,
    literal_column,
    select,
    table,
    tuple_,
    type_coerce,
)

from placket.errors import InvalidInput
from placket.interfaces import SORT_KEYS, ProductQuery, SortOrder
from placket.record import Vocabulary

from ..database.tables import FLAGS, PRODUCTS
from .rows import Reader, fold, words_of

_columns = PRODUCTS.c

_SORTED_BY = {**{key: key for key in SORT_KEYS}, "name": "name_key", "season": "season_key"}

_ALONE = ("created_at", "updated_at", "name_key")
"""What orders products by itself. Among those that are alike in any other respect, the time of creation decides."""

_SELECTIVE = ("brand_key", "collection_key", "product_type", "year", "shot_status", "season_key", "gender")
"""What one can filter by, what leaves the fewest products first."""

_LARGEST_PAGE = 1000
_MOST_WORDS = 100

_DEARER = 32
"""How many times dearer it is to look a product up than to walk past it in an index, in SQLite."""


_COMMON = 5000
"""How many products are looked up, because they have the words, in about the time that it takes to pass a filter's."""


class By(StrEnum):
    """How the products of a selection are found."""

    FILTER = "filter"
    """By the index of one of the filters."""
    WORDS = "words"
    """By the words that are searched for."""
    ORDER = "order"
    """By walking along the order until the page is full."""


@define(slots=False, frozen=True)
class Selection:
    """What a query selects. Raises InvalidInput for what cannot be asked."""

    filters: Mapping[str, Sequence[Any]]
    """The values of which a column must have one."""
    words: Sequence[str] | None
    """The words that must occur, each at least as the beginning of one; None when nothing is searched for."""
    sort: str
    descending: bool
    size: int
    """How many products a page has."""
    sqlite: bool

    @classmethod
    def of(cls, query: ProductQuery, vocabulary: Vocabulary, dialect: str) -> Selection:
        """The selection of a query."""
        if query.shoot is not None:
            raise InvalidInput("this store keeps no shoots of many products; leave `shoot` out of the query")
        if query.sort_by not in _SORTED_BY:
            raise InvalidInput(f"products cannot be sorted by {query.sort_by!r}; sort by one of {', '.join(SORT_KEYS)}")
        if query.page_size < 1:
            raise InvalidInput(f"a page of {query.page_size} products is none; ask for at least one")
        words = [*dict.fromkeys(words_of(query.search))] if query.search.strip() else None
        if words is not None and len(words) > _MOST_WORDS:
            raise InvalidInput(f"{len(words)} different words cannot be searched for; use at most {_MOST_WORDS}")
        size, descending = min(query.page_size, _LARGEST_PAGE), query.order is SortOrder.DESCENDING
        return cls(_filters(query, vocabulary), words, _SORTED_BY[query.sort_by], descending, size, dialect == "sqlite")

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a row must fulfil."""
        found = [self._one_of(name) for name in self.filters]
        if self.words is not None:
            found.append(self._found())
        return found

    def are_words_common(self) -> Select[Any] | None:
        """Asks whether so many products have the words that a filter finds them sooner; None where that is plain."""
        if not self.sqlite or not self.words or not self._leader:
            return None
        found = _matching(self.words).limit(_COMMON + 1).subquery()
        return select(func.count() > _COMMON).select_from(found)

    def total(self, by: By) -> Select[Any]:
        """How many products there are, and about how many all products are."""
        every = select(func.coalesce(func.max(_columns.number), 0)).scalar_subquery()
        if self.sqlite and self.words is None and self.filters.keys() <= {*_COUNTS.c.keys()}:
            counted = (_one_of(_COUNTS.c[name], values) for name, values in self.filters.items())
            return select(func.coalesce(func.sum(_COUNTS.c.products), 0), every).where(*counted)
        if self.sqlite and self.words and not self.filters:
            return select(func.count(), every).select_from(_matching(self.words).subquery())
        return select(func.count(), every).select_from(PRODUCTS).where(*self._where(by))

    def is_walked(self, total: int, products: int) -> bool:
        """Whether it is cheaper to walk along the order until a page is full than to sort all that is found."""
        return self.sqlite and _DEARER * total * total > self.size * products

    def page(self, cursor: str | None, by: By) -> Select[Any]:
        """One page, after the place that the cursor names; a row ends in its place.

        It may bring one row more, which tells that there is another page.
        """
        asked = select(*Reader.columns, *self._place).where(*self._where(by))
        if cursor is not None:
            # Where the rows are found by something else, the place must not be taken for a better way to find them.
            ordered = by is By.ORDER or (by is By.FILTER and self._in_order)
            here = tuple_(*(each if ordered else self._apart(each) for each in self._place))
            there = tuple_(*_values(cursor, len(self._place)))
            asked = asked.where(here < there if self.descending else here > there)
        order = [each.desc() if self.descending else each.asc() for each in self._place]
        return asked.order_by(*order).limit(self.size + 1)

    def after(self, row: Any, by: By) -> str:
        """The cursor of the place of a row."""
        return json.dumps([*row[-len(self._place) :], by])

    @staticmethod
    def by(cursor: str) -> By:
        """How the page before the cursor was found, which is how the next one is best found."""
        by = _decoded(cursor)[-1]
        if by not in [*By]:
            raise InvalidInput("this is no place in a list of products; begin it anew")
        return By(by)

    @cached_property
    def _place(self) -> tuple[Any, ...]:
        key = _columns[self.sort]
        return (key, _columns.number) if self.sort in _ALONE else (key, _columns.created_at, _columns.number)

    @property
    def _leader(self) -> str:
        """The filter that leaves the fewest products, most likely; empty where there is none."""
        return next((name for name in _SELECTIVE if name in self.filters), "")

    @property
    def _in_order(self) -> bool:
        """Whether what is found by the leader is in the order of its index already."""
        return bool(self._leader) and self.sort in ("created_at", self._leader)

    def _where(self, by: By) -> list[ColumnElement[bool]]:
        """The conditions so that only what is named is a way to find rows."""
        leader = {By.FILTER: self._leader, By.WORDS: "", By.ORDER: self._leader if self._in_order else self.sort}[by]
        found = [self._one_of(name, apart=name != leader) for name in self.filters]
        return found if self.words is None else [*found, self._found(apart=by is not By.WORDS)]

    def _one_of(self, name: str, *, apart: bool = False) -> ColumnElement[bool]:
        return _one_of(self._apart(_columns[name]) if apart else _columns[name], self.filters[name])

    def _apart(self, where: Any) -> Any:
        """The column where its index shall not be used."""
        return type_coerce(literal_column(f"+products.{where.name}"), where.type) if self.sqlite else where

    def _found(self, *, apart: bool = False) -> ColumnElement[bool]:
        if not self.words:
            return false()
        if self.sqlite:
            return (self._apart(_columns.number) if apart else _columns.number).in_(_matching(self.words))
        asked = " & ".join(f"{word}:*" for word in self.words)
        return column("word_vector").op("@@")(func.to_tsquery("simple", asked))


def _one_of(where: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = where == values[0] if len(values) == 1 else where.in_(values)
    return found


_COUNTS = table(
    "product_counts",
    *(column(name, _columns[name].type) for name in (*FLAGS, "year", "season_key", "gender", "shot_status")),
    column("product_type"),
    column("products"),
)
"""In SQLite: how many products have which properties, of those that have few values. Triggers keep it in step."""

_INDEX = table("products_words", column("rowid"), column("products_words"))
"""The full-text index of SQLite. The column that has its name is how it is asked."""


def _matching(words: Sequence[str]) -> Select[Any]:
    # Quoted: what the user types is never read as syntax.
    asked = " ".join(f'"{word}"*' for word in words)
    return select(_INDEX.c.rowid).where(_INDEX.c.products_words.op("MATCH", is_comparison=True)(asked))


def _filters(query: ProductQuery, vocabulary: Vocabulary) -> dict[str, Sequence[Any]]:
    found: dict[str, Sequence[Any]] = {
        "brand_key": () if query.brand is None else (fold(query.brand),),
        "collection_key": [fold(wanted) for wanted in query.collections],
        "season_key": () if query.season is None else (fold(query.season),),
        "year": () if query.year is None else (query.year,),
        "gender": () if query.gender is None else (_term_id(vocabulary, "gender", query.gender),),
        "product_type": () if query.product_type is None else _kind_ids(vocabulary, query.product_type),
        "shot_status": query.shot_statuses,
    }
    for flag in FLAGS:
        found[flag] = () if getattr(query, flag) is None else (getattr(query, flag),)
    return {name: values for name, values in found.items() if values}


def _term_id(vocabulary: Vocabulary, attribute: str, word: str) -> str:
    term = vocabulary.get(attribute, word) or vocabulary.find(attribute, word)
    # A word that nobody knows is on no product: it finds nothing, and is no mistake.
    return term.id if term is not None else f"?{word}"


def _kind_ids(vocabulary: Vocabulary, word: str) -> list[str]:
    """A category and all that are narrower."""
    kind = _term_id(vocabulary, "category", word)
    narrower = [term.id for term in vocabulary.terms("category") if kind in (above.id for above in term.lineage)]
    return [kind, *(term_id for term_id in narrower if term_id != kind)]


def _decoded(cursor: str) -> list[Any]:
    try:
        found = json.loads(cursor)
    except ValueError:
        found = None
    if not isinstance(found, list) or not found:
        raise InvalidInput("this is no place in a list of products; begin it anew")
    return found


def _values(cursor: str, count: int) -> list[Any]:
    *values, _ = _decoded(cursor)
    if len(values) != count:
        raise InvalidInput("this is a place in a list of products in another order; begin it anew")
    return values
