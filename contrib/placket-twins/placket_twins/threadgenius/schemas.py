"""The schemas of both versions: the envelopes, and what they carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..routes import INTEGER, TEXT, Schema, or_null, schema_of

NUMBER: Schema = {"type": "number"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
LONGEST_NAME = 500
MOST_RESULTS = 1_000_000


def an_object(properties: Mapping[str, Schema], required: Iterable[str] | None = None) -> dict[str, Any]:
    """An object; all of its properties are required where nothing is said."""
    needed = list(properties if required is None else required)
    return {
        "type": "object",
        "properties": dict(properties),
        **({"required": needed} if needed else {}),
    }


def many(schema: Schema, *, least: int = 0, most: int | None = None) -> dict[str, Any]:
    """A list."""
    return {
        "type": "array",
        "items": schema,
        **({"minItems": least} if least else {}),
        **({} if most is None else {"maxItems": most}),
    }


def in_envelope(**carried: Schema) -> dict[str, Any]:
    """A success of v0."""
    return an_object({"status": schema_of("Status"), **carried})


def in_response(**carried: Schema) -> dict[str, Any]:
    """A success of v1."""
    return an_object({"status": schema_of("Description"), "response": an_object(carried)})


_COUNTS = an_object({"num_calls": INTEGER, "num_images": INTEGER})
_MONTHS = {
    "type": "object",
    "propertyNames": {"pattern": "^[0-9]{4}-[0-9]{1,2}$"},
    "additionalProperties": {"type": "object", "additionalProperties": _COUNTS},
}
_ERROR_LOG = {"anyOf": [TEXT, many(TEXT)]}
_CROP = {"type": "array", "items": SHARE, "minItems": 4, "maxItems": 4}
_NEXT_KEY = or_null(TEXT)

VERSION_0: Mapping[str, Schema] = {
    "Status": an_object({"message": TEXT, "code": INTEGER}),
    "Refused": an_object({"status": schema_of("Status")}),
    "Token": in_envelope(access_token=TEXT, token_type=TEXT, expires_in_seconds=INTEGER),
    "Catalog": an_object(
        {
            "catalog_id": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "date_created": TEXT,
            "name": TEXT,
            "num_images_total": INTEGER,
            "num_total_images": INTEGER,
            "num_images_indexed": INTEGER,
            "error_log": _ERROR_LOG,
            "status": {
                "enum": [
                    "new",
                    "uploading",
                    "upload done",
                    "upload error",
                    "indexing",
                    "index in progress",
                    "ready for query",
                    "index error",
                ]
            },
        },
        ["catalog_id", "date_created", "name", "status"],
    ),
    "OneCatalog": in_envelope(catalog=schema_of("Catalog")),
    "AllCatalogs": in_envelope(catalog=many(schema_of("Catalog"))),
    "DeletedCatalog": in_envelope(catalog=an_object({"catalog_id": TEXT})),
    "Labels": in_envelope(labels=many(an_object({"confidence": SHARE, "type": TEXT, "name": TEXT}))),
    "Similars": in_envelope(
        similars=many(
            an_object({"url": TEXT, "distance": NUMBER, "iid": TEXT, "metadata": {}}, ["url", "distance", "iid"])
        )
    ),
    "Boxes": in_envelope(
        boxes=many(an_object({"category": TEXT, "score": SHARE, "bbox": many(NUMBER, least=4, most=4)}))
    ),
    "Usage": in_envelope(usage=_MONTHS),
}
"""v0, as the page shows it."""

VERSION_1: Mapping[str, Schema] = {
    "Description": an_object({"description": TEXT}),
    "RefusedV1": an_object({"status": schema_of("Description"), "response": {"type": "object"}}),
    "ImageV1": {
        **an_object({"url": TEXT, "base64": TEXT, "crop": _CROP}, []),
        "anyOf": [{"required": ["url"]}, {"required": ["base64"]}],
    },
    "NewCatalogV1": an_object({"name": {"type": "string", "pattern": r"\S", "maxLength": LONGEST_NAME}}),
    "NewObjectsV1": an_object(
        {
            "objects": many(
                an_object({"image": schema_of("ImageV1"), "metadata": or_null({"type": "object"})}, ["image"]),
                least=1,
                most=32,
            )
        }
    ),
    "SearchV1": {
        **an_object(
            {
                "image": schema_of("ImageV1"),
                "keywords": many({"type": "string", "maxLength": 200}, least=1, most=5),
                "n_results": {"type": "integer", "minimum": 1, "maximum": MOST_RESULTS},
            },
            [],
        ),
        "oneOf": [{"required": ["image"]}, {"required": ["keywords"]}],
    },
    "PredictTagsV1": {
        **an_object({"image": schema_of("ImageV1"), "images": many(schema_of("ImageV1"), least=1, most=32)}, []),
        "oneOf": [{"required": ["image"]}, {"required": ["images"]}],
    },
    "PredictBoxesV1": {
        **an_object({"image": schema_of("ImageV1"), "images": many(schema_of("ImageV1"), least=1, most=5)}, []),
        "oneOf": [{"required": ["image"]}, {"required": ["images"]}],
    },
    "CatalogV1": an_object({"gid": TEXT, "name": TEXT, "status": schema_of("Description")}),
    "OneCatalogV1": in_response(catalog=schema_of("CatalogV1")),
    "AllCatalogsV1": in_response(catalogs=many(schema_of("CatalogV1"))),
    "DeletedCatalogV1": in_response(catalog=an_object({"gid": TEXT})),
    "ObjectV1": an_object(
        {
            "gid": TEXT,
            "image": an_object({"url": TEXT, "crop": _CROP}),
            "metadata": {"type": "object"},
        }
    ),
    "OneObjectV1": in_response(object=schema_of("ObjectV1")),
    "AddedObjectsV1": in_response(objects=many(schema_of("ObjectV1"))),
    "ObjectsV1": in_response(objects=many(schema_of("ObjectV1")), next_key=_NEXT_KEY),
    "DeletedObjectV1": in_response(object=an_object({"gid": TEXT})),
    "ResultsV1": in_response(results=many(an_object({"object": schema_of("ObjectV1")}))),
    "PredictionV1": an_object(
        {
            "gid": TEXT,
            "status": schema_of("Description"),
            "data": an_object(
                {
                    "tags": many(an_object({"name": TEXT, "confidence": SHARE})),
                    "detections": many(an_object({"bbox": _CROP})),
                },
                [],
            ),
        },
        ["gid", "status"],
    ),
    "OnePredictionV1": in_response(prediction=schema_of("PredictionV1")),
    "QueuedPredictionsV1": in_response(predictions=many(schema_of("PredictionV1"))),
    "PredictedV1": {"anyOf": [schema_of("OnePredictionV1"), schema_of("QueuedPredictionsV1")]},
    "PredictionsV1": in_response(predictions=many(schema_of("PredictionV1")), next_key=_NEXT_KEY),
    "UsageV1": in_response(usage=_MONTHS),
}
"""v1, as its public clients used it."""
