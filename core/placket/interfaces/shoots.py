"""ShootManager: photo shoots, real or made by a model."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
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


class ShootManager(Interface):
    """Plans shoots and hands out their results."""

    interface_name: ClassVar[str] = "shoot_manager"

    @operation(Effect.READ)
    @abstractmethod
    def list_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The garments to be photographed."""

    @operation(Effect.READ)
    @abstractmethod
    def list_global_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The garments that every project of the organisation may use."""

    @operation(Effect.WRITE)
    @abstractmethod
    async def create_sku(self, draft: SkuDraft) -> Sku:
        """Add a garment."""

    @operation(Effect.WRITE, by_ref=True)
    @abstractmethod
    async def update_sku(self, sku: Ref, draft: SkuDraft) -> Sku:
        """Change what the draft names, and nothing else."""

    @operation(Effect.REPEATABLE, by_ref=True)
    @abstractmethod
    async def delete_sku(self, sku: Ref) -> None:
        """Remove a garment from the shoots."""

    @operation(Effect.READ, by_ref=True)
    @abstractmethod
    def list_looks(self, sku: Ref) -> Listing[Look]:
        """The looks a garment is part of."""

    @operation(Effect.READ, by_ref=True)
    @abstractmethod
    def list_shots(self, sku: Ref) -> Listing[Shot]:
        """The shots of a garment."""

    @operation(Effect.READ, by_ref=True)
    @abstractmethod
    async def revisions(self, shot: Ref) -> tuple[Revision, ...]:
        """The versions of a shot, the newest first."""

    @operation(Effect.READ, by_ref=True)
    @abstractmethod
    def list_generations(self, sku: Ref) -> Listing[Generation]:
        """The model runs made for a garment, the newest first."""

    @operation(Effect.REPEATABLE, by_ref=True)
    @abstractmethod
    async def select_shot(self, sku: Ref, shot_type: str, generation: str | None) -> None:
        """Choose the picture that counts for a type of shot; None takes the choice back."""

    @operation(Effect.READ, by_ref=True)
    @abstractmethod
    async def brief_results(self, sku: Ref, brief: str) -> tuple[Shot, ...]:
        """What a brief has yielded for a garment so far."""

    @operation(Effect.WRITE, refs=0)
    @abstractmethod
    async def export_approved(self, skus: Sequence[Ref]) -> Job[tuple[MediaItem, ...]]:
        """Collect the approved shots of some garments."""
