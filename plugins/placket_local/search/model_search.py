"""What a visual search with a model does wherever its catalogs are kept: queries, streams of items, and jobs."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import AsyncIterable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from placket.errors import InvalidInput, PlacketError
from placket.interfaces import (
    Catalog,
    CatalogItem,
    Filter,
    Hit,
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
    Ticket,
    Uploaded,
    VisualSearch,
)
from placket.record import Box, Detection, Term
from placket.registry import ProviderContext

from ..part import LocalPart, StorageSettings
from ..store.rows import microseconds
from .catalogs import KIND
from .copies import folder_of
from .driving import Driving
from .embedder import Embedded, Embedder, Weights, embed_files
from .facts import asked_attributes, asked_text
from .items import Incoming, incoming
from .truth import in_thread

if TYPE_CHECKING:
    from ..database import Database
    from ..detection import Found

MOST = 1_000
"""The most hits of one search."""

BATCH = 500
"""Items of one transaction of `ModelSearch.add_items`: what a crash can cost, and what memory holds."""

SCHEDULE = PollSchedule(first=0.05, interval=0.1, factor=1.5, maximum=1.0)
"""When to look at indexing, which is done on this machine."""

_LOST = "another call removed the last item with this picture, and its copy, at the same time; add the item again"


@frozen(eq=False)
class Wanted:
    """What is searched for. Without a picture (``embedded``) the surest to show what is asked for come first."""

    embedded: Embedded | None
    weights: Weights
    asked: tuple[tuple[Term, ...], ...]
    filters: tuple[Filter, ...]
    limit: int


class ModelSearch(LocalPart, VisualSearch):
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
        self._given = embedder
        self._detector = detector

    @property
    @abstractmethod
    def _indexing(self) -> Driving:
        """What indexes catalogs."""

    @abstractmethod
    async def _add_catalog(self, row: Mapping[str, Any]) -> None:
        """Store a new catalog: its id, its name, and when it was made."""

    @abstractmethod
    async def _number(self, catalog: Ref) -> int:
        """The number of a catalog; raises NotFound."""

    @abstractmethod
    async def _store(self, catalog: Ref, batch: Mapping[str, Incoming]) -> Collection[str]:
        """Store items by their ids in one transaction, but those whose copy is gone; returns the ids of these."""

    @abstractmethod
    async def _begin(self, catalog: Ref) -> int:
        """Make everything due that has no vector of the model; returns the number of the catalog."""

    @abstractmethod
    async def _look(self, catalog: Ref) -> tuple[Look[Catalog], int]:
        """How far the indexing of a catalog is, and the number of the catalog."""

    @abstractmethod
    async def _seek(self, wanted: Wanted, catalogs: Sequence[Ref]) -> Sequence[Hit]:
        """The hits of all catalogs, the nearest first."""

    @abstractmethod
    async def _pairs(self, catalog: Ref, within: float, after: int) -> tuple[Sequence[NearDuplicate], int | None]:
        """One page of the pairs that are near each other, and where the next begins."""

    @cached_property
    def _pictures(self) -> Path:
        return folder_of(self._context)

    async def _checked(self, item: CatalogItem) -> Incoming:
        return await incoming(item, self._pictures, self._context)

    @cached_property
    def _embedder(self) -> Embedder:
        if self._given is not None:
            return self._given
        from .network_embedder import NetworkEmbedder

        return NetworkEmbedder(self._context.vocabulary)

    def _weights(self, color: float | None) -> Weights:
        return Weights(self._embedder.look, self._embedder.color_weight if color is None else color)

    async def create_catalog(self, name: str) -> Catalog:
        """Make an empty catalog."""
        if not name.strip():
            raise InvalidInput("a catalog needs a name")
        row = {"id": str(uuid.uuid4()), "name": name, "created_at": microseconds(self._context.clock.now())}
        await self._add_catalog(row)
        return await self.get_catalog(Ref(self._context.name, KIND, str(row["id"])))

    async def add_items(self, catalog: Ref, items: AsyncIterable[CatalogItem]) -> Uploaded:
        """Add items while they come, in transactions of `BATCH`; what was committed stays, whatever happens then.

        An item whose id and picture are there already costs nothing, so an import that broke off is resumed by
        starting it again. Pictures on the web are fetched when they are indexed.
        """
        accepted, refused, lost = 0, list[tuple[str, str]](), list[str]()
        batch: dict[str, Incoming] = {}
        await self._number(catalog)
        async with aclosing(_generated(items)) as coming:
            async for item in coming:
                try:
                    checked = await self._checked(item)
                except InvalidInput as error:
                    refused.append((str(item.id), str(error)))
                    continue
                batch[checked.id] = checked
                accepted += 1
                if len(batch) == BATCH:
                    lost += await self._store(catalog, batch)
                    batch = {}
        if batch:
            lost += await self._store(catalog, batch)
        return Uploaded(accepted - len(lost), (*refused, *((name, _LOST) for name in lost)))

    async def index(self, catalog: Ref) -> Job[Catalog]:
        """Embed what has no vector yet; what failed is tried again, and a catalog of another model is made anew."""
        await self._indexing.drive(await self._begin(catalog))
        ticket = Ticket(
            self._context.name, self.interface_name, "index", catalog.id, submitted_at=self._context.clock.now()
        )
        return await self.resume(ticket)

    async def resume(self, ticket: Ticket) -> Job[Any]:
        """Take up the indexing of a catalog that this or another process began."""
        if (ticket.interface, ticket.operation) != (self.interface_name, "index"):
            return await super().resume(ticket)
        catalog = Ref(self._context.name, KIND, ticket.id)

        async def look() -> Look[Catalog]:
            seen, number = await self._look(catalog)
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
            check_is_catalog(catalog)
        wanted = Wanted(embedded, weights, tuple(asked), query.filters, query.limit)
        return SearchResults(tuple(await self._seek(wanted, tuple(dict.fromkeys(catalogs)))))

    def near_duplicates(self, catalog: Ref, within: float) -> Listing[NearDuplicate]:
        """The pairs of items whose distance is at most ``within``, 0 to 1, in no order."""
        if not 0 <= within <= 1:
            raise InvalidInput(f"near duplicates are within a distance of 0 to 1, not {within}")
        check_is_catalog(catalog)

        async def fetch(cursor: str | None) -> Page[NearDuplicate]:
            pairs, after = await self._pairs(catalog, within, int(cursor or 0))
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


def check_is_catalog(catalog: Ref) -> None:
    """Raise InvalidInput for a reference to something else."""
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
