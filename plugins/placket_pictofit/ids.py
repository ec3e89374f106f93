"""Ids that are made here, as the service wants it: a request that is sent again names the same thing again."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence

from placket.errors import InvalidInput
from placket.interfaces import ArConfiguration


def client_id(*parts: str) -> str:
    """A UUID in the form of version 4, which the service asks for, and yet always the same for the same parts."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def identified(product: str, configurations: Sequence[ArConfiguration]) -> list[tuple[str, ArConfiguration]]:
    """Each configuration with its id: its own, or one made from the product's id, its name and its SKU."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for one in configurations:
        key = (one.name, one.sku)
        seen[key] = seen.get(key, 0) + 1
        found.append((one.id or client_id(product, *key, str(seen[key])), one))
    if len({id_ for id_, _ in found}) < len(found):
        raise InvalidInput("two configurations have the same id; the second would replace the first")
    return found
