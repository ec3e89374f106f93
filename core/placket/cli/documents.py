"""What interfaces answer with, as JSON documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ..interfaces import Product, Ref, Sku
from ..record import record_to_json
from ..record.codec import value_to_json

if TYPE_CHECKING:
    from ..jobs import Router


def to_json(answer: Any) -> Any:
    """An answer of an interface as JSON: references as text, the vendor's raw payload and claims left out."""
    if isinstance(answer, Ref):
        return str(answer)
    if isinstance(answer, tuple | list):
        return [to_json(each) for each in answer]
    if isinstance(answer, Mapping):
        return {str(key): to_json(each) for key, each in answer.items()}
    if attrs.has(type(answer)) and type(answer).__module__.startswith("placket.interfaces."):
        told = [each.name for each in attrs.fields(type(answer)) if each.repr and each.name != "claims"]
        return {name: to_json(getattr(answer, name)) for name in told}
    return value_to_json(answer)


def held_to_json(router: Router, thing: Product | Sku, *, claims: bool = False) -> dict[str, Any]:
    """A product or a garment of the shoots as the record that its claims make, with where it is and its version."""
    record = router.record_of(thing.claims, id=str(thing.ref))
    return {"ref": str(thing.ref), "version": thing.version, **record_to_json(record, claims=claims)}
