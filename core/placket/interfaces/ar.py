"""ARContentBuilder: three-dimensional and augmented-reality content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from ..record.claim import Claim
from ..record.values import ArAsset
from .base import Interface
from .garment import GarmentImage
from .job import Job, JobState
from .operation import Effect, operation
from .ref import Ref


@frozen
class ArConfiguration:
    """One size or colour of an AR product, built from its own images."""

    name: str
    images: tuple[GarmentImage, ...]
    sku: str = ""
    id: str = ""
    """A UUID made by the client, so that a repeated request is the same request; empty makes one."""


@frozen
class ArProductDraft:
    """An AR product to be made. ``type`` is one of the provider's `product_types`; empty takes its default."""

    name: str
    configurations: tuple[ArConfiguration, ...]
    sku: str = ""
    type: str = ""
    id: str = ""
    details: Mapping[str, Any] = field(factory=dict)


@frozen
class ArProduct:
    """An AR product as its provider tells it: claims, to be merged with what others say.

    ``assets`` fill as its configurations are built; ``state`` says how far that is. ``name`` and ``type`` are empty
    where the provider does not say them.
    """

    ref: Ref
    name: str
    type: str
    configurations: tuple[Ref, ...]
    assets: tuple[ArAsset, ...] = ()
    claims: tuple[Claim, ...] = ()
    state: JobState = JobState.UNKNOWN
    raw: Any = field(default=None, repr=False)


class ARContentBuilder(Interface):
    """Builds content that a shop can show in three dimensions."""

    interface_name: ClassVar[str] = "ar_content_builder"
    ref_kind: ClassVar[str] = "ar_product"
    """The kind of a `Ref` to an AR product."""

    @operation(Effect.READ)
    async def product_types(self) -> tuple[str, ...]:
        """The types of product that can be built."""
        raise self._cannot("product_types")

    @operation(Effect.READ)
    async def image_roles(self) -> tuple[str, ...]:
        """The roles that images can have, as in front and back."""
        raise self._cannot("image_roles")

    @operation(Effect.REPEATABLE)
    async def create_product(self, draft: ArProductDraft) -> ArProduct:
        """Make a product with its configurations and images; nothing is built yet."""
        raise self._cannot("create_product")

    @operation(Effect.READ, by_ref=True)
    async def get_product(self, product: Ref) -> ArProduct:
        """Read a product with its results so far."""
        raise self._cannot("get_product")

    @operation(Effect.REPEATABLE, by_ref=True)
    async def mark_ready(self, product: Ref) -> Job[ArProduct]:
        """Say that all images are there, and start building."""
        raise self._cannot("mark_ready")

    @operation(Effect.READ)
    async def callback_events(self) -> tuple[str, ...]:
        """What the provider can call back about."""
        raise self._cannot("callback_events")

    @operation(Effect.REPEATABLE)
    async def register_callback(self, event: str, url: str, secret: str = "") -> None:
        """Have the provider call ``url`` when something happens; an empty ``url`` takes it back."""
        raise self._cannot("register_callback")

    @operation(Effect.REPEATABLE)
    async def test_callback(self, event: str, product: Ref | None = None) -> None:
        """Have the provider make a test call, about a product where it needs one."""
        raise self._cannot("test_callback")
