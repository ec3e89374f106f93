"""Items of a catalog: how they are added, replaced and removed, batch by batch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from attrs import frozen
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from placket.errors import InvalidInput
from placket.interfaces import CatalogItem, Image
from placket.record import Vocabulary
from placket.registry import ProviderContext

from ..plain_json import plain
from .copies import write_copy
from .facts import Facts, facts_of, storable
from .tables import CATALOGS, FACTS, ITEMS, KEPT, REMOVED, VECTORS
from .truth import SEVERAL, several

encode = msgspec.json.Encoder(order="deterministic").encode
decode = msgspec.json.decode

_items, _vectors, _facts = ITEMS.c, VECTORS.c, FACTS.c


@frozen
class Picture:
    """Where the picture of an item is; that of a ``kept`` copy is below the folder of copies.

    ``sha256`` is empty for one on the web, which is read when it is indexed.
    """

    url: str
    path: str
    kept: bool
    sha256: bytes

    @property
    def place(self) -> dict[str, Any]:
        """Where it is, as columns of a row."""
        return {"url": self.url, "path": self.path, "kept": self.kept}


@frozen
class Incoming:
    """An item as it is stored. ``metadata`` is JSON with its keys in order."""

    id: str
    picture: Picture
    metadata: bytes

    def row(self, catalog: int) -> dict[str, Any]:
        """The item as a row without a vector."""
        return {
            "catalog": catalog,
            "id": self.id,
            **self.picture.place,
            "sha256": self.picture.sha256,
            "metadata": self.metadata,
            "vector": 0,
            "error": "",
        }

    def shows_what(self, row: Any) -> bool:
        """Whether its picture is the one that a row has."""
        where = self.picture
        return bool(where.sha256 == row.sha256 if where.sha256 else where.url == row.url)

    def moved_from(self, row: Any) -> bool:
        """Whether its picture is not where a row has it."""
        return any(getattr(row, name) != value for name, value in self.picture.place.items())


async def incoming(item: CatalogItem, pictures: Path, context: ProviderContext) -> Incoming:
    """An item, checked. Bytes are written below ``pictures``: they are needed when a better model comes.

    Raises InvalidInput when it has no id, metadata that is not plain JSON, no picture, or a text that cannot be stored.
    """
    if not item.id or not isinstance(item.id, str):
        raise InvalidInput("the item has no id: give it a text by which you know it")
    path = item.image.path
    for what, text in (("id", item.id), ("address", item.image.url), ("path", str(path.absolute()) if path else "")):
        if not storable(text):
            raise InvalidInput(
                f"its {what} holds half a character or NUL, which cannot be stored; a file whose name is not UTF-8 "
                "needs another"
            )
    try:
        metadata = encode(plain(item.metadata, "its metadata"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"its metadata is not plain JSON: {error}") from error
    return Incoming(item.id, await _picture(item.image, pictures, context), metadata)


async def _picture(image: Image, pictures: Path, context: ProviderContext) -> Picture:
    if image.is_remote:
        return Picture(image.url, "", kept=False, sha256=b"")
    data = await context.content(image)
    digest = bytes.fromhex(image.sha256)
    if image.path is not None:
        return Picture("", str(image.path.absolute()), kept=False, sha256=digest)
    copy = f"{image.sha256[:2]}/{image.sha256}{image.suffix}"
    await asyncio.to_thread(write_copy, pictures / copy, data, context.name)
    return Picture(image.url, copy, kept=True, sha256=digest)


def with_copies(batch: Mapping[str, Incoming], pictures: Path) -> dict[str, Incoming]:
    """The items of a batch but those whose copy is gone.

    While an item waits for its batch to be stored, the last other item with the same picture may be removed, and the
    copy with it. Call this in the transaction that stores the batch: in that time no copy is removed.
    """
    return {
        name: item for name, item in batch.items() if not item.picture.kept or (pictures / item.picture.path).exists()
    }


def store(
    connection: Connection, catalog: int, batch: Mapping[str, Incoming], vocabulary: Vocabulary
) -> dict[bytes, str]:
    """Write a batch of items, and return the copies that its items had before, as `copies_of`.

    An item that is there with the same picture keeps its vector, wherever the picture is now; one with another picture
    loses it.
    """
    asked = select(ITEMS).where(_items.catalog == catalog, _items.id.in_(SEVERAL))
    known = {row.id: row for row in connection.execute(asked, several(list(batch)))}
    new = [item.row(catalog) for name, item in batch.items() if name not in known]
    if new:
        connection.execute(insert(ITEMS), new)
    changed = [(row, batch[name]) for name, row in known.items()]
    same = [(row, item) for row, item in changed if item.shows_what(row)]
    other = [(row, item) for row, item in changed if not item.shows_what(row)]
    forget_vectors(connection, catalog, [row for row, _ in other], vocabulary)
    for row, item in other:
        values = item.row(catalog)
        connection.execute(update(ITEMS).where(_items.key == row.key).values(values))
    moved = [(row, item) for row, item in same if item.moved_from(row)]
    for row, item in moved:
        # A picture that could not be read where it was may be read where it is.
        connection.execute(update(ITEMS).where(_items.key == row.key).values(**item.picture.place, error=""))
    if any(row.vector for row, _ in moved):
        touch(connection, catalog)
    for row, item in same:
        if item.metadata != row.metadata:
            _describe(connection, catalog, row, item.metadata, vocabulary)
    return copies_of(row for row, _ in [*other, *moved])


def _describe(connection: Connection, catalog: int, row: Any, metadata: bytes, vocabulary: Vocabulary) -> None:
    """Give an item other metadata."""
    connection.execute(update(ITEMS).where(_items.key == row.key).values(metadata=metadata))
    if row.vector:
        seen = decode(connection.execute(select(_vectors.seen).where(_vectors.number == row.vector)).scalar_one())
        forget_facts(connection, catalog, [(row.vector, facts_of(decode(row.metadata), seen, vocabulary))])
        state_facts(connection, catalog, [(row.vector, facts_of(decode(metadata), seen, vocabulary))])
        touch(connection, catalog)


def touch(connection: Connection, catalog: int) -> None:
    """Let every process that searches the catalog look for what changed."""
    connection.execute(update(CATALOGS).where(CATALOGS.c.number == catalog).values(change=CATALOGS.c.change + 1))


def forget(
    connection: Connection, catalog: int, ids: Sequence[str], vocabulary: Vocabulary
) -> tuple[int, dict[bytes, str]]:
    """Remove items, and return how many there were and the copies that they had, as `copies_of`."""
    asked = select(ITEMS).where(_items.catalog == catalog, _items.id.in_(SEVERAL))
    rows = connection.execute(asked, several(list(ids))).fetchall()
    forget_vectors(connection, catalog, rows, vocabulary)
    connection.execute(delete(ITEMS).where(_items.key.in_(SEVERAL)), several([row.key for row in rows]))
    return len(rows), copies_of(rows)


def forget_vectors(connection: Connection, catalog: int, rows: Iterable[Any], vocabulary: Vocabulary) -> None:
    """Remove the vectors of items, and everything that is known by them."""
    items = {row.vector: row for row in rows if row.vector}
    if not items:
        return
    stored = connection.execute(
        select(_vectors.number, _vectors.seen).where(_vectors.number.in_(SEVERAL)), several(list(items))
    )
    facts = [
        (number, facts_of(decode(items[number].metadata), decode(seen), vocabulary))
        for number, seen in stored.fetchall()
    ]
    forget_facts(connection, catalog, facts)
    connection.execute(delete(VECTORS).where(_vectors.number.in_(SEVERAL)), several(list(items)))
    connection.execute(insert(REMOVED), [{"catalog": catalog, "vector": number} for number in items])
    touch(connection, catalog)


def state_facts(connection: Connection, catalog: int, facts: Iterable[tuple[int, Facts]]) -> None:
    """Store what is known of vectors."""
    rows = [
        {"catalog": catalog, "key": key, "value": value, "vector": number, "confidence": confidence}
        for number, known in facts
        for (key, value), confidence in known.items()
    ]
    if rows:
        connection.execute(_STATE_FACT, rows)


# A fact may be there: with another vocabulary it was not known that it had to be forgotten.
_STATE_FACT = insert(FACTS).prefix_with("OR REPLACE")
_FORGET_FACT = delete(FACTS).where(
    _facts.catalog == bindparam("of"),
    _facts.key == bindparam("named"),
    _facts.value == bindparam("said"),
    _facts.vector == bindparam("number"),
)


def forget_facts(connection: Connection, catalog: int, facts: Iterable[tuple[int, Facts]]) -> None:
    """Remove what is known of vectors: there is no index by vector, so each fact is named."""
    rows = [
        {"of": catalog, "named": key, "said": value, "number": number}
        for number, known in facts
        for key, value in known
    ]
    if rows:
        connection.execute(_FORGET_FACT, rows)


def copies_of(rows: Iterable[Any]) -> dict[bytes, str]:
    """The paths of the copies of pictures that rows have, by the pictures' SHA-256."""
    return {row.sha256: row.path for row in rows if row.kept}


def unused(connection: Connection, copies: Mapping[bytes, str]) -> list[str]:
    """The paths of those copies that no item has."""
    asked = select(_items.sha256).where(KEPT, _items.sha256.in_(list(copies))).distinct()
    needed = set(connection.execute(asked).scalars())
    return [path for digest, path in copies.items() if digest not in needed]
