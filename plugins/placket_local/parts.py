"""The embedded provider, whole: the tagger, and the other interfaces as parts that are built when first called.

Each part lives in a package of its own with heavy imports (SQL above all); who only tags pays for none of them.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from placket.interfaces import (
    ARContentBuilder,
    Interface,
    Job,
    Operation,
    ProductStore,
    ShootManager,
    Ticket,
    VisualSearch,
    operations_of,
)
from placket.registry import ProviderContext

from .part import StorageSettings, database_of
from .provider import LocalProvider

if TYPE_CHECKING:
    from . import LocalSettings
    from .database import Database

Provider = TypeVar("Provider", bound=type[Any])


def _handed_on(interface: type[Interface], operation: Operation) -> Callable[..., Any]:
    declared = getattr(interface, operation.name)

    async def answer(self: PartedProvider, *arguments: Any, **keywords: Any) -> Any:
        return await getattr(self.part(interface), operation.name)(*arguments, **keywords)

    def stream(self: PartedProvider, *arguments: Any, **keywords: Any) -> AsyncIterator[Any]:
        items: AsyncIterator[Any] = getattr(self.part(interface), operation.name)(*arguments, **keywords)
        return items

    method = stream if operation.streams else answer
    method.__name__, method.__doc__ = operation.name, declared.__doc__
    return method


def handing_on(provider: Provider) -> Provider:
    """Give a class the operations of all of its ``parts``: each is handed on to its part."""
    for interface in provider.parts:
        for operation in operations_of(interface).values():
            setattr(provider, operation.name, _handed_on(interface, operation))
    return provider


class PartedProvider(Interface):
    """A provider whose interfaces are parts that share one database. `handing_on` gives it their operations."""

    parts: ClassVar[Mapping[type[Interface], tuple[str, str]]]
    """Where the part of each interface is: its module, and its class."""

    def __init__(self, settings: StorageSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        self._parts: dict[type[Interface], Any] = {}
        self._database: Database | None = None

    def part(self, interface: type[Interface]) -> Any:
        """The part that is ``interface``, built now if it was not; raises ConfigError when a library is missing."""
        if interface not in self._parts:
            module, name = self.parts[interface]
            if self._database is None:
                self._database = database_of(self._settings, self._context)
            kind = getattr(importlib.import_module(module), name)
            self._parts[interface] = kind(self._settings, self._context, self._database)
        return self._parts[interface]

    async def resume(self, ticket: Ticket) -> Job[Any]:
        """Take up a job of the interface that the ticket names."""
        for interface in self.parts:
            if ticket.interface == interface.interface_name:
                job: Job[Any] = await self.part(interface).resume(ticket)
                return job
        return await super().resume(ticket)

    async def aclose(self) -> None:
        """Close what was built, then the database that it shared."""
        await asyncio.gather(*(part.aclose() for part in self._parts.values()))
        if self._database is not None:
            await self._database.aclose()
        await super().aclose()


@handing_on
class EmbeddedProvider(PartedProvider, LocalProvider, VisualSearch, ProductStore, ShootManager, ARContentBuilder):
    """All that the embedded provider can do."""

    parts: ClassVar[Mapping[type[Interface], tuple[str, str]]] = {
        VisualSearch: ("placket_local.search", "LocalSearch"),
        ProductStore: ("placket_local.store", "LocalStore"),
        ShootManager: ("placket_local.shoots", "LocalShoots"),
        ARContentBuilder: ("placket_local.content.builder", "LocalContent"),
    }

    def __init__(self, settings: LocalSettings, context: ProviderContext) -> None:
        PartedProvider.__init__(self, settings, context)
        LocalProvider.__init__(self, settings, context)
