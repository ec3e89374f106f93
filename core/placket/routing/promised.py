"""Whether a provider answered what its interface promises: an answer is judged as strictly as an exception is."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..errors import InvalidInput
from ..interfaces import INTERFACES, Findings
from ..record.claim import Claim
from ..record.record import field_of

_REMEMBERED = 4096
_kinds: dict[str, type] = {}


@cache
def promised_type(interface: str, operation: str) -> tuple[type, ...]:
    """The types of which an operation's answer has to be: anything where none is expected; items are not looked at."""
    for kind in INTERFACES:
        if kind.interface_name == interface:
            hint = get_type_hints(getattr(kind, operation)).get("return")
            return tuple(_plain(part) for part in (get_args(hint) if get_origin(hint) in _UNIONS else (hint,)))
    return (object,)


_UNIONS = (Union, UnionType)


def _plain(hint: Any) -> type:
    kind = get_origin(hint) or hint
    return kind if isinstance(kind, type) and kind not in (Any, NoneType) else object


def flaw_of(findings: Findings) -> str:
    """What is wrong with findings that no record could hold; empty when nothing is."""
    claims = findings.claims
    if type(claims) is not tuple:
        return f"its claims are a {type(claims).__name__} and must be a tuple"
    for claim in claims:
        if not isinstance(claim, Claim):
            return f"there is a {type(claim).__name__} among its claims"
        kind = _kinds.get(claim.field)
        if kind is None:
            try:
                kind = _kind_of(claim.field)
            except InvalidInput as error:
                return str(error)
        if not isinstance(claim.value, kind) and claim.value is not None:
            return f"the value claimed of {claim.field} is a {type(claim.value).__name__} and must be a {kind.__name__}"
    return ""


def _kind_of(path: str) -> type:
    kind = _plain(field_of(path).value_type)
    if len(_kinds) < _REMEMBERED:  # keys of maps come from outside and must not fill memory
        _kinds[path] = kind
    return kind
