"""A configuration as TOML, for people to read: secrets are masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from placket.transport import Secret

_MASK = '"****"'
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SECRET_NAME = re.compile(r"key|secret|token|password|credential", re.IGNORECASE)


def toml_text(config: Mapping[str, Any]) -> str:
    """The configuration as a TOML document.

    A reference to a secret is written as it is; a secret itself, or a plain text where a secret belongs, is masked.
    """
    return "\n".join(_table(config, ())).strip() + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    values = {name: value for name, value in table.items() if not _is_table(value)}
    if path and (values or not table):
        yield f"[{'.'.join(map(_key, path))}]"
    for name, value in values.items():
        yield f"{_key(name)} = {_masked(name, value)}"
    if values:
        yield ""
    for name, value in table.items():
        if _is_table(value):
            yield from _table(value, (*path, name))


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and not _is_reference(value)


def _is_reference(value: Mapping[Any, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in ("env", "file", "keyring")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name)


def _masked(name: str, value: Any) -> str:
    if isinstance(value, str) and _SECRET_NAME.search(name):
        return _MASK
    return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, Secret):
        return _MASK
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {_masked(name, each)}" for name, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    # A JSON string is a TOML basic string, DEL apart.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
