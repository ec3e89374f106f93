"""The routed object of an interface: itself an instance of the interface, made from its operations."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, TypeVar

from attrs import evolve, has

from ..interfaces.base import Interface
from ..interfaces.call import Attempt
from ..interfaces.operation import Operation, operations_of
from ..interfaces.paging import Listing, Page

InterfaceT = TypeVar("InterfaceT", bound=Interface)

_END = object()


class Caller(Protocol):
    """What a routed object needs of the router."""

    async def call(
        self,
        interface: str,
        operation: Operation,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        open_stream: Callable[[Any], Any] | None = None,
    ) -> tuple[Any, list[Attempt]]:
        """Route one call and return the answer with its attempts; raises what the route came to."""

    async def resume(self, ticket: Any) -> Any:
        """Take up a job again."""


def routed(interface: type[InterfaceT], caller: Caller) -> InterfaceT:
    """An object of ``interface`` whose operations go by the route of that interface."""
    methods: dict[str, Any] = {"resume": _resume(caller), "__doc__": f"{interface.__name__}, routed."}
    for name, operation in operations_of(interface).items():
        declared = getattr(interface, name)
        if inspect.iscoroutinefunction(declared):
            made = _answering(interface.interface_name, operation, caller)
        elif "Listing" in str(inspect.signature(declared).return_annotation):
            made = _listing(interface.interface_name, operation, caller)
        else:
            made = _streaming(interface.interface_name, operation, caller)
        made.__name__, made.__doc__ = name, declared.__doc__
        methods[name] = made
    made_class: type[InterfaceT] = type(f"Routed{interface.__name__}", (interface,), methods)
    return made_class()


def _resume(caller: Caller) -> Callable[..., Any]:
    async def resume(_self: Interface, ticket: Any) -> Any:
        return await caller.resume(ticket)

    return resume


def _answering(interface: str, operation: Operation, caller: Caller) -> Callable[..., Any]:
    async def method(_self: Interface, *arguments: Any, **keywords: Any) -> Any:
        answer, attempts = await caller.call(interface, operation, arguments, keywords)
        return with_attempts(answer, attempts)

    return method


def with_attempts(answer: Any, attempts: list[Attempt]) -> Any:
    """The answer with its attempts, where it has a place for them."""
    if getattr(answer, "attempts", None) == () and has(type(answer)):
        return evolve(answer, attempts=tuple(attempts))
    return answer


def _listing(interface: str, operation: Operation, caller: Caller) -> Callable[..., Any]:
    def method(_self: Interface, *arguments: Any, **keywords: Any) -> Listing[Any]:
        source: Listing[Any] | None = None

        async def fetch(_cursor: str | None) -> Page[Any]:
            # The route is decided by the first item; from then on the list belongs to the provider that gave it.
            nonlocal source
            if source is None:
                (source, item), _ = await caller.call(interface, operation, arguments, keywords, _first_item)
            else:
                item = await anext(source, _END)
            if item is _END:
                return Page((), total=source.total)
            return Page((item,), total=source.total, next=_Fresh())

        return Listing(fetch)

    return method


class _Fresh(str):
    """A cursor that differs from every other: the provider's own listing keeps the place."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = str.__hash__


def _streaming(interface: str, operation: Operation, caller: Caller) -> Callable[..., Any]:
    async def method(_self: Interface, *arguments: Any, **keywords: Any) -> AsyncIterator[Any]:
        (source, item), _ = await caller.call(interface, operation, arguments, keywords, _first_item)
        while item is not _END:
            yield item
            item = await anext(source, _END)

    return method


async def _first_item(source: AsyncIterator[Any]) -> tuple[AsyncIterator[Any], Any]:
    return source, await anext(source, _END)
