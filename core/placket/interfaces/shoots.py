"""ShootManager: photo shoots, real or made by a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from attrs import field, frozen

from ..record.claim import Claim
from ..record.values import Look, MediaItem, Shot
from .base import Interface
from .garment import GarmentImage
from .job import Job
from .operation import Effect, operation
from .paging import Listing
from .ref import Ref


@frozen
class Sku:
    """A garment as a shoot knows it: claims about it, and the vendor's answer as it came."""

    ref: Ref
    claims: tuple[Claim, ...]
    raw: Any = field(default=None, repr=False)


@frozen
class SkuDraft:
    """A garment to be photographed, or what to change of one.

    ``fields`` maps record fields to plain values; what is not named stays as it is on an update. ``images`` None
    leaves the images alone.
    """

    fields: Mapping[str, Any] = field(factory=dict)
    images: tuple[GarmentImage, ...] | None = None


@frozen
class SkuQuery:
    """Which garments to list; None does not filter."""

    project: str | None = None
    sku: str | None = None
    page_size: int = 100


@frozen
class Revision:
    """One version of a shot. ``details`` keeps what the vendor says beyond it."""

    id: str
    shot: str
    state: str = ""
    images: tuple[MediaItem, ...] = ()
    details: Mapping[str, Any] = field(factory=dict)


@frozen
class Generation:
    """One run of a model that made pictures. ``details`` keeps what the vendor says beyond it."""

    id: str
    state: str = ""
    images: tuple[MediaItem, ...] = ()
    details: Mapping[str, Any] = field(factory=dict)


class LookScope(StrEnum):
    """Which looks a garment is asked for."""

    MAIN = "main"
    """Those that are made for it."""
    RELATED = "related"
    """Those that it is worn in beside another garment, too."""


class ShootManager(Interface):
    """Plans shoots and hands out their results."""

    interface_name: ClassVar[str] = "shoot_manager"

    @operation(Effect.READ)
    def list_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The garments to be photographed."""
        raise self._cannot("list_skus")

    @operation(Effect.READ)
    def list_global_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The garments that every project of the organisation may use."""
        raise self._cannot("list_global_skus")

    @operation(Effect.WRITE)
    async def create_sku(self, draft: SkuDraft) -> Sku:
        """Add a garment."""
        raise self._cannot("create_sku")

    @operation(Effect.WRITE, by_ref=True)
    async def update_sku(self, sku: Ref, draft: SkuDraft) -> Sku:
        """Change what the draft names, and nothing else."""
        raise self._cannot("update_sku")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def delete_sku(self, sku: Ref) -> None:
        """Remove a garment from the shoots."""
        raise self._cannot("delete_sku")

    @operation(Effect.READ, by_ref=True)
    def list_looks(self, sku: Ref, scope: LookScope = LookScope.MAIN, summary: bool = False) -> Listing[Look]:
        """The looks a garment is part of; ``summary`` asks for the light form, where there is one."""
        raise self._cannot("list_looks")

    @operation(Effect.READ, by_ref=True)
    def list_shots(self, sku: Ref, shot_type: str | None = None, state: str | None = None) -> Listing[Shot]:
        """The shots of a garment; None does not filter."""
        raise self._cannot("list_shots")

    @operation(Effect.READ, by_ref=True)
    async def revisions(self, sku: Ref, shot: str) -> tuple[Revision, ...]:
        """The versions of one shot of a garment, the newest first; raises NotFound."""
        raise self._cannot("revisions")

    @operation(Effect.READ, by_ref=True)
    def list_generations(self, sku: Ref) -> Listing[Generation]:
        """The model runs made for a garment, the newest first."""
        raise self._cannot("list_generations")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def select_shot(self, sku: Ref, shot_type: str, picture: str | None) -> None:
        """Choose the picture, by its id, that counts for a type of shot; None takes the choice back."""
        raise self._cannot("select_shot")

    @operation(Effect.READ, by_ref=True)
    def brief_results(self, brief: Ref) -> Listing[Shot]:
        """What a brief has yielded so far; ``details["sku"]`` says for which garment, where the vendor says it."""
        raise self._cannot("brief_results")

    @operation(Effect.WRITE, refs=0)
    async def export_approved(self, skus: Sequence[Ref]) -> Job[tuple[MediaItem, ...]]:
        """Collect the approved shots of some garments."""
        raise self._cannot("export_approved")
