"""A server that speaks Aistetic's Listing API as the vendor's page describes it.

Two endpoints: ``POST /upload`` takes an image's address and attributes under a uuid that the client chose, ``GET
/query?uuid=`` tells what was seen. Both want the headers ``API-KEY`` and ``DOMAIN``, count for one rate limit, and
answer in one envelope: ``{"status", "data", "error", "message"}``. What the page leaves open is a switch of
`AisteticQuirks`.
"""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from aiohttp import web
from attrs import field, frozen

from placket.interfaces import Clock, GarmentTagger, SystemClock

from .aistetic_work import ImageFetcher, Upload, Work, Workshop
from .sliding_window import SlidingWindow

PREFIX = "/garment-tagging"
"""The path at which the vendor serves."""

_MAX_BODY = 64 * 1024
_MAX_UUID = 200
_MAX_URL = 4096
_MAX_ATTRIBUTES = 50
_MAX_ATTRIBUTE = 500


@frozen(kw_only=True)
class AisteticQuirks:
    """What the vendor's page leaves open; each default is a guess, and a client should bear every setting."""

    failed: Literal["status-word", "never-completes", "envelope"] = "status-word"
    """How a failed garment shows. The page has the word ``failed`` and no place for it: in ``data`` beside ``complete:
    false``; not at all, so that it looks pending for ever; or as an envelope with ``status: false``."""

    status_word: Literal["when-failed", "always", "never"] = "when-failed"
    """When ``data`` carries the processing status (queuing, processing, complete, failed). The page's examples show
    none."""

    status_field: Literal["status", "state", "processing_status"] = "status"
    """Where in ``data`` the processing status stands."""

    over_limit: Literal["429", "ok-false"] = "429"
    """What answers a request over the limit: HTTP 429 with ``Retry-After``, or HTTP 200 with ``status: false``. The
    page says neither."""

    limit_per: Literal["key", "endpoint"] = "key"
    """Whether upload and query count together. The page says "6 requests per minute", of what it does not say."""

    refusals: Literal["http-status", "ok-false"] = "http-status"
    """Whether other refusals (a wrong key, a bad body) have an HTTP status of their own or come as HTTP 200 with
    ``status: false``."""

    unknown_uuid: Literal["not-found", "pending", "envelope"] = "not-found"
    """What answers a query for a uuid that was never uploaded: HTTP 404, the answer of a pending one, or HTTP 200 with
    ``status: false``."""

    reused_uuid: Literal["replace", "keep", "refuse"] = "replace"
    """What a second upload of a uuid does: start anew, leave the first one as it is and say success, or be refused with
    HTTP 409."""

    unmeasured: Literal["null", "empty", "absent"] = "null"
    """How ``measurements`` of a finished garment shows when nothing was measured."""


@frozen(kw_only=True)
class AisteticTwin:
    """What the twin of this vendor is made of.

    ``requests_per_minute`` None sets no limit. ``queuing`` and ``processing`` are seconds.
    """

    tagger: GarmentTagger
    fetcher: ImageFetcher
    api_key: str = field(repr=False)
    domain: str
    quirks: AisteticQuirks = field(factory=AisteticQuirks)
    requests_per_minute: int | None = 6
    queuing: float = 1.0
    processing: float = 1.0
    clock: Clock = field(factory=SystemClock)

    def app(self) -> web.Application:
        """The web application; it serves under the vendor's own path, ``/garment-tagging``."""
        workshop = Workshop(self.tagger, self.fetcher, self.clock, queuing=self.queuing, processing=self.processing)
        window = SlidingWindow(self.requests_per_minute, self.clock)
        handlers = _Handlers(self, workshop, window)
        app = web.Application(middlewares=[handlers.in_envelope], client_max_size=_MAX_BODY)
        app.router.add_post(f"{PREFIX}/upload", handlers.upload)
        app.router.add_get(f"{PREFIX}/query", handlers.query, allow_head=False)

        async def close(_: web.Application) -> None:
            await workshop.aclose()

        app.on_shutdown.append(close)
        return app


class _Refusal(Exception):
    """The request is turned down; ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class _Handlers:
    def __init__(self, twin: AisteticTwin, workshop: Workshop, window: SlidingWindow) -> None:
        self._twin = twin
        self._quirks = twin.quirks
        self._workshop = workshop
        self._window = window

    @property
    def in_envelope(self) -> Any:
        """Whatever happens, the answer is an envelope."""

        @web.middleware
        async def middleware(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            try:
                self._authenticate(request)
                self._count(request)
                return await handler(request)
            except _Refusal as refusal:
                return self._refused(refusal)
            except web.HTTPRequestEntityTooLarge:
                return self._refused(_Refusal(413, f"the request body is larger than {_MAX_BODY} bytes"))
            except web.HTTPException as error:
                headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
                return self._refused(_Refusal(error.status, error.reason or "error", headers=headers))

        return middleware

    def _refused(self, refusal: _Refusal) -> web.Response:
        quirk = self._quirks.over_limit if refusal.status == 429 else self._quirks.refusals
        status = 200 if quirk == "ok-false" else refusal.status
        return _envelope({}, error=str(refusal), status=status, headers=refusal.headers)

    def _authenticate(self, request: web.Request) -> None:
        for header, wanted in (("API-KEY", self._twin.api_key), ("DOMAIN", self._twin.domain.lower())):
            given = request.headers.get(header)
            if not given:
                raise _Refusal(401, f"the header {header} is missing")
            given = given.lower() if header == "DOMAIN" else given
            if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode()):
                raise _Refusal(401, "the API key or the domain is not valid")

    def _count(self, request: web.Request) -> None:
        caller = request.path if self._quirks.limit_per == "endpoint" else ""
        wait = self._window.wait_of(caller)
        if wait > 0:
            limit = self._twin.requests_per_minute
            headers = {"Retry-After": str(math.ceil(wait))}
            raise _Refusal(429, f"rate limit exceeded: {limit} requests per minute", headers=headers)

    async def upload(self, request: web.Request) -> web.Response:
        """Take a garment in."""
        upload = _upload(await _json_object(request))
        if self._workshop.find(upload.uuid) is not None and self._quirks.reused_uuid != "replace":
            if self._quirks.reused_uuid == "refuse":
                raise _Refusal(409, f"the uuid {upload.uuid!r} was uploaded before")
        else:
            self._workshop.accept(upload)
        return _envelope({})

    async def query(self, request: web.Request) -> web.Response:
        """Tell what is known of a garment."""
        uuids = request.query.getall("uuid", [])
        if len(uuids) != 1 or not uuids[0]:
            raise _Refusal(400, "the query parameter uuid is missing, empty or given twice")
        (uuid,) = uuids
        work = self._workshop.find(uuid)
        if work is None:
            return self._unknown(uuid)
        phase = self._workshop.phase(work)
        if phase == "failed" and self._quirks.failed == "envelope":
            return _envelope({}, error=work.failure)
        return _envelope(self._data(work, phase))

    def _unknown(self, uuid: str) -> web.Response:
        if self._quirks.unknown_uuid == "pending":
            return _envelope(_pending(uuid))
        if self._quirks.unknown_uuid == "envelope":
            return _envelope({}, error=f"the uuid {uuid!r} is not known")
        raise _Refusal(404, f"the uuid {uuid!r} is not known")

    def _data(self, work: Work, phase: str) -> dict[str, Any]:
        data = _pending(work.upload.uuid)
        if phase == "complete" and work.answer is not None:
            data.update(work.answer, complete=True)
            if not data["measurements"]:
                self._show_unmeasured(data)
        if phase == "failed" and self._quirks.failed == "never-completes":
            phase = "processing"
        if self._quirks.status_word == "always" or (phase == "failed" and self._quirks.status_word == "when-failed"):
            data[self._quirks.status_field] = phase
        return data

    def _show_unmeasured(self, data: dict[str, Any]) -> None:
        if self._quirks.unmeasured == "absent":
            del data["measurements"]
        else:
            data["measurements"] = None if self._quirks.unmeasured == "null" else {}


def _envelope(
    data: Mapping[str, Any], *, error: str = "", status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    body = {"status": not error, "data": data, "error": [error] if error else [], "message": error or "success!"}
    return web.json_response(body, status=status, headers=headers)


def _pending(uuid: str) -> dict[str, Any]:
    """What the page shows while a garment is being processed."""
    return {
        "uuid": uuid,
        "annotated_img": "",
        "tag": None,
        "measurements": None,
        "description": "",
        "complete": False,
    }


async def _json_object(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise _Refusal(415, "the header Content-Type must be application/json")
    try:
        body = json.loads(await request.read())
    except web.RequestPayloadError:
        raise _Refusal(400, "the request body cannot be read") from None
    except (ValueError, RecursionError):
        raise _Refusal(400, "the request body is not JSON") from None
    if not isinstance(body, dict):
        raise _Refusal(400, "the request body must be a JSON object")
    return body


def _upload(body: Mapping[str, Any]) -> Upload:
    uuid = _text(body.get("uuid"), "uuid", _MAX_UUID)
    image_url = _text(body.get("image_url"), "image_url", _MAX_URL)
    try:
        parts = urlsplit(image_url)
        reachable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        reachable = False
    if not reachable:
        raise _Refusal(400, "image_url must be a public http or https address")
    attributes = body.get("attribute")
    if attributes is None:
        attributes = {}
    if not isinstance(attributes, dict) or len(attributes) > _MAX_ATTRIBUTES:
        raise _Refusal(400, f"attribute must be an object of at most {_MAX_ATTRIBUTES} texts")
    return Upload(uuid, image_url, {name: _attribute(name, value) for name, value in attributes.items()})


def _text(value: Any, name: str, longest: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise _Refusal(400, f"{name} is required: a text of at most {longest} characters")
    return value


def _attribute(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(name) > _MAX_ATTRIBUTE or len(value) > _MAX_ATTRIBUTE:
        raise _Refusal(400, f"attribute values must be texts of at most {_MAX_ATTRIBUTE} characters")
    return value
