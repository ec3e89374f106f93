"""The JSON Schemas of Pictofit's bodies."""

from __future__ import annotations

from collections.abc import Mapping

from ..multipart import FILE
from ..routes import INTEGER, TEXT, UUID, Schema, or_null, schema_of

LARGEST_PICTURE = 20 * 1024 * 1024
"""Bytes; the pages on input data name 20 MB."""

_NAME: Schema = {"type": "string", "maxLength": 1000}
_SKU: Schema = or_null(_NAME)
_HEADER: Schema = {**_NAME, "pattern": r"^[^\x00-\x1f\x7f]*$"}
_TYPE: Schema = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
_SECONDS: Schema = {"type": "number"}
_LISTED: Schema = {"anyOf": [{"type": "array"}, {"type": "object"}]}


def _object(properties: Mapping[str, Schema], *required: str) -> Schema:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


SCHEMAS: Mapping[str, Schema] = {
    "ProductWrite": _object(
        {"customerId": UUID, "name": _NAME, "typeId": _TYPE, "sku": _SKU}, "customerId", "name", "typeId"
    ),
    "Product": _object(
        {
            "id": UUID,
            "customerId": UUID,
            "name": TEXT,
            "sku": or_null(TEXT),
            "typeId": INTEGER,
            "createdAt": _SECONDS,
            "modifiedAt": _SECONDS,
        },
        "id",
        "customerId",
        "name",
        "typeId",
        "createdAt",
        "modifiedAt",
    ),
    "ConfigurationWrite": _object({"productId": UUID, "name": _NAME, "sku": _SKU}, "productId", "name"),
    "Configuration": _object(
        {
            "productId": UUID,
            "name": TEXT,
            "sku": or_null(TEXT),
            "createdAt": _SECONDS,
            "modifiedAt": _SECONDS,
            "stateId": INTEGER,
            "productTypeId": INTEGER,
            "customerId": UUID,
            "url": or_null(TEXT),
            "results": {"type": "array"},
            "metadata": {"type": "object"},
            "id": UUID,
        },
        "productId",
        "name",
        "createdAt",
        "modifiedAt",
        "stateId",
        "productTypeId",
        "customerId",
        "results",
        "metadata",
        "id",
    ),
    "Configurations": {
        "anyOf": [
            {"type": "array", "items": schema_of("Configuration")},
            schema_of("Configuration"),
            _object(
                {"items": {"type": "array", "items": schema_of("Configuration")}, "totalCount": INTEGER},
                "items",
                "totalCount",
            ),
        ]
    },
    "Types": _LISTED,
    "FileWrite": _object(
        {
            "file": FILE,
            "id": UUID,
            "name": _NAME,
            "configurationId": UUID,
            "typeId": {"type": "string", "pattern": r"^[0-9]{1,9}$"},
        },
        "file",
        "id",
        "name",
        "configurationId",
        "typeId",
    ),
    "File": _object(
        {
            "id": UUID,
            "name": TEXT,
            "configurationId": UUID,
            "typeId": INTEGER,
            "mimeType": TEXT,
            "createdAt": _SECONDS,
        },
        "id",
        "name",
        "configurationId",
        "typeId",
    ),
    "CallbackWrite": _object(
        {"url": or_null({"type": "string", "maxLength": 2000}), "authorizationHeaderValue": or_null(_HEADER)}, "url"
    ),
    "Token": _object(
        {"access_token": TEXT, "token_type": TEXT, "expires_in": INTEGER, "scope": TEXT}, "access_token", "token_type"
    ),
    "Refused": _object(
        {
            "type": TEXT,
            "title": TEXT,
            "status": INTEGER,
            "detail": TEXT,
            "message": TEXT,
            "errors": {"type": "object"},
            "error": TEXT,
            "error_description": TEXT,
        }
    ),
}
