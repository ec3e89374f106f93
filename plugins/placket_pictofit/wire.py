"""The vendor's protocol as its pages tell it: addresses, shapes, words. Nothing here knows Placket's record.

The page: https://docs.pictofit.com/content-service/latest/using-the-service. It shows one answer, "somewhat like" the
real one, and no error, so decoding takes every value as it comes, and what the page does not name is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

BASE_URL = "https://api.cs.pictofit.com/v1.5"
"""Of the latest version of the page; versions 1.5 and 1.5.1 name other hosts."""

TOKEN_URL = "https://rrauth.pictofit.com/connect/token"  # noqa: S105 - an address
CLIENT_ID = "contentserviceapi.service.client"
SCOPE = "openid contentserviceapi"
"""The login that the pages of version 1.6.2 describe."""

PRODUCT_TYPES = "/products/types"
PRODUCT = "/products/{product}"
PRODUCT_CONFIGURATIONS = "/products/{product}/configurations"
CONFIGURATION = "/configurations/{configuration}"
IMAGE_TYPES = "/files/types"
CALLBACK_TYPES = "/Customer/callbacks/types"
TRIGGER = "/customers/{customer}/callbacks/{type}/trigger/{id}"
"""As the pages write them, capital and singular included."""

FILES = "/files"
READY = "/configurations/{configuration}/ready"
CALLBACKS = "/customers/{customer}/callbacks/{type}"
"""Inferred: the page has lost the first part of these addresses."""

GARMENT_2D, FRONTAL, REFERENCE = "GARMENT_2D", "FRONTAL", "REFERENCE_ADDITIONAL"
PRODUCT_TYPE_IDS: Mapping[str, int] = {GARMENT_2D: 1}
IMAGE_TYPE_IDS: Mapping[str, int] = {FRONTAL: 1}
"""The ids of the page's examples; no other is known."""
ROLES: Mapping[str, str] = {"front": FRONTAL, "frontal": FRONTAL, "reference": REFERENCE}
IMAGE_NAMES: Mapping[str, str] = {FRONTAL: "frontal_image", REFERENCE: "reference_image"}
"""The first is the page's; names are arbitrary."""

MOBILE = "MOBILE"
"""The type of result that the web uses, too; WEB is the other known one."""

STATES: Mapping[str, str] = {
    "1": "queued",
    "2": "queued",
    "3": "running",
    "4": "succeeded",
    "5": "succeeded",
    "6": "failed",
}
"""Only 4 is shown, by a finished configuration. The others assume the order created, ready, in progress, finished,
approved, rejected."""

IMAGE_MEDIA_TYPES = ("image/jpeg", "image/png")

_ENVELOPES = ("items", "data", "types", "results", "configurations", "entries", "value")
_IDS = ("id", "typeId", "key")
_NAMES = ("name", "typeName", "type", "label", "title")
_URLS = ("url", "href", "downloadUrl", "fileUrl", "uri", "link", "file", "path")
_TYPES = ("type", "typeName", "resultType", "assetType", "kind")
_FILE_NAMES = ("name", "fileName", "filename", "title")
_LOOKS_LIKE_A_FILE = re.compile(r"(?:https?://|/)\S+|[^\s/:]+(?:/[^\s/:]+)*\.[A-Za-z0-9]{1,16}(?:\?\S*)?")
_NUMBER = re.compile(r"[0-9]{1,18}")
_DEEPEST = 5


@frozen
class Kind:
    """A type of product, image or callback. ``id`` is empty where the service gives only a name."""

    name: str
    id: str = ""


def kinds(document: Any) -> list[Kind] | None:
    """What a list of types says, None when it is none; the page shows no such list.

    Understood are objects with an id and a name, names alone, an object from name to id or from id to name, and any of
    them in an envelope.
    """
    if isinstance(document, dict):
        inner = _enveloped(document)
        if inner is not None:
            return kinds(inner)
        found = []
        for key, value in document.items():
            if not isinstance(value, str | int) or isinstance(value, bool):
                return None
            named, number = (str(value), key) if is_number(key) else (key, str(value))
            found.append(Kind(named, number))
        return found or None
    if not isinstance(document, list):
        return None
    listed = [_kind(one) for one in document]
    understood = [one for one in listed if one is not None]
    return understood if len(understood) == len(document) else None


def is_number(word: str) -> bool:
    """Whether a type is named by its number, as requests for it want it."""
    return _NUMBER.fullmatch(word) is not None


def _kind(one: Any) -> Kind | None:
    if isinstance(one, str):
        return Kind(one) if one.strip() else None
    if not isinstance(one, dict):
        return None
    number, name = _first(one, _IDS), _first(one, _NAMES)
    return Kind(name or number, number) if name or number else None


@frozen
class Configuration:
    """A size or colour of a product, as ``GET /products/{id}/configurations`` tells it. ``raw`` is all of it."""

    id: str
    name: str
    sku: str
    state: str
    product_type: str
    created_at: datetime | None
    modified_at: datetime | None
    url: str
    results: tuple[Result, ...]
    raw: Mapping[str, Any]


@frozen
class Result:
    """One finished file. ``url`` may be relative; ``type`` is MOBILE, WEB or another word; empty where not said."""

    url: str
    type: str = ""
    name: str = ""


def configurations(document: Any) -> list[Configuration] | None:
    """The configurations in an answer, which may be a list or a single one; None when it holds something else."""
    if isinstance(document, dict):
        inner = None if "id" in document else _enveloped(document)
        return configurations([document] if inner is None else inner)
    if not isinstance(document, list):
        return None
    found = [_configuration(one) for one in document]
    understood = [one for one in found if one is not None]
    return understood if len(understood) == len(document) else None


def _configuration(raw: Any) -> Configuration | None:
    if not isinstance(raw, dict) or not text(raw.get("id")):
        return None
    return Configuration(
        id=text(raw["id"]),
        name=text(raw.get("name")),
        sku=text(raw.get("sku")),
        state=text(raw.get("stateId")),
        product_type=text(raw.get("productTypeId")) or text(raw.get("typeId")),
        created_at=moment(raw.get("createdAt")),
        modified_at=moment(raw.get("modifiedAt")),
        url=text(raw.get("url")),
        results=tuple(dict.fromkeys(_results(raw.get("results"), "", "", _DEEPEST))),
        raw=raw,
    )


def _results(raw: Any, kind: str, name: str, depth: int) -> Iterator[Result]:
    """Every file in ``results``, whose elements the page does not show: addresses, objects with one, or groups."""
    if depth == 0:
        return
    if isinstance(raw, str):
        if _is_address(raw.strip()):
            yield Result(raw.strip(), kind, name)
    elif isinstance(raw, list):
        for one in raw:
            yield from _results(one, kind, name, depth - 1)
    elif isinstance(raw, dict):
        kind, name = _first(raw, _TYPES) or kind, _first(raw, _FILE_NAMES) or name
        addresses = [raw[key] for key in _URLS if isinstance(raw.get(key), str) and raw[key].strip()]
        if addresses:
            yield from _results(addresses[0], kind, name, depth - 1)
        for key, value in raw.items():
            # A group under the name of its type, as in {"MOBILE": {...}}; any other key says nothing.
            if isinstance(value, list | dict) or (isinstance(value, str) and key.isupper()):
                yield from _results(value, key if key.isupper() else kind, name, depth - 1)


def _is_address(word: str) -> bool:
    try:
        urlsplit(word)
    except ValueError:
        return False
    return _LOOKS_LIKE_A_FILE.fullmatch(word) is not None


def moment(value: Any) -> datetime | None:
    """A moment from seconds since 1970 (a float on the page), or from ISO 8601; None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        pass
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def text(value: Any) -> str:
    """A value as text: numbers as they are written, without the zero that makes 4 a 4.0; empty for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _first(raw: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next(filter(None, (text(raw.get(key)) for key in keys)), "")


def _enveloped(document: Mapping[str, Any]) -> Any:
    return next((document[key] for key in _ENVELOPES if isinstance(document.get(key), list)), None)
