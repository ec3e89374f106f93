"""How vendors change their answers from one day to the next, as functions of JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
"""The keys that lead to a value; ``*`` stands for every item of a list."""

ADDED = {"x_placket_added": {"since": "2026-11", "list": [1, None, {"deep": True}], "text": "é"}}
NEVER_SEEN = "a-word-never-seen"


def with_added_keys(document: Any) -> Any:
    """Every object has one more key."""
    if isinstance(document, dict):
        return {**{key: with_added_keys(value) for key, value in document.items()}, **ADDED}
    return [with_added_keys(item) for item in document] if isinstance(document, list) else document


def with_numbers_as_text(document: Any) -> Any:
    """Every number is a text."""
    if isinstance(document, dict):
        return {key: with_numbers_as_text(value) for key, value in document.items()}
    if isinstance(document, list):
        return [with_numbers_as_text(item) for item in document]
    return str(document) if isinstance(document, int | float) and not isinstance(document, bool) else document


def paths_of(document: Any, before: Path = ()) -> Iterator[Path]:
    """Every place of a document that has a key, each once for all items of a list."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield (*before, key)
            yield from paths_of(value, (*before, key))
    elif isinstance(document, list):
        for item in document:
            yield from paths_of(item, (*before, "*"))


def without(document: Any, path: Path) -> Any:
    """The document without what is at the path."""
    return _changed(document, path, lambda parent, key: parent.pop(key, None))


def with_null(document: Any, path: Path) -> Any:
    """The document with null there."""
    return _changed(document, path, lambda parent, key: parent.update({key: None}))


def with_unknown_word(document: Any, path: Path) -> Any:
    """The document with a word there that the vendor never used before, where there was a text."""

    def change(parent: dict[str, Any], key: str) -> None:
        if isinstance(parent[key], str):
            parent[key] = NEVER_SEEN
        elif isinstance(parent[key], list):
            parent[key] = [NEVER_SEEN if isinstance(item, str) else item for item in parent[key]]

    return _changed(document, path, change)


def with_other_kind(document: Any, path: Path) -> Any:
    """The document with a value of another kind there: an object where there was none, a number where there was one."""

    def change(parent: dict[str, Any], key: str) -> None:
        parent[key] = 7 if isinstance(parent[key], dict | list) else {"value": parent[key]}

    return _changed(document, path, change)


def _changed(document: Any, path: Path, change: Callable[[dict[str, Any], str], Any]) -> Any:
    first, *rest = path
    if isinstance(document, list) and first == "*":
        return [_changed(item, tuple(rest), change) for item in document]
    if not isinstance(document, dict) or first not in document:
        return document
    copy = dict(document)
    if rest:
        copy[first] = _changed(copy[first], tuple(rest), change)
    else:
        change(copy, first)
    return copy


EVERYWHERE: Mapping[str, Callable[[Any], Any]] = {
    "added-keys": with_added_keys,
    "numbers-as-text": with_numbers_as_text,
}
"""Changes that a provider must not even notice."""

ONE_BY_ONE: Mapping[str, Callable[[Any, Path], Any]] = {
    "missing-keys": without,
    "nulls": with_null,
    "unknown-words": with_unknown_word,
    "other-kinds": with_other_kind,
}
"""Changes that a provider may answer with an error of Placket, and with no other."""

CHANGES = (*EVERYWHERE, *ONE_BY_ONE)
