"""The vendor's words and shapes, as both versions of its protocol use them. Nothing here knows Placket's record.

Version 0 is the vendor's page, http://api.threadgenius.co/v0; of version 1 only parts are known, from
http://docs.threadgenius.co/ and old clients. Decoding takes every value as it comes: numbers may be texts, and what is
optional may be missing or null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import field, frozen

BASE_URLS: Mapping[str, str] = {
    "v0": "https://api.threadgenius.co/v0",
    "v1": "https://api.threadgenius.co/v1",
}
"""The page writes v0 with http; a secret is sent encrypted only, and the same host serves v1 over https."""

NEW, UPLOADING, UPLOAD_DONE, UPLOAD_ERROR = "new", "uploading", "upload done", "upload error"
INDEXING, INDEX_IN_PROGRESS, INDEX_ERROR = "indexing", "index in progress", "index error"
READY_FOR_QUERY = "ready for query"

COLOR = "color"
"""A type of label; its names repeat it, as in ``color charcoal``."""


@frozen
class Label:
    """What a picture is tagged with. ``rest`` are the keys that the page does not name."""

    name: str
    kind: str = ""
    confidence: Any = None
    rest: Mapping[str, Any] = field(factory=dict)


@frozen
class Box:
    """A garment found in a picture; ``corners`` are left, top, right, bottom, in pixels (v0) or fractions (v1)."""

    corners: tuple[float, ...]
    category: str = ""
    score: float | None = None


@frozen
class Similar:
    """One result of a search. ``distance``: smaller is nearer; its range is not known."""

    id: str
    url: str = ""
    distance: float | None = None
    metadata: Mapping[str, Any] = field(factory=dict)


@frozen
class Catalog:
    """A catalog, with whatever the answer at hand says about it."""

    id: str
    name: str = ""
    status: str = ""
    total: int | None = None
    indexed: int | None = None
    errors: tuple[str, ...] = ()
    created: datetime | None = None


@frozen
class Stored:
    """An item as a catalog of v1 holds it. ``gid`` is the vendor's id of it, ``id`` the caller's where it has one."""

    gid: str
    id: str
    url: str
    metadata: Mapping[str, Any]


@frozen
class Use:
    """What was used in a month, by kind of call."""

    month: str
    kind: str
    calls: int | None
    images: int | None


def label(said: Mapping[str, Any]) -> Label:
    """Read an element of ``labels`` (v0) or ``tags`` (v1, where they have no type)."""
    rest = {key: value for key, value in said.items() if key not in ("name", "type", "confidence")}
    return Label(text(said.get("name")), text(said.get("type")), said.get("confidence"), rest)


def box(said: Mapping[str, Any]) -> Box:
    """Read an element of ``boxes`` (v0) or ``detections`` (v1); raises ValueError for one whose box is none."""
    corners = said.get("bbox")
    numbers = [number(corner) for corner in corners] if isinstance(corners, list) else []
    known = tuple(corner for corner in numbers if corner is not None)
    if len(numbers) != 4 or len(known) != 4 or known[0] > known[2] or known[1] > known[3]:
        raise ValueError("a box is not left, top, right, bottom")
    return Box(known, text(said.get("category")), number(said.get("score")))


def similar(said: Mapping[str, Any]) -> Similar:
    """Read an element of ``similars``."""
    return Similar(
        text(said.get("iid")), text(said.get("url")), number(said.get("distance")), metadata(said.get("metadata"))
    )


def catalog(said: Mapping[str, Any]) -> Catalog:
    """Read a catalog of v0; raises ValueError when it has no id. Both spellings of the total are the vendor's."""
    catalog_id = text(said.get("catalog_id"))
    if not catalog_id:
        raise ValueError("a catalog has no catalog_id")
    total = whole(said.get("num_images_total"))
    return Catalog(
        catalog_id,
        text(said.get("name")),
        text(said.get("status")),
        whole(said.get("num_total_images")) if total is None else total,
        whole(said.get("num_images_indexed")),
        error_log(said.get("error_log")),
        moment(said.get("date_created")),
    )


def usage(said: Mapping[str, Any]) -> Iterator[Use]:
    """Read ``usage``: months, which are not zero-padded and come in any order, of kinds of calls, of counts.

    What has no counts is none of them.
    """
    for month, kinds in said.items():
        for kind, counts in (kinds if isinstance(kinds, dict) else {}).items():
            if isinstance(counts, dict) and {"num_calls", "num_images"} & set(counts):
                yield Use(padded(month), kind, whole(counts.get("num_calls")), whole(counts.get("num_images")))


def padded(month: str) -> str:
    """Turn ``2017-1`` into ``2017-01``; anything else stays as it is."""
    year, hyphen, number_of_month = month.partition("-")
    return f"{year}-{number_of_month.zfill(2)}" if hyphen and number_of_month.isdecimal() else month


def metadata(said: Any) -> Mapping[str, Any]:
    """An item's metadata, which is the caller's own JSON; what is no object gets the key ``metadata``."""
    if isinstance(said, str):
        try:
            decoded = json.loads(said)
        except (ValueError, RecursionError):
            decoded = None
        said = decoded if isinstance(decoded, dict) else said
    if isinstance(said, dict):
        return said
    return {} if said in (None, "") else {"metadata": said}


def error_log(said: Any) -> tuple[str, ...]:
    """The error log, which the page never shows: a text of lines, a list, or something else."""
    if isinstance(said, str):
        return tuple(line.strip() for line in said.splitlines() if line.strip())
    if isinstance(said, list):
        return tuple(line if isinstance(line, str) else json.dumps(line) for line in said if line)
    return (json.dumps(said),) if said else ()


def moment(said: Any) -> datetime | None:
    """A time as in ``2016-12-12 09:24:54.301953+00:00``, in UTC where it names no zone; None for anything else."""
    try:
        found = datetime.fromisoformat(said.strip())
    except (ValueError, AttributeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def text(said: Any) -> str:
    """A text, or a number as its text; empty for everything else."""
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return ""
    return str(said).strip()


def number(said: Any) -> float | None:
    """A finite number, or a text that is one; None for everything else."""
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    try:
        found = float(said)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < float("inf") else None


def whole(said: Any) -> int | None:
    """A whole number that counts something; None for everything else."""
    found = number(said)
    return int(found) if found is not None and found >= 0 and found.is_integer() else None


def objects(said: Any) -> Sequence[Mapping[str, Any]]:
    """The objects in a list, or the one object in place of a list; null is empty. Raises ValueError for the rest."""
    if not isinstance(said, dict | list | None):
        raise ValueError("the answer has no list where one was expected")
    listed = [one for one in (said if isinstance(said, list) else [said]) if one is not None]
    if not all(isinstance(one, dict) for one in listed):
        raise ValueError("the answer has a list of something else where a list of objects was expected")
    return listed
