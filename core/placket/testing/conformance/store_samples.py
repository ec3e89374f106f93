"""What a product store is called with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from ...interfaces import (
    Export,
    ExportRequest,
    Facet,
    GarmentImage,
    Interface,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    ProductStore,
    Ref,
)
from .samples import Samples, fresh_name, remove
from .stand import Stand
from .violation import NotApplicable

ITEMS = 3

LOOKS = 60
"""So often an export is looked at, until it is ready."""
PAUSE = 10.0
"""Seconds between two looks at most; the first looks are nearer together."""


class StoreSamples(Samples):
    """Products with a name, a SKU, a brand and one picture; without leave to write, those that the vendor has."""

    interface: ClassVar[type[Interface]] = ProductStore

    def draft(self, number: int = 0) -> ProductDraft:
        """A product to be made."""
        known = {**self.known(number), "sku": fresh_name()}
        return ProductDraft(known, (GarmentImage(self.image(number)),))

    async def drafts(self, number: int = 0) -> AsyncIterator[ProductDraft]:
        """Products to be made or updated together."""
        for each in range(ITEMS):
            yield self.draft(number + each)

    def changes(self, number: int = 0) -> ProductChanges:
        """What is changed of one."""
        return ProductChanges({"name": f"Placket changed {number}"})

    def facet(self) -> Facet:
        """A property that the store lists."""
        return Facet.BRANDS

    async def product(self, stand: Stand, number: int = 0) -> Ref:
        """A product that is there."""
        if stand.may_write and stand.can("create"):
            made = await stand.perform("create", (self.draft(number),))
        else:
            made = await self.first(stand, "list", ProductQuery(), number=number)
        ref: Ref = made.ref
        return ref

    async def new_product(self, stand: Stand, number: int = 0) -> Ref:
        """A product that may be changed or deleted."""
        stand.require_leave("create")
        return await self.product(stand, number)

    async def export(self, stand: Stand, number: int = 0) -> Ref:
        """An export that was started."""
        if not stand.may_write:
            export = await self.first(stand, "list_exports", number=number)
        else:
            export = await stand.perform("start_export", await self.arguments("start_export", stand, number))
        ref: Ref = export.ref
        return ref

    async def finished_export(self, stand: Stand, number: int = 0) -> Ref:
        """An export whose file is there."""
        stand.require_leave("start_export")
        ref = await self.export(stand, number)
        for look in range(LOOKS):
            export: Export = await stand.perform("get_export", (ref,))
            if export.status.state.is_final:
                return ref
            await stand.clock.sleep(min(PAUSE, 0.05 * 2**look))
        raise NotApplicable(f"the export {ref} did not get ready")

    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:
        """What each operation takes."""
        match operation:
            case "create":
                return (self.draft(number),)
            case "upsert":
                return (self.drafts(number),)
            case "list":
                if stand.may_write and stand.can("create"):
                    await self.product(stand, number)
                return (ProductQuery(),)
            case "facet":
                return (self.facet(),)
            case "update":
                return (await self.new_product(stand, number), self.changes(number))
            case "delete" | "archive":
                return (await self.new_product(stand, number),)
            case "start_export":
                return (ExportRequest(products=(await self.product(stand, number),)),)
            case "list_exports":
                return ()
            case "get_export" | "cancel_export":
                return (await self.export(stand, number),)
            case "dismiss_export" | "download_export":
                return (await self.finished_export(stand, number),)
            case _:
                return (await self.product(stand, number),)

    async def clean_up(self, stand: Stand) -> None:
        """Delete the products that were made."""
        await remove(stand, "delete")
