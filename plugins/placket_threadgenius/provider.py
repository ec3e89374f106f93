"""Tags pictures, and searches catalogs of them: the vendor's two services behind one provider."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping, Sequence
from typing import TYPE_CHECKING

from placket.errors import InvalidInput, Unsupported
from placket.interfaces import (
    Catalog,
    CatalogItem,
    Findings,
    Garment,
    GarmentTagger,
    Image,
    Job,
    Listing,
    Page,
    Query,
    Ref,
    SearchResults,
    StoredItem,
    Uploaded,
    Usage,
    VisualSearch,
)
from placket.record import Box, ClaimBuilder, Detection, ValueMap, normalize_word
from placket.registry import ProviderContext
from placket.transport import image_size

from . import wire
from .indexing import Indexing
from .items import Outgoing
from .protocol import Protocol
from .translation import catalog_of, claims_of_labels, detections, hits, stored_item, usage_of
from .v0 import V0
from .v1 import V1

if TYPE_CHECKING:
    from placket.interfaces import Ticket

    from . import ThreadGeniusSettings

PROTOCOLS: Mapping[str, type[Protocol]] = {protocol.version: protocol for protocol in (V0, V1)}


class ThreadGenius(GarmentTagger, VisualSearch):
    """Labels of a picture, and search in catalogs, by whichever version of the vendor's protocol is configured."""

    def __init__(self, settings: ThreadGeniusSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        self._protocol = PROTOCOLS[settings.protocol](settings, context)
        self._values = ValueMap.from_package(__package__, context.vocabulary)
        self._states = {normalize_word(word): state for word, state in settings.states.items()}
        self._indexing = Indexing(settings, context, self._protocol, self._get)

    async def tag(self, garment: Garment) -> Findings:
        """The labels of the front picture, by its address where it has one and as a file otherwise."""
        told = await self._protocol.tag(garment.image())
        build = ClaimBuilder(
            self._context.source("tag", told.answer.request_id),
            self._context.vocabulary,
            values=self._values,
            observed_at=self._context.clock.now(),
        )
        return Findings(claims_of_labels(build, self._values, told), raw={self._context.name: told.document})

    async def create_catalog(self, name: str) -> Catalog:
        """Make an empty catalog."""
        if not name.strip():
            raise InvalidInput("a catalog needs a name")
        return self._catalog(await self._protocol.create_catalog(name))

    def list_catalogs(self) -> Listing[Catalog]:
        """All catalogs of the account."""

        async def fetch(cursor: str | None) -> Page[Catalog]:
            page = await self._protocol.catalogs(cursor)
            return Page([self._catalog(said) for said in page.items], page.total, page.next)

        return Listing(fetch)

    async def get_catalog(self, catalog: Ref) -> Catalog:
        """One catalog with its counts and error log."""
        return await self._get(_id_of(catalog))

    async def delete_catalog(self, catalog: Ref) -> None:
        """Remove a catalog and everything in it."""
        await self._protocol.delete_catalog(_id_of(catalog))

    async def add_items(self, catalog: Ref, items: AsyncIterable[CatalogItem]) -> Uploaded:
        """Add items while they come. A picture without an address is published by the configured image host.

        Refused are items without an id, with metadata that is not plain JSON, and with pictures that cannot be read.
        """
        outgoing = Outgoing(items, self._protocol.address)
        await self._protocol.add(_id_of(catalog), outgoing)
        return outgoing.result()

    def list_items(self, catalog: Ref) -> Listing[StoredItem]:
        """What a catalog holds; raises Unsupported with protocol v0."""
        catalog_id = _id_of(catalog)

        async def fetch(cursor: str | None) -> Page[StoredItem]:
            page = await self._protocol.items(catalog_id, cursor)
            return Page([stored_item(said) for said in page.items], page.total, page.next)

        return Listing(fetch)

    async def delete_items(self, catalog: Ref, ids: Sequence[str]) -> int:
        """Remove items by their ids; raises Unsupported with protocol v0."""
        return await self._protocol.delete_items(_id_of(catalog), ids)

    async def index(self, catalog: Ref) -> Job[Catalog]:
        """Have a catalog indexed, once what was uploaded has arrived."""
        return await self._indexing.start(_id_of(catalog))

    async def resume(self, ticket: Ticket) -> Job[Catalog]:
        """Take up the indexing of a catalog that was started before, here or in another process."""
        return self._indexing.resume(ticket)

    async def search(self, query: Query, catalogs: Sequence[Ref]) -> SearchResults:
        """Find what looks like a picture, one catalog after the other; the nearest of all come first."""
        if query.filters:
            raise Unsupported(f"{self._context.name} cannot filter by metadata; filter the hits by theirs")
        if query.attributes:
            raise Unsupported(f"{self._context.name} cannot search by attributes; with protocol v1 it takes a text")
        if query.garment:
            raise Unsupported(f"{self._context.name} does not choose a garment by its name; detect it, give its region")
        if query.color_weight is not None:
            raise Unsupported(f"{self._context.name} weighs colour as the vendor does; leave color_weight out")
        if query.image is None and not query.text.strip():
            raise InvalidInput("a search needs a picture or a text")
        if query.limit < 1:
            raise InvalidInput(f"a search for {query.limit} results finds nothing; ask for one at least")
        if query.region is not None:
            _check_region(query.region)
        ids = [_id_of(catalog) for catalog in catalogs]
        if not ids:
            raise InvalidInput(f"{self._context.name} searches catalogs; name one at least")
        found, documents = [], {}
        for catalog, catalog_id in zip(catalogs, ids, strict=True):
            told = await self._protocol.search(catalog_id, query)
            found += hits(told.items, catalog)
            documents[catalog_id] = told.document
        found.sort(key=lambda hit: -hit.score)
        return SearchResults(tuple(found[: query.limit]), documents)

    async def detect(self, image: Image) -> tuple[Detection, ...]:
        """Find the garments in a picture.

        Where the vendor counts in pixels, the picture is read for its size; InvalidInput when that cannot be told.
        """
        size = None
        if (self._settings.boxes or self._protocol.boxes) == "pixels":
            size = image_size(await self._context.content(image))
            if size is None:
                raise InvalidInput(f"the size of {image.origin} cannot be read, so boxes in it cannot be placed")
        told = await self._protocol.detect(image)
        media = image.url if image.is_remote else image.sha256
        return detections(told.items, self._values, size=size, media=media)

    async def usage(self) -> tuple[Usage, ...]:
        """What the account used, by month and kind of call, the oldest month first."""
        return usage_of(await self._protocol.usage())

    async def _get(self, catalog_id: str) -> Catalog:
        return self._catalog(await self._protocol.catalog(catalog_id))

    def _catalog(self, said: wire.Catalog) -> Catalog:
        return catalog_of(said, self._context.name, self._states)


def _id_of(catalog: Ref) -> str:
    if catalog.kind != "catalog":
        raise InvalidInput(f"{catalog} is not a catalog")
    return catalog.id


def _check_region(region: Box) -> None:
    left, top, right, bottom = region
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InvalidInput(f"a region is left, top, right, bottom in fractions 0..1 of the picture, not {region}")
