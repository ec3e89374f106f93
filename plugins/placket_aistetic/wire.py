"""The vendor's protocol as its page tells it: addresses, headers, shapes, words. Nothing here knows Placket's record.

The page: https://api-docs.aistetic.com/docs/api/intro. The vendor releases two to four times a month and supports only
the latest version, so decoding takes every value as it comes, and what the page does not name is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec import Struct

BASE_URL = "https://api.aistetic.com/garment-tagging"
API_KEY_HEADER = "API-KEY"
DOMAIN_HEADER = "DOMAIN"
RATE_LIMIT = "6/minute"
"""The page's figure. It exempts neither endpoint, so both count."""

UPLOAD = "/upload"
QUERY = "/query"

QUEUING, PROCESSING, COMPLETE, FAILED = "queuing", "processing", "complete", "failed"
"""The processing status values. The page says that a query brings one of them, and shows no field that holds it."""

STATUS_PLACES = ("data.status", "data.state", "data.processing_status", "processing_status")
"""Where such a field may be: an assumption, because the page does not show it."""

DATA_KEYS = frozenset({"uuid", "annotated_img", "tag", "measurements", "description", "complete"})
ALTERNATIVES, CONFIDENCE = COMPANIONS = (" Alternatives", " Confidence")
"""What is added to the name of a tag for its companions."""


class Upload(Struct, frozen=True):
    """The body of ``POST /upload``. The picture goes as an address; there is no upload of bytes."""

    uuid: str
    image_url: str
    attribute: Mapping[str, str]


class Envelope(Struct, frozen=True):
    """What every answer is wrapped in. ``ok`` is None when the answer is no such envelope."""

    ok: bool | None
    data: Any
    errors: tuple[str, ...]
    message: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Envelope:
        """Read ``status``, ``data``, ``error`` and ``message``; the page calls ``error`` an array of messages."""
        error, message = document.get("error"), document.get("message")
        return cls(
            _flag(document.get("status")),
            document.get("data"),
            _errors(error) if error else (),
            message if isinstance(message, str) else "",
        )

    @property
    def complaint(self) -> str:
        """Why the vendor said no, in its own words."""
        return "; ".join(dict.fromkeys(filter(None, (self.message, *self.errors)))) or "it gives no reason"


class Tag(NamedTuple):
    """One attribute of a garment: ``X`` with its companions ``X Alternatives`` and ``X Confidence``, as they came."""

    name: str
    value: Any
    alternatives: Any = None
    confidence: Any = None


Family = tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Any]]
"""Names that belong together, and what gets their values out of a mapping."""


@lru_cache(64)
def families(names: tuple[str, ...]) -> list[Family]:
    """Put names together with the companions that they have, and those with theirs.

    Remembered, since the vendor gives the same names again and again.
    """
    members: dict[str | None, list[str]] = {}
    for name in sorted(names, key=len):  # the owner of a companion has a shorter name
        owner = name.rpartition(" ")[0] if name.endswith(COMPANIONS) else None
        family = members[name] = members.get(owner, [])
        family.append(name)
    distinct = {id(members[name]): tuple(members[name]) for name in names}
    return [(family, itemgetter(*family)) for family in distinct.values()]


def tags(tag: Mapping[str, Any]) -> Iterator[Tag]:
    """Put each attribute that says something together with its companions.

    What belongs to no such attribute comes as an attribute of its own, so that nothing gets lost.
    """
    taken: set[str] = set()
    for name in sorted(tag, key=len):
        if name not in taken and not says_nothing(tag[name]):
            alternatives, confidence = companions = [name + end for end in COMPANIONS]
            taken.update(companions)
            yield Tag(name, tag[name], tag.get(alternatives), tag.get(confidence))


def says_nothing(value: Any) -> bool:
    """Whether a value is one of the empty ones that stand for "not known (yet)"."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value == [] or value == {}


def is_complete(data: Mapping[str, Any]) -> bool | None:
    """Whether the other values are there; None when nothing tells.

    The flag says it. Where it is missing or no truth value, tags do, because while it is false there are none.
    """
    flag = _flag(data.get("complete"))
    return True if flag is None and data.get("tag") else flag


def processing_status(document: Mapping[str, Any], places: Sequence[str]) -> str:
    """The word for how far the processing is, from the first of the places that has a text; empty when none has."""
    for place in places:
        found: Any = document
        for part in _parts(place):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""


@lru_cache(64)
def _parts(place: str) -> list[str]:
    return place.split(".")


def _errors(error: Any) -> tuple[str, ...]:
    listed = error if isinstance(error, list) else [error]
    return tuple(one if isinstance(one, str) else json.dumps(one) for one in listed if one)


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None
