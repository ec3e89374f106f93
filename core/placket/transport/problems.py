"""From an HTTP answer to the error it stands for."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    ProtocolError,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from ..interfaces.timing import Clock
from .answer import Answer
from .redaction import Redactor

Classify = Callable[[Answer], ProviderError | None]
"""A plugin's own reading of an answer, asked first and for every status: vendors report failures with 200, too.

Where a vendor refuses a token with another status than 401, say so in one of two ways. If its words tell a refused
token from a request that the account may not make, return `Unauthenticated` for them. If the status is all there is,
give ``token_refused=(401, 403)`` to `ProviderContext.http`. In both cases the token is renewed and the request made
once more; in the second an answer that stays is what its status stands for, `Forbidden`, and costs a login each time.
"""

_REFUSALS: Final[Mapping[int, tuple[type[ProviderError], str]]] = {
    400: (InvalidRequest, "the vendor rejects the request"),
    401: (Unauthenticated, "the vendor does not accept the credentials; check the key in the provider's configuration"),
    402: (QuotaExhausted, "the vendor wants to be paid before it goes on"),
    403: (Forbidden, "the credentials do not allow this"),
    404: (NotFound, "the vendor does not know this"),
    405: (ProtocolError, "the vendor does not offer this method here"),
    408: (TimedOut, "the vendor waited too long for the request"),
    409: (Conflict, "the request contradicts what the vendor has"),
    410: (NotFound, "the vendor no longer has this"),
    412: (Conflict, "the thing has changed since it was read"),
    413: (InvalidRequest, "the request is too large for the vendor"),
    415: (InvalidRequest, "the vendor does not accept this kind of content"),
    422: (InvalidRequest, "the vendor rejects the content of the request"),
    501: (ProtocolError, "the vendor does not offer this"),
}

UNANSWERED: Final = frozenset({502, 504, 520, 524})
"""A gateway speaks for a server that it has asked and not understood, or not heard (520 and 524 are Cloudflare's)."""


def problem_of(answer: Answer, redactor: Redactor, clock: Clock) -> ProviderError | None:
    """The error that the status stands for; None for a success.

    Every answer goes through it. A ``classify`` calls it for a vendor that says the status elsewhere, as in the body.
    """
    status = answer.status
    if 200 <= status < 300:
        return None
    details = answer.details()
    said = said_by_vendor(answer, redactor)
    if status == 429:
        wait = retry_after(answer.headers, clock)
        return RateLimited(_sentence("too many requests", said), retry_after=wait, **details)
    if status in _REFUSALS:
        kind, meaning = _REFUSALS[status]
        if kind is InvalidRequest:
            return InvalidRequest(_sentence(meaning, said), fields=field_complaints(answer, redactor), **details)
        return kind(_sentence(meaning, said), **details)
    if status in UNANSWERED and not answer.repeatable:
        return UnknownOutcome(
            _sentence("a gateway got no answer for us; the write may have happened, look before you repeat it", said),
            **details,
        )
    if status >= 500:
        wait = retry_after(answer.headers, clock)
        return Unavailable(_sentence("the vendor has a failure", said), retry_after=wait, **details)
    if 300 <= status < 400:
        return ProtocolError(_redirection(answer, redactor), **details)
    return (Refused if status >= 400 else ProtocolError)(_sentence("an unexpected status", said), **details)


def refuses_token(problem: ProviderError, answer: Answer, statuses: Collection[int]) -> bool:
    """Whether the credentials may be good no more; ``statuses`` are those that mean it."""
    return isinstance(problem, Unauthenticated) or problem.status in statuses or answer.status in statuses


def retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """The seconds that ``Retry-After`` asks for, given as seconds or as a date (RFC 9110, 10.2.3)."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - clock.now()).total_seconds()
    return max(0.0, seconds) if seconds < float("inf") else None


def said_by_vendor(answer: Answer, redactor: Redactor) -> str:
    """The sentence in an error body meant for people, in the shapes that are common; empty when there is none.

    Known are FastAPI (``detail``), RFC 9457 (``title``, ``detail``), Spring and plain (``message``, ``error``), OAuth
    (``error_description``) and envelopes that nest one of them under ``status`` or ``error``.
    """
    return redactor.line(_sentence_in(_decoded(answer)), 200)


def _sentence_in(value: Any, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, (_sentence_in(item, depth + 1) for item in value[:3])))
    if not isinstance(value, dict) or depth > 2:
        return ""
    for key in ("error_description", "detail", "message", "msg", "title", "error", "errors", "status"):
        found = _sentence_in(value.get(key), depth + 1)
        if found:
            return found
    return ""


def field_complaints(answer: Answer, redactor: Redactor) -> list[tuple[str, str]]:
    """Which fields the vendor complains about: FastAPI ``detail``, RFC 9457 ``errors``, or a mapping by field."""
    body = _decoded(answer)
    if not isinstance(body, dict):
        return []
    listed = body.get("detail") if isinstance(body.get("detail"), list) else body.get("errors")
    pairs: list[tuple[str, str]] = []
    if isinstance(listed, list):
        pairs = [_complaint(item) for item in listed if isinstance(item, dict)]
    elif isinstance(listed, dict):
        pairs = [(str(name), _sentence_in(complaint)) for name, complaint in listed.items()]
    return [(redactor.line(name, 100), redactor.line(text, 200)) for name, text in pairs if name]


def _complaint(item: dict[str, Any]) -> tuple[str, str]:
    where = next((item[key] for key in ("loc", "pointer", "field", "path", "name") if key in item), "")
    if isinstance(where, list):
        # FastAPI starts the path with where the value came from: body, query, path.
        where = ".".join(str(part) for part in (where[1:] if len(where) > 1 else where))
    return str(where).removeprefix("#"), _sentence_in(item)


def _decoded(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _redirection(answer: Answer, redactor: Redactor) -> str:
    location = answer.headers.get("Location", "")
    try:
        parts = urlsplit(location)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    target = redactor.line(f"{host or 'another path of this host,'} {parts.path}".strip(), 200)
    return f"the vendor redirects to {target}; redirects are not followed, so correct the address or the base_url"


def _sentence(meaning: str, said: str) -> str:
    return f"{meaning}: {said}" if said else meaning
