"""A product query as SQL: filters, full-text search, and pages that stay in place while rows are added."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Select, column, false, func, select, text, tuple_

from placket.errors import InvalidInput
from placket.interfaces import SORT_KEYS, ProductQuery, SortOrder
from placket.record import Vocabulary

from ..database.tables import PRODUCTS
from .rows import fold, words_of

_columns = PRODUCTS.c

_SORT_COLUMNS = {**{key: _columns[key] for key in SORT_KEYS}, "name": _columns.name_key, "season": _columns.season_key}

_FLAGS = ("enabled", "archived", "public", "demo", "filler")

_LARGEST_PAGE = 1000


def conditions(query: ProductQuery, vocabulary: Vocabulary, dialect: str) -> list[ColumnElement[bool]]:
    """What a row must fulfil."""
    found: list[ColumnElement[bool]] = []
    for key, wanted in ((_columns.brand_key, query.brand), (_columns.season_key, query.season)):
        if wanted is not None:
            found.append(key == fold(wanted))
    if query.collections:
        found.append(_columns.collection_key.in_([fold(wanted) for wanted in query.collections]))
    if query.year is not None:
        found.append(_columns.year == query.year)
    if query.gender is not None:
        found.append(_columns.gender == _term_id(vocabulary, "gender", query.gender))
    if query.product_type is not None:
        found.append(_columns.product_type.in_(_kind_ids(vocabulary, query.product_type)))
    if query.shot_statuses:
        found.append(_columns.shot_status.in_(query.shot_statuses))
    found += [_columns[name] == getattr(query, name) for name in _FLAGS if getattr(query, name) is not None]
    if query.shoot is not None:
        raise InvalidInput("this store keeps no shoots of many products; leave `shoot` out of the query")
    if query.search.strip():
        found.append(_matching(query.search, dialect))
    return found


def _term_id(vocabulary: Vocabulary, attribute: str, word: str) -> str:
    term = vocabulary.get(attribute, word) or vocabulary.find(attribute, word)
    # A word that nobody knows is on no product: it finds nothing, and is no mistake.
    return term.id if term is not None else f"?{word}"


def _kind_ids(vocabulary: Vocabulary, word: str) -> list[str]:
    """A category and all that are narrower."""
    kind = _term_id(vocabulary, "category", word)
    narrower = [term.id for term in vocabulary.terms("category") if kind in (above.id for above in term.lineage)]
    return [kind, *(term_id for term_id in narrower if term_id != kind)]


def _matching(search: str, dialect: str) -> ColumnElement[bool]:
    """All words must occur, each at least as the beginning of one. What the user types is never read as syntax."""
    words = words_of(search)
    if not words:
        return false()
    if dialect == "sqlite":
        asked = " ".join(f'"{word}"*' for word in words)
        found = text("SELECT rowid FROM products_words WHERE products_words MATCH :asked").bindparams(asked=asked)
        return _columns.number.in_(found.columns(_columns.number))
    return column("word_vector").op("@@")(func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words)))


def page(query: ProductQuery, where: list[ColumnElement[bool]], cursor: str | None) -> Select[Any]:
    """One page, after the place that the cursor names. It may bring one row more, which tells that there is another."""
    key = _sort_column(query)
    descending = query.order is SortOrder.DESCENDING
    asked = select(PRODUCTS).where(*where)
    if cursor is not None:
        value, number = _place(cursor)
        here, there = tuple_(key, _columns.number), tuple_(value, number)
        asked = asked.where(here < there if descending else here > there)
    order = (key.desc(), _columns.number.desc()) if descending else (key, _columns.number)
    return asked.order_by(*order).limit(page_size(query) + 1)


def page_size(query: ProductQuery) -> int:
    """How many products a page has; raises InvalidInput for none."""
    if query.page_size < 1:
        raise InvalidInput(f"a page of {query.page_size} products is none; ask for at least one")
    return min(query.page_size, _LARGEST_PAGE)


def cursor_after(query: ProductQuery, row: Any) -> str:
    """The place of a row in the list."""
    return json.dumps([row._mapping[_sort_column(query).name], row._mapping["number"]])


def _place(cursor: str) -> tuple[Any, int]:
    try:
        value, number = json.loads(cursor)
    except ValueError as error:
        raise InvalidInput("this is no place in a list of products") from error
    return value, number


def _sort_column(query: ProductQuery) -> Any:
    found = _SORT_COLUMNS.get(query.sort_by)
    if found is None:
        raise InvalidInput(f"products cannot be sorted by {query.sort_by!r}; sort by one of {', '.join(SORT_KEYS)}")
    return found
