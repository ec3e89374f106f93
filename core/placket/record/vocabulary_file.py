"""The format of ``vocabulary.toml``: from a document to the values that it defines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from ..errors import InvalidInput
from .terms import Term
from .values import Lab

_KEYS = {"gid": int, "label": str, "aliases": list, "broader": str, "lab": list, "google": int}
_KIND_NAMES = {int: "a whole number", str: "a text", list: "a list"}


@frozen
class Definition:
    """One value as it was written down: ``term`` does not know yet what lies above it."""

    where: str
    term: Term
    broader: str | None
    aliases: tuple[str, ...]
    lab: Lab | None
    google: int | None = None


def parsed(text: str, origin: str) -> tuple[str, Iterable[Definition]]:
    """The version of a document in the format of ``vocabulary.toml``, and what it defines."""
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{origin}: not a TOML document: {error}") from error
    version = document.pop("version", None)
    if not isinstance(version, str):
        raise InvalidInput(f'{origin}: version: missing or not a text; write version = "2026.11"')
    return version, _definitions(document, origin)


def _definitions(document: Mapping[str, Any], origin: str) -> Iterator[Definition]:
    """Check the types of what a document says, and give it value by value."""
    for attribute, table in document.items():
        if not isinstance(table, dict):
            raise InvalidInput(f"{origin}: {attribute}: must be a table of values, as in [{attribute}]")
        for term_id, entry in table.items():
            where = f"{origin}: {attribute}.{term_id}"
            _check_entry(entry, where)
            yield _definition(attribute, term_id, entry, where)


def _check_entry(entry: Any, where: str) -> None:
    if not isinstance(entry, dict):
        raise InvalidInput(f"{where}: must be a table, as in {{ label = ... }}")
    for key, value in entry.items():
        if key not in _KEYS:
            raise InvalidInput(f"{where}: unknown key {key!r}; known: {', '.join(_KEYS)}")
        if type(value) is not _KEYS[key]:
            raise InvalidInput(f"{where}.{key}: must be {_KIND_NAMES[_KEYS[key]]}, not {value!r}")
    if "label" not in entry:
        raise InvalidInput(f"{where}: has no label")
    if not all(isinstance(alias, str) for alias in entry.get("aliases", ())):
        raise InvalidInput(f"{where}.aliases: must be a list of texts")


def _definition(attribute: str, term_id: str, entry: Mapping[str, Any], where: str) -> Definition:
    gid, broader = entry.get("gid"), entry.get("broader")
    if attribute == "category" and not term_id.startswith("x:"):
        # The taxonomy's own ids say it all: aa-1-4 is a part of aa-1.
        gid = f"gid://shopify/TaxonomyCategory/{term_id}"
        broader = broader or term_id.rpartition("-")[0] or None
    elif gid is not None:
        gid = f"gid://shopify/TaxonomyValue/{gid}"
    return Definition(
        where,
        Term(attribute, term_id, entry["label"], gid),
        broader,
        tuple(entry.get("aliases", ())),
        tuple(entry["lab"]) if "lab" in entry else None,
        entry.get("google"),
    )
