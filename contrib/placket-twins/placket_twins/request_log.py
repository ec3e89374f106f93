"""The last requests of a twin, with secrets masked: for its page, and for the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from attrs import evolve, frozen

from placket.interfaces import Clock
from placket.logs import LazyLogger
from placket.transport import Redactor

_KEPT = 50
_EXCERPT = 200
_LARGEST = 8_192
"""Bytes of a body that is kept; of a larger one only the excerpt is."""

_log = LazyLogger("placket_twins.requests")


@frozen
class Seen:
    """One request and what it was answered. ``seconds`` is how long the answer took."""

    at: datetime
    method: str
    target: str
    status: int
    seconds: float
    body: str


class RequestLog:
    """Remembers the last requests, and writes one line for each.

    Bodies are masked when somebody looks: that is seldom, and masking one takes as long as answering.
    """

    def __init__(self, twin: str, clock: Clock, secrets: Iterable[str]) -> None:
        self._twin = twin
        self._clock = clock
        self._redactor = Redactor(secrets)
        self._seen: deque[tuple[Seen, bytes, str]] = deque(maxlen=_KEPT)

    @property
    def newest_first(self) -> tuple[Seen, ...]:
        """What was asked, the latest first."""
        return tuple(
            evolve(seen, body=self._excerpt(body, kind)) if body else seen for seen, body, kind in reversed(self._seen)
        )

    def note(self, request: web.Request, status: int, began: float, body: bytes) -> None:
        """Remember a request that was answered; status 0 for one that was cut off."""
        query = urlencode([(name, value) for name, value in parse_qsl(request.query_string, keep_blank_values=True)])
        target = self._redactor.line(request.path + (f"?{query}" if query else ""), _EXCERPT)
        kind = request.headers.get("Content-Type", "")
        excerpt = ""
        if len(body) > _LARGEST:
            body, excerpt = b"", self._excerpt(body, kind)
        seconds = self._clock.monotonic() - began
        self._seen.append((Seen(self._clock.now(), request.method, target, status, seconds, excerpt), body, kind))
        _log.info(
            "request", twin=self._twin, method=request.method, target=target, status=status, seconds=round(seconds, 4)
        )

    def _excerpt(self, body: bytes, kind: str) -> str:
        return self._redactor.excerpt(body, kind, _EXCERPT)
