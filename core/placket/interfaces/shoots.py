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
from .job import Job, JobStatus
from .operation import Effect, operation
from .paging import Listing
from .ref import Ref


@frozen
class Sku:
    """A garment as a shoot knows it: claims about it, and the vendor's answer as it came.

    ``version`` changes with every write, where there is such a thing.
    """

    ref: Ref
    claims: tuple[Claim, ...]
    raw: Any = field(default=None, repr=False)
    version: str = ""


@frozen
class SkuDraft:
    """A garment to be photographed, or what to change of one.

    ``fields`` maps record fields to plain values; what is not named stays as it is on an update. ``images`` None
    leaves the images alone. An update that names a ``version`` raises Conflict when it is no longer the latest.
    """

    fields: Mapping[str, Any] = field(factory=dict)
    images: tuple[GarmentImage, ...] | None = None
    version: str = ""


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


@frozen
class ProjectDraft:
    """A project to be made: what several briefs belong to, such as a season's catalogue."""

    name: str
    details: Mapping[str, Any] = field(factory=dict)


@frozen
class Project:
    """A project; its ``ref.id`` is what `SkuQuery.project` and ``shoot.project_ids`` take."""

    ref: Ref
    name: str
    details: Mapping[str, Any] = field(factory=dict)


@frozen
class LookDraft:
    """An outfit to be made of several garments."""

    name: str = ""
    details: Mapping[str, Any] = field(factory=dict)


@frozen
class WantedShot:
    """A kind of picture that a brief asks for, of each of its garments.

    ``kind`` and ``preset`` are words of `ShootManager.shot_kinds`; an empty preset takes the provider's first. ``view``
    is the role of the picture to start from, ``count`` how many are wanted where a kind has several. ``color`` is a
    colour word, for kinds that show another colour; ``look`` the id of one look, for kinds that show an outfit, where
    an empty one means all that are made for the garment.
    """

    kind: str
    preset: str = ""
    view: str = "front"
    count: int = 1
    color: str = ""
    look: str = ""


@frozen
class BriefDraft:
    """An order for shots: the same ``shots`` of each garment. ``project`` is a project's id."""

    name: str
    shots: tuple[WantedShot, ...]
    project: str = ""


@frozen
class Brief:
    """An order for shots, and how far it is."""

    ref: Ref
    name: str
    skus: tuple[Ref, ...]
    shots: tuple[WantedShot, ...]
    status: JobStatus
    project: str = ""
    raw: Any = field(default=None, repr=False)


class ReviewState(StrEnum):
    """What a person may say of a shot."""

    PENDING = "pending"
    IN_REVIEW = "in-review"
    APPROVED = "approved"
    REJECTED = "rejected"


class LookScope(StrEnum):
    """Which looks a garment is asked for."""

    MAIN = "main"
    """Those that are made for it."""
    RELATED = "related"
    """Those that it is worn in beside another garment, too."""


class ShootManager(Interface):
    """Plans shoots and hands out their results."""

    interface_name: ClassVar[str] = "shoot_manager"
    ref_kind: ClassVar[str] = "sku"
    """The kind of a `Ref` to a garment that is photographed."""

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

    @operation(Effect.READ)
    async def shot_kinds(self) -> Mapping[str, tuple[str, ...]]:
        """The kinds of shots that can be ordered, each with its presets, the usual one first."""
        raise self._cannot("shot_kinds")

    @operation(Effect.WRITE)
    async def create_project(self, draft: ProjectDraft) -> Project:
        """Make a project."""
        raise self._cannot("create_project")

    @operation(Effect.READ)
    def list_projects(self) -> Listing[Project]:
        """The projects, the newest first."""
        raise self._cannot("list_projects")

    @operation(Effect.WRITE, refs=0)
    async def create_look(self, skus: Sequence[Ref], draft: LookDraft) -> Look:
        """Put garments together to an outfit; it is made for the first of them."""
        raise self._cannot("create_look")

    @operation(Effect.WRITE, refs=0)
    async def create_brief(self, skus: Sequence[Ref], draft: BriefDraft) -> Brief:
        """Order shots of some garments; nothing is made yet."""
        raise self._cannot("create_brief")

    @operation(Effect.READ, by_ref=True)
    async def get_brief(self, brief: Ref) -> Brief:
        """Read a brief, and how far it is."""
        raise self._cannot("get_brief")

    @operation(Effect.READ)
    def list_briefs(self, project: str | None = None) -> Listing[Brief]:
        """The briefs, the newest first; None does not filter."""
        raise self._cannot("list_briefs")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def start_brief(self, brief: Ref) -> Job[Brief]:
        """Make what a brief asks for and is not made yet; `brief_results` tells each shot, those that failed, too."""
        raise self._cannot("start_brief")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def cancel_brief(self, brief: Ref) -> Brief:
        """Make no more shots of a brief; those that are made stay."""
        raise self._cannot("cancel_brief")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def review(self, sku: Ref, shot: str, state: ReviewState, note: str = "") -> Shot:
        """Say what one thinks of the current revision of a shot of a garment; ``note`` says why."""
        raise self._cannot("review")
