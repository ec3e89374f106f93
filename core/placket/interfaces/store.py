"""ProductStore: keeps products."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from attrs import field, frozen

from ..record.claim import Claim
from .base import Interface
from .garment import GarmentImage
from .job import JobStatus
from .operation import Effect, operation
from .paging import Listing
from .ref import Ref


@frozen
class Product:
    """A product as its store tells it: claims, to be merged with what others say.

    ``version`` changes with every write, where the store has such a thing; an update that names it fails with
    Conflict when somebody else was faster.
    """

    ref: Ref
    claims: tuple[Claim, ...]
    version: str = ""
    raw: Any = field(default=None, repr=False)


@frozen
class ProductDraft:
    """A product to be made.

    ``fields`` maps record fields to plain values, as `placket.record.claims_of_known` takes them. ``complete`` False
    makes a start that somebody will finish later, where a store knows such a thing. ``claims`` are what others said
    about it: a store that keeps claims keeps them, so that the product can tell later who said what.
    """

    fields: Mapping[str, Any] = field(factory=dict)
    images: tuple[GarmentImage, ...] = ()
    complete: bool = True
    claims: tuple[Claim, ...] = ()


@frozen
class ProductChanges:
    """A partial update: only what is named changes. A field named with None is cleared; one not named is left alone."""

    fields: Mapping[str, Any] = field(factory=dict)
    images: tuple[GarmentImage, ...] | None = None
    version: str = ""


class SortOrder(StrEnum):
    """Which way a list runs."""

    ASCENDING = "asc"
    DESCENDING = "desc"


@frozen
class ProductQuery:
    """Which products to list. Texts compare without regard to case; None does not filter.

    ``search`` looks in name and SKU at least; a store may look further. ``sort_by`` is one of `SORT_KEYS`.
    """

    search: str = ""
    brand: str | None = None
    collections: tuple[str, ...] = ()
    """Any of these; none does not filter."""
    season: str | None = None
    year: int | None = None
    gender: str | None = None
    product_type: str | None = None
    shot_statuses: tuple[str, ...] = ()
    shoot: str | None = None
    enabled: bool | None = None
    archived: bool | None = None
    public: bool | None = None
    demo: bool | None = None
    filler: bool | None = None
    sort_by: str = "created_at"
    order: SortOrder = SortOrder.DESCENDING
    page_size: int = 100


SORT_KEYS = ("created_at", "updated_at", "name", "season", "year", "gender", "product_type", "shot_status")
"""What a list of products can be sorted by."""


@frozen
class Imported:
    """How adding many products went: each that was refused is named, none is dropped in silence."""

    created: int
    updated: int
    refused: tuple[tuple[str, str], ...] = ()
    """SKU (or the place in the input, as in ``#17``, where there is none) and reason."""


class Facet(StrEnum):
    """A property whose distinct values a store can list."""

    BRANDS = "brands"
    COLLECTIONS = "collections"
    SEASONS = "seasons"
    YEARS = "years"


@frozen
class ExportRequest:
    """Which approved shots to export: those of some products, of all that a query finds, or of one look."""

    products: tuple[Ref, ...] = ()
    query: ProductQuery | None = None
    look: str = ""
    shoot: str = ""


@frozen
class Export:
    """An export that was started. ``url`` is set when the file can be downloaded.

    ``details`` keeps what the vendor says beyond it.
    """

    ref: Ref
    status: JobStatus
    items_total: int | None = None
    items_done: int | None = None
    url: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    details: Mapping[str, Any] = field(factory=dict)


class ProductStore(Interface):
    """Keeps products and finds them again."""

    interface_name: ClassVar[str] = "product_store"
    ref_kind: ClassVar[str] = "product"
    """The kind of a `Ref` to a product."""

    @operation(Effect.WRITE)
    async def create(self, draft: ProductDraft) -> Product:
        """Make a product."""
        raise self._cannot("create")

    @operation(Effect.REPEATABLE)
    async def upsert(self, drafts: AsyncIterable[ProductDraft]) -> Imported:
        """Make or update many products, streamed: one whose SKU exists is updated with what its draft names."""
        raise self._cannot("upsert")

    @operation(Effect.READ, by_ref=True)
    async def get(self, product: Ref) -> Product:
        """Read one product; raises NotFound."""
        raise self._cannot("get")

    @operation(Effect.WRITE, by_ref=True)
    async def update(self, product: Ref, changes: ProductChanges) -> Product:
        """Change what ``changes`` names and nothing else; raises Conflict when its version is no longer the latest."""
        raise self._cannot("update")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def delete(self, product: Ref) -> None:
        """Remove a product for good."""
        raise self._cannot("delete")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def archive(self, product: Ref, archived: bool = True) -> Product:
        """Put a product away, or take it out again."""
        raise self._cannot("archive")

    @operation(Effect.READ)
    def list(self, query: ProductQuery) -> Listing[Product]:
        """The products that a query finds, streamed, with a total where the store counts."""
        raise self._cannot("list")

    @operation(Effect.READ)
    async def facet(self, facet: Facet, brand: str | None = None) -> tuple[str, ...]:
        """The distinct values of a property over all products, or over those of one brand."""
        raise self._cannot("facet")

    @operation(Effect.WRITE)
    async def start_export(self, request: ExportRequest) -> Export:
        """Start packing approved shots into one file."""
        raise self._cannot("start_export")

    @operation(Effect.READ)
    def list_exports(self) -> Listing[Export]:
        """The exports of the account, the newest first."""
        raise self._cannot("list_exports")

    @operation(Effect.READ, by_ref=True)
    async def get_export(self, export: Ref) -> Export:
        """How far an export is."""
        raise self._cannot("get_export")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def cancel_export(self, export: Ref) -> Export:
        """Stop an export that is not finished."""
        raise self._cannot("cancel_export")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def dismiss_export(self, export: Ref) -> None:
        """Forget an export that has ended, and its file."""
        raise self._cannot("dismiss_export")

    @operation(Effect.WRITE, by_ref=True)
    def download_export(self, export: Ref) -> AsyncIterator[bytes]:
        """The export's file, once: a store may delete it after that. Never repeated after the first byte."""
        raise self._cannot("download_export")
