"""The web application of a twin: the vendor's routes, and around them faults, checks, refusals and the twin's pages."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web
from attrs import evolve

from placket.errors import AllProvidersFailed, Conflict, InvalidInput, NotFound, PlacketError, RateLimited, Unsupported
from placket.testing import Fault

from .checking import BODY, Checks
from .fault_rules import fault_of, fault_to_json
from .openapi import openapi_of
from .page import render_page
from .refusal import Refusal
from .request_log import RequestLog
from .routes import Route
from .serving import is_from_here
from .vendor import VendorTwin, secrets_of

_log = logging.getLogger("placket_twins")

_LEAST_BODY = 1 << 20
_LARGEST_RULES = 1 << 16

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGES = ("/", "/openapi.json", "/_twin/faults")
"""The twin's own paths; all others are the vendor's."""


def prefixed(fault: Fault, prefix: str) -> Fault:
    """The rule with its path below the vendor's prefix, which people leave out."""
    if fault.path.startswith("/") and not fault.path.startswith(f"{prefix}/"):
        return evolve(fault, path=prefix + fault.path)
    return fault


class TwinApplication:
    """What answers the requests to one twin."""

    def __init__(self, twin: VendorTwin) -> None:
        self._twin = twin
        self._routes: Sequence[Route] = tuple(twin.routes())
        self._checks = Checks(self._routes, twin.schemas)
        settings = twin.settings
        self.requests = RequestLog(
            twin.name, twin.ground.clock, [getattr(settings, name) for name in secrets_of(type(settings))]
        )
        self._faulty = twin.ground.faults.middleware()
        self._openapi: bytes = json.dumps(openapi_of(twin, self._routes)).encode()

    def app(self) -> web.Application:
        """The application for aiohttp."""
        largest = max((route.max_body for route in self._routes), default=_LEAST_BODY)
        app = web.Application(
            middlewares=[self._noted, self._told, self._admitted], client_max_size=max(largest, _LEAST_BODY)
        )
        for route in self._routes:
            app.router.add_route(route.method, route.path, self._answering(route))
        app.router.add_get("/", self._page, allow_head=False)
        app.router.add_get("/openapi.json", self._document, allow_head=False)
        app.router.add_get("/_twin/faults", self._faults, allow_head=False)
        app.router.add_put("/_twin/faults", self._set_faults)
        app.router.add_post("/_twin/faults", self._add_faults)
        app.router.add_delete("/_twin/faults", self._clear_faults)
        return app

    @property
    def _noted(self) -> Any:
        @web.middleware
        async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path in PAGES:
                return await handler(request)
            began, status, body = self._twin.ground.clock.monotonic(), 0, list[bytes]()
            BODY.set(body)
            try:
                answer = await self._faulty(request, handler)
                status = answer.status
                return answer
            finally:
                self.requests.note(request, status, began, b"".join(body))

        return noted

    @property
    def _told(self) -> Any:
        """Whatever goes wrong is told in the vendor's words."""

        @web.middleware
        async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path in PAGES:
                return await handler(request)
            try:
                return await handler(request)
            except Refusal as refusal:
                return self._twin.refused(request, refusal)
            except web.HTTPRequestEntityTooLarge:
                return self._twin.refused(request, Refusal(413, "the request body is too large"))
            except web.HTTPException as error:
                if error.status < 400:
                    raise
                headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
                return self._twin.refused(request, Refusal(error.status, error.reason, headers=headers))
            except (PlacketError, AllProvidersFailed) as error:
                return self._twin.refused(request, refusal_of(error))
            except (asyncio.CancelledError, ConnectionError):
                raise
            except Exception:
                _log.exception(
                    "the twin of %s has a fault, shown by %s %s", self._twin.name, request.method, request.path
                )
                return self._twin.refused(request, Refusal(500, "Internal Server Error"))

        return told

    @property
    def _admitted(self) -> Any:
        @web.middleware
        async def admitted(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.match_info.http_exception is not None and request.path not in PAGES:
                await self._twin.admit(request, None)
            return await handler(request)

        return admitted

    def _answering(self, route: Route) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            account = await self._twin.admit(request, route)
            return await route.handler(await self._checks.asked(request, route, account))

        return answer

    async def _page(self, request: web.Request) -> web.Response:
        _only_from_here(request)
        text = render_page(self._twin, await self._twin.holdings(), self.requests.newest_first, self._routes)
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _document(self, request: web.Request) -> web.Response:  # noqa: ARG002 - the same for everybody
        return web.Response(body=self._openapi, content_type="application/json")

    async def _faults(self, request: web.Request) -> web.Response:
        _only_from_here(request)
        faults = self._twin.ground.faults
        return web.json_response({"seed": faults.seed, "rules": [fault_to_json(rule) for rule in faults.rules]})

    async def _set_faults(self, request: web.Request) -> web.Response:
        rules = await self._rules(request)
        self._twin.ground.faults.clear()
        self._twin.ground.faults.rules.extend(rules)
        return await self._faults(request)

    async def _add_faults(self, request: web.Request) -> web.Response:
        self._twin.ground.faults.rules.extend(await self._rules(request))
        return await self._faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        _only_from_here(request)
        self._twin.ground.faults.clear()
        return await self._faults(request)

    async def _rules(self, request: web.Request) -> list[Fault]:
        _only_from_here(request)
        # A page in a browser can send JSON to another origin only when that origin agrees.
        if request.content_type != "application/json" or (request.content_length or 0) > _LARGEST_RULES:
            raise web.HTTPUnsupportedMediaType(text='send JSON: {"rules": [...]}')
        try:
            body = json.loads(await request.read())
            rules = body["rules"] if isinstance(body, dict) and "rules" in body else body
            written = rules if isinstance(rules, list) else [rules]
            return [prefixed(fault_of(rule), self._twin.prefix) for rule in written]
        except InvalidInput as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise web.HTTPBadRequest(text='send JSON: {"rules": [{"kind": "status", "path": "/query"}]}') from None


def refusal_of(error: BaseException) -> Refusal:
    """What a failure of the backend means for the client of the twin."""
    while isinstance(error, AllProvidersFailed) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    message = str(error)
    if isinstance(error, NotFound):
        return Refusal(404, message)
    if isinstance(error, Conflict):
        return Refusal(409, message)
    if isinstance(error, InvalidInput | Unsupported):
        return Refusal(400, message)
    if isinstance(error, RateLimited):
        return Refusal(429, message)
    return Refusal(503, message)


def _only_from_here(request: web.Request) -> None:
    if not is_from_here(request):
        raise web.HTTPForbidden(text="the twin's own pages are served to this machine only")
