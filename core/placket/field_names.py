"""What the fields of an object are called, whether attrs or msgspec made its class."""

from __future__ import annotations

from typing import Any

import attrs
from msgspec import Struct


def field_names(value: Any) -> tuple[str, ...]:
    """The names of the fields, in their order; empty for an object of any other class."""
    kind = type(value)
    if attrs.has(kind):
        return tuple([each.name for each in attrs.fields(kind)])
    return kind.__struct_fields__ if isinstance(value, Struct) else ()
