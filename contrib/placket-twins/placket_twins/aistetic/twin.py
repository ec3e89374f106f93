"""A server that speaks Aistetic's Listing API as the vendor's page describes it.

Two endpoints: ``POST /upload`` takes an image's address and attributes under a uuid that the client chose, ``GET
/query?uuid=`` tells what was seen. Both want the headers ``API-KEY`` and ``DOMAIN``, count for one rate limit, and
answer in one envelope: ``{"status", "data", "error", "message"}``.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from attrs import field, frozen

from placket.interfaces import Garment, GarmentImage, GarmentTagger, Image

from ..refusal import Refusal
from ..routes import TEXT, Answer, Asked, Body, Parameter, Route, Schema, schema_of
from ..sliding_window import SlidingWindow
from ..vendor import Ground, Holding, VendorTwin, secret
from ..works import FAILED, Progress, Work
from .quirks import AisteticQuirks
from .schemas import LARGEST_BODY, SCHEMAS
from .words import AisteticWords

PREFIX = "/garment-tagging"
"""The path at which the vendor serves."""

_KIND = "garment"

_KEPT = 10_000
"""Garments that are remembered when they are done: the page does not say how long the vendor does."""


@frozen(kw_only=True)
class AisteticSettings:
    """Settings of the twin. ``requests_per_minute`` None sets no limit; ``queuing`` and ``processing`` are seconds.

    ``tagger`` takes the place of the backend's.
    """

    api_key: str = secret("twin-api-key")
    domain: str = "shop.example.com"
    requests_per_minute: int | None = 6
    queuing: float = 1.0
    processing: float = 1.0
    tagger: GarmentTagger | None = field(default=None, repr=False)


class AisteticTwin(VendorTwin):
    """The twin of this vendor: it looks at what was uploaded with any `GarmentTagger`."""

    name = "aistetic"
    title = "Aistetic Listing API"
    prefix = PREFIX
    quirks_class = AisteticQuirks
    settings_class = AisteticSettings
    security = {  # noqa: RUF012 - a constant of the class
        "apiKey": {"type": "apiKey", "in": "header", "name": "API-KEY"},
        "domain": {"type": "apiKey", "in": "header", "name": "DOMAIN"},
    }
    security_together = True
    refusals = {  # noqa: RUF012 - a constant of the class
        status: Answer(doc, schema_of("Refused"))
        for status, doc in (
            (400, "The request is not what the page describes."),
            (401, "The API key or the domain is missing or not valid."),
            (404, "There is no such thing."),
            (409, "The uuid was uploaded before."),
            (413, "The request body is too large."),
            (415, "The request body is not JSON."),
            (429, "More requests than the limit allows."),
        )
    }

    settings: AisteticSettings
    quirks: AisteticQuirks

    def __init__(self, ground: Ground, settings: AisteticSettings, quirks: AisteticQuirks) -> None:
        super().__init__(ground, settings, quirks)
        self._window = SlidingWindow(settings.requests_per_minute, ground.clock)

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """The envelope, and what it carries."""
        return SCHEMAS

    def routes(self) -> Iterable[Route]:
        """Upload and query."""
        yield Route(
            method="POST",
            path=f"{PREFIX}/upload",
            handler=self._upload,
            summary="Upload a garment for tagging",
            body=Body(schema_of("Upload")),
            max_body=LARGEST_BODY,
            answers={200: Answer("The garment was taken in.", schema_of("Accepted"))},
        )
        yield Route(
            method="GET",
            path=f"{PREFIX}/query",
            handler=self._query,
            summary="Query what was seen of a garment",
            parameters=(Parameter("uuid", {**TEXT, "minLength": 1}, "The uuid of the upload.", required=True),),
            answers={200: Answer("What is known so far.", schema_of("Queried"))},
        )

    def credentials(self) -> Mapping[str, str]:
        """The two headers."""
        return {"API-KEY": self.settings.api_key, "DOMAIN": self.settings.domain}

    async def start(self) -> None:
        """Name who looks at garments."""
        self.ground.works.on(_KIND, self._look, keep=_KEPT)

    async def admit(self, request: web.Request, route: Route | None) -> None:
        """Check the two headers, and count."""
        for header, wanted in (("API-KEY", self.settings.api_key), ("DOMAIN", self.settings.domain.lower())):
            given = request.headers.get(header)
            if not given:
                raise Refusal(401, f"the header {header} is missing")
            given = given.lower() if header == "DOMAIN" else given
            if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode()):
                raise Refusal(401, "the API key or the domain is not valid")
        # Paths that there are not count together: of those there is no end.
        caller = route.path if route is not None and self.quirks.limit_per == "endpoint" else ""
        wait = self._window.wait_of(caller)
        if wait > 0:
            limit = self.settings.requests_per_minute
            headers = {"Retry-After": str(math.ceil(wait))}
            raise Refusal(429, f"rate limit exceeded: {limit} requests per minute", headers=headers)

    def refused(self, request: web.Request, refusal: Refusal) -> web.Response:  # noqa: ARG002 - all alike
        """Whatever happens, the answer is an envelope."""
        quirk = self.quirks.over_limit if refusal.status == 429 else self.quirks.refusals
        # The page knows no 422; a body that is not as described is a bad request.
        status = 400 if refusal.status == 422 else refusal.status
        told = "; ".join(f"{'.'.join(map(str, each.place))}: {each.message}" for each in refusal.problems)
        return _envelope(
            {}, error=told or refusal.message, status=200 if quirk == "ok-false" else status, headers=refusal.headers
        )

    async def holdings(self) -> Sequence[Holding]:
        """The uploads."""
        works = await self.ground.works.list(_KIND)
        rows = [(work.id, self._phase(work), work.request["image_url"], work.error) for work in works[:20]]
        return [Holding("Garments", len(works), ("uuid", "status", "image", "failure"), rows)]

    async def _upload(self, asked: Asked) -> web.Response:
        body = asked.body
        if not _is_address(body["image_url"]):
            raise Refusal(400, "image_url must be a public http or https address")
        if self.quirks.reused_uuid != "replace" and await self.ground.works.get(body["uuid"]) is not None:
            if self.quirks.reused_uuid == "refuse":
                raise Refusal(409, f"the uuid {body['uuid']!r} was uploaded before")
            return _envelope({})
        request = {"image_url": body["image_url"], "attributes": body.get("attribute") or {}}
        await self.ground.works.start(_KIND, request, work_id=body["uuid"], path=asked.request.path)
        return _envelope({})

    async def _query(self, asked: Asked) -> web.Response:
        if len(asked.request.query.getall("uuid")) != 1:
            raise Refusal(400, "the query parameter uuid is given twice")
        uuid = asked.query["uuid"]
        work = await self.ground.works.get(uuid)
        if work is None:
            return self._unknown(uuid)
        phase = self._phase(work)
        if phase == "failed" and self.quirks.failed == "envelope":
            return _envelope({}, error=work.error)
        return _envelope(self._data(work, phase))

    async def _look(self, work: Work, progress: Progress) -> Any:  # noqa: ARG002 - the page shows no progress
        picture = await self.ground.fetcher.fetch_image(work.request["image_url"])
        tagger = self.settings.tagger or self.ground.backend.garment_tagger
        findings = await tagger.tag(Garment(work.id, (GarmentImage(Image.of(picture)),)))
        return AisteticWords.load().answer(findings, work.request["attributes"])

    def _phase(self, work: Work) -> str:
        """The vendor's word for where it stands: a real vendor takes its time, too."""
        passed = self.ground.clock.now().timestamp() - work.created_at
        if passed < self.settings.queuing:
            return "queuing"
        if passed < self.settings.queuing + self.settings.processing or not work.is_over:
            return "processing"
        return "failed" if work.state == FAILED else "complete"

    def _unknown(self, uuid: str) -> web.Response:
        if self.quirks.unknown_uuid == "pending":
            return _envelope(_pending(uuid))
        if self.quirks.unknown_uuid == "envelope":
            return _envelope({}, error=f"the uuid {uuid!r} is not known")
        raise Refusal(404, f"the uuid {uuid!r} is not known")

    def _data(self, work: Work, phase: str) -> dict[str, Any]:
        data = _pending(work.id)
        if phase == "complete" and work.result is not None:
            data.update(work.result, complete=True)
            if not data["measurements"]:
                self._show_unmeasured(data)
        if phase == "failed" and self.quirks.failed == "never-completes":
            phase = "processing"
        if self.quirks.status_word == "always" or (phase == "failed" and self.quirks.status_word == "when-failed"):
            data[self.quirks.status_field] = phase
        return data

    def _show_unmeasured(self, data: dict[str, Any]) -> None:
        if self.quirks.unmeasured == "absent":
            del data["measurements"]
        else:
            data["measurements"] = None if self.quirks.unmeasured == "null" else {}


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


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
