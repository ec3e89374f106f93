"""The last requests of a twin, with secrets masked: for its page, and for the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from attrs import frozen

from placket.interfaces import Clock
from placket.logs import LazyLogger
from placket.transport import Redactor

_KEPT = 50
_EXCERPT = 200

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
    """Remembers the last requests, and writes one line for each."""

    def __init__(self, twin: str, clock: Clock, secrets: Iterable[str]) -> None:
        self._twin = twin
        self._clock = clock
        self._redactor = Redactor(secrets)
        self._seen: deque[Seen] = deque(maxlen=_KEPT)

    @property
    def newest_first(self) -> tuple[Seen, ...]:
        """What was asked, the latest first."""
        return tuple(reversed(self._seen))

    def note(self, request: web.Request, status: int, began: float, body: bytes) -> None:
        """Remember a request that was answered; status 0 for one that was cut off."""
        query = urlencode([(name, value) for name, value in parse_qsl(request.query_string, keep_blank_values=True)])
        target = self._redactor.line(request.path + (f"?{query}" if query else ""), _EXCERPT)
        excerpt = self._redactor.excerpt(body, request.headers.get("Content-Type", ""), _EXCERPT)
        seconds = self._clock.monotonic() - began
        self._seen.append(Seen(self._clock.now(), request.method, target, status, seconds, excerpt))
        _log.info(
            "request", twin=self._twin, method=request.method, target=target, status=status, seconds=round(seconds, 4)
        )
