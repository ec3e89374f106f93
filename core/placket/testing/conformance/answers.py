"""Whether what an operation gave is what its interface promises, and whether its claims fit the record."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from functools import cache
from types import GenericAlias, NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from ...errors import PlacketError
from ...field_names import field_names
from ...interfaces import Findings, Interface, Job, Listing, Ref
from ...record import Claim
from ...record.codec import claim_from_json, claim_to_json
from ...record.record import field_of
from .violation import Violation, require

if TYPE_CHECKING:
    from .stand import Stand


def examine(stand: Stand, operation: str, result: Any) -> None:
    """Raise Violation for an answer of the wrong type, a claim that no record can hold, or a foreign reference."""
    hint = _returned(stand.interface, operation)
    if not is_of(result, awaited(hint)):
        # Only now: what a long list looks like costs more than all the rest of looking at it.
        promised = getattr(hint, "__name__", hint)
        raise Violation(f"{operation} gave {_shortly(result)}, and the interface says {promised}")
    for part in parts_of(result):
        if isinstance(part, Findings):
            require(
                is_of(part.claims, tuple[Claim, ...]),
                f"{operation} gave the claims {_shortly(part.claims)}: they are a tuple of Claim, such as build.claims",
            )
        elif isinstance(part, Claim):
            examine_claim(stand, part)
        elif isinstance(part, Ref):
            require(
                part.provider == stand.name,
                f"{operation} gave the reference {part}, and the provider's name is {stand.name!r}: "
                "make references with context.name",
            )


def examine_claim(stand: Stand, claim: Claim) -> None:
    """Raise Violation unless a record can hold the claim and it says who made it."""
    try:
        spec = field_of(claim.field)
    except PlacketError as error:
        raise Violation(f"a claim is about {claim.field!r}: {error}") from error
    said = f"the claim about {claim.field} with the raw value {_shortly(claim.raw)}"
    require(
        claim.value is None or is_of(claim.value, spec.value_type),
        f"{said} has a {type(claim.value).__name__} as its value, and the field takes {spec.value_type}",
    )
    source = claim.source
    require(
        source.provider == stand.name and source.operation,
        f"{said} does not name its source: make the source with context.source(operation, request_id)",
    )
    require(
        stand.kind.capabilities.field(stand.interface.interface_name, claim.name).usable,
        f"{said} is about a field that the capabilities do not declare: add {claim.name!r} to their fields",
    )
    # Claims with the same document are equal; comparing their ids would make each of the documents twice.
    written = _written(claim)
    require(
        _written(claim_from_json(json.loads(written))) == written,
        f"{said} is another one after it was written as JSON and read again",
    )


def _written(claim: Claim) -> str:
    return json.dumps(claim_to_json(claim), sort_keys=True)


def parts_of(value: Any) -> Iterator[Any]:
    """The value and everything in it; a vendor's raw answer is not looked into."""
    yield value
    inner: Iterable[Any] = ()
    if isinstance(value, Claim | Ref):
        return
    if isinstance(value, list | tuple):
        inner = value
    elif isinstance(value, Mapping):
        inner = value.values()
    else:
        inner = (getattr(value, name) for name in field_names(value) if name != "raw")
    for part in inner:
        yield from parts_of(part)


def claims_in(result: Any) -> list[Claim]:
    """All claims of an answer."""
    return [part for part in parts_of(result) if isinstance(part, Claim)]


def awaited(hint: Any) -> Any:
    """What is in the end given by an operation of this return type: a job's result, a list's items."""
    origin = get_origin(hint) or hint
    if origin is Job:
        return get_args(hint)[0]
    if origin in (Listing, AsyncIterator):
        return GenericAlias(list, get_args(hint)[:1])
    return hint


def gives_job(interface: type[Interface], operation: str) -> bool:
    """Whether an operation starts work that is waited for."""
    return get_origin(_returned(interface, operation)) is Job


def gives_nothing(interface: type[Interface], operation: str) -> bool:
    """Whether an operation returns None, so that only the status of an answer matters."""
    return _returned(interface, operation) is NoneType


@cache
def _returned(interface: type[Interface], operation: str) -> Any:
    return get_type_hints(getattr(interface, operation))["return"]


def is_of(value: Any, hint: Any) -> bool:
    """Whether a value is of a type as annotations write it."""
    if hint is Any or hint is object:
        return True
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(is_of(value, each) for each in inner)
    if origin in (list, tuple):
        if not isinstance(value, origin):
            return False
        if origin is tuple and Ellipsis not in inner:
            return len(value) == len(inner) and all(map(is_of, value, inner))
        return all(is_of(each, inner[0]) for each in value)
    if hint in (None, NoneType):
        return value is None
    if origin is not None:
        return isinstance(value, origin)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, hint)


def _shortly(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
