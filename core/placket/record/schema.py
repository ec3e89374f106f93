"""The published JSON Schema of a record, derived from the record's own declarations."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from .claim import Alternative, Claim, Method, Source
from .codec import RECORD_SCHEMA
from .fields import RecordField
from .record import RECORD_FIELDS, keys_of_path
from .values import Color

Schema = dict[str, Any]

_ANYTHING: Schema = {}
_SCORE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_SIMPLE: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    Decimal: {"type": "string", "pattern": "^[+-]?[0-9]*[.]?[0-9]+(E[+-]?[0-9]+)?$"},
    Any: _ANYTHING,
}
_TERM: Schema = {
    "type": "object",
    "description": "One value of the vocabulary.",
    "properties": {
        "id": {"type": "string"},
        "gid": {"type": ["string", "null"], "description": "Its Shopify global id, where it has one."},
        "label": {"type": "string"},
    },
    "required": ["id", "gid", "label"],
}


def record_schema() -> Schema:
    """Give the JSON Schema (draft 2020-12) of what `record_to_json` writes.

    Readers should ignore members that they do not know: later versions, and the command line, add some.
    """
    definitions: dict[str, Schema] = {"Term": _TERM}
    properties: dict[str, Any] = {
        "schema": {"const": RECORD_SCHEMA},
        "id": {"type": "string", "description": "The garment's id."},
    }
    for spec in RECORD_FIELDS.values():
        _place(properties, spec, definitions)
    for kind in (Source, Alternative):
        _object(kind, definitions)
    definitions |= {"Provenance": _provenance(), "Cited": _cited(), "Claim": _claim()}
    properties["provenance"] = {
        "type": "object",
        "description": "JSON pointer of a field -> where its value comes from.",
        "propertyNames": {"pattern": "^/"},
        "additionalProperties": _reference("Provenance"),
    }
    properties["unknown_words"] = {
        "type": "array",
        "description": "Words of the sources that the vocabulary does not have.",
        "items": {
            "type": "object",
            "properties": {"field": _SIMPLE[str], "raw": _ANYTHING, "provider": _SIMPLE[str]},
            "required": ["field", "raw", "provider"],
        },
    }
    properties["claims"] = {
        "type": "array",
        "description": "Every claim, where the record was written with its claims.",
        "items": _reference("Claim"),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": RECORD_SCHEMA,
        "title": "Garment record",
        "type": "object",
        "properties": properties,
        "required": ["schema", "id", "provenance"],
        "$defs": dict(sorted(definitions.items())),
    }


def _place(properties: dict[str, Any], spec: RecordField[Any], definitions: dict[str, Schema]) -> None:
    """Put a field where `record_to_json` does."""
    *parents, last = keys_of_path(spec.path)
    for parent in parents:
        properties = properties.setdefault(parent, {"type": "object", "properties": {}})["properties"]
    one = _of_type(spec.value_type, definitions)
    if spec.many:
        shown: Schema = {"type": "array", "items": one}
    elif spec.keyed:
        shown = {"type": "object", "additionalProperties": one}
    else:
        shown = dict(one)
    properties[last] = {"description": spec.doc, **shown}


def _of_type(kind: Any, definitions: dict[str, Schema]) -> Schema:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_of_type(part, definitions) for part in parts]}
    if origin is tuple and parts[-1] is Ellipsis:
        return {"type": "array", "items": _of_type(parts[0], definitions)}
    if origin is tuple:
        items = [_of_type(part, definitions) for part in parts]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of_type(parts[1], definitions)}
    return _object(kind, definitions)


def _object(kind: type, definitions: dict[str, Schema]) -> Schema:
    """Define a class as `value_to_json` writes it: what has a default may be left out."""
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        hints = typing.get_type_hints(kind)
        fields = inspect.signature(kind).parameters.values()
        parts = {one.name: _of_type(hints[one.name], definitions) for one in fields}
        required = [one.name for one in fields if one.default is one.empty]
        if kind is Color:
            # A colour is written as its term, with what was measured beside it.
            del parts["term"]
            parts, required = {**_TERM["properties"], **parts}, _TERM["required"]
        definitions[name] = {
            "type": "object",
            "description": _summary(kind),
            "properties": parts,
            "required": required,
        }
    return _reference(name)


def _summary(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _provenance() -> Schema:
    return {
        "type": "object",
        "description": "How the claims of one field became its value.",
        "properties": {
            "value": _ANYTHING,
            "score": {**_SCORE, "description": "How sure the evidence makes the value."},
            "conflict": {**_SIMPLE[bool], "description": "Whether independent sources contradict each other."},
            "policy": {**_SIMPLE[str], "description": "The policy that decided."},
            "support": {"type": "array", "items": _reference("Cited")},
            "dissent": {"type": "array", "items": _reference("Cited")},
        },
        "required": ["value", "score", "conflict", "policy", "support", "dissent"],
    }


def _cited() -> Schema:
    return {
        "type": "object",
        "description": "A claim in short.",
        "properties": {
            "claim": {**_SIMPLE[str], "description": "The claim's id."},
            "provider": _SIMPLE[str],
            "method": {"enum": [str(method) for method in Method]},
            "value": _ANYTHING,
            "confidence": {"anyOf": [_SCORE, {"type": "null"}]},
            "raw": _ANYTHING,
            "lineage": {**_SIMPLE[str], "description": "The model or vendor behind the provider."},
        },
        "required": ["claim", "provider", "method", "value", "confidence"],
    }


def _claim() -> Schema:
    return {
        "type": "object",
        "description": _summary(Claim),
        "properties": {
            "id": _SIMPLE[str],
            "field": _SIMPLE[str],
            "value": {"description": "Canonical; null for a word that the vocabulary does not have."},
            "source": _reference("Source"),
            "method": {"enum": [str(method) for method in Method]},
            "raw": {"description": "The source's own word or number, untouched."},
            "raw_unit": _SIMPLE[str],
            "confidence": _SCORE,
            "raw_confidence": _SIMPLE[str],
            "alternatives": {"type": "array", "items": _reference("Alternative")},
            "path": {**_SIMPLE[str], "description": "Where in the source's answer it was found."},
            "generated": {**_SIMPLE[bool], "description": "Whether a model wrote the text."},
            "observed_at": _SIMPLE[datetime],
        },
        "required": ["id", "field", "value", "source", "method"],
        "additionalProperties": False,
    }
