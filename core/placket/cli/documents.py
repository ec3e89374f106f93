"""What interfaces answer with, as JSON documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..field_names import field_names
from ..interfaces import Product, Ref, Sku
from ..record import record_to_json
from ..record.codec import value_to_json

if TYPE_CHECKING:
    from ..jobs import Router


_LEFT_OUT = frozenset({"claims", "raw"})


def to_json(answer: Any) -> Any:
    """An answer of an interface as JSON: references as text, the vendor's raw payload and claims left out."""
    if isinstance(answer, Ref):
        return str(answer)
    if isinstance(answer, tuple | list):
        return [to_json(each) for each in answer]
    if isinstance(answer, Mapping):
        return {str(key): to_json(each) for key, each in answer.items()}
    if type(answer).__module__.startswith("placket.interfaces.") and (names := field_names(answer)):
        return {name: to_json(getattr(answer, name)) for name in names if name not in _LEFT_OUT}
    return value_to_json(answer)


def held_to_json(router: Router, thing: Product | Sku, *, claims: bool = False) -> dict[str, Any]:
    """A product or a garment of the shoots as the record that its claims make, with where it is and its version."""
    record = router.record_of(thing.claims, id=str(thing.ref))
    return {"ref": str(thing.ref), "version": thing.version, **record_to_json(record, claims=claims)}
