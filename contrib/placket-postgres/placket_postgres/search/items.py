"""Items of a catalog: how they are stored, replaced and removed, batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import any_, delete, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement, bindparam, cast, literal

from placket.errors import InvalidInput
from placket.record import Vocabulary, normalize_word
from placket_local.search.facts import facts_of, storable
from placket_local.search.items import Incoming, copies_of, decode

from .tables import ITEMS, VECTORS

LONGEST_ID = 2_000
"""Bytes; an index of PostgreSQL holds values up to a third of a page of 8,192."""

_items, _vectors = ITEMS.c, VECTORS.c


def check_storable(item: Incoming) -> None:
    """Raise InvalidInput for what SQLite can hold and PostgreSQL cannot."""
    if len(item.id.encode()) > LONGEST_ID:
        raise InvalidInput(f"its id is longer than the {LONGEST_ID:,} bytes that PostgreSQL can index; shorten it")
    if rb"\u0000" in item.metadata.replace(rb"\\", b""):
        raise InvalidInput("its metadata holds NUL, which PostgreSQL cannot store")


def words_of(metadata: Mapping[str, Any], seen: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, float]:
    """What an item shows, by field and word, with the confidence.

    Of metadata under the name of a field its very words are kept, too: a later vocabulary may know them.
    """
    words = {}
    for (key, value), sure in facts_of(metadata, seen, vocabulary).items():
        kind, _, field = key.partition(":")
        if kind == "seen":
            words[f"{field}:{value}"] = sure
        elif field in vocabulary.attributes() and isinstance(value, str) and not value.startswith("\0"):
            words[said_word(field, normalize_word(value))] = sure
    return words


def said_word(field: str, word: str) -> str:
    """How a word in metadata is kept that is under the name of a field."""
    return f"{field}={word}"


async def store(
    connection: AsyncConnection, catalog: int, batch: Mapping[str, Incoming], vocabulary: Vocabulary
) -> dict[bytes, str]:
    """Write a batch of items, and return the copies that its items had before.

    An item that is there with the same picture keeps its vector, wherever the picture is now; one with another picture
    loses it. The caller has locked the catalog, so that nobody else writes the same items.
    """
    asked = select(ITEMS, _vectors.seen).outerjoin(VECTORS, _vectors.item == _items.key)
    asked = asked.where(_items.catalog == catalog, _items.id == among_texts(list(batch)))
    known = {row.id: row for row in await connection.execute(asked)}
    new = [_row(item, catalog) for name, item in batch.items() if name not in known]
    if new:
        await connection.execute(insert(ITEMS), new)
    other = [row for name, row in known.items() if not batch[name].shows_what(row)]
    replaced = [{**_row(batch[row.id], catalog), "of": row.key} for row in other]
    if replaced:
        await connection.execute(update(ITEMS).where(_items.key == bindparam("of")), replaced)
        await connection.execute(delete(VECTORS).where(_vectors.item == among([row.key for row in other])))
    same = [(row, batch[name]) for name, row in known.items() if batch[name].shows_what(row)]
    moved = [(row, item) for row, item in same if item.moved_from(row)]
    if moved:
        # A picture that could not be read where it was may be read where it is.
        places = [{"of": row.key, **item.picture.place, "error": ""} for row, item in moved]
        await connection.execute(update(ITEMS).where(_items.key == bindparam("of")), places)
    described = []
    for row, item in same:
        metadata = decode(item.metadata)
        if metadata != row.metadata:
            words = words_of(metadata, row.seen or {}, vocabulary) if row.indexed else {}
            described.append({"of": row.key, "said": metadata, "shown": words})
    if described:
        changed = update(ITEMS).where(_items.key == bindparam("of"))
        await connection.execute(changed.values(metadata=bindparam("said"), words=bindparam("shown")), described)
    return copies_of([*other, *(row for row, _ in moved)])


async def forget(connection: AsyncConnection, catalog: int, ids: Sequence[str]) -> tuple[int, dict[bytes, str]]:
    """Remove items, and return how many there were and the copies that they had."""
    gone = delete(ITEMS).where(_items.catalog == catalog, _items.id == among_texts(ids))
    rows = (await connection.execute(gone.returning(_items.sha256, _items.path, _items.kept))).fetchall()
    return len(rows), copies_of(rows)


async def unused(connection: AsyncConnection, copies: Mapping[bytes, str]) -> list[str]:
    """The paths of those copies that no item has."""
    asked = select(_items.sha256).where(_items.kept, _items.sha256.in_(list(copies))).distinct()
    needed = set((await connection.execute(asked)).scalars())
    return [path for digest, path in copies.items() if digest not in needed]


def among(keys: Sequence[int]) -> ColumnElement[Any]:
    """Any of these numbers, to compare a column with: one statement, however many there are."""
    return any_(cast(literal(list(keys), ARRAY(BIGINT)), ARRAY(BIGINT)))


def among_texts(texts: Sequence[str]) -> ColumnElement[Any]:
    """Any of these texts; those that PostgreSQL cannot hold are none that it has."""
    return any_(texts_of([text for text in texts if storable(text)]))


def texts_of(texts: Sequence[str]) -> ColumnElement[Any]:
    """An array of texts."""
    return cast(literal(list(texts), ARRAY(TEXT)), ARRAY(TEXT))


def _row(item: Incoming, catalog: int) -> dict[str, Any]:
    return {
        "catalog": catalog,
        "id": item.id,
        **item.picture.place,
        "sha256": item.picture.sha256,
        "metadata": decode(item.metadata),
        "words": {},
        "indexed": False,
        "error": "",
    }
