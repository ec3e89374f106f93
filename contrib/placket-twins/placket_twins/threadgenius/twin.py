"""A server that speaks both versions of Thread Genius's API: v0 as the vendor's page, v1 as its clients used it.

A client of v0 is configured with the twin's base URL, which ends in ``/v0``; one of v1 with the same address, ending in
``/v1``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from ..refusal import Refusal
from ..routes import Answer, Route, Schema, schema_of
from ..sliding_window import SlidingWindow
from ..vendor import Ground, Holding, VendorTwin
from . import v0, v1
from .catalogs import Catalogs, Standing
from .indexing import Indexing
from .quirks import ThreadGeniusQuirks
from .schemas import VERSION_0, VERSION_1
from .settings import ThreadGeniusSettings
from .shelf import Shelf
from .tables import METADATA
from .usage import Usage
from .v0 import VersionZero
from .v1 import VersionOne

_CODES = {
    400: "The request is not what the page describes.",
    401: "The token or the key is missing, wrong or has expired.",
    403: "The same, where the twin is told so.",
    404: "There is no such thing.",
    405: "The path has no such method.",
    413: "The request body is too large.",
    415: "The request body is of the wrong type.",
    429: "Too many requests.",
    500: "The twin has a fault.",
    503: "The backend cannot be asked.",
}

_SHOWN = 20


class ThreadGeniusTwin(VendorTwin):
    """The twin of this vendor: tags with any `GarmentTagger`, searches and detects with any `VisualSearch`."""

    name = "threadgenius"
    title = "Thread Genius API"
    prefix = v0.PREFIX
    other_prefixes = (v1.PREFIX,)
    quirks_class = ThreadGeniusQuirks
    settings_class = ThreadGeniusSettings
    tables = METADATA
    security = {  # noqa: RUF012 - a constant of the class
        "token": {"type": "http", "scheme": "bearer", "description": "v0; the word Bearer may be left out"},
        "key": {"type": "http", "scheme": "basic", "description": "v1: the API key as the user, no password"},
    }
    refusals = {  # noqa: RUF012 - a constant of the class
        status: Answer(doc, {"anyOf": [schema_of("Refused"), schema_of("RefusedV1")]}) for status, doc in _CODES.items()
    }

    settings: ThreadGeniusSettings
    quirks: ThreadGeniusQuirks

    def __init__(self, ground: Ground, settings: ThreadGeniusSettings, quirks: ThreadGeniusQuirks) -> None:
        super().__init__(ground, settings, quirks)
        shelf = Shelf(ground.state)
        self._usage = usage = Usage(ground)
        self._catalogs = Catalogs(ground, quirks, shelf, usage)
        self._indexing = Indexing(ground, quirks, self._catalogs, shelf, usage)
        self._v0 = VersionZero(ground, settings, quirks, self._catalogs, usage)
        self._v1 = VersionOne(ground, settings, self._catalogs, shelf, usage)
        self._window = SlidingWindow(settings.requests_per_minute, ground.clock)

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """The envelopes of both versions, and what they carry."""
        return {**VERSION_0, **VERSION_1}

    def routes(self) -> Iterable[Route]:
        """Both versions."""
        yield from self._v0.routes()
        yield from self._v1.routes()

    def credentials(self) -> Mapping[str, str]:
        """What v0 exchanges for a token; v1 takes the key alone."""
        return {"api_key": self.settings.api_key, "api_secret": self.settings.api_secret}

    async def start(self) -> None:
        """Name who does the work, and take up the count of what was used."""
        self._indexing.start()
        self._v1.start()
        await self._usage.start()

    async def aclose(self) -> None:
        """Close the journal of what was used."""
        await self._usage.aclose()

    async def admit(self, request: web.Request, route: Route | None) -> None:
        """Check the token or the key, and count."""
        # A login by a method that it does not have is told so: nobody can have a token yet.
        is_open = request.path.rstrip("/") == v0.TOKEN if route is None else route.is_open
        if not is_open:
            if _is_v1(request):
                self._v1.check_key(request)
            else:
                await self._check_token(request)
        wait = self._window.wait_of("")
        if wait > 0:
            raise Refusal(429, "Too many requests.", headers={"Retry-After": str(math.ceil(wait))})

    async def _check_token(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").strip()
        word, space, rest = given.partition(" ")
        has_word = bool(space) and word.lower() == "bearer"
        wanted = self.quirks.authorization
        code = int(self.quirks.bad_token)
        if not given or (wanted == "bearer" and not has_word) or (wanted == "bare" and has_word):
            form = "Authorization: TOKEN" if wanted == "bare" else "Authorization: Bearer TOKEN"
            raise Refusal(code, f"Send the access token as {form}.")
        if await self._v0.tokens.find(rest.strip() if has_word else given) is None:
            raise Refusal(code, "The access token is not valid or has expired.")

    def refused(self, request: web.Request, refusal: Refusal) -> web.Response:
        """In the envelope of the version that was asked, or as the quirks say."""
        # The error table knows neither 409 nor 422: what is wrong with a request is a bad request.
        code = 400 if refusal.status in (409, 422) else refusal.status
        if refusal.details == "catalog":
            code = int(self.quirks.unknown_catalog)
        told = "; ".join(f"{'.'.join(map(str, each.place[1:]))}: {each.message}" for each in refusal.problems)
        message = told or refusal.message
        status = 200 if self.quirks.http_status == "always-200" else code
        if status != 200 and self.quirks.error_body != "envelope":
            text = message if self.quirks.error_body == "text" else ""
            return web.Response(text=text, status=status, headers=refusal.headers)
        answer = (
            v1.response(message, headers=refusal.headers)
            if _is_v1(request)
            else v0.envelope(message, code=code, headers=refusal.headers)
        )
        answer.set_status(status)
        return answer

    async def holdings(self) -> Sequence[Holding]:
        """The catalogs."""
        found = [each for version in (v0.VERSION, v1.VERSION) for each in await self._catalogs.all(version)]
        columns = ("version", "id", "name", "status", "images", "indexed")
        return [Holding("Catalogs", len(found), columns, [_row(each) for each in found[:_SHOWN]])]


def _is_v1(request: web.Request) -> bool:
    return request.path == v1.PREFIX or request.path.startswith(f"{v1.PREFIX}/")


def _row(standing: Standing) -> tuple[Any, ...]:
    catalog = standing.catalog
    return (
        f"v{catalog.version}",
        catalog.id,
        catalog.name,
        standing.status,
        "" if catalog.total is None else str(catalog.total),
        "" if standing.indexed is None else str(standing.indexed),
    )
