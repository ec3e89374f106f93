"""A server that speaks autoRetouch's AI Shoot API, and the login and uploads around it, as the vendor's pages say.

SKUs are kept here. Projects and briefs have no endpoint on the pages, so that the twin has routes of its own for them:
``POST /_twin/projects`` and ``POST /_twin/briefs``. A brief has pictures of its SKUs made by any `ShootManager`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from ..refusal import Refusal
from ..routes import Answer, Asked, Route, Schema, schema_of
from ..serving import is_from_here
from ..vendor import Ground, Holding, VendorTwin
from .activation import Activation
from .briefs import KIND as BRIEF
from .briefs import Briefs, Result
from .login import Login
from .operations import OWN, operations
from .quirks import AutoretouchQuirks
from .schemas import SCHEMAS
from .settings import AutoretouchSettings
from .shown import Shown
from .skus import Skus, Window
from .tables import METADATA
from .uploads import Uploads

_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class AutoretouchTwin(VendorTwin):
    """The twin of this vendor."""

    name = "autoretouch"
    title = "autoRetouch AI Shoot"
    quirks_class = AutoretouchQuirks
    settings_class = AutoretouchSettings
    tables = METADATA
    security = {"bearer": {"type": "http", "scheme": "bearer"}}  # noqa: RUF012 - a constant of the class
    refusals = {  # noqa: RUF012 - a constant of the class
        status: Answer(f"{_REASONS[status]}.", schema_of("Refused"))
        for status in (400, 401, 403, 404, 413, 415, 422, 503)
    }

    settings: AutoretouchSettings
    quirks: AutoretouchQuirks

    def __init__(self, ground: Ground, settings: AutoretouchSettings, quirks: AutoretouchQuirks) -> None:
        super().__init__(ground, settings, quirks)
        self.uploads = Uploads(ground, quirks)
        self.login = Login(ground, settings, quirks)
        self.activation = Activation(settings, self.login)
        self._skus = Skus(ground.state, ground.clock, quirks)
        self._briefs = Briefs(ground, settings, self._skus, self.uploads)
        self._shown = Shown(quirks, self.uploads)

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """SKUs, results, tokens."""
        return SCHEMAS

    def routes(self) -> Iterable[Route]:
        """Every operation of the pages, and the twin's own."""
        return operations(self)

    def credentials(self) -> Mapping[str, str]:
        """The client's id, and a refresh token to begin with."""
        return {
            "client_id": self.settings.client_id,
            "refresh token": self.settings.refresh_token,
            "organization": self.settings.organization,
        }

    async def start(self) -> None:
        """Name who makes pictures, and make the first refresh token good."""
        self.ground.works.on(BRIEF, self._briefs.make)
        await self.login.start()

    async def admit(self, request: web.Request, route: Route | None) -> None:
        """Check the token; the twin's own routes are for this machine instead."""
        if request.path.startswith(OWN):
            if not is_from_here(request):
                raise Refusal(403, "the twin's own routes are served to this machine only")
        elif route is None or not route.is_open:
            await self.login.admit(request)

    def refused(self, request: web.Request, refusal: Refusal) -> web.Response:
        """Most errors have a body like that of Spring; those of the login are OAuth's."""
        # 422 is for images that cannot be processed; a body that is not as described is a bad request.
        status = 400 if refusal.status == 422 and refusal.problems else refusal.status
        told = "; ".join(f"{'.'.join(map(str, each.place))}: {each.message}" for each in refusal.problems)
        message = told or refusal.message
        if request.path.startswith("/oauth/"):
            body = refusal.details or {"error": "invalid_request", "error_description": message}
            return web.json_response(body, status=status, headers=refusal.headers)
        if self.quirks.errors == "empty":
            return web.Response(status=status, headers=refusal.headers)
        if self.quirks.errors == "text":
            return web.Response(text=message, status=status, headers=refusal.headers)
        body = {
            "timestamp": self.ground.clock.now().isoformat(timespec="milliseconds"),
            "status": status,
            "error": _REASONS.get(status, refusal.message),
            "message": message,
            "path": request.path,
        }
        return web.json_response(body, status=status, headers=refusal.headers)

    async def holdings(self) -> Sequence[Holding]:
        """SKUs, projects and briefs."""
        total, skus = await self._skus.page(Window(0, 20))
        projects, briefs = await self._briefs.projects(), await self._briefs.briefs()
        made = [(each.id, each.name, each.category or "") for each in skus]
        named = [(str(each["id"]), each["name"]) for each in projects[:20]]
        ordered = []
        for brief in briefs[:20]:
            work = await self.ground.works.get(f"brief {brief['id']}")
            ordered.append((str(brief["id"]), brief["name"], work.state if work else "", work.error if work else ""))
        return [
            Holding("SKUs", total, ("id", "name", "category"), made),
            Holding("Projects", len(projects), ("id", "name"), named),
            Holding("Briefs", len(briefs), ("id", "name", "state", "failure"), ordered),
        ]

    async def list_skus(self, asked: Asked) -> web.Response:
        """``GET /ai-shoot/skus``."""
        query = asked.query
        total, skus = await self._skus.page(
            self._window(asked), project=query.get("projectFilter", ""), sku=query.get("skuIdFilter", "")
        )
        return self._listed(asked, total, [self._shown.sku(each) for each in skus])

    async def list_global_skus(self, asked: Asked) -> web.Response:
        """``GET /ai-shoot/skus/global``; it has no pages."""
        total, skus = await self._skus.list_global(Window(0, 10_000))
        return self._listed(asked, total, [self._shown.sku(each) for each in skus])

    async def create_sku(self, asked: Asked) -> web.Response:
        """``POST /ai-shoot/skus``."""
        await self._check_images(asked.body)
        return web.json_response(self._shown.created(await self._skus.create(asked.body)), status=201)

    async def replace_sku(self, asked: Asked) -> web.Response:
        """``PUT /ai-shoot/skus/{skuId}``."""
        await self._check_images(asked.body)
        sku = await self._skus.replace(asked.path["skuId"], asked.body)
        return web.Response(status=204) if self.quirks.updated == "empty" else web.json_response(self._shown.sku(sku))

    async def delete_sku(self, asked: Asked) -> web.Response:
        """``DELETE /ai-shoot/skus/{skuId}``."""
        await self._skus.remove(asked.path["skuId"])
        return web.Response(status=204) if self.quirks.deleted == "empty" else web.json_response({})

    async def _check_images(self, body: Mapping[str, Any]) -> None:
        if self.quirks.unknown_image == "accepted":
            return
        for name in ("frontImage", "backImage"):
            if body.get(name) and await self.uploads.image(body[name]) is None:
                raise Refusal(422, f"{name} is no image that was uploaded")

    async def brief_results(self, asked: Asked) -> web.Response:
        """``GET /ai-shoot/briefs/{briefId}/results``."""
        brief_id = asked.path["briefId"]
        found = await self._briefs.results(brief_id, self._window(asked))
        if found is None:
            if self.quirks.unknown_brief == "not-found":
                raise Refusal(404, f"there is no brief {brief_id}")
            found = 0, ()
        total, results = found
        return self._listed(asked, total, [await self._result(each, asked) for each in results])

    async def _result(self, result: Result, asked: Asked) -> dict[str, Any]:
        sku_id: str | int = result.sku_id
        if self.quirks.id_type == "number":
            sku_id = await self._skus.number_of(result.sku_id)
        return self._shown.result(result, sku_id, asked.base_url)

    async def image(self, asked: Asked) -> web.StreamResponse:
        """A picture that was made."""
        path = self.uploads.path(asked.path["hash"])
        media_type = await self._briefs.media_type(path.name if path else "")
        assert path is not None, "a result has a content hash"
        return web.FileResponse(path, headers={"Content-Type": media_type})

    async def health(self, asked: Asked) -> web.Response:  # noqa: ARG002 - the same for everybody
        """``GET /health``."""
        return web.json_response({"status": "UP"})

    async def list_projects(self, asked: Asked) -> web.Response:  # noqa: ARG002 - all of them
        """``GET /_twin/projects``."""
        return web.json_response(await self._briefs.projects())

    async def create_project(self, asked: Asked) -> web.Response:
        """``POST /_twin/projects``: ``{name}``."""
        return web.json_response({"id": await self._briefs.create_project(asked.body["name"])}, status=201)

    async def list_briefs(self, asked: Asked) -> web.Response:  # noqa: ARG002 - all of them
        """``GET /_twin/briefs``."""
        return web.json_response(await self._briefs.briefs())

    async def create_brief(self, asked: Asked) -> web.Response:
        """``POST /_twin/briefs``: ``{name, skuIds or projectId, shots: [{kind, preset, view, count, color}]}``."""
        return web.json_response({"id": await self._briefs.create(asked.body, asked.request.path)}, status=201)

    def _window(self, asked: Asked) -> Window:
        size = min(asked.query.get("pageSize", self.quirks.page_size), self.quirks.largest_page)
        first = int(self.quirks.first_page)
        return Window(max(asked.query.get("page", first) - first, 0) * size, size)

    def _listed(self, asked: Asked, total: int, items: Sequence[Mapping[str, Any]]) -> web.Response:
        is_later = asked.query.get("page", 0) > int(self.quirks.first_page)
        if is_later and not items and self.quirks.past_the_end == "not-found":
            raise Refusal(404, "there is no such page")
        return web.json_response(self._shown.listed(total, items))
