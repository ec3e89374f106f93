"""TOML's plain values, read strictly: each function gives the value, or raises ConfigError in an operator's words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any

from ..errors import ConfigError


def boolean(value: object) -> bool:
    """True or false, and nothing that could stand for it."""
    if not isinstance(value, bool):
        raise _refused(value, "true or false")
    return value


def whole_number(value: object) -> int:
    """A whole number, which true is not."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refused(value, "a whole number")
    return value


def number(value: object) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(value, "a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ConfigError("must be a finite number")
    return found


def text(value: object, wanted: str = "a text in quotes") -> str:
    """A text; ``wanted`` says in the error what it should be."""
    if not isinstance(value, str):
        raise _refused(value, wanted)
    return value


def path(text: str) -> Path:
    """A path, in which ``~`` is the home folder."""
    if "\0" in text:
        raise ConfigError("must be the path of a file or folder")
    if "://" in text:  # as a path it would be a file in a folder that is called "https:"
        raise ConfigError("must be the path of a file or folder, not an address")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ConfigError("begins with the home folder of somebody unknown; write the whole path") from None


def sequence(value: Any) -> Any:
    """A list."""
    if not isinstance(value, list | tuple):
        raise _refused(value, "a list in [brackets]")
    return value


def table(value: Any) -> Mapping[str, Any]:
    """A table, whose keys are texts."""
    if not isinstance(value, Mapping):
        raise _refused(value, "a table")
    for key in value:
        if not isinstance(key, str):
            raise ConfigError(f"the key {key!r} must be a text")
    return value


def frozen_copy(value: Any) -> Any:
    """A copy that nobody can change: tables and lists become read-only, everything else is as it was."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen_copy(member) for key, member in value.items()})
    return tuple(frozen_copy(member) for member in value) if isinstance(value, list | tuple) else value


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    names: tuple[tuple[type | UnionType, str], ...] = (
        (str, "a text"),
        (int, "a whole number"),
        (float, "a number with a decimal point"),
        (Mapping, "a table"),
        (list | tuple, "a list"),
        (date | time, "a date or time"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "something else")


def _refused(value: object, wanted: str) -> ConfigError:
    hint = "; remove the quotes" if isinstance(value, str) and "number" in wanted and _looks_numeric(value) else ""
    return ConfigError(f"must be {wanted}, not {_kind(value)}{hint}")


def _looks_numeric(text: str) -> bool:
    return text.strip().lstrip("+-").replace(".", "", 1).isdigit()
