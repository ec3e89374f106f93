"""A short notation for JSON Schemas: ``id!uuid sku?text shots[ShotPublic]``.

``name!type`` is required, ``name?type`` may be null, ``name:type`` is neither, ``name[type]`` is a list of them. A type
that is none of the short ones is the name of a schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..routes import FLAG, INTEGER, TEXT, UUID, Schema, or_null, schema_of

TIME: Schema = {"type": "string", "format": "date-time"}
NUMBER: Schema = {"type": "number"}

_TYPES: Mapping[str, Schema] = {
    "text": TEXT,
    "flag": FLAG,
    "int": INTEGER,
    "number": NUMBER,
    "uuid": UUID,
    "time": TIME,
    "object": {"type": "object"},
    "any": {},
}
_FIELD = re.compile(r"(\w+)([!?:\[])(\w+?)(\d*)\]?$")


def object_of(notation: str, **more: Any) -> Schema:
    """The schema of an object whose fields are written in the short notation. A number is the longest text."""
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for written in notation.split():
        found = _FIELD.match(written)
        assert found is not None, written
        name, mark, kind, longest = found.groups()
        schema: Schema = dict(_TYPES[kind]) if kind in _TYPES else schema_of(kind + longest)
        if longest and kind in _TYPES:
            schema = {**schema, "maxLength": int(longest)}
        if mark == "[":
            schema = {"type": "array", "items": schema}
        properties[name] = or_null(schema) if mark == "?" else schema
        if mark == "!":
            required.append(name)
    return {"type": "object", "properties": properties, **({"required": required} if required else {}), **more}
