"""A provider under test: built as an application builds it, beside the server that plays its vendor."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen

from ...interfaces import (
    Call,
    Clock,
    Deadline,
    Effect,
    GarmentTagger,
    Interface,
    Job,
    Ref,
    current_call,
    operations_of,
)
from .answers import gives_job
from .violation import NotApplicable, Violation

if TYPE_CHECKING:
    from ...registry import ProviderType
    from ..loopback_server import LoopbackServer
    from .samples import Samples

ENOUGH = 20
"""So many items of a list are read."""

GRACE = 60.0
"""Seconds that a call may go beyond its deadline before it is taken to have missed it."""


@frozen
class Place:
    """What outlives a provider: the vendor's server, None where there is none, and the folder for its data."""

    server: LoopbackServer | None
    folder: Path


@frozen
class Stand:
    """One provider, ready to be called.

    ``secrets`` are the texts that must never be seen. ``patience`` is how many seconds a call may take; ``may_write``
    whether calls may change anything at the vendor.
    """

    name: str
    interface: type[Interface]
    provider: Any
    kind: ProviderType
    clock: Clock
    place: Place
    secrets: tuple[str, ...] = ()
    patience: float = 3600.0
    may_write: bool = True
    made: list[Ref] = field(factory=list)
    """What was made at the vendor for this stand, to be removed when the check is over."""

    @property
    def server(self) -> LoopbackServer:
        """The vendor's server; NotApplicable where there is none."""
        if self.place.server is None:
            raise NotApplicable("there is no server whose answers could be changed: override server()")
        return self.place.server

    def can(self, operation: str) -> bool:
        """Whether the provider declares an operation as usable."""
        return self.kind.capabilities.operation(self.interface.interface_name, operation).usable

    def require_leave(self, operation: str) -> None:
        """Raise NotApplicable unless something may be made with an operation."""
        if not (self.may_write and self.can(operation)):
            raise NotApplicable(f"it takes {operation}, which is not declared, or not allowed without --write")

    async def start(self, operation: str, arguments: Sequence[Any]) -> Any:
        """Call an operation as the router does, and return what it gives: a job is not waited for, a list not read.

        Raises NotApplicable for one that changes something where nothing may be changed.
        """
        effect = operations_of(self.interface)[operation].effect
        if not (self.may_write or effect is Effect.READ or self.interface is GarmentTagger):
            raise NotApplicable(f"{operation} changes something at the vendor: allow it with --write")
        result = getattr(self.provider, operation)(*arguments)
        result = await result if inspect.isawaitable(result) else result
        if operation.startswith("create"):
            self.made.extend(ref for ref in [getattr(result, "ref", None)] if isinstance(ref, Ref))
        return result

    async def perform(self, operation: str, arguments: Sequence[Any]) -> Any:
        """Call an operation to its end: a job's result, the first items of a list, the bytes of a download."""
        call = Call(self.name, operation, Deadline.after(self.patience, self.clock))
        before = current_call.set(call)
        try:
            async with asyncio.timeout(self.patience + GRACE):
                result = await self.start(operation, arguments)
                if gives_job(self.interface, operation) and not isinstance(result, Job):
                    raise Violation(
                        f"{operation} gave a {type(result).__name__}, and the interface says Job: return a PolledJob, "
                        "or FinishedJob(...) where the work is done already"
                    )
                return await self._ended(result)
        except TimeoutError as error:
            message = (
                f"{operation} did not end within its deadline of {self.patience:g} s, nor with an error of Placket"
            )
            raise Violation(message) from error
        finally:
            current_call.reset(before)

    async def _ended(self, result: Any) -> Any:
        if isinstance(result, Job):
            return await result.result()
        if isinstance(result, AsyncIterator):
            return await _read(result)
        return result


async def _read(source: AsyncIterator[Any]) -> list[Any]:
    items: list[Any] = []
    async for item in source:
        items.append(item)
        if len(items) >= ENOUGH and not isinstance(item, bytes):
            break
    return items


class Subject(Protocol):
    """What is checked: something that can be opened, with samples of what to call it with."""

    @property
    def samples(self) -> Samples:
        """What operations are called with."""

    def open(self, place: Place | None = None) -> AbstractAsyncContextManager[Stand]:
        """Build the provider, beside what another one has left in ``place``, and close it afterwards."""

    def settled(self) -> AbstractAsyncContextManager[Place]:
        """Start the vendor's server, for providers that come and go while it runs."""
