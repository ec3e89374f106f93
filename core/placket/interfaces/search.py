"""VisualSearch: which garments look like this one?"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from attrs import field, frozen

from ..record.values import Box, Detection
from .base import Interface
from .call import Attempt
from .image import Image
from .job import Job
from .operation import Combine, Effect, operation
from .paging import Listing
from .ref import Ref


class CatalogState(StrEnum):
    """Where a catalog stands."""

    EMPTY = "empty"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"
    UNKNOWN = "unknown"


@frozen
class Catalog:
    """A set of garments that can be searched. Counts are None where the vendor does not say."""

    ref: Ref
    name: str
    state: CatalogState
    raw_state: str = ""
    items_total: int | None = None
    items_indexed: int | None = None
    errors: tuple[str, ...] = ()
    """The vendor's error log."""
    created_at: datetime | None = None


@frozen
class CatalogItem:
    """One picture to be found. ``metadata`` is the caller's own, plain JSON, and comes back with a hit."""

    id: str
    image: Image
    metadata: Mapping[str, Any] = field(factory=dict)


@frozen
class StoredItem:
    """One picture as its catalog holds it."""

    id: str
    image_url: str = ""
    metadata: Mapping[str, Any] = field(factory=dict)


@frozen
class Uploaded:
    """How adding items went: each item that was refused is named, none is dropped in silence."""

    accepted: int
    refused: tuple[tuple[str, str], ...] = ()
    """Item id and reason."""


@frozen
class Filter:
    """A condition on metadata: ``equals``, one of ``any_of``, or between ``least`` and ``most`` (both included).

    A range is of numbers, or of texts, which are compared character by character as dates in ISO 8601 are:
    ``least="2026-01-01"``. It lets through nothing of the other kind.
    """

    key: str
    equals: Any = None
    any_of: tuple[Any, ...] = ()
    least: float | str | None = None
    most: float | str | None = None


@frozen
class Query:
    """What to search for: an image, a text, attributes, or several of them.

    ``region`` is the part of the image that counts; ``garment`` names the category of the one garment in it that
    counts, which the provider finds by itself. ``attributes`` are words by canonical field, as in ``{"color": "navy",
    "category": "dress"}``. ``color_weight`` says how much of the likeness is colour, from 0 (look alone) to 1 (colour
    alone); None leaves it to the provider. A provider that cannot do one of them raises Unsupported.
    """

    image: Image | None = None
    text: str = ""
    region: Box | None = None
    filters: tuple[Filter, ...] = ()
    limit: int = 50
    garment: str = ""
    attributes: Mapping[str, str] = field(factory=dict)
    color_weight: float | None = None


@frozen
class Hit:
    """One garment that was found.

    ``distance`` is the vendor's own, smaller is nearer; ``score`` is comparable within one result list only: 1 / (1 +
    distance), or the reciprocal-rank sum of a fused list.
    """

    id: str
    catalog: Ref
    score: float
    distance: float | None = None
    image_url: str = ""
    metadata: Mapping[str, Any] = field(factory=dict)
    providers: tuple[str, ...] = ()
    """Who found it; several in a fused list."""


@frozen
class SearchResults:
    """Hits, the best first."""

    hits: tuple[Hit, ...] = ()
    raw: Any = field(default=None, repr=False)
    attempts: tuple[Attempt, ...] = ()

    def with_attempts(self, attempts: Iterable[Attempt]) -> SearchResults:
        """The same results, with who was asked for them."""
        return SearchResults(self.hits, self.raw, tuple(attempts))


@frozen
class NearDuplicate:
    """Two items of one catalog that show the same picture, or nearly. ``distance`` is the provider's own."""

    first: str
    second: str
    distance: float


@frozen
class Usage:
    """What a month cost: calls and images per operation, as the vendor counts them."""

    month: str
    """Year and month, as in 2026-11."""
    operation: str
    calls: int | None = None
    images: int | None = None


class VisualSearch(Interface):
    """Finds garments that look alike in catalogs of pictures."""

    interface_name: ClassVar[str] = "visual_search"

    @operation(Effect.WRITE)
    async def create_catalog(self, name: str) -> Catalog:
        """Make an empty catalog."""
        raise self._cannot("create_catalog")

    @operation(Effect.READ)
    def list_catalogs(self) -> Listing[Catalog]:
        """All catalogs of the account."""
        raise self._cannot("list_catalogs")

    @operation(Effect.READ, by_ref=True)
    async def get_catalog(self, catalog: Ref) -> Catalog:
        """One catalog with its counts and error log."""
        raise self._cannot("get_catalog")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def delete_catalog(self, catalog: Ref) -> None:
        """Remove a catalog and everything in it."""
        raise self._cannot("delete_catalog")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def add_items(self, catalog: Ref, items: AsyncIterable[CatalogItem]) -> Uploaded:
        """Add items, streamed: memory does not grow with their number. An item whose id exists replaces the old one."""
        raise self._cannot("add_items")

    @operation(Effect.READ, by_ref=True)
    def list_items(self, catalog: Ref) -> Listing[StoredItem]:
        """What a catalog holds."""
        raise self._cannot("list_items")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def delete_items(self, catalog: Ref, ids: Sequence[str]) -> int:
        """Remove items by their ids and return how many there were; an id that no item has is no error."""
        raise self._cannot("delete_items")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def index(self, catalog: Ref) -> Job[Catalog]:
        """Make what was added searchable."""
        raise self._cannot("index")

    @operation(Effect.READ, combine=Combine.RANKED, refs=1)
    async def search(self, query: Query, catalogs: Sequence[Ref]) -> SearchResults:
        """Find what looks like the query. Each provider searches the catalogs that are its own."""
        raise self._cannot("search")

    @operation(Effect.READ, by_ref=True)
    def near_duplicates(self, catalog: Ref, within: float) -> Listing[NearDuplicate]:
        """The pairs of items in a catalog whose distance is at most ``within``, each pair once."""
        raise self._cannot("near_duplicates")

    @operation(Effect.READ)
    async def detect(self, image: Image) -> tuple[Detection, ...]:
        """Find the garments in a picture."""
        raise self._cannot("detect")

    @operation(Effect.READ)
    async def usage(self) -> tuple[Usage, ...]:
        """What the account used, by month and operation."""
        raise self._cannot("usage")
