"""What a shoot manager is called with."""

from __future__ import annotations

from typing import Any, ClassVar

from ...interfaces import (
    BriefDraft,
    GarmentImage,
    Interface,
    LookDraft,
    ProjectDraft,
    Ref,
    ReviewState,
    ShootManager,
    SkuDraft,
    SkuQuery,
    WantedShot,
)
from .samples import Samples, fresh_name, remove
from .stand import Stand


class ShootSamples(Samples):
    """Garments with a name, a SKU, a brand and one picture; without leave to write, those that the vendor has."""

    interface: ClassVar[type[Interface]] = ShootManager

    def draft(self, number: int = 0) -> SkuDraft:
        """A garment to be photographed."""
        known = {**self.known(number), "sku": fresh_name()}
        return SkuDraft(known, (GarmentImage(self.image(number)),))

    def changes(self, number: int = 0) -> SkuDraft:
        """What is changed of one."""
        return SkuDraft({"name": f"Placket changed {number}"})

    async def sku(self, stand: Stand, number: int = 0) -> Ref:
        """A garment that is there."""
        if stand.may_write and stand.can("create_sku"):
            made = await stand.perform("create_sku", (self.draft(number),))
        else:
            made = await self.first(stand, "list_skus", SkuQuery(), number=number)
        ref: Ref = made.ref
        return ref

    async def new_sku(self, stand: Stand, number: int = 0) -> Ref:
        """A garment that may be changed or deleted."""
        stand.require_leave("create_sku")
        return await self.sku(stand, number)

    async def photographed_sku(self, stand: Stand, number: int = 0) -> Ref:
        """A garment of which there are shots, looks and generations. Override it where a new one has none."""
        return await self.sku(stand, number)

    def wanted(self) -> tuple[WantedShot, ...]:
        """What a brief asks for, of every garment."""
        return (WantedShot("pack-shot"),)

    async def new_brief(self, stand: Stand, number: int = 0) -> Ref:
        """A brief that was not started."""
        stand.require_leave("create_brief")
        made = await stand.perform("create_brief", await self.arguments("create_brief", stand, number))
        ref: Ref = made.ref
        return ref

    async def brief(self, stand: Stand, number: int = 0) -> Ref:
        """A brief that has results. Override it where none can be made, or where making one takes more."""
        if not (stand.may_write and stand.can("start_brief")):
            if stand.place.server is not None:
                return Ref(stand.name, "brief", "brief-1")
            found: Ref = (await self.first(stand, "list_briefs", number=number)).ref
            return found
        ref = await self.new_brief(stand, number)
        await stand.perform("start_brief", (ref,))
        return ref

    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:
        """What each operation takes."""
        match operation:
            case "list_skus" | "list_global_skus":
                if stand.may_write and stand.can("create_sku"):
                    await self.sku(stand, number)
                return (SkuQuery(),)
            case "create_sku":
                return (self.draft(number),)
            case "update_sku":
                return (await self.new_sku(stand, number), self.changes(number))
            case "delete_sku":
                return (await self.new_sku(stand, number),)
            case "revisions" | "select_shot" | "review":
                sku = await self.photographed_sku(stand, number)
                shot = await self.first(stand, "list_shots", sku, number=number)
                if operation == "revisions":
                    return (sku, shot.id)
                if operation == "review":
                    return (sku, shot.id, ReviewState.APPROVED)
                return (sku, shot.shot_type, shot.id)
            case "brief_results":
                return (await self.brief(stand, number),)
            case "get_brief" | "start_brief" | "cancel_brief":
                return (await self.new_brief(stand, number),)
            case "export_approved":
                return ((await self.photographed_sku(stand, number),),)
            case "create_look":
                return ((await self.new_sku(stand, number),), LookDraft(fresh_name()))
            case "create_brief":
                return ((await self.new_sku(stand, number),), BriefDraft(fresh_name(), self.wanted()))
            case "create_project":
                return (ProjectDraft(fresh_name()),)
            case "shot_kinds" | "list_projects" | "list_briefs":
                return ()
            case _:
                return (await self.photographed_sku(stand, number),)

    async def clean_up(self, stand: Stand) -> None:
        """Delete the garments that were made."""
        await remove(stand, "delete_sku")
