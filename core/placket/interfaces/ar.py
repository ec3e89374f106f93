"""ARContentBuilder: three-dimensional and augmented-reality content."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from ..record.values import ArAsset
from .base import Interface
from .garment import GarmentImage
from .job import Job
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
    """An AR product as its provider tells it. ``assets`` fill as its configurations are built."""

    ref: Ref
    name: str
    type: str
    configurations: tuple[Ref, ...]
    assets: tuple[ArAsset, ...] = ()
    raw: Any = field(default=None, repr=False)


class ARContentBuilder(Interface):
    """Builds content that a shop can show in three dimensions."""

    interface_name: ClassVar[str] = "ar_content_builder"

    @operation(Effect.READ)
    @abstractmethod
    async def product_types(self) -> tuple[str, ...]:
        """The types of product that can be built."""

    @operation(Effect.READ)
    @abstractmethod
    async def image_roles(self) -> tuple[str, ...]:
        """The roles that images can have, as in front and back."""

    @operation(Effect.REPEATABLE)
    @abstractmethod
    async def create_product(self, draft: ArProductDraft) -> ArProduct:
        """Make a product with its configurations and images; nothing is built yet."""

    @operation(Effect.READ, by_ref=True)
    @abstractmethod
    async def get_product(self, product: Ref) -> ArProduct:
        """Read a product with its results so far."""

    @operation(Effect.REPEATABLE, by_ref=True)
    @abstractmethod
    async def mark_ready(self, product: Ref) -> Job[ArProduct]:
        """Say that all images are there, and start building."""

    @operation(Effect.REPEATABLE)
    @abstractmethod
    async def register_callback(self, event: str, url: str, secret: str = "") -> None:
        """Have the provider call ``url`` when something happens; an empty ``url`` takes it back."""

    @operation(Effect.REPEATABLE)
    @abstractmethod
    async def test_callback(self, event: str) -> None:
        """Have the provider make a test call."""
