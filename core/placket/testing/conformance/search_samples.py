"""What visual search is called with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from ...interfaces import CatalogItem, CatalogState, Interface, Query, Ref, VisualSearch
from .samples import Samples, fresh_name, remove
from .stand import Stand
from .violation import NotApplicable

ITEMS = 3


class SearchSamples(Samples):
    """Catalogs with a few items; without leave to write, those that the vendor has."""

    interface: ClassVar[type[Interface]] = VisualSearch

    async def items(self, number: int = 0) -> AsyncIterator[CatalogItem]:
        """What a catalog is filled with."""
        for each in range(ITEMS):
            yield CatalogItem(f"item-{each}", self.image(number + each), {"name": f"Item {each}", "price": 10 + each})

    def query(self, number: int = 0) -> Query:
        """What is searched for."""
        return Query(self.image(number), limit=10)

    async def empty_catalog(self, stand: Stand) -> Ref:
        """A new catalog with nothing in it."""
        stand.require_leave("create_catalog")
        catalog = await stand.perform("create_catalog", (fresh_name(),))
        found: Ref = catalog.ref
        return found

    async def filled_catalog(self, stand: Stand, number: int = 0) -> Ref:
        """A new catalog with items in it that are not searchable yet."""
        stand.require_leave("add_items")
        catalog = await self.empty_catalog(stand)
        await stand.perform("add_items", (catalog, self.items(number)))
        return catalog

    async def ready_catalog(self, stand: Stand, number: int = 0) -> Ref:
        """A catalog that can be searched."""
        if stand.may_write and stand.can("create_catalog"):
            catalog = await self.filled_catalog(stand, number)
            if stand.can("index"):
                await stand.perform("index", (catalog,))
            return catalog
        found = await self.first(stand, "list_catalogs", number=number)
        if found.state is not CatalogState.READY:
            raise NotApplicable(f"the catalog {found.name} is {found.state} and cannot be searched")
        ref: Ref = found.ref
        return ref

    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:
        """What each operation takes."""
        match operation:
            case "create_catalog":
                return (fresh_name(),)
            case "list_catalogs" if stand.may_write and stand.can("create_catalog"):
                await self.empty_catalog(stand)
                return ()
            case "list_catalogs" | "usage":
                return ()
            case "detect":
                return (self.image(number),)
            case "delete_catalog":
                return (await self.empty_catalog(stand),)
            case "add_items":
                return (await self.empty_catalog(stand), self.items(number))
            case "index":
                return (await self.filled_catalog(stand, number),)
            case "delete_items":
                return (await self.filled_catalog(stand, number), ("item-0",))
            case "near_duplicates":
                return (await self.ready_catalog(stand, number), 0.1)
            case "search":
                return (self.query(number), (await self.ready_catalog(stand, number),))
            case _:
                return (await self.ready_catalog(stand, number),)

    async def clean_up(self, stand: Stand) -> None:
        """Delete the catalogs that were made."""
        await remove(stand, "delete_catalog")
