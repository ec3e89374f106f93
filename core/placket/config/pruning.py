"""Plain values without what could not be read, so that the rest can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTHING: Any = object()
"""What is left where the whole was left out."""


def without(value: Any, path: str) -> Any:
    """The plain values without the one at ``path``; `NOTHING` when nothing is left.

    Where there is nothing at ``path``, because a required key is missing, the table around it is left out. A member of
    a list takes the whole list along, so that the paths of the others stay true.
    """
    if path and isinstance(value, Mapping):
        # Names may have dots in them, so the longest name that fits is meant.
        for key in sorted((key for key in value if isinstance(key, str)), key=len, reverse=True):
            if path == key or path.startswith((f"{key}.", f"{key}[")):
                left = without(value[key], path[len(key) :].removeprefix("."))
                return {
                    name: left if name == key else member
                    for name, member in value.items()
                    if name != key or left is not NOTHING
                }
    if path.startswith("[") and isinstance(value, list | tuple):
        place, _, below = path[1:].partition("]")
        left = without(value[int(place)], below.removeprefix("."))
        return left if left is NOTHING else [*value[: int(place)], left, *value[int(place) + 1 :]]
    return NOTHING
