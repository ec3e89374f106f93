"""The vendor's protocol as its pages tell it: addresses, keys, words. Nothing here knows Placket's record.

The page: https://docs.autoretouch.com/api/ai-shoot/. It shows what is sent and not one answer, so answers are read in
every shape that the vendor's other endpoints have, or that is usual. Login and upload are described by the pages
``/api/authentication/`` and ``/api/images/`` beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from placket.transport import path_segment

BASE_URL = "https://api.autoretouch.com"
AUTH_URL = "https://auth.autoretouch.com"
DEVICE_CODE = "/oauth/device/code"
TOKEN = "/oauth/token"  # noqa: S105 - a path
SCOPE = "offline_access"

UPLOAD = "/upload"
"""The page's. An older client of the vendor's uses ``/v1/upload``."""

SKUS = "/ai-shoot/skus"
GLOBAL_SKUS = "/ai-shoot/skus/global"

SKU_CATEGORIES = ("top", "bottom", "outfit", "socks", "shoes", "hats")
GENDERS = ("male", "female")

PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/tiff", "image/webp"})
LARGEST_SIDE = 10_000
"""Pixels; the page about images. What is larger than 4,096 x 4,096 is scaled down there."""
SMALLEST_SIDE, LARGEST_FILE = 1_500, 7_000_000
"""Pixels and bytes; the page about AI Shoot's input: "1.5K" and "7 MB"."""

ID_KEYS = ("skuId", "id")
LIST_KEYS = ("entries", "data", "items", "content", "results", "skus")
TOTAL_KEYS = ("total", "totalElements", "count")
WRAPPERS = ("sku", "data", "entry", "item", "result")
HASH_KEYS = ("contentHash", "hash", "id")
CREATED, UPDATED = "createdAt", "updatedAt"

RESULT_IDS = ("id", "resultId")
RESULT_SKUS = ("skuId", "sku")
RESULT_STATES = ("status", "state")
RESULT_TYPES = ("shotType", "type")
RESULT_ADDRESSES = ("imageUrl", "resultUrl", "url", "resultPath", "path", "image")
RESULT_HASHES = ("resultContentHash", "contentHash")

_IDENTIFIER = re.compile(r"[\w.:+/=-]{1,200}")
_DEPTH = 3


def sku_path(sku_id: str) -> str:
    """Where one SKU is written and deleted. There is nowhere to read one."""
    return f"{SKUS}/{path_segment(sku_id)}"


def results_path(brief: int) -> str:
    """Where the results of a brief are."""
    return f"/ai-shoot/briefs/{brief}/results"


@frozen
class Listed:
    """One page of a list: its members as they came, and how many there are in all, if that is said."""

    members: Sequence[Any]
    total: int | None = None

    @classmethod
    def of(cls, document: Any, depth: int = _DEPTH) -> Listed | None:
        """Read a bare array, or an object that holds one; None when there is no list."""
        if isinstance(document, list):
            return cls(document)
        if not isinstance(document, dict) or not depth:
            return None
        total = next((count for key in TOTAL_KEYS if (count := number(document.get(key))) is not None), None)
        held = [document[key] for key in LIST_KEYS if key in document]
        for value in held:
            if isinstance(value, list):
                return cls(value, total)
        for value in held:
            if (inner := cls.of(value, depth - 1)) is not None:
                return inner if inner.total is not None else evolve(inner, total=total)
        return cls((), total) if total == 0 or (held and not any(held)) else None


def identifier(member: Any, keys: Sequence[str] = ID_KEYS) -> str:
    """The id of something in an answer, whether it came as text or number; empty when it has none."""
    if isinstance(member, dict):
        for key in keys:
            value = member.get(key)
            if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
                return str(value).strip()
    return ""


def created(body: bytes) -> dict[str, Any] | None:
    """The SKU in the answer to its creation: an object, one inside another, or an id alone; None for anything else."""
    document = _decoded(body)
    if isinstance(document, dict):
        candidates = [document, *(document.get(key) for key in WRAPPERS)]
        return next((one for one in candidates if isinstance(one, dict) and identifier(one)), None)
    told = "" if isinstance(document, (bool, float, list)) or document is None else str(document)
    return {"id": told} if _IDENTIFIER.fullmatch(told) else None


def content_hash(body: bytes) -> str:
    """The identifier that an upload is answered with, as plain text or in JSON; empty when it is none."""
    document = _decoded(body)
    told = identifier(document, HASH_KEYS) if isinstance(document, dict) else document
    return told if isinstance(told, str) and _IDENTIFIER.fullmatch(told) else ""


def _decoded(body: bytes) -> Any:
    """JSON, or the plain text that the vendor's other endpoints answer with where others would send JSON."""
    text = body.decode(errors="replace").strip()
    try:
        # A hash of digits only is a text all the same.
        return text if text.isdigit() else json.loads(text)
    except (ValueError, RecursionError):
        return text


def text(value: Any) -> str | None:
    """A text that says something, without the blanks around it; a number counts as its text."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return str(value).strip() or None


def word(value: Any) -> str | None:
    """A word of one of the vendor's lists, which are in lower case."""
    found = text(value)
    return None if found is None else found.lower()


def flag(value: Any) -> bool | None:
    """A truth value, also where it came as a text."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def number(value: Any) -> int | None:
    """A whole number that is not negative, also where it came as a text."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    digits = str(value).strip()
    return int(digits) if digits.isdecimal() and len(digits) < 20 else None


def numbers(value: Any) -> list[int] | None:
    """A list of such numbers; None when a member is none."""
    if not isinstance(value, list):
        return None
    found = [number(member) for member in value]
    return None if None in found else [member for member in found if member is not None]


SKU_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "name": text,
    "frontImage": text,
    "backImage": text,
    "gender": word,
    "isInWardrobe": flag,
    "projectIds": numbers,
    "skuCategoryName": word,
}
"""The keys of a SKU that can be written, and how each is read."""

RESET_IF_OMITTED = ("isInWardrobe", "projectIds")
"""What the page says of an update: left out, the first becomes false and the second empty."""


def stated(sku: Mapping[str, Any]) -> dict[str, Any]:
    """What a SKU says of itself in an answer, in the form in which it is written; what it does not say is left out.

    What is of no form known here stays as it came: an update that left it out would take it away.
    """
    found = {key: _written(sku.get(key), read) for key, read in SKU_KEYS.items()}
    return {key: value for key, value in found.items() if value is not None}


def _written(raw: Any, read: Callable[[Any], Any]) -> Any:
    known = read(raw)
    return raw if known is None and raw and str(raw).strip() else known


def differing(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> list[str]:
    """The keys in which what is shown is not what was wanted; a key that is not shown tells nothing."""
    return [key for key, value in wanted.items() if key in shown and _comparable(value) != _comparable(shown[key])]


def _comparable(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, list) else value


def first_text(member: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The first text under one of the keys, or under the same keys of an object there; empty when there is none."""
    for key in keys:
        value = member.get(key)
        inner = value if isinstance(value, dict) else {}
        found = text(value) or next(filter(None, (text(inner.get(each)) for each in keys)), None)
        if found:
            return found
    return ""
