"""The JSON Schema of a configuration, for editors: read from the same classes as the configuration itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from ..record import RECORD_FIELDS
from ..registry.settings import Bounds, ByteSize, Duration, Rate, Secret, Url
from ..registry.types import ImageHostType, ProviderType, references
from .model import (
    INTERFACE_ROUTES,
    PRICED,
    STRATEGY_OPTIONS,
    Config,
    EnrichConfig,
    HttpConfig,
    ImageHostConfig,
    MergeConfig,
    ProviderConfig,
    Route,
)

Schema = dict[str, Any]

_REFERENCE: Schema = {
    "description": "Where the secret is; never the secret itself.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        "env": {"type": "string", "minLength": 1, "description": "An environment variable."},
        "file": {"type": "string", "minLength": 1, "description": "A file that holds the secret and nothing else."},
        "keyring": {"type": "string", "pattern": "^.+/[^/]+$", "description": "A keyring entry, as service/user."},
    },
}


def _any_case(word: str) -> str:
    """A pattern for a word: editors know no flag that makes all of one ignore the case."""
    return "".join(f"[{letter}{letter.upper()}]" for letter in word)


_UNITS = "|".join(map(_any_case, ("second", "minute", "hour", "day", "s", "m", "h", "d")))
_SCALARS: Mapping[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    str: {"type": "string"},
    Path: {"type": "string"},
    Url: {
        "type": "string",
        "pattern": f"^({_any_case('https')}://[^\\s?#@/]|{_any_case('http')}://({_any_case('localhost')}([:/]|$)|127\\.|\\[))"
        "[^\\s?#@]*$",
    },
    Duration: {
        "type": "string",
        "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([mM][sS]|[sSmMhHdD])\s*$",
        "examples": ["60s", "5m"],
    },
    ByteSize: {
        "type": "string",
        "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([kKmMgG][iI]?)?[bB]\s*$",
        "examples": ["10 MB", "512 KiB"],
    },
    Rate: {
        "type": "string",
        "pattern": r"^\s*(?=[0-9]*[1-9])[0-9]{1,7}\s*/\s*((?=[0-9.]*[1-9])[0-9]{1,7}(\.[0-9]{1,7})?)?\s*"
        f"({_UNITS})[sS]?\\s*$",
        "examples": ["6/minute", "10/5s"],
    },
    Secret: {"$ref": "#/$defs/Secret"},
}
_ALL_ZERO: Schema = {"pattern": r"^\s*[0.]+\s*[a-zA-Z]"}
_NAME: Schema = {"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$"}
_FIELD: Schema = {
    "type": "string",
    "anyOf": [
        {"enum": sorted({*RECORD_FIELDS, *(path.partition(".")[0] for path in RECORD_FIELDS)})},
        {"pattern": f"^({'|'.join(path for path, field in RECORD_FIELDS.items() if field.keyed)})\\..+$"},
    ],
}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_RULES: Mapping[type, Mapping[str, Schema]] = {
    ProviderConfig: {"cost": {"propertyNames": {"enum": list(PRICED)}}},
    Route: {"targets": {"minItems": 1}, "fields": {"items": _FIELD}},
    MergeConfig: {
        "fields": {"propertyNames": _FIELD},
        "calibration": {"additionalProperties": {"minItems": 1, "items": {"prefixItems": [_SHARE, _SHARE]}}},
    },
    HttpConfig: {"user_agent": {"pattern": "^[!-~]([ -~]*[!-~])?$"}},
    EnrichConfig: {"catalogs": {"items": {"pattern": "^[^/]+/[^/]+/."}}},
}
"""What loading checks beside the type and the bounds of a field, by class and field."""


def config_schema(provider_types: Iterable[ProviderType], image_hosts: Iterable[ImageHostType] = ()) -> Schema:
    """Make the JSON Schema (2020-12) of ``placket.toml``.

    The keys of a provider's table follow from its ``plugin``; a plugin that is not among ``provider_types`` may
    have any. What only the whole file can tell, such as whether a route's target exists, a schema cannot say;
    loading does.
    """
    definitions = _Definitions()
    schema = definitions.of_class(Config)
    providers = definitions.with_options(ProviderConfig, references(provider_types))
    schema["properties"]["providers"] = {
        "description": schema["properties"]["providers"]["description"],
        "type": "object",
        "minProperties": 1,
        "propertyNames": _NAME,
        "additionalProperties": providers,
    }
    # Named routes are offered for completion, and other names stay possible: they are parts of routes.
    schema["properties"]["routes"]["properties"] = {name: {"$ref": "#/$defs/Route"} for name in INTERFACE_ROUTES}
    schema["properties"]["routes"]["propertyNames"] = _NAME
    definitions.schemas["Route"]["allOf"] = _strategy_rules()
    definitions.schemas["ImageHostConfig"] = definitions.with_options(ImageHostConfig, references(image_hosts))
    schema["required"] = ["providers"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "placket.toml",
        **schema,
        "$defs": {"Secret": _REFERENCE, **definitions.schemas},
    }


def _strategy_rules() -> list[Schema]:
    every = frozenset[str]().union(*STRATEGY_OPTIONS.values())
    rules: list[Schema] = []
    for strategy, options in STRATEGY_OPTIONS.items():
        condition: Schema = {"properties": {"strategy": {"const": strategy.value}}}
        if strategy is not attrs.fields(Route).strategy.default:
            condition["required"] = ["strategy"]
        rules.append({"if": condition, "then": {"properties": dict.fromkeys(sorted(every - options), False)}})
    return rules


class _Definitions:
    """Collects the schema of every class that is met, each once."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self._names: dict[type, str] = {}

    def of_class(self, kind: type) -> Schema:
        """Describe the table that becomes an object of this class."""
        attrs.resolve_types(kind)
        fields = [each for each in attrs.fields(kind) if each.init and not {"internal", "rest"} & each.metadata.keys()]
        rules = _RULES.get(kind, {})
        schema: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {str(each.alias): _joined(self._of_field(each), rules.get(each.name, {})) for each in fields},
        }
        required = [str(each.alias) for each in fields if each.default is attrs.NOTHING]
        return {**schema, "required": required} if required else schema

    def with_options(self, kind: type, types: Mapping[str, Any]) -> Schema:
        """Describe a table whose ``plugin`` decides which other keys it has."""
        schema = self.of_class(kind)
        del schema["additionalProperties"]
        if types:
            schema["properties"]["plugin"]["examples"] = sorted(types)
        rules: list[Schema] = []
        for name, each in sorted(types.items()):
            options = self.of_class(each.settings)
            del options["additionalProperties"]
            rules.append({"if": _plugin({"const": name}), "then": options})
        rules.append({"if": {"not": _plugin({"enum": sorted(types)})}, "then": {"additionalProperties": True}})
        return {**schema, "allOf": rules, "unevaluatedProperties": False}

    def _of_field(self, field: attrs.Attribute[Any]) -> Schema:
        schema = dict(self._of_type(field.type))
        bounds = field.metadata.get("bounds")
        if isinstance(bounds, Bounds):
            schema = _bounded(schema, bounds)
        if doc := field.metadata.get("doc"):
            schema = {"description": doc, **schema}
        if isinstance(field.default, bool | int | float | str) and schema.get("type") in (
            "boolean",
            "integer",
            "number",
        ):
            schema["default"] = field.default
        return schema

    def _of_type(self, kind: Any) -> Schema:
        if kind in _SCALARS:
            return _SCALARS[kind]
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            members = [self._of_type(member) for member in arguments if member is not NoneType]
            return members[0] if len(members) == 1 else {"anyOf": members}
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin is tuple:
            if len(arguments) == 2 and arguments[1] is Ellipsis:
                return {"type": "array", "items": self._of_type(arguments[0])}
            length = len(arguments)
            items = [self._of_type(argument) for argument in arguments]
            return {"type": "array", "prefixItems": items, "minItems": length, "maxItems": length}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self._of_type(arguments[1])}
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"enum": [member.value for member in kind]}
        if isinstance(kind, type) and attrs.has(kind):
            return {"$ref": f"#/$defs/{self._defined(kind)}"}
        return {}

    def _defined(self, kind: type) -> str:
        if kind not in self._names:
            name = kind.__name__
            while name in self.schemas:
                name += "_"  # two plugins may each have a class of this name
            self._names[kind] = name
            self.schemas[name] = {}
            self.schemas[name].update(self.of_class(kind))
        return self._names[kind]


def _joined(schema: Schema, rules: Mapping[str, Any]) -> Schema:
    """The schema with further rules, key by key where both have one."""
    return {
        **schema,
        **{
            key: _joined(schema[key], rule) if isinstance(schema.get(key), dict) else rule
            for key, rule in rules.items()
        },
    }


def _plugin(condition: Schema) -> Schema:
    return {"properties": {"plugin": condition}, "required": ["plugin"]}


def _bounded(schema: Schema, bounds: Bounds) -> Schema:
    if bounds.above == 0 and "pattern" in schema:
        return {**schema, "not": _ALL_ZERO}
    if schema.get("type") in ("integer", "number"):
        limits = {"minimum": bounds.minimum, "maximum": bounds.maximum, "exclusiveMinimum": bounds.above}
        return {**schema, **{name: limit for name, limit in limits.items() if limit is not None}}
    if "anyOf" in schema:
        return {"anyOf": [_bounded(member, bounds) for member in schema["anyOf"]]}
    if isinstance(schema.get("additionalProperties"), dict):
        return {**schema, "additionalProperties": _bounded(schema["additionalProperties"], bounds)}
    if "items" in schema:
        return {**schema, "items": _bounded(schema["items"], bounds)}
    return schema
