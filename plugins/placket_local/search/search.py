"""LocalSearch: catalogs of pictures on this machine, and which of them look like a picture."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from contextlib import aclosing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select

from placket.errors import ConfigError, InvalidInput, NotFound, PlacketError
from placket.interfaces import (
    Catalog,
    CatalogItem,
    Image,
    Job,
    Listing,
    Look,
    NearDuplicate,
    Page,
    PolledJob,
    PollSchedule,
    Query,
    Ref,
    SearchResults,
    StoredItem,
    Ticket,
    Uploaded,
    VisualSearch,
)
from placket.record import Box, Detection
from placket.registry import ProviderContext

from ..part import LocalPart, StorageSettings
from ..store.rows import microseconds
from .catalogs import KIND, catalog_of, look_at, unread_of
from .embedder import Embedded, Embedder, Weights, embed_files
from .facts import asked_attributes, asked_text
from .indexing import Indexing, lock_of
from .items import Incoming, decode, forget, incoming, store, unused
from .lock import is_held
from .seeking import Seeker, Wanted
from .tables import CATALOGS, FACTS, ITEMS, REMOVED, VECTORS
from .truth import Truth, in_thread

if TYPE_CHECKING:
    from ..database import Database
    from ..detection import Found

FILE = "search.sqlite"

MOST = 1_000
"""The most hits of one search."""

BATCH = 500
"""Items of one transaction of `LocalSearch.add_items`: what a crash can cost, and what memory holds."""

SCHEDULE = PollSchedule(first=0.05, interval=0.1, factor=1.5, maximum=1.0)
"""When to look at indexing, which is done on this machine."""

INSTALL = "the embedded search needs faiss, SQLAlchemy and onnxruntime; install them with: pip install 'placket[local]'"

_catalogs, _items = CATALOGS.c, ITEMS.c


class LocalSearch(LocalPart, VisualSearch):
    """Searches pictures with an embedded model. A catalog belongs to the model that it was indexed with.

    ``embedder`` and ``detector`` replace the trained networks.
    """

    def __init__(
        self,
        settings: StorageSettings,
        context: ProviderContext,
        database: Database | None = None,
        *,
        embedder: Embedder | None = None,
        detector: Callable[[bytes], Sequence[Found]] | None = None,
    ) -> None:
        super().__init__(settings, context, database)
        self._truth = Truth(context.data_folder / "search" / FILE, provider=context.name)
        self._given = embedder
        self._detector = detector

    @cached_property
    def _embedder(self) -> Embedder:
        if self._given is not None:
            return self._given
        try:
            from .network_embedder import NetworkEmbedder
        except ModuleNotFoundError as error:
            raise ConfigError(INSTALL) from error
        return NetworkEmbedder(self._context.vocabulary)

    @cached_property
    def _indexing(self) -> Indexing:
        return Indexing(self._truth, self._context, self._embedder, self._weights(None))

    @cached_property
    def _seeker(self) -> Seeker:
        return Seeker(self._truth, self._context, self._embedder, self._weights(None), self._indexing.rebuild)

    def _weights(self, color: float | None) -> Weights:
        return Weights(self._embedder.look, self._embedder.color_weight if color is None else color)

    async def create_catalog(self, name: str) -> Catalog:
        """Make an empty catalog."""
        if not name.strip():
            raise InvalidInput("a catalog needs a name")
        row = {"id": str(uuid.uuid4()), "name": name, "created_at": microseconds(self._context.clock.now())}

        def write() -> None:
            with self._truth.writing() as connection:
                connection.execute(insert(CATALOGS), row)

        await in_thread(write)
        return await self.get_catalog(Ref(self._context.name, KIND, str(row["id"])))

    def list_catalogs(self) -> Listing[Catalog]:
        """All catalogs, the oldest first."""

        def read() -> Page[Catalog]:
            with self._truth.reading() as connection:
                rows = connection.execute(select(CATALOGS).order_by(_catalogs.number)).fetchall()
                return Page([self._catalog(connection, row) for row in rows], len(rows))

        async def fetch(_cursor: str | None) -> Page[Catalog]:
            return await in_thread(read)

        return Listing(fetch)

    async def get_catalog(self, catalog: Ref) -> Catalog:
        """One catalog with its counts, and why the latest items that failed did."""

        def read() -> Catalog:
            with self._truth.reading() as connection:
                return self._catalog(connection, self._row(connection, catalog))

        return await in_thread(read)

    async def delete_catalog(self, catalog: Ref) -> None:
        """Remove a catalog and everything in it; one that is not there is removed already."""
        _check(catalog)

        def write() -> None:
            with self._truth.writing() as connection:
                row = connection.execute(select(CATALOGS).where(_catalogs.id == catalog.id)).one_or_none()
                if row is None:
                    return
                copies = self._emptied(connection, row.number)
                connection.execute(delete(CATALOGS).where(_catalogs.number == row.number))
            files = [self._truth.path.parent / row.index_file] if row.index_file else []
            _remove([*copies, *files, lock_of(self._truth, row.number)])

        await in_thread(write)

    async def add_items(self, catalog: Ref, items: AsyncIterable[CatalogItem]) -> Uploaded:
        """Add items while they come, in transactions of `BATCH`; what was committed stays, whatever happens then.

        An item whose id and picture are there already costs nothing, so an import that broke off is resumed by
        starting it again. Pictures on the web are fetched when they are indexed.
        """
        accepted, refused = 0, list[tuple[str, str]]()
        batch: dict[str, Incoming] = {}
        await in_thread(self._number, catalog)
        async with aclosing(_generated(items)) as coming:
            async for item in coming:
                try:
                    checked = await incoming(item, self._pictures, self._context)
                except InvalidInput as error:
                    refused.append((str(item.id), str(error)))
                    continue
                batch[checked.id] = checked
                accepted += 1
                if len(batch) == BATCH:
                    await in_thread(self._store, catalog, batch)
                    batch = {}
        if batch:
            await in_thread(self._store, catalog, batch)
        return Uploaded(accepted, tuple(refused))

    def list_items(self, catalog: Ref) -> Listing[StoredItem]:
        """What a catalog holds, in the order in which it was added."""

        def read(cursor: str | None) -> Page[StoredItem]:
            with self._truth.reading() as connection:
                number = self._row(connection, catalog).number
                inside = select(ITEMS).where(_items.catalog == number, _items.key > int(cursor or 0))
                rows = connection.execute(inside.order_by(_items.key).limit(BATCH)).fetchall()
                total = None
                if cursor is None:
                    counted = select(func.count()).select_from(ITEMS).where(_items.catalog == number)
                    total = connection.execute(counted).scalar()
            stored = [StoredItem(row.id, row.url or row.path, decode(row.metadata)) for row in rows]
            return Page(stored, total, str(rows[-1].key) if len(rows) == BATCH else None)

        async def fetch(cursor: str | None) -> Page[StoredItem]:
            return await in_thread(read, cursor)

        return Listing(fetch)

    async def delete_items(self, catalog: Ref, ids: Sequence[str]) -> int:
        """Remove items by their ids and return how many there were; from then on no search finds them."""

        def write(some: Sequence[str]) -> int:
            with self._truth.writing() as connection:
                number = self._row(connection, catalog).number
                count, copies = forget(connection, number, some, self._context.vocabulary)
            _remove(copies)
            return count

        unique = list(dict.fromkeys(ids))
        pieces = [unique[start : start + BATCH] for start in range(0, len(unique), BATCH)] or [[]]
        return sum([await in_thread(write, piece) for piece in pieces])

    async def index(self, catalog: Ref) -> Job[Catalog]:
        """Embed what has no vector yet; what failed is tried again, and a catalog of another model is made anew."""

        def begin() -> None:
            with self._truth.writing() as connection:
                self._indexing.begin(connection, self._row(connection, catalog))

        await in_thread(begin)
        await self._indexing.drive(await in_thread(self._number, catalog))
        ticket = Ticket(
            self._context.name, self.interface_name, "index", catalog.id, submitted_at=self._context.clock.now()
        )
        return await self.resume(ticket)

    async def resume(self, ticket: Ticket) -> Job[Any]:
        """Take up the indexing of a catalog that this or another process began."""
        if (ticket.interface, ticket.operation) != (self.interface_name, "index"):
            return await super().resume(ticket)
        catalog = Ref(self._context.name, KIND, ticket.id)

        def read() -> tuple[Look[Catalog], int]:
            with self._truth.reading() as connection:
                row = self._row(connection, catalog)
                return look_at(self._catalog(connection, row), unread_of(connection, row)), row.number

        async def look() -> Look[Catalog]:
            seen, number = await in_thread(read)
            if seen.status.state.is_final:
                await self._indexing.settle(number, ended=True)
            else:
                await self._indexing.drive(number)
            return seen

        return PolledJob(ticket, look, clock=self._context.clock, schedule=SCHEDULE)

    async def search(self, query: Query, catalogs: Sequence[Ref]) -> SearchResults:
        """Find what looks like a picture, or shows what is asked for; the most alike of all catalogs come first.

        Distances are 1 - likeness, 0 to 2. With a picture and attributes, what does not show the attributes is left
        out. Raises Conflict for a catalog of another model.
        """
        if not 1 <= query.limit <= MOST:
            raise InvalidInput(f"a search finds between 1 and {MOST:,} items, not {query.limit}")
        if not catalogs:
            raise InvalidInput(f"{self._context.name} searches catalogs; name one at least")
        asked = asked_attributes(query.attributes, self._context.vocabulary)
        asked += asked_text(query.text, self._context.vocabulary) if query.text.strip() else []
        if query.image is None and not asked:
            raise InvalidInput("a search needs a picture, a text or attributes")
        weights = self._weights(query.color_weight)
        embedded = None if query.image is None else await self._embedded(query, query.image)
        for catalog in catalogs:
            _check(catalog)
        wanted = Wanted(embedded, weights, tuple(asked), query.filters, query.limit)
        hits = await in_thread(self._seeker.seek, wanted, tuple(dict.fromkeys(catalogs)))
        return SearchResults(tuple(hits))

    def near_duplicates(self, catalog: Ref, within: float) -> Listing[NearDuplicate]:
        """The pairs of items whose distance is at most ``within``, 0 to 1, in no order."""
        if not 0 <= within <= 1:
            raise InvalidInput(f"near duplicates are within a distance of 0 to 1, not {within}")
        _check(catalog)

        async def fetch(cursor: str | None) -> Page[NearDuplicate]:
            pairs, after = await in_thread(self._seeker.pairs, catalog, within, int(cursor or 0))
            return Page(pairs, next=None if after is None else str(after))

        return Listing(fetch)

    async def detect(self, image: Image) -> tuple[Detection, ...]:
        """Find the garments in a picture, the surest first."""
        data = await self._context.content(image)
        found = await in_thread(self._detect, data)
        media = image.url or image.sha256
        categories = self._context.vocabulary
        return tuple(
            Detection(categories.get("category", one.category), one.box, round(one.score, 3), one.category, media=media)
            for one in found
        )

    async def aclose(self) -> None:
        """Stop indexing after the batch under way, and close the files."""
        if "_indexing" in self.__dict__:
            await self._indexing.aclose()
        await asyncio.to_thread(self._truth.close)
        await super().aclose()

    @property
    def _pictures(self) -> Path:
        return self._truth.path.parent / "pictures"

    def _detect(self, data: bytes) -> Sequence[Found]:
        if self._detector is None:
            from ..detection import detect

            self._detector = detect
        return self._detector(data)

    async def _embedded(self, query: Query, image: Image) -> Embedded:
        region = query.region
        if query.garment:
            region = await self._region_of(query.garment, image, region)
        data = await self._context.content(image)
        (result,) = await in_thread(embed_files, self._embedder, [data], region)
        if isinstance(result, PlacketError):
            raise result
        return result

    async def _region_of(self, garment: str, image: Image, region: Box | None) -> Box:
        if region is not None:
            raise InvalidInput("a search looks at a region or at a garment, not at both; leave one out")
        term = self._context.vocabulary.find("category", garment)
        if term is None:
            raise InvalidInput(f"the vocabulary knows no garment {garment!r}; name a category, or a region")
        found = await self.detect(image)
        for one in found:
            if one.category is not None and (one.category.is_a(term) or term.is_a(one.category)):
                return one.box
        shown = ", ".join(str(one.category) for one in found) or "no garment"
        raise InvalidInput(f"no {term.label} was found in the picture, but {shown}; name one of them, or a region")

    def _row(self, connection: Connection, catalog: Ref) -> Any:
        _check(catalog)
        row = connection.execute(select(CATALOGS).where(_catalogs.id == catalog.id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no catalog {catalog.id}", provider=self._context.name)
        return row

    def _number(self, catalog: Ref) -> int:
        with self._truth.reading() as connection:
            return int(self._row(connection, catalog).number)

    def _catalog(self, connection: Connection, row: Any) -> Catalog:
        return catalog_of(connection, row, self._context.name, indexing=is_held(lock_of(self._truth, row.number)))

    def _store(self, catalog: Ref, batch: dict[str, Incoming]) -> None:
        with self._truth.writing() as connection:
            copies = store(connection, self._row(connection, catalog).number, batch, self._context.vocabulary)
        _remove(copies)

    def _emptied(self, connection: Connection, number: int) -> list[str]:
        """Remove everything in a catalog, and return the copies of pictures that nobody needs any more."""
        kept = select(_items.sha256, _items.path, _items.kept).where(_items.catalog == number, _items.kept == 1)
        rows = connection.execute(kept).fetchall()
        for table in (FACTS, VECTORS, REMOVED, ITEMS):
            connection.execute(delete(table).where(table.c.catalog == number))
        return unused(connection, rows)


def _check(catalog: Ref) -> None:
    if catalog.kind != KIND:
        raise InvalidInput(f"{catalog} is not a catalog")


async def _generated(items: AsyncIterable[CatalogItem]) -> Any:
    iterator = aiter(items)
    try:
        async for item in iterator:
            yield item
    finally:
        close: Any = getattr(iterator, "aclose", None)
        if close is not None:
            await close()


def _remove(paths: Iterable[str | Path]) -> None:
    for path in paths:
        Path(path).unlink(missing_ok=True)
