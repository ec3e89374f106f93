"""The JSON Schemas of autoRetouch's bodies."""

from __future__ import annotations

from collections.abc import Mapping

from ..routes import FLAG, INTEGER, TEXT, Schema, or_null, schema_of

LARGEST_UPLOAD = 50 * 1024 * 1024
"""Bytes. The pages name 7 MB for AI Shoot, and pixels only for uploads."""

_WORDS: Schema = {"type": "string", "pattern": r"\S", "maxLength": 1000}
_GENDER: Schema = {"enum": ["male", "female"]}
_CATEGORY: Schema = {"enum": ["top", "bottom", "outfit", "socks", "shoes", "hats"]}
_NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}


def _object(properties: Mapping[str, Schema], *required: str) -> Schema:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _listed(name: str) -> Schema:
    items: Schema = {"type": "array", "items": schema_of(name)}
    total: Schema = {"type": "integer", "minimum": 0}
    return {
        "anyOf": [
            items,
            *(
                _object({key: items, count: total}, key, count)
                for key, count in (
                    ("entries", "total"),
                    ("data", "count"),
                    ("items", "total"),
                    ("content", "totalElements"),
                    ("results", "total"),
                    ("skus", "total"),
                )
            ),
        ]
    }


_ID: Schema = {"anyOf": [TEXT, INTEGER]}

SCHEMAS: Mapping[str, Schema] = {
    "SkuWrite": _object(
        {
            "name": _WORDS,
            "frontImage": _WORDS,
            "backImage": or_null({"type": "string", "maxLength": 1000}),
            "gender": or_null(_GENDER),
            "isInWardrobe": or_null(FLAG),
            "projectIds": or_null({"type": "array", "items": _NUMBER, "maxItems": 1000}),
            "skuCategoryName": or_null(_CATEGORY),
        },
        "name",
        "frontImage",
    ),
    "Sku": _object(
        {
            "id": _ID,
            "skuId": _ID,
            "name": TEXT,
            "frontImage": TEXT,
            "backImage": or_null(TEXT),
            "gender": or_null(_GENDER),
            "isInWardrobe": FLAG,
            "projectIds": {"type": "array", "items": INTEGER},
            "skuCategoryName": or_null(_CATEGORY),
            "createdAt": TEXT,
            "updatedAt": TEXT,
        },
        "name",
        "frontImage",
        "isInWardrobe",
        "projectIds",
    ),
    "Created": {"anyOf": [schema_of("Sku"), _object({"sku": schema_of("Sku")}, "sku"), _object({"id": _ID}, "id")]},
    "Skus": _listed("Sku"),
    "Result": _object(
        {
            "id": TEXT,
            "briefId": INTEGER,
            "skuId": _ID,
            "status": {"enum": ["CREATED", "ACTIVE", "COMPLETED", "FAILED"]},
            "type": TEXT,
            "imageUrl": TEXT,
            "resultUrl": TEXT,
            "resultPath": TEXT,
            "resultContentHash": TEXT,
            "resultContentType": TEXT,
            "errorMessage": TEXT,
            "createdAt": TEXT,
            "finishedAt": TEXT,
        },
        "id",
        "briefId",
        "skuId",
        "status",
    ),
    "Results": _listed("Result"),
    "DeviceRequest": _object({"client_id": TEXT, "scope": TEXT, "audience": TEXT}, "client_id"),
    "Device": _object(
        {
            "device_code": TEXT,
            "user_code": TEXT,
            "verification_uri": TEXT,
            "verification_uri_complete": TEXT,
            "expires_in": INTEGER,
            "interval": INTEGER,
        },
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    ),
    "TokenRequest": _object(
        {"grant_type": TEXT, "device_code": TEXT, "refresh_token": TEXT, "client_id": TEXT}, "grant_type", "client_id"
    ),
    "Token": _object(
        {"access_token": TEXT, "refresh_token": TEXT, "scope": TEXT, "expires_in": INTEGER, "token_type": TEXT},
        "access_token",
        "expires_in",
        "token_type",
    ),
    "RevokeRequest": _object({"client_id": TEXT, "token": TEXT}, "client_id", "token"),
    "Confirmation": _object({"user_code": TEXT, "decision": TEXT}, "user_code"),
    "Project": _object({"name": _WORDS}, "name"),
    "Brief": _object(
        {
            "name": _WORDS,
            "projectId": _NUMBER,
            "skuIds": {"type": "array", "items": _ID, "maxItems": 1000},
            "shots": {
                "type": "array",
                "maxItems": 50,
                "items": _object({"kind": TEXT, "preset": TEXT, "view": TEXT, "count": _NUMBER, "color": TEXT}, "kind"),
            },
        },
        "name",
    ),
    "Refused": _object(
        {
            "timestamp": TEXT,
            "status": INTEGER,
            "error": TEXT,
            "message": TEXT,
            "path": TEXT,
            "error_description": TEXT,
        }
    ),
}
