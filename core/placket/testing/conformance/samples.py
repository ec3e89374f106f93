"""What the operations of an interface are called with, where the plugin's author says nothing else."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import suppress
from itertools import count
from typing import Any, ClassVar

from attrs import frozen

from ...errors import PlacketError
from ...interfaces import (
    ArProductDraft,
    ExportRequest,
    Facet,
    Garment,
    GarmentImage,
    Image,
    Interface,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    Query,
    Ref,
    SkuDraft,
    SkuQuery,
    operations_of,
)
from .picture import garment_png
from .stand import Stand
from .violation import NotApplicable

_numbers = count(1)


def fresh_name() -> str:
    """A name that nothing in this process has had."""
    return f"placket-conformance-{next(_numbers)}"


def sample_image(number: int = 0) -> Image:
    """A picture of a garment that has bytes and an address, so that it suits every vendor."""
    return Image(data=garment_png(number), url=f"https://images.example.com/placket/garment-{number}.png")


@frozen
class Incident:
    """What came of one failure: the request that failed, as in ``GET`` and ``/products/*``, and the error it became.

    ``failure`` is a name of the table, as in ``404``; ``error`` is None where the operation worked nevertheless.
    """

    operation: str
    failure: str
    method: str
    path: str
    error: PlacketError | None


class Samples(ABC):
    """The arguments of each operation of one interface, and what has to be there before it can be called.

    ``number`` asks for arguments that differ from those of another number.
    """

    interface: ClassVar[type[Interface]]

    repeatable: ClassVar[Collection[str]] = ()
    """Paths, as shell patterns, to which a writing operation may send POST or PATCH twice: the requests carry an id
    that the client made, or change nothing."""

    at_once: ClassVar[int] = 64
    """So many calls are made at once, to see that their answers do not mix."""

    picture: Image | None = None
    """A picture to ask about, where a drawn one does not do."""

    @abstractmethod
    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:
        """What to call an operation with, making at the vendor what it needs. Raises NotApplicable where it cannot."""

    async def clean_up(self, stand: Stand) -> None:  # noqa: ARG002
        """Remove what `arguments` has made at the vendor."""
        return

    def excuses(self, incident: Incident) -> bool:  # noqa: ARG002
        """Whether what came of a failure is right here although the table of failures says otherwise.

        Override it where a vendor's page gives a status another meaning, and say in a comment where it does.
        """
        return False

    def image(self, number: int = 0) -> Image:
        """A picture of a garment: `picture`, or a drawn one."""
        return self.picture or sample_image(number)

    def known(self, number: int = 0) -> Mapping[str, Any]:
        """Record fields of a garment that every vendor takes."""
        return {"name": f"Placket conformance {number}", "sku": f"placket-{number}", "brand": "Placket"}

    async def first(self, stand: Stand, listing: str, *arguments: Any, number: int = 0) -> Any:
        """An item of a list that the vendor has already, for providers that cannot make one, or must not."""
        if not stand.can(listing):
            raise NotApplicable(f"there is no {listing} to find one with: override the sample method")
        items = await stand.perform(listing, arguments)
        if not items:
            raise NotApplicable(f"{listing} is empty, so there is nothing to ask about")
        return items[number % len(items)]


async def remove(stand: Stand, operation: str) -> None:
    """Delete what was made, as far as the provider can; what is gone already is none of our business."""
    while stand.made:
        ref = stand.made.pop()
        if stand.can(operation):
            with suppress(PlacketError):
                await stand.perform(operation, (ref,))


def dummy_arguments(interface: type[Interface], operation: str, provider: str) -> tuple[Any, ...]:
    """Arguments of the right types that refer to nothing, for an operation that must not get as far as using them."""
    signature = inspect.signature(getattr(interface, operation))
    required = [each for each in list(signature.parameters.values())[1:] if each.default is each.empty]
    return tuple(_dummy(str(each.annotation), provider) for each in required)


def _dummy(annotation: str, provider: str) -> Any:
    if annotation == "Ref":
        return Ref(provider, "thing", "none")
    if annotation.startswith("AsyncIterable"):
        return _no_items()
    make = _DUMMIES.get(annotation)
    if make is not None:
        return make()
    return () if annotation.startswith("Sequence") else None if "None" in annotation else "none"


async def _no_items() -> AsyncIterator[object]:
    for item in tuple[object, ...]():
        yield item


def _garment() -> Garment:
    return Garment("none", (GarmentImage(sample_image()),))


_DUMMIES: Mapping[str, Callable[[], Any]] = {
    "ArProductDraft": lambda: ArProductDraft("none", ()),
    "ExportRequest": ExportRequest,
    "Facet": lambda: Facet.BRANDS,
    "Garment": _garment,
    "Image": sample_image,
    "ProductChanges": lambda: ProductChanges({"name": "none"}),
    "ProductDraft": lambda: ProductDraft({"name": "none"}),
    "ProductQuery": ProductQuery,
    "Query": lambda: Query(sample_image()),
    "SkuDraft": lambda: SkuDraft({"name": "none"}),
    "SkuQuery": SkuQuery,
}


def usable_operations(kind: Any, interface: type[Interface]) -> list[str]:
    """The operations of an interface that a provider type declares as full or partial."""
    name = interface.interface_name
    return [each for each in operations_of(interface) if kind.capabilities.operation(name, each).usable]


def other_operations(kind: Any, interface: type[Interface]) -> list[str]:
    """Those that it does not."""
    usable = usable_operations(kind, interface)
    return [each for each in operations_of(interface) if each not in usable]
