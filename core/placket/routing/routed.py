"""The routed object of an interface: itself an instance of the interface, made from its operations."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

from ..errors import InvalidInput, PlacketError
from ..interfaces.base import Interface
from ..interfaces.findings import Findings
from ..interfaces.garment import Garment
from ..interfaces.operation import Operation, operations_of
from ..interfaces.paging import Listing, Page
from ..interfaces.ref import Ref
from ..interfaces.search import SearchResults
from .caller import Caller

InterfaceT = TypeVar("InterfaceT", bound=Interface)

Arguments = tuple[Any, ...]

_END = object()
_WITH_ATTEMPTS = (Findings, SearchResults)  # written as a union in the call, it would be made anew for each


def routed(interface: type[InterfaceT], caller: Caller) -> InterfaceT:
    """An object of ``interface`` whose operations go by the route of that interface."""
    methods: dict[str, Any] = {"resume": _resume(caller), "__doc__": f"{interface.__name__}, routed."}
    for name, operation in operations_of(interface).items():
        declared = getattr(interface, name)
        signature = inspect.signature(declared)
        if not operation.streams:
            make = _answering
        elif "Listing" in str(signature.return_annotation):
            make = _listing
        else:
            make = _streaming
        made = make(interface.interface_name, operation, _binder(operation, signature), caller)
        made.__name__, made.__doc__ = name, declared.__doc__
        made.__signature__ = signature  # type: ignore[attr-defined]
        methods[name] = made
    made_class: type[InterfaceT] = type(f"Routed{interface.__name__}", (interface,), methods)
    return made_class()


Binder = Callable[[Arguments, dict[str, Any]], Arguments]


def _binder(operation: Operation, signature: inspect.Signature) -> Binder:
    """Puts arguments in the order of the signature, and checks those that the router itself reads.

    Raises TypeError as Python does where the signature does not fit, and InvalidInput for a wrong kind of thing.
    """
    parameters = list(signature.parameters.values())[1:]
    required = sum(parameter.default is parameter.empty for parameter in parameters)
    about_garment = bool(parameters) and str(parameters[0].annotation) == "Garment"
    streams = [place for place, each in enumerate(parameters) if str(each.annotation).startswith("AsyncIterable")]

    def bind(arguments: Arguments, keywords: dict[str, Any]) -> Arguments:
        if keywords or len(arguments) != required:
            bound = signature.bind(None, *arguments, **keywords)
            if bound.kwargs:
                # What is named behind a parameter that is left out has no place in order without the default.
                bound.apply_defaults()
            arguments = bound.args[1:]
        if about_garment:
            _check(operation, arguments[0], Garment, "Garment.of(...)")
        elif operation.by_ref:
            _check(operation, arguments[0], Ref, "Ref.parse(...)")
        elif operation.refs is not None:
            given = arguments[operation.refs]
            refs = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
            for ref in refs:
                _check(operation, ref, Ref, "Ref.parse(...)")
            arguments = (*arguments[: operation.refs], refs, *arguments[operation.refs + 1 :])
        for place in streams:
            arguments = (*arguments[:place], _given(operation, arguments[place]), *arguments[place + 1 :])
        return arguments

    return bind


def _check(operation: Operation, given: object, wanted: type, how: str) -> None:
    if not isinstance(given, wanted):
        kind = type(given).__name__
        raise InvalidInput(f"{operation.name} takes a {wanted.__name__}, not {kind}; make one with {how}")


def _given(operation: Operation, items: Any) -> AsyncIterator[Any]:
    """What a caller streams into an operation; what goes wrong in it is no fault of the provider that reads it."""
    if not isinstance(items, AsyncIterable):
        raise InvalidInput(
            f"{operation.name} takes an async iterator, as an `async def` with `yield` in it gives, or with "
            f"`placket.open_sync` any list or generator, and not {type(items).__name__}"
        )

    async def read() -> AsyncIterator[Any]:
        source = aiter(items)
        try:
            async for item in source:
                yield item
        except PlacketError:
            raise
        except Exception as failure:
            raise InvalidInput(
                f"what {operation.name} was given broke off with {type(failure).__name__}: {failure}"
            ) from failure
        finally:
            close: Any = getattr(source, "aclose", None)
            if close is not None:
                await close()

    return read()


def _resume(caller: Caller) -> Callable[..., Any]:
    async def resume(_self: Interface, ticket: Any) -> Any:
        return await caller.resume(ticket)

    return resume


def _answering(interface: str, operation: Operation, bind: Binder, caller: Caller) -> Callable[..., Any]:
    async def method(_self: Interface, *arguments: Any, **keywords: Any) -> Any:
        answer, attempts = await caller.call(interface, operation, bind(arguments, keywords))
        return answer.with_attempts(attempts) if isinstance(answer, _WITH_ATTEMPTS) else answer

    return method


def _listing(interface: str, operation: Operation, bind: Binder, caller: Caller) -> Callable[..., Any]:
    def method(_self: Interface, *arguments: Any, **keywords: Any) -> Listing[Any]:
        bound = bind(arguments, keywords)
        source: Any = None

        async def fetch(_cursor: str | None) -> Page[Any]:
            # The route is decided by the first item; from then on the list belongs to the provider that gave it.
            nonlocal source
            if source is None:
                (source, item), _ = await caller.call(interface, operation, bound, _first_item)
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


def _streaming(interface: str, operation: Operation, bind: Binder, caller: Caller) -> Callable[..., Any]:
    def method(_self: Interface, *arguments: Any, **keywords: Any) -> AsyncIterator[Any]:
        return stream(bind(arguments, keywords))

    async def stream(bound: Arguments) -> AsyncIterator[Any]:
        (source, item), _ = await caller.call(interface, operation, bound, _first_item)
        try:
            while item is not _END:
                yield item
                item = await anext(source, _END)
        finally:
            await source.aclose()

    return method


async def _first_item(source: AsyncIterator[Any]) -> tuple[AsyncIterator[Any], Any]:
    return source, await anext(source, _END)
