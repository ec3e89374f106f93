"""From TOML's plain values to attrs classes: strictly, and with every problem told in an operator's words.

Nothing is converted that was not written: ``"2"`` is not 2, true is not 1, 2.0 is not 2. A whole number is accepted
for a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
from attrs import frozen
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.errors import AttributeValidationNote, ForbiddenExtraKeysError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, override

from ..errors import ConfigError, PlacketError
from ..registry.settings import (
    Bounds,
    ByteSize,
    Duration,
    Rate,
    Secret,
    Url,
    parse_byte_size,
    parse_duration,
    parse_url,
)
from ..registry.suggestions import did_you_mean
from . import plain_values as plain
from .secrets import SecretReader

UNKNOWN_KEY = "there is no such key"

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]


@frozen
class Problem:
    """One thing that is wrong, and where: ``providers.here.weight``."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class SettingTypeError(Exception):
    """A settings class has a field of a type that no setting has: its author's fault, not the operator's."""


class Structurer:
    """Structures plain values as one configuration needs it."""

    def __init__(self, secrets: SecretReader) -> None:
        self._folder = secrets.folder or Path()
        self._converter = Converter(forbid_extra_keys=True)
        scalars: dict[Any, Callable[[Any], Any]] = {
            bool: plain.boolean,
            int: plain.whole_number,
            float: plain.number,
            str: plain.text,
            Decimal: lambda value: Decimal(str(plain.number(value))),
            Path: lambda value: self._folder / plain.path(plain.text(value)),
            Duration: lambda value: parse_duration(plain.text(value, 'a duration in quotes, as "60s"')),
            ByteSize: lambda value: parse_byte_size(plain.text(value, 'a size in quotes, as "10 MB"')),
            Rate: lambda value: Rate.parse(plain.text(value, 'a rate in quotes, as "6/minute"')),
            Url: lambda value: parse_url(plain.text(value)),
            Secret: secrets.read,
        }
        self._scalars = frozenset({*scalars, Any, object})
        for kind in (bool, int, float, str, Decimal, Path, Rate, Secret):
            self._converter.register_structure_hook(kind, _scalar_hook(scalars[kind]))
        factories: list[tuple[Callable[[Any], bool], Callable[[Any], Hook]]] = [
            (lambda kind: kind in (Duration, ByteSize, Url), lambda kind: _scalar_hook(scalars[kind])),
            (lambda kind: kind in (Any, object), lambda _: _scalar_hook(plain.frozen_copy)),
            (_is_choice, lambda _: _chosen),
            (_is_union, self._union_hook),
            (_is_tuple, self._tuple_hook),
            (_is_mapping, self._mapping_hook),
            (lambda kind: attrs.has(kind) and kind is not Rate, self._class_hook),
        ]
        for applies, factory in reversed(factories):
            self._converter.register_structure_hook_factory(applies, factory)

    def structure(self, value: object, kind: type[T], path: str = "") -> tuple[T | None, list[Problem]]:
        """The value as ``kind`` and no problem, or None and every problem."""
        try:
            return self._converter.structure(value, kind), []
        except Exception as error:
            problems = list(_problems(error, path))
            if not problems:
                raise
            return None, problems

    def _hook(self, kind: Any) -> Hook:
        return self._converter.get_structure_hook(kind)

    def _class_hook(self, kind: type) -> Hook:
        attrs.resolve_types(kind)
        fields = attrs.fields(kind)
        rest = next((field.name for field in fields if field.metadata.get("rest")), None)
        overrides: dict[str, Any] = {}
        for field in fields:
            if field.metadata.get("internal") or field.name == rest:
                overrides[field.name] = override(omit=True)
                continue
            if not self._is_known(field.type):
                what = f"is a {_type_name(field.type)}, and no setting is" if field.type else "has no type"
                raise SettingTypeError(
                    f"{field.alias} {what}; write {field.alias}: TYPE = setting(...), with a type such as str or "
                    "float, or with Secret, Url, Duration, ByteSize or Rate of placket.registry"
                )
            if isinstance(field.metadata.get("bounds"), Bounds):
                overrides[field.name] = override(struct_hook=self._bounded(field))
        structure: Hook = make_dict_structure_fn(
            kind,
            self._converter,
            _cattrs_forbid_extra_keys=rest is None,
            _cattrs_detailed_validation=True,
            _cattrs_use_alias=True,
            **overrides,
        )
        own = {field.alias for field in fields if field.name != rest}

        def from_table(value: Any, kind: Any) -> Any:
            plain.table(value)
            built = structure(value, kind)
            if rest is None:
                return built
            return attrs.evolve(
                built, **{rest: plain.frozen_copy({key: value[key] for key in value if key not in own})}
            )

        return from_table

    def _is_known(self, kind: Any) -> bool:
        """Whether a setting may be of a type. cattrs knows more of them, and would convert what was written."""
        if _is_tuple(kind) or _is_mapping(kind) or _is_union(kind):
            return all(member in (NoneType, Ellipsis) or self._is_known(member) for member in get_args(kind))
        return kind in self._scalars or _is_choice(kind) or attrs.has(kind)

    def _bounded(self, field: attrs.Attribute[Any]) -> Hook:
        hook = self._hook(field.type)
        bounds: Bounds = field.metadata["bounds"]

        def within(value: Any, kind: Any) -> Any:
            result = hook(value, kind)
            bounds.check(result)
            return result

        return within

    def _tuple_hook(self, kind: Any) -> Hook:
        arguments = get_args(kind)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            each = self._hook(arguments[0])
            return lambda value, _kind: tuple(
                _collect(enumerate(plain.sequence(value)), lambda _: (each, arguments[0])).values()
            )
        hooks = [(self._hook(argument), argument) for argument in arguments]

        def of_length(value: Any, _kind: Any) -> Any:
            if len(plain.sequence(value)) != len(hooks):
                raise ConfigError(f"must be a list of {len(hooks)}")
            return tuple(_collect(enumerate(value), lambda index: hooks[index]).values())

        return of_length

    def _mapping_hook(self, kind: Any) -> Hook:
        _, member = get_args(kind)
        hook = self._hook(member)
        return lambda value, _kind: MappingProxyType(_collect(plain.table(value).items(), lambda _: (hook, member)))

    def _union_hook(self, kind: Any) -> Hook:
        members = [member for member in get_args(kind) if member is not NoneType]
        optional = NoneType in get_args(kind)

        def one_of(value: Any, _kind: Any) -> Any:
            if value is None and optional:
                return None
            fitting = [member for member in members if _shape_of_type(member) == _shape(value)] or members
            refused: list[str] = []
            for member in fitting:
                try:
                    return self._converter.structure(value, member)  # found late: a route may hold routes
                except ConfigError as error:
                    refused.append(error.message)
            raise ConfigError(", or ".join(dict.fromkeys(refused)))

        return one_of


def _collect(pairs: Iterable[tuple[Any, Any]], hook_of: Callable[[Any], tuple[Hook, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    errors: list[Exception] = []
    for key, value in pairs:
        hook, kind = hook_of(key)
        try:
            found[key] = hook(value, kind)
        except Exception as error:
            error.add_note(IterableValidationNote(f"at {key}", key, kind))
            errors.append(error)
    if errors:
        raise IterableValidationError("wrong members", errors, dict)
    return found


def _problems(error: BaseException, path: str) -> Iterable[Problem]:
    if isinstance(error, ClassValidationError | IterableValidationError):
        for cause in error.exceptions:
            yield from _problems(cause, _below(path, cause))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [field.alias for field in attrs.fields(error.cl) if not field.metadata.get("internal")]
        for key in sorted(error.extra_fields, key=str):
            yield Problem(join(path, key), f"{UNKNOWN_KEY}{did_you_mean(str(key), known)}")
    elif isinstance(error, KeyError):
        yield Problem(join(path, error.args[0]) if not _noted(error) else path, "is missing")
    elif isinstance(error, ConfigError):
        yield Problem(join(path, error.path) if error.path else path, error.message)
    elif isinstance(error, ValueError | TypeError | PlacketError):
        # Raised by a validator of a settings class; attrs' own put the message first and the parts after it.
        yield Problem(path, str(error.args[0]) if error.args else "is not accepted")


def _noted(error: BaseException) -> list[Any]:
    notes = getattr(error, "__notes__", ())
    return [note for note in notes if isinstance(note, AttributeValidationNote | IterableValidationNote)]


def _below(path: str, cause: BaseException) -> str:
    for note in _noted(cause):
        return join(path, note.name if isinstance(note, AttributeValidationNote) else note.index)
    return path


def join(path: str, key: object) -> str:
    """The path of something within ``path``: by its key, or by its place in a list as ``targets[0]``."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _scalar_hook(read: Callable[[Any], Any]) -> Hook:
    # cattrs looks for a class and its bases first, so that a StrEnum arrives where str is read.
    return lambda value, kind: _chosen(value, kind) if _is_choice(kind) else read(value)


def _type_name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)


def _is_choice(kind: Any) -> bool:
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum))


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _chosen(value: Any, kind: Any) -> Any:
    choices = get_args(kind) or tuple(member.value for member in kind)
    if not any(value == choice and type(value) is type(choice) for choice in choices):
        listed = ", ".join(f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in choices)
        hint = did_you_mean(value, map(str, choices)) if isinstance(value, str) else ""
        raise ConfigError(f"must be one of {listed}{hint}")
    return value if get_args(kind) else kind(value)


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "table"
    return "list" if isinstance(value, list | tuple) else "scalar"


def _shape_of_type(kind: Any) -> str:
    if kind is Secret or _is_mapping(kind) or attrs.has(kind):
        return "table" if kind is not Rate else "scalar"
    return "list" if _is_tuple(kind) else "scalar"
