"""What hosts hand over to be kept as it is: plain JSON, and nothing that an encoder would write as something else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from placket.errors import InvalidInput


def plain(value: Any, what: str) -> Any:
    """The same in lists and dicts; raises InvalidInput that says where in ``what`` there is something else.

    An encoder would write NaN as null, a key that is a number as a text, and stumble over what is nested too deep.
    """
    try:
        return _plain(value, ())
    except TypeError as error:
        raise InvalidInput(f"{what} cannot be stored, only plain JSON can: {error}") from error
    except RecursionError as error:
        raise InvalidInput(f"{what} cannot be stored, only plain JSON can: it is nested too deep") from error


def _plain(value: Any, place: tuple[str | int, ...]) -> Any:
    if isinstance(value, Mapping):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise TypeError(f"{_at(place)}the key {odd[0]!r:.60} is no text")
        return {key: _plain(inner, (*place, key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, (*place, number)) for number, inner in enumerate(value)]
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise TypeError(f"{_at(place)}{value!r:.60} is neither a text nor a number nor any other value of JSON")


def _at(place: tuple[str | int, ...]) -> str:
    return f"{'.'.join(map(str, place))}: " if place else ""
