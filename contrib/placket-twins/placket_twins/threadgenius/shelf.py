"""The images of catalogs as the twin keeps them: what was uploaded, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from attrs import frozen
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ..state import State, written
from .tables import FAILED, FILES, FRESH, IMAGES, INDEXED
from .usage import Counted, write_counts

_images = IMAGES.c
_SEEN = [column for column in IMAGES.columns if column.name != "picture"]

_wanted = func.json_each(bindparam("ids")).table_valued("value")
_NAMED = written(
    select(_images.id, _images.url, _images.metadata, _images.crop, _images.key, _images.state).where(
        _images.catalog == bindparam("catalog"), _images.id.in_(select(_wanted.c.value))
    )
)
"""Every search asks this: for a catalog, and for ids as a JSON list."""

_MOST_KNOWN = 20_000
_LONGEST_KNOWN = 1_024
"""Images that are remembered, and characters of their metadata."""

Result = TypeVar("Result")
Crop = tuple[float, float, float, float]
"""x1, y1, x2, y2 as fractions of the picture."""


@frozen
class Entry:
    """One image of a catalog. ``metadata`` is JSON or empty. Where there is no URL there is a ``picture``."""

    id: str
    url: str
    metadata: str = ""
    crop: Crop | None = None
    picture: bytes | None = None
    key: int = 0
    state: int = FRESH

    @property
    def has_metadata(self) -> bool:
        """Whether anything was said of the image."""
        return bool(self.metadata)

    @property
    def spliced(self) -> msgspec.Raw:
        """The `details` for `json_answer`: the JSON that they are, which need not be read and written again."""
        return msgspec.Raw(self.metadata.encode() or b"{}")

    @property
    def details(self) -> Any:
        """The metadata; an empty object where there are none."""
        return json.loads(self.metadata) if self.metadata else {}


class Shelf:
    """The images of all catalogs. What a method wrote is on the disk when it returns."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[tuple[str, str], Entry] = {}

    async def put(self, catalog: str, entries: Sequence[Entry]) -> None:
        """Keep images, in the place of those with the same ids; what did not change stays indexed."""
        await self._write(lambda connection: _put(connection, catalog, entries))

    async def put_file(self, catalog: str, content: bytes) -> None:
        """Keep a catalog file until it is read."""
        row = {"catalog": catalog, "content": content}
        await self._write(lambda connection: connection.execute(insert(FILES), row))

    async def oldest_file(self, catalog: str) -> tuple[int, bytes] | None:
        """A catalog file that waits to be read."""
        asked = select(FILES.c.number, FILES.c.content).where(FILES.c.catalog == catalog)
        asked = asked.order_by(FILES.c.number).limit(1)
        row = await self._state.read(lambda connection: connection.execute(asked).one_or_none())
        return None if row is None else (row.number, row.content)

    async def drop_file(self, number: int, counts: list[Counted]) -> None:
        """Forget a catalog file that was read, and count it: together, so that it is counted once."""

        def work(connection: Connection) -> None:
            if connection.execute(delete(FILES).where(FILES.c.number == number)).rowcount:
                write_counts(connection, counts)

        await self._write(work)

    async def clear(self, catalog: str) -> None:
        """Remove everything in a catalog."""

        def work(connection: Connection) -> None:
            connection.execute(delete(IMAGES).where(_images.catalog == catalog))
            connection.execute(delete(FILES).where(FILES.c.catalog == catalog))

        await self._write(work)

    async def ids(self, catalog: str) -> set[str]:
        """The ids of all images of a catalog."""
        asked = select(_images.id).where(_images.catalog == catalog)
        return await self._state.read(lambda connection: set(connection.execute(asked).scalars()))

    async def remove(self, catalog: str, ids: Iterable[str]) -> int:
        """Remove images by their ids, and return how many there were."""
        wanted = [{"of": catalog, "named": each} for each in ids]
        gone = delete(IMAGES).where(_images.catalog == bindparam("of"), _images.id == bindparam("named"))
        return await self._write(lambda connection: sum(connection.execute(gone, each).rowcount for each in wanted))

    async def count(self, catalog: str, state: int | None = None) -> int:
        """How many images there are, or how many that stand so."""
        asked = select(func.count()).select_from(IMAGES).where(_images.catalog == catalog)
        if state is not None:
            asked = asked.where(_images.state == state)
        return await self._state.read(lambda connection: connection.execute(asked).scalar_one())

    async def fresh(self, catalog: str, limit: int) -> list[Entry]:
        """Images that wait to be indexed, in the order in which they came."""
        asked = select(IMAGES).where(_images.catalog == catalog, _images.state == FRESH)
        return await self._entries(asked.order_by(_images.key).limit(limit))

    async def refresh(self, catalog: str) -> None:
        """Let the images that could not be indexed wait for another try."""
        again = update(IMAGES).where(_images.catalog == catalog, _images.state == FAILED)
        await self._write(lambda connection: connection.execute(again.values(state=FRESH, error="")))

    async def tell(self, entries: Sequence[Entry], failed: Mapping[str, str]) -> None:
        """Note of images that they are indexed, or why not: ``failed`` names a reason by id."""
        rows = [
            {
                "of": entry.key,
                "stood": entry.url,
                "stands": FAILED if entry.id in failed else INDEXED,
                "said": failed.get(entry.id, ""),
            }
            for entry in entries
        ]
        # An image that was replaced in the meantime is fresh again.
        told = (
            update(IMAGES)
            .where(_images.key == bindparam("of"), _images.url == bindparam("stood"), _images.state == FRESH)
            .values(state=bindparam("stands"), error=bindparam("said"))
        )
        await self._write(lambda connection: connection.execute(told, rows) if rows else None)

    async def errors(self, catalog: str, limit: int) -> list[tuple[str, str]]:
        """Ids of images that could not be indexed, and why."""
        asked = select(_images.id, _images.error).where(_images.catalog == catalog, _images.state == FAILED)
        asked = asked.order_by(_images.key).limit(limit)
        return await self._state.read(
            lambda connection: [(row.id, row.error) for row in connection.execute(asked).fetchall()]
        )

    async def named(self, catalog: str, ids: Sequence[str]) -> Mapping[str, Entry]:
        """Images by their ids, without their pictures; those that are not there are left out."""
        known = self._known
        found = {each: entry for each in ids if (entry := known.get((catalog, each))) is not None}
        missing = [each for each in ids if each not in found]
        if missing:
            found |= await self._state.look_up(lambda driver: self._read(driver, catalog, missing))
        return found

    def _read(self, driver: Any, catalog: str, ids: Sequence[str]) -> dict[str, Entry]:
        rows = driver.execute(_NAMED, (catalog, json.dumps(ids))).fetchall()
        found = {
            each: Entry(each, url, metadata, _crop(crop), None, key, state)
            for each, url, metadata, crop, key, state in rows
        }
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        self._known |= {
            (catalog, each): entry for each, entry in found.items() if len(entry.metadata) <= _LONGEST_KNOWN
        }
        return found

    async def _write(self, work: Callable[[Connection], Result]) -> Result:
        def noted(connection: Connection) -> Result:
            # In the thread that reads images as well, so that nobody can read and remember the old ones after this.
            self._known.clear()
            return work(connection)

        return await self._state.write(noted)

    async def page(self, catalog: str, after: int, limit: int) -> list[Entry]:
        """Images after a key, without their pictures, in the order in which they came."""
        asked = select(*_SEEN).where(_images.catalog == catalog, _images.key > after)
        return await self._entries(asked.order_by(_images.key).limit(limit))

    async def _entries(self, asked: Any) -> list[Entry]:
        return await self._state.read(lambda connection: [_entry(row) for row in connection.execute(asked).fetchall()])


def _entry(row: Row[Any]) -> Entry:
    picture = getattr(row, "picture", None)
    return Entry(row.id, row.url, row.metadata, _crop(row.crop), picture, row.key, row.state)


def _crop(text: str) -> Crop | None:
    return tuple(json.loads(text)) if text else None


def _put(connection: Connection, catalog: str, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "catalog": catalog,
            "id": entry.id,
            "url": entry.url,
            "picture": entry.picture,
            "crop": json.dumps(entry.crop) if entry.crop else "",
            "metadata": entry.metadata,
            "state": FRESH,
            "error": "",
        }
        for entry in entries
    ]
    if not rows:
        return
    new = upsert(IMAGES)
    given = new.excluded
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["catalog", "id"],
            set_={"url": given.url, "metadata": given.metadata, "state": FRESH, "error": ""},
            where=(_images.url != given.url) | (_images.metadata != given.metadata),
        ),
        rows,
    )
