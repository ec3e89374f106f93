"""Version 0 of the protocol: the one that the vendor's page describes."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from placket.interfaces import Garment, GarmentImage, Image, Query
from placket.record import Detection

from ..answers import json_answer
from ..multipart import FILE, MULTIPART
from ..refusal import Refusal
from ..routes import FORM, TEXT, Answer, Asked, Body, Parameter, Route, Schema, schema_of
from ..tokens import Tokens
from ..vendor import Ground
from .catalog_view import CatalogView
from .catalogs import INDEXING, READY, Catalogs, Standing
from .form import Fields, fields_of
from .pictures import picture_of, size_of
from .quirks import ThreadGeniusQuirks
from .schemas import LONGEST_NAME, MOST_RESULTS, an_object
from .settings import ThreadGeniusSettings
from .usage import Usage
from .words import box_category, tags_of

PREFIX = "/v0"
TOKEN = f"{PREFIX}/token"
VERSION = 0

RESULTS = 50
"""Similar images, where nobody says how many."""

_PICTURE_FIELDS = ("url",)
_MOST_BYTES = 32 * 1024 * 1024

Handler = Callable[[Asked], Awaitable[web.StreamResponse]]


class VersionZero:
    """The routes of v0."""

    def __init__(
        self,
        ground: Ground,
        settings: ThreadGeniusSettings,
        quirks: ThreadGeniusQuirks,
        catalogs: Catalogs,
        usage: Usage,
    ) -> None:
        self._ground = ground
        self._settings = settings
        self._quirks = quirks
        self._catalogs = catalogs
        self._usage = usage
        self._view = CatalogView(quirks, catalogs)
        self.tokens = Tokens(ground.state, ground.clock)

    def routes(self) -> Iterable[Route]:
        """Every operation of the page; those whose reference ends in a slash, without it as well."""
        for method in _methods(self._quirks.token_method):
            yield from self._both(
                method, "/token", self._token, "Retrieve an access token", "Token",
                parameters=("api_key", "api_secret"), is_open=True,
            )  # fmt: skip
        yield from self._both(
            "POST", "/catalog", self._create, "Create new catalog", "OneCatalog", parameters=("name",)
        )
        yield from self._both("GET", "/catalog", self._list, "Get all catalogs", "AllCatalogs")
        one = "/catalog/{catalog_id}"
        yield self._route(
            "POST", f"{one}/upload", self._upload, "Upload catalog file", "OneCatalog",
            files=("catalog_file",), max_body=self._settings.largest_upload,
        )  # fmt: skip
        yield self._route("POST", f"{one}/index", self._index, "Index a catalog", "OneCatalog", takes_body=True)
        yield self._route("GET", one, self._get, "Get a catalog", "OneCatalog")
        yield self._route("DELETE", one, self._delete, "Delete a catalog", "DeletedCatalog")
        yield from self._both(
            "POST", "/tag", self._tag, "Tag an image", "Labels", parameters=_PICTURE_FIELDS, files=("image",)
        )
        yield from self._both(
            "POST", "/search", self._search, "Find similar products", "Similars",
            parameters=(*_PICTURE_FIELDS, "catalog_id", "n_results"), files=("image",),
        )  # fmt: skip
        yield from self._both(
            "POST", "/detect", self._detect, "Find clothing objects in an image", "Boxes",
            parameters=_PICTURE_FIELDS, files=("image",),
        )  # fmt: skip
        for method in _methods(self._quirks.usage_method):
            yield from self._both(method, "/usage", self._used, "Retrieve your API usage summary", "Usage")

    def _both(self, method: str, path: str, handler: Handler, *rest: Any, **options: Any) -> Iterable[Route]:
        yield self._route(method, f"{path}/", handler, *rest, **options)
        if self._quirks.slash == "redirect":
            options["is_open"] = True
            handler = _to_slash
        yield self._route(method, path, handler, *rest, **options, hidden=True)

    def _route(
        self,
        method: str,
        path: str,
        handler: Handler,
        summary: str,
        answer: str,
        *,
        parameters: tuple[str, ...] = (),
        files: tuple[str, ...] = (),
        takes_body: bool = False,
        max_body: int = _MOST_BYTES,
        **options: Any,
    ) -> Route:
        inside = Parameter("catalog_id", where="path", required=True)
        has_body = bool(method == "POST" and (parameters or files or takes_body))
        return Route(
            method=method,
            path=PREFIX + path,
            handler=handler,
            summary=summary,
            tag="v0",
            parameters=(
                *((inside,) if "{catalog_id}" in path else ()),
                *(Parameter(name) for name in parameters if self._quirks.parameters != "form" or method == "GET"),
            ),
            body=Body(
                None,
                MULTIPART,
                required=False,
                fields=_form_of(parameters, files),
                also=() if files == ("catalog_file",) else (FORM,),
            )
            if has_body
            else None,
            answers={200: Answer("OK", schema_of(answer))},
            max_body=max_body,
            **options,
        )

    async def _token(self, asked: Asked) -> web.Response:
        fields = self._fields(asked)
        for name, wanted in (("api_key", self._settings.api_key), ("api_secret", self._settings.api_secret)):
            if not hmac.compare_digest(fields.needed(name).encode(), wanted.encode()):
                raise Refusal(int(self._quirks.bad_credentials), "The api_key or the api_secret is not valid.")
        lifetime = self._settings.token_lifetime
        token = await self.tokens.issue(self._settings.api_key, lifetime, token=secrets.token_urlsafe(12))
        return envelope(access_token=token, token_type="bearer", expires_in_seconds=int(lifetime))  # noqa: S106 - its type

    async def _create(self, asked: Asked) -> web.Response:
        name = self._fields(asked).needed("name")
        if len(name) > LONGEST_NAME:
            raise Refusal(400, f"The name of a catalog has at most {LONGEST_NAME} characters.")
        return envelope(catalog=await self._view.shown(await self._catalogs.create(name, VERSION)))

    async def _list(self, asked: Asked) -> web.Response:  # noqa: ARG002 - one account
        found = await self._catalogs.all(VERSION)
        return envelope(catalog=[await self._view.shown(each, counts="num_total_images") for each in found])

    async def _get(self, asked: Asked) -> web.Response:
        standing = await self._catalogs.find(asked.path["catalog_id"], VERSION)
        return envelope(catalog=await self._view.shown(standing, counts="num_total_images"))

    async def _upload(self, asked: Asked) -> web.Response:
        standing = await self._catalogs.find(asked.path["catalog_id"], VERSION)
        content = self._fields(asked).file("catalog_file")
        if content is None:
            raise Refusal(400, "The parameter catalog_file is required.")
        await self._catalogs.upload(standing, content, asked.request.path)
        return envelope(catalog={**await self._view.shown(Standing(standing.catalog, None)), "status": "uploading"})

    async def _index(self, asked: Asked) -> web.Response:
        standing = await self._catalogs.find(asked.path["catalog_id"], VERSION)
        await self._catalogs.index(standing, asked.request.path)
        shown = await self._view.shown(Standing(standing.catalog, None), counts="num_images_total")
        return envelope(catalog={**shown, "status": self._view.word(INDEXING, "index in progress")})

    async def _delete(self, asked: Asked) -> web.Response:
        standing = await self._catalogs.find(asked.path["catalog_id"], VERSION)
        await self._catalogs.remove(standing, asked.request.path)
        return envelope("Catalog deleted.", catalog={"catalog_id": standing.catalog.id})

    async def _tag(self, asked: Asked) -> web.Response:
        image = await self._picture(self._fields(asked))
        findings = await self._ground.backend.garment_tagger.tag(Garment(secrets.token_hex(8), (GarmentImage(image),)))
        self._usage.count("tag")
        style = self._quirks.label_names
        return envelope(
            labels=[
                {"confidence": tag.confidence, "type": tag.type, "name": tag.named(style)} for tag in tags_of(findings)
            ]
        )

    async def _search(self, asked: Asked) -> web.Response:
        fields = self._fields(asked)
        standing = await self._catalogs.find(fields.needed("catalog_id"), VERSION)
        limit = _count(fields.text("n_results"))
        if standing.status != READY and self._quirks.out_of_phase == "refused":
            raise Refusal(400, f"The catalog cannot be searched while its status is '{standing.status}'.")
        image = await self._picture(fields)
        found = await self._catalogs.search(standing, Query(image=image, limit=limit))
        self._usage.count("search")
        similars = []
        for entry, hit in found:
            distance = 1 / hit.score - 1 if hit.distance is None else hit.distance
            similar = {"url": entry.url, "distance": distance, "iid": entry.id, "metadata": entry.spliced}
            if not entry.has_metadata and self._quirks.empty_metadata != "object":
                similar["metadata"] = None
                if self._quirks.empty_metadata == "absent":
                    del similar["metadata"]
            similars.append(similar)
        return envelope(similars=similars)

    async def _detect(self, asked: Asked) -> web.Response:
        image = await self._picture(self._fields(asked))
        wide, high = size_of(image)
        found: Iterable[Detection] = await self._ground.backend.visual_search.detect(image)
        if self._quirks.box_order == "left-to-right":
            found = sorted(found, key=lambda one: one.box)
        self._usage.count("detect")
        boxes = []
        for one in found:
            corners = [edge * side for edge, side in zip(one.box, (wide, high, wide, high), strict=True)]
            bbox = [round(each) for each in corners] if self._quirks.bbox == "integers" else corners
            # A finder that gives no score has found it all the same.
            score = 1.0 if one.score is None else one.score
            boxes.append({"category": box_category(one), "score": score, "bbox": bbox})
        return envelope(boxes=boxes)

    async def _used(self, asked: Asked) -> web.Response:  # noqa: ARG002 - one account
        return envelope(usage=await self._usage.by_month())

    def _fields(self, asked: Asked) -> Fields:
        return fields_of(asked, "both" if asked.request.method == "GET" else self._quirks.parameters)

    async def _picture(self, fields: Fields) -> Image:
        url, data = fields.text("url"), fields.file("image")
        if url and data is not None:
            if self._quirks.url_and_image == "refused":
                raise Refusal(400, "Provide either url or image, not both.")
            url, data = (url, None) if self._quirks.url_and_image == "url" else ("", data)
        if not url and data is None:
            raise Refusal(400, "Provide either an image URL (url) or the image file itself (image).")
        return await picture_of(self._ground.fetcher, url=url, data=data)


async def _to_slash(asked: Asked) -> web.Response:
    url = asked.request.rel_url
    return web.Response(status=308, headers={"Location": str(url.with_path(f"{url.path}/").with_query(url.query))})


def envelope(
    message: str = "OK", *, code: int = 200, headers: Mapping[str, str] | None = None, **carried: Any
) -> web.Response:
    """An answer in the envelope of v0."""
    return json_answer({"status": {"message": message, "code": code}, **carried}, headers=headers)


def _methods(quirk: str) -> tuple[str, ...]:
    return ("GET", "POST") if quirk == "both" else (quirk.upper(),)


def _form_of(parameters: tuple[str, ...], files: tuple[str, ...]) -> Schema:
    return an_object({**dict.fromkeys(parameters, TEXT), **dict.fromkeys(files, FILE)}, [])


def _count(text: str) -> int:
    if not text:
        return RESULTS
    if not (text.isascii() and text.isdigit()) or len(text) > 7 or not 1 <= int(text) <= MOST_RESULTS:
        raise Refusal(400, "n_results must be a whole number from 1.")
    return int(text)
