"""The JSON Schemas of Aistetic's bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..routes import FLAG, TEXT, Schema, or_null, schema_of

LARGEST_BODY = 64 * 1024

_ADDRESS = r"^[hH][tT][tT][pP][sS]?://"


def _object(properties: Mapping[str, Schema], **more: Any) -> Schema:
    return {"type": "object", "properties": properties, **more}


def _envelope(data: Schema, *, status: bool | None = None) -> Schema:
    return _object(
        {
            "status": FLAG if status is None else {"const": status},
            "data": data,
            "error": {"type": "array", "items": TEXT},
            "message": TEXT,
        },
        required=["status", "data", "error", "message"],
    )


_NOTHING = _object({}, additionalProperties=False)

SCHEMAS: Mapping[str, Schema] = {
    "Upload": _object(
        {
            "uuid": {"type": "string", "pattern": r"\S", "maxLength": 200},
            "image_url": {
                "type": "string",
                "format": "uri",
                "pattern": _ADDRESS,
                "maxLength": 4096,
            },
            "attribute": or_null(
                {
                    "type": "object",
                    "maxProperties": 50,
                    "propertyNames": {"maxLength": 500},
                    "additionalProperties": {"type": "string", "maxLength": 500},
                }
            ),
        },
        required=["uuid", "image_url"],
    ),
    "Garment": _object(
        {
            "uuid": TEXT,
            "annotated_img": TEXT,
            "tag": or_null({"type": "object"}),
            "measurements": or_null({"type": "object"}),
            "description": TEXT,
            "complete": FLAG,
        },
        required=["uuid", "annotated_img", "tag", "description", "complete"],
    ),
    "Accepted": _envelope(_NOTHING),
    "Queried": _envelope({"anyOf": [schema_of("Garment"), _NOTHING]}),
    "Refused": _envelope(_NOTHING, status=False),
}
