"""The vendor as its page describes it, on loopback, with switches for what the page leaves open; and the provider."""

from __future__ import annotations

import asyncio
import copy
import json
import struct
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from email import message_from_bytes
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from placket.interfaces import Image, ImageHost
from placket.merge import merge
from placket.record import Label, MediaItem, Price, Source, Vocabulary, claims_of_known
from placket.registry import ProviderContext, Secret, Url
from placket.testing.loopback_server import LoopbackServer
from placket_threadgenius import ThreadGeniusSettings, placket_provider_types

API_KEY = "key-4711-very-secret"
API_SECRET = "secret-0815-even-more"

LABELS = [
    {"confidence": 0.7053355574607849, "type": "shape", "name": "chelsea boots"},
    {"confidence": 0.5393210053443909, "type": "color", "name": "color charcoal"},
]
BOXES = [
    {"category": "pants-long", "score": 0.6992457509040833, "bbox": [48, 203, 270, 524]},
    {"category": "footwear-regular", "score": 0.9771430492401123, "bbox": [143, 455, 216, 536]},
    {"category": "footwear-regular", "score": 0.7428352236747742, "bbox": [88, 423, 159, 502]},
    {"category": "outerwear-light", "score": 0.9962784647941589, "bbox": [66, 55, 243, 293]},
]
USAGE = {
    "2017-1": {
        "catalog_index": {"num_calls": 2, "num_images": 1000},
        "search": {"num_calls": 11, "num_images": 11},
        "detect": {"num_calls": 1, "num_images": 1},
        "tag": {"num_calls": 7, "num_images": 7},
        "catalog_upload": {"num_calls": 8, "num_images": 4000},
    },
    "2016-12": {"tag": {"num_calls": 11, "num_images": 11}, "search": {"num_calls": 60, "num_images": 60}},
}
CREATED = "2016-12-12 09:24:54.301953+00:00"


def png_of(width: int, height: int) -> bytes:
    """As much of a PNG as tells its size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0\0\0\0\0"


def _part(part: Any) -> tuple[str, Any]:
    content, filename = part.get_payload(decode=True), part.get_filename()
    name = part.get_param("name", header="Content-Disposition")
    return name, content.decode() if filename is None else (filename, part.get_content_type(), content)


class Vendor(LoopbackServer):
    """Version 0. ``upload_seconds`` and ``index_seconds``: how long the phases take; None for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: Any = copy.deepcopy(LABELS)
        self.boxes: Any = copy.deepcopy(BOXES)
        self.usage: Any = copy.deepcopy(USAGE)
        self.upload_seconds: float | None = 0.0
        self.index_seconds: float | None = 0.0
        self.upload_fails = self.index_fails = False
        self.token_methods = {"GET", "POST"}
        self.usage_methods = {"GET", "POST"}
        self.authorizations = {"bearer", "token"}
        self.slashes = {True, False}
        self.lifetime: Any = 86399
        self.mirrors_codes = True
        self.bad_token = 401
        self.tokens: list[str] = []
        self.revoked: set[str] = set()
        self.catalogs: dict[str, dict[str, Any]] = {}
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self.route("GET", "/photo.png")(lambda _: web.Response(body=png_of(300, 600), content_type="image/png"))
        for method, path, handler in (
            ("*", "/v0/token", self._token),
            ("POST", "/v0/catalog", self._create),
            ("GET", "/v0/catalog/", self._list),
            ("GET", "/v0/catalog/{id}", self._get),
            ("DELETE", "/v0/catalog/{id}", self._delete),
            ("POST", "/v0/catalog/{id}/upload", self._upload),
            ("POST", "/v0/catalog/{id}/index", self._index),
            ("POST", "/v0/tag", self._tag),
            ("POST", "/v0/search", self._search),
            ("POST", "/v0/detect", self._detect),
            ("*", "/v0/usage", self._usage),
        ):
            self.route(method, path)(self._guarded(handler))
            if method != "GET" and "{id}" not in path:
                self.route(method, f"{path}/")(self._guarded(handler))

    @property
    def base(self) -> str:
        return f"{self.url}/v0"

    def said(self, code: int, message: str = "OK", **nouns: Any) -> web.Response:
        body = {"status": {"message": message, "code": code}, **nouns}
        return web.json_response(body, status=code if self.mirrors_codes else 200)

    def _guarded(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if request.path != "/v0/catalog/" and request.path.endswith("/") not in self.slashes:
                return web.Response(status=301, headers={"Location": f"{request.path}/"})
            if handler != self._token and (refusal := self._refusal(request)):
                return refusal
            given = handler(request)
            answer: web.StreamResponse = await given if asyncio.iscoroutine(given) else given
            return answer

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        header = request.headers.get("Authorization", "")
        form, token = ("bearer", header.removeprefix("Bearer ")) if header.startswith("Bearer ") else ("token", header)
        if form in self.authorizations and token in self.tokens and token not in self.revoked:
            return None
        return self.said(self.bad_token, f"Unauthorized: {token}")

    async def _form(self, request: web.Request) -> dict[str, Any]:
        form: dict[str, Any]
        if request.content_type == "multipart/form-data":
            head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n"
            form = dict(map(_part, message_from_bytes(head.encode() + await request.read()).get_payload()))
        else:
            form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append((request.path, form))
        return form

    async def _token(self, request: web.Request) -> web.Response:
        if request.method not in self.token_methods:
            return self.said(405, "Method Not Allowed")
        pair = await self._form(request) if request.method == "POST" else dict(request.query)
        if pair != {"api_key": API_KEY, "api_secret": API_SECRET}:
            return self.said(401, f"Unauthorized: {pair}")
        self.tokens.append(f"token-number-{len(self.tokens)}")
        return self.said(200, access_token=self.tokens[-1], token_type="bearer", expires_in_seconds=self.lifetime)

    async def _create(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        catalog_id = f"cdae7e788f1e{len(self.catalogs):04d}"
        self.catalogs[catalog_id] = {"name": form["name"], "items": [], "phase": "new", "since": 0.0}
        return self.said(200, catalog=self._shown(catalog_id))

    def status_of(self, catalog: dict[str, Any]) -> str:
        elapsed = asyncio.get_running_loop().time() - catalog["since"]
        if catalog["phase"] == "upload":
            if self.upload_seconds is None or elapsed < self.upload_seconds:
                return "uploading"
            return "upload error" if self.upload_fails else "upload done"
        if catalog["phase"] == "index":
            if self.index_seconds is None or elapsed < self.index_seconds:
                return "indexing"
            return "index error" if self.index_fails else "ready for query"
        return "new"

    def _shown(self, catalog_id: str, **more: Any) -> dict[str, Any]:
        catalog = self.catalogs[catalog_id]
        status, total = self.status_of(catalog), len(catalog["items"])
        shown = {"catalog_id": catalog_id, "date_created": CREATED, "name": catalog["name"], "status": status, **more}
        if status not in ("new", "uploading"):
            shown["num_total_images"] = total
        if status == "ready for query":
            shown["num_images_indexed"] = total
        if status.endswith("error"):
            shown["error_log"] = "line 3: no such image\nline 4: no such image\n"
        return shown

    def _list(self, request: web.Request) -> web.Response:
        return self.said(200, catalog=[self._shown(catalog_id) for catalog_id in self.catalogs])

    def _get(self, request: web.Request) -> web.Response:
        catalog_id = request.match_info["id"]
        if catalog_id not in self.catalogs:
            return self.said(404, "Not Found")
        return self.said(200, catalog=self._shown(catalog_id))

    def _delete(self, request: web.Request) -> web.Response:
        catalog_id = request.match_info["id"]
        if self.catalogs.pop(catalog_id, None) is None:
            return self.said(404, "Not Found")
        return self.said(200, "Catalog deleted.", catalog={"catalog_id": catalog_id})

    async def _upload(self, request: web.Request) -> web.Response:
        catalog_id = request.match_info["id"]
        if catalog_id not in self.catalogs:
            return self.said(404, "Not Found")
        file = (await self._form(request))["catalog_file"][2].decode()
        assert file.endswith("\n")
        rows = [line.split("\t") for line in file.removesuffix("\n").split("\n")]
        assert {len(row) for row in rows} <= {2, 3}, "every line has two or three columns"
        catalog = self.catalogs[catalog_id]
        catalog["items"] += [(row[0], row[1], json.loads(row[2]) if len(row) > 2 else None) for row in rows]
        catalog.update(phase="upload", since=asyncio.get_running_loop().time())
        return self.said(200, catalog=self._shown(catalog_id, status="uploading"))

    def _index(self, request: web.Request) -> web.Response:
        catalog_id = request.match_info["id"]
        catalog = self.catalogs[catalog_id]
        if self.status_of(catalog) in ("new", "uploading"):
            return self.said(400, "Catalog is not uploaded.")
        catalog.update(phase="index", since=asyncio.get_running_loop().time())
        total = len(catalog["items"])
        return self.said(200, catalog=self._shown(catalog_id, status="index in progress", num_images_total=total))

    async def _picture(self, request: web.Request) -> dict[str, Any] | None:
        form = await self._form(request)
        return form if ("url" in form) != ("image" in form) else None

    async def _tag(self, request: web.Request) -> web.Response:
        if await self._picture(request) is None:
            return self.said(400, "Give a url or an image.")
        return self.said(200, labels=self.labels)

    async def _detect(self, request: web.Request) -> web.Response:
        if await self._picture(request) is None:
            return self.said(400, "Give a url or an image.")
        return self.said(200, boxes=self.boxes)

    async def _search(self, request: web.Request) -> web.Response:
        form = await self._picture(request)
        catalog = self.catalogs.get(form["catalog_id"]) if form else None
        if form is None or catalog is None or self.status_of(catalog) != "ready for query":
            return self.said(400, "Catalog is not ready.")
        found = catalog["items"][: int(form.get("n_results", 50))]
        similars = [
            {"url": url, "distance": 0.25 * (place + 1), "iid": item_id, "metadata": metadata}
            for place, (item_id, url, metadata) in enumerate(found)
        ]
        return self.said(200, similars=similars)

    def _usage(self, request: web.Request) -> web.Response:
        if request.method not in self.usage_methods:
            return self.said(405, "Method Not Allowed")
        return self.said(200, usage=self.usage)


class Host(ImageHost):
    """Publishes nowhere, and says where."""

    def __init__(self) -> None:
        self.published: list[Image] = []

    async def publish(self, image: Image) -> str:
        self.published.append(image)
        return f"https://img.example.com/{image.sha256[:8]}{image.suffix}"


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def png() -> Callable[[int, int], bytes]:
    return png_of


@pytest.fixture
def build(new_context: Callable[..., ProviderContext]) -> Callable[..., Any]:
    """Build the provider as the app does, for a server; what is no part of the context goes to its settings."""

    def built(server: Any, *, image_host: Any = None, name: str = "tg", **settings: Any) -> Any:
        (kind,) = placket_provider_types()
        context = new_context(name, image_host=image_host, trusted_hosts=(server.url.removeprefix("http://"),))
        chosen = {
            "api_key": Secret(API_KEY),
            "api_secret": Secret(API_SECRET),
            "base_url": Url(server.base),
            **settings,
        }
        return kind.factory(ThreadGeniusSettings(**chosen), context)

    return built


@pytest.fixture
def provider(vendor: Vendor, build: Callable[..., Any]) -> Callable[..., Any]:
    """The provider with protocol v0."""

    def built(**settings: Any) -> Any:
        return build(vendor, **settings)

    return built


async def _streamed(items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item


@pytest.fixture
def streamed() -> Callable[[Any], AsyncIterator[Any]]:
    return _streamed


@pytest.fixture
def new_vendor() -> Callable[[], Vendor]:
    """A server of version 0 that is not started yet."""
    return Vendor


@pytest.fixture
def garment() -> Any:
    """A garment's record, and a way to make another of claims."""

    def merged(claims: Any) -> Any:
        return merge(claims, id="garment-1")

    source, words = Source("shop"), Vocabulary.default()
    known = {
        "sku": "120984",
        "category": "sweatshirt",
        "color": ["red", "navy"],
        "price": Price(Decimal("19.99"), "EUR"),
        "labels": [Label("cosy")],
        "media": [MediaItem("front", "https://cdn.example.com/1.jpg")],
        "extra.threadgenius.metadata.shelf": 12,
    }
    claims = claims_of_known(known, source=source, vocabulary=words)
    return SimpleNamespace(record=merged(claims), merged=merged)
