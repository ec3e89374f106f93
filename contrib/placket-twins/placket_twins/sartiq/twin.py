"""A server that speaks the products API of Sartiq's backend as the vendor's page describes it.

An account logs in with an e-mail address and a password and gets a token for an hour. Products are kept in the
backend's `ProductStore`; what its `ShootManager` knows of them are their shots and looks.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from placket.interfaces import Facet, LookScope, Product, ProductQuery, Ref

from ..answers import json_answer
from ..refusal import Problem, Refusal
from ..routes import Asked, Route, Schema
from ..tokens import Tokens
from ..vendor import Ground, Holding, VendorTwin
from ..works import Progress, Work
from .exports import KIND, Exports
from .media import Media
from .operations import PREFIX, REFUSALS, SECURITY, operations
from .products import Products, owner_of
from .quirks import SartiqQuirks
from .schemas import SCHEMAS
from .settings import SartiqSettings
from .shelf import Shelf, organization_of, query_of
from .shoot_schemas import SHOOT_SCHEMAS
from .shoots import Shoots
from .uploads import TEMPORARY, Uploads
from .words import said_of

_SHOWN = 6


class SartiqTwin(VendorTwin):
    """The twin of this vendor: products in any `ProductStore`."""

    name = "sartiq"
    title = "Sartiq products API"
    prefix = PREFIX
    quirks_class = SartiqQuirks
    settings_class = SartiqSettings
    security = SECURITY
    refusals = REFUSALS

    settings: SartiqSettings
    quirks: SartiqQuirks

    def __init__(self, ground: Ground, settings: SartiqSettings, quirks: SartiqQuirks) -> None:
        super().__init__(ground, settings, quirks)
        self._tokens = Tokens(ground.state, ground.clock)
        self._uploads = Uploads(ground, settings)
        self._media = Media(ground, settings, quirks, self._uploads)
        self._shelf = Shelf(ground)
        self._products = Products(ground, settings, quirks, self._shelf, self._media)
        self._exports = Exports(ground, settings, quirks, self._shelf, owner_of(settings))
        self._shoots = Shoots(ground, self._media, owner_of(settings))

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """All schemas of the page."""
        return {**SCHEMAS, **SHOOT_SCHEMAS}

    def routes(self) -> Iterable[Route]:
        """Every operation of the page, login, and uploads."""
        return operations(self)

    def credentials(self) -> Mapping[str, str]:
        """The account, and the organisations that it owns."""
        return {
            "username": self.settings.username,
            "password": self.settings.password,
            "organization_id": ", ".join(self.settings.organizations),
        }

    async def start(self) -> None:
        """Get uploads ready, and name who packs and who writes captions."""
        await self._uploads.start()
        self.ground.works.on(KIND, self._exports.pack)
        self.ground.works.on("caption", self._caption, keep=0)

    async def admit(self, request: web.Request, route: Route | None) -> None:
        """Want a token that is good now, but where the page wants none."""
        if route is not None and (
            route.is_open or (route.path.endswith("/download") and not self.quirks.download_login)
        ):
            return
        if route is None and self._lacks_slash(request):
            # The framework's routing comes before its security.
            raise web.HTTPTemporaryRedirect(
                str(request.rel_url.with_path(f"{request.path}/").with_query(request.query))
            )
        if route is None:
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
        if await self._tokens.find(token) is None:
            raise Refusal(int(self.quirks.bad_token), "Could not validate credentials")

    def refused(self, request: web.Request, refusal: Refusal) -> web.Response:
        """``{"detail": …}``: a text, or a list of what is wrong with the request."""
        if request.path.startswith(f"{TEMPORARY}/"):
            return web.Response(status=refusal.status, text=refusal.message, headers=refusal.headers)
        detail: Any = _STOCK.get(refusal.status) if request.match_info.http_exception else None
        if refusal.problems:
            detail = [
                {
                    "loc": list(each.place),
                    "msg": each.message,
                    "type": kind_of(each),
                    **({} if each.given is None else {"input": each.given}),
                }
                for each in refusal.problems
            ]
        status = 422 if refusal.status == 415 else refusal.status
        if status == 422 and not refusal.problems:
            detail = [{"loc": ["body"], "msg": refusal.message, "type": "value_error"}]
        return json_answer({"detail": detail or refusal.message}, status=status, headers=refusal.headers)

    async def holdings(self) -> Sequence[Holding]:
        """The latest products and exports."""
        found = await self._shelf.store.list(ProductQuery(page_size=_SHOWN)).collect(_SHOWN)
        total = await self._shelf.find(ProductQuery(page_size=1), None, 0, 1)
        rows = [
            tuple(said_of(each)[key] or "" for key in ("name", "sku", "brand", "colour", "updated_at"))
            for each in found
        ]
        exports = [self._exports.public(work, "") for work in await self._exports.list()]
        return (
            Holding("Products", max(total.total, len(rows)), ("name", "SKU", "brand", "colour", "changed"), rows),
            Holding(
                "Exports",
                len(exports),
                ("id", "status", "shots"),
                [(each["id"], each["status"], str(each["total_items"])) for each in exports[:_SHOWN]],
            ),
        )

    async def log_in(self, asked: Asked) -> web.Response:
        """Password login, as OAuth 2 has it."""
        given, wanted = asked.body, self.settings
        right = hmac.compare_digest(given["username"].lower().encode(), wanted.username.lower().encode())
        right &= hmac.compare_digest(given["password"].encode(), wanted.password.encode())
        if not right:
            raise Refusal(int(self.quirks.bad_login), "Incorrect email or password")
        token = await self._tokens.issue(owner_of(wanted), wanted.token_lifetime)
        answer = {"access_token": token, "token_type": "bearer", "expires_in": int(wanted.token_lifetime)}
        if self.quirks.refresh_token == "present":  # noqa: S105 - a switch
            refresh = Tokens(self.ground.state, self.ground.clock, "refresh")
            answer["refresh_token"] = await refresh.issue(owner_of(wanted), 30 * 86_400)
        return json_answer(answer)

    async def create_product(self, asked: Asked) -> web.Response:
        """Make a product."""
        product = await self._products.create(asked)
        return await self._told(product, asked, int(self.quirks.created))

    async def list_products(self, asked: Asked) -> web.Response:
        """One page of the products of an organisation, or of the personal ones."""
        organization = self._products.organization(asked.query.get("organization_id"))
        skip, limit = asked.query["skip"], asked.query["limit"]
        found = await self._shelf.find(query_of(asked.query, self.quirks.default_sort), organization, skip, limit)
        data = [await self._products.public(each, asked.base_url) for each in found.products]
        if self.quirks.list_shape == "bare":
            return json_answer(data)
        count = found.total if self.quirks.count == "total" else len(data)
        if self.quirks.list_shape == "items-total":
            page = 1 + skip // limit if limit else 1
            return json_answer({"items": data, "total": count, "page": page, "size": limit})
        identity = {}
        if self.quirks.list_identity == "present":
            now = self.ground.clock.now().isoformat()
            identity = {"id": owner_of(self.settings), "created_at": now, "updated_at": now}
        return json_answer({**identity, "data": data, "count": count})

    async def read_product(self, asked: Asked) -> web.Response:
        """One product."""
        return await self._told(await self._products.get(asked), asked)

    async def update_product(self, asked: Asked) -> web.Response:
        """Change one product."""
        return await self._told(await self._products.update(asked), asked)

    async def archive_product(self, asked: Asked) -> web.Response:
        """Put a product away, or take it out again."""
        return await self._told(await self._products.archive(asked), asked)

    async def delete_product(self, asked: Asked) -> web.Response:
        """Remove a product."""
        product = await self._products.get(asked)
        shown = await self._products.public(product, asked.base_url)
        await self._products.delete(asked)
        return self._removed("Product deleted successfully", shown)

    async def select_shot(self, asked: Asked) -> web.Response:
        """Choose a picture for a type of shot."""
        product = await self._products.get(asked)
        await self._shoots.select(product, asked.body["shot_type"], asked.body.get("prediction_id"))
        await self._products.select(asked)
        return json_answer(await self._products.whole(product, asked.base_url))

    async def list_shots(self, asked: Asked) -> web.Response:
        """The shots of a product."""
        product = await self._products.get(asked)
        shots = await self._shoots.shots(
            product, asked.base_url, shot_type=asked.query.get("shot_type"), status=asked.query.get("status")
        )
        return _page_of(shots, asked)

    async def list_looks(self, asked: Asked) -> web.Response:
        """The looks of a product: the main ones, a summary of them, or the related ones as well."""
        product = await self._products.get(asked)
        path = asked.request.path
        scope = LookScope.RELATED if path.endswith("/related-shooting-looks") else LookScope.MAIN
        summary = path.endswith("-summary")
        return _page_of(await self._shoots.looks(product, asked.base_url, scope, summary=summary), asked)

    async def list_generations(self, asked: Asked) -> web.Response:
        """The model runs of a product, as a bare array; without ``organization_id`` only the personal ones."""
        product = await self._products.get(asked)
        if organization_of(product) != asked.query.get("organization_id"):
            return json_answer([])
        return json_answer(_slice(await self._shoots.generations(product, asked.base_url), asked))

    async def facet(self, asked: Asked) -> web.Response:
        """The distinct brands, collections, seasons or years."""
        facet = Facet(asked.request.path.strip("/").rpartition("/")[2].removeprefix("brand-"))
        data: list[Any]
        if facet is Facet.YEARS:
            # Years know no organisation: they are those of all own products, and the one account owns all there are.
            data = [int(year) for year in await self._shelf.store.facet(facet)]
        else:
            organization = self._products.organization(asked.query.get("organization_id"))
            data = await self._shelf.facet(facet, organization, asked.query.get("brand"))
        return json_answer({"data": data, "count": len(data)})

    async def start_export(self, asked: Asked) -> web.Response:
        """Begin to pack approved shots."""
        self._products.organization(asked.query.get("organization_id"))
        return json_answer(self._exports.public(await self._exports.start(asked), asked.base_url))

    async def list_exports(self, asked: Asked) -> web.Response:
        """The export tasks, the newest first."""
        tasks = [self._exports.public(work, asked.base_url) for work in await self._exports.list()]
        wanted = asked.query.get("status")
        return _page_of([each for each in tasks if wanted is None or each["status"] == wanted.upper()], asked)

    async def read_export(self, asked: Asked) -> web.Response:
        """How far an export is."""
        return json_answer(self._exports.public(await self._exports.get(asked.path["task_id"]), asked.base_url))

    async def cancel_export(self, asked: Asked) -> web.Response:
        """Stop an export."""
        work = await self._exports.cancel(asked.path["task_id"])
        status = "PROCESSING" if self.quirks.cancelled == "processing" else ""
        return json_answer(self._exports.public(work, asked.base_url, status=status))

    async def dismiss_export(self, asked: Asked) -> web.Response:
        """Forget an export."""
        work = await self._exports.dismiss(asked.path["task_id"])
        return self._removed("Export task dismissed", self._exports.public(work, asked.base_url))

    async def download_export(self, asked: Asked) -> web.StreamResponse:
        """The file of an export, once."""
        return await self._exports.download(asked)

    async def presign(self, asked: Asked) -> web.Response:
        """Where to put a file."""
        return json_answer(self._uploads.address(asked.body or {}, asked.base_url))

    async def take_upload(self, asked: Asked) -> web.Response:
        """Take a file at an address that was given out."""
        await self._uploads.put(asked)
        return web.Response()

    async def serve_upload(self, asked: Asked) -> web.Response:
        """The file that was uploaded."""
        data = await self._uploads.take(asked.request.path)
        if data is None:
            raise Refusal(404, "Not Found")
        return web.Response(body=data, content_type="application/octet-stream")

    async def serve_media(self, asked: Asked) -> web.StreamResponse:
        """A picture."""
        found = await self._media.file(asked.path["resource_id"])
        if found is None:
            raise Refusal(404, "Not Found")
        path, media_type = found
        return web.FileResponse(path, headers={"Content-Type": media_type, "X-Content-Type-Options": "nosniff"})

    async def _caption(self, work: Work, progress: Progress) -> None:  # noqa: ARG002 - one step
        product = await self._shelf.store.get(Ref.parse(work.request["product"]))
        await self._products.caption(product)

    async def _told(self, product: Product, asked: Asked, status: int = 200) -> web.Response:
        return json_answer(await self._products.public(product, asked.base_url), status=status)

    def _removed(self, message: str, what: Any) -> web.Response:
        if self.quirks.deleted == "empty":
            return web.Response(status=204)
        return json_answer(what if self.quirks.deleted == "product" else {"message": message})

    def _lacks_slash(self, request: web.Request) -> bool:
        return self.quirks.slash == "redirect" and request.path in _WITH_SLASH and not request.path.endswith("/")


_KINDS: Mapping[str, str] = {
    "maxLength": "string_too_long",
    "minimum": "greater_than_equal",
    "maximum": "less_than_equal",
    "maxItems": "too_long",
    "enum": "enum",
    "pattern": "string_pattern_mismatch",
    "uuid": "uuid_parsing",
    "date-time": "datetime_from_date_parsing",
    "string": "string_type",
    "integer": "int_type",
    "number": "float_type",
    "boolean": "bool_type",
    "object": "dict_type",
    "array": "list_type",
}
"""The framework's words for what is wrong."""


def kind_of(problem: Problem) -> str:
    """The framework's word for what is wrong: the vendor's are those of its framework."""
    return _KINDS.get(problem.rule or problem.kind, _KINDS.get(problem.kind, problem.kind))


_WITH_SLASH = {f"{PREFIX}/{name}" for name in ("products", "brands", "brand-collections", "seasons", "years")}
_STOCK = {404: "Not Found", 405: "Method Not Allowed"}


def _slice(found: list[Any], asked: Asked) -> list[Any]:
    return found[asked.query["skip"] : asked.query["skip"] + asked.query["limit"]]


def _page_of(found: list[Any], asked: Asked) -> web.Response:
    return json_answer({"data": _slice(found, asked), "count": len(found)})
