"""The vendor as its page describes it, on loopback, with switches for what the page leaves open; and the provider."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from placket.registry import ProviderContext, Secret, Url
from placket.testing.loopback_server import LoopbackServer
from placket.transport import HttpLimits
from placket_sartiq import SartiqSettings, placket_provider_types

USERNAME = "buyer@shop.example.com"
PASSWORD = "pass-4711-very-secret"
TOKEN = "token-4711-very-secret"
ROOT = "/api/v1"
WHEN = "2026-03-01T10:00:00.000Z"

NULL_IN_THE_EXAMPLE = """
    sku brand master_item_code product_family product_type product_type_id age_class placement zone type category
    sleeve_type neckline closure_type fit_type length_type pattern materials colour season year style_code in_store_date
    theme brand_collection description back_description ecommerce_description brand_metadata cover_image_url
    back_image_url cover_image_media back_image_media reference_images_media organization_id shot_status
    shot_status_shooting_look_id integration_name exports_completed exports_total
"""

# The answer to GET /products/{id} as the page shows it, all 54 keys.
PAGE_PRODUCT: dict[str, Any] = {
    **dict.fromkeys(NULL_IN_THE_EXAMPLE.split()),
    "id": "8d22ab70-5181-4535-8323-5c993cab7570",
    "created_at": "2022-04-13T15:42:05.901Z",
    "updated_at": "2022-04-13T15:42:05.901Z",
    "name": "string",
    "gender": "MALE",
    "reference_images": ["string"],
    "data_image_urls": ["string"],
    "public": True,
    "enabled": True,
    "archived": True,
    "demo": True,
    "is_filler": True,
    "owner_id": "b3136a10-f765-4194-9ff0-975f2d501e66",
    "shots": [None],
}

WRITTEN_PICTURES = {
    "cover_image": "cover_image_url",
    "back_image": "back_image_url",
    "reference_images": "reference_images",
}


class Vendor(LoopbackServer):
    """``shape`` is the shape of lists: data, items or array. ``lie`` changes the total. ``answers`` replace answers by
    method and path; each is JSON, a response, or a function of the request."""

    def __init__(self) -> None:
        super().__init__()
        self.products: dict[str, dict[str, Any]] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.children: dict[str, list[Any]] = {"shots": [], "looks": [], "generations": []}
        self.selected: list[dict[str, Any]] = []
        self.uploaded: dict[str, bytes] = {}
        self.storage_headers: list[Mapping[str, str]] = []
        self.shape = "data"
        self.lie: Callable[[int], Any] = int
        self.largest_page: int | None = None
        self.filled_in: dict[str, Any] = {}
        """What the vendor adds to each product that is made, where its maker says nothing."""
        self.exports_end = False
        self.logins = 0
        self.refresh_token = ""
        self.expires_in: Any = 3600
        self.bad_token = 401
        self.answers: dict[tuple[str, str], Any] = {}
        self.queries: list[tuple[str, str, dict[str, list[str]]]] = []
        self._route_all()

    @property
    def base_url(self) -> str:
        return self.url + ROOT

    def add(self, **fields: Any) -> dict[str, Any]:
        """A product as if somebody had made it."""
        made = {**copy.deepcopy(PAGE_PRODUCT), "shots": [], "reference_images": [], "data_image_urls": []}
        made |= {"id": str(uuid.uuid4()), "created_at": WHEN, "updated_at": WHEN, "archived": False, **fields}
        self.products[made["id"]] = made
        return made

    def add_task(self, status: str = "COMPLETED", **fields: Any) -> dict[str, Any]:
        made = {
            "id": str(uuid.uuid4()),
            "owner_id": PAGE_PRODUCT["owner_id"],
            "task_type": "APPROVED_SHOTS",
            "status": status,
            "progress": 45,
            "total_items": 100,
            "processed_items": 45,
            "created_at": WHEN,
            "updated_at": WHEN,
            **fields,
        }
        self.tasks[made["id"]] = made
        return made

    def last(self, method: str, path: str) -> Any:
        """The last request to a path under the base."""
        return self.asked(method, ROOT + path)[-1]

    def _route_all(self) -> None:
        one = "/products/{id}"
        tasks = "/products/export-tasks"
        routes: list[tuple[str, str, Any]] = [
            ("POST", "/uploads/presigned-url", self._presigned),
            ("POST", "/products/", self._create),
            ("GET", "/products/", self._list),
            ("POST", "/products/export-approved-shots/async", self._start_export),
            ("GET", tasks, lambda request: self._page(request, list(self.tasks.values()), 10)),
            ("GET", tasks + "/{id}", lambda request: self._task(request)),
            ("DELETE", tasks + "/{id}", self._cancel),
            ("DELETE", tasks + "/{id}/dismiss", self._dismiss),
            ("GET", tasks + "/{id}/download", self._download),
            ("POST", "/products/selected_shot/{id}", self._select),
            ("GET", one, self._get),
            ("PUT", one, self._update),
            ("DELETE", one, self._delete),
            ("PATCH", one + "/archived", self._archive),
            ("GET", one + "/shots", self._shots),
            ("GET", one + "/shooting-looks", lambda request: self._child(request, "looks")),
            ("GET", one + "/shooting-looks-summary", lambda request: self._child(request, "looks")),
            ("GET", one + "/related-shooting-looks", lambda request: self._child(request, "looks")),
            ("GET", one + "/generations", self._generations),
            ("GET", "/brands/", lambda request: self._facet(request, "brand")),
            ("GET", "/brand-collections/", lambda request: self._facet(request, "brand_collection")),
            ("GET", "/seasons/", lambda request: self._facet(request, "season")),
            ("GET", "/years/", lambda request: self._facet(request, "year")),
        ]
        self.route("POST", ROOT + "/login/access-token")(self._login)
        self.route("PUT", "/r2/{key}")(self._store)
        for method, path, handler in routes:
            self.route(method, ROOT + path)(self._guarded(handler))
        for path in ("/products", "/brands", "/brand-collections", "/seasons", "/years"):
            # What FastAPI answers to the other form of an address.
            self.route("*", ROOT + path)(lambda request: web.Response(status=307, headers={"Location": "/elsewhere"}))

    def _guarded(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        def guarded(request: web.Request) -> Any:
            self.queries.append((request.method, request.path, parse_qs(request.query_string)))
            if request.headers.get("Authorization") != f"Bearer {TOKEN}-{self.logins}":
                return web.json_response({"detail": "Could not validate credentials"}, status=self.bad_token)
            given = self.answers.get((request.method, request.path.removeprefix(ROOT)))
            if given is not None:
                found = given(request) if callable(given) else given
                if found is not None:
                    return found
            return handler(request)

        return guarded

    async def _login(self, request: web.Request) -> Any:
        form = await request.post()
        if request.content_type != "application/x-www-form-urlencoded" or (form["username"], form["password"]) != (
            USERNAME,
            PASSWORD,
        ):
            return web.json_response({"detail": "Incorrect email or password"}, status=401)
        self.logins += 1
        refresh = {"refresh_token": self.refresh_token} if self.refresh_token else {}
        return {
            "access_token": f"{TOKEN}-{self.logins}",
            "token_type": "bearer",
            "expires_in": self.expires_in,
            **refresh,
        }

    async def _presigned(self, request: web.Request) -> Any:
        key = f"temp-{len(self.uploaded)}"
        return {
            "upload_url": f"{self.url}/r2/{key}?X-Amz-Signature=signed-4711",
            "file_url": f"https://cdn.sartiq.example/temp/{key}",
            "expires_in_seconds": 600,
        }

    async def _store(self, request: web.Request) -> Any:
        self.storage_headers.append(request.headers)
        self.uploaded[request.match_info["key"]] = await request.read()
        return ""

    async def _create(self, request: web.Request) -> Any:
        body = await request.json()
        missing = [name for name in ("name", "cover_image") if name not in body]
        if missing and request.query["mode"] == "complete":
            return web.json_response(
                {"detail": [{"loc": ["body", name], "msg": "Field required", "type": "missing"} for name in missing]},
                status=422,
            )
        made = self.add(gender="UNISEX", public=False, is_filler=False, demo=False, name="")
        self._write(made, {**{key: value for key, value in self.filled_in.items() if made[key] is None}, **body})
        if made["description"] is None and request.query["sync_captioning"] == "true":
            made["description"] = "A caption by the vendor's model"
        return made

    async def _update(self, request: web.Request) -> Any:
        if (found := self.products.get(request.match_info["id"])) is None:
            return self._missing()
        self._write(found, await request.json())
        return found

    def _write(self, product: dict[str, Any], body: dict[str, Any]) -> None:
        for key, value in body.items():
            if key in WRITTEN_PICTURES:
                several = value if isinstance(value, list) else [value]
                urls = [one["url"] if isinstance(one, dict) else one for one in several]
                value = urls if isinstance(value, list) else urls[0]
            elif key not in product:
                raise AssertionError(f"the vendor knows no {key}")
            product[WRITTEN_PICTURES.get(key, key)] = value

    def _list(self, request: web.Request) -> Any:
        query = request.query
        found = [one for one in self.products.values() if one["enabled"] is (query.get("enabled", "true") == "true")]
        for parameter, key in (("brand", "brand"), ("season", "season"), ("gender", "gender")):
            if parameter in query:
                found = [one for one in found if str(one[key]).lower() == query[parameter].lower()]
        if "brand_collection" in query:
            found = [one for one in found if one["brand_collection"] in query.getall("brand_collection")]
        if "search" in query:
            found = [one for one in found if query["search"] in f"{one['name']} {one['sku']}"]
        return self._page(request, found)

    def _get(self, request: web.Request) -> Any:
        return self.products.get(request.match_info["id"]) or self._missing()

    def _delete(self, request: web.Request) -> Any:
        return {"message": "ok"} if self.products.pop(request.match_info["id"], None) else self._missing()

    async def _archive(self, request: web.Request) -> Any:
        assert not await request.read(), "the page has no body here"
        found = self.products.get(request.match_info["id"])
        if found is None:
            return self._missing()
        found["archived"] = request.query["archived"] == "true"
        return found

    async def _select(self, request: web.Request) -> Any:
        self.selected.append(await request.json())
        return {"id": request.match_info["id"], "selected_shots": {}}

    def _shots(self, request: web.Request) -> Any:
        wanted = {"shot_type": request.query.get("shot_type"), "status": request.query.get("status")}
        found = [
            one
            for one in self.children["shots"]
            if all(value is None or one[key] == value for key, value in wanted.items())
        ]
        return self._page(request, found)

    def _child(self, request: web.Request, name: str) -> Any:
        return self._page(request, self.children[name])

    def _generations(self, request: web.Request) -> Any:
        skip, limit = int(request.query["skip"]), int(request.query["limit"])
        return web.json_response(self.children["generations"][skip : skip + limit])

    def _facet(self, request: web.Request, key: str) -> Any:
        brand = request.query.get("brand")
        chosen = [one for one in self.products.values() if brand in (None, one["brand"])]
        values = sorted({one[key] for one in chosen if one[key]}, reverse=key == "year")
        return self._shaped(values, len(values), request)

    async def _start_export(self, request: web.Request) -> Any:
        return self.add_task("PENDING", progress=0, processed_items=0, request=await request.json())

    def _task(self, request: web.Request) -> Any:
        found = self.tasks.get(request.match_info["id"])
        if found is not None and self.exports_end:
            found["status"] = "COMPLETED"
        return found or self._missing()

    def _cancel(self, request: web.Request) -> Any:
        found = self.tasks.get(request.match_info["id"])
        if found is None:
            return self._missing()
        shown = {**found, "status": "PROCESSING"}
        found["status"] = "CANCELLED"
        return shown

    def _dismiss(self, request: web.Request) -> Any:
        return None if self.tasks.pop(request.match_info["id"], None) else self._missing()

    def _download(self, request: web.Request) -> Any:
        if self.tasks.pop(request.match_info["id"], None) is None:
            return self._missing()
        return web.Response(body=b"PK\x03\x04" + bytes(200_000), content_type="application/zip")

    def _missing(self) -> web.Response:
        return web.json_response({"detail": "Product not found"}, status=404)

    def _page(self, request: web.Request, items: list[Any], default: int = 100) -> Any:
        skip = int(request.query.get("skip", 0))
        limit = min(int(request.query.get("limit", default)), self.largest_page or 10**9)
        return self._shaped(items[skip : skip + limit], len(items), request)

    def _shaped(self, items: list[Any], total: int, request: web.Request) -> Any:
        if self.shape == "array":
            return web.json_response(items)
        if self.shape == "items":
            return {"items": items, "total": self.lie(total), "page": 1, "size": len(items)}
        return {"id": None, "created_at": WHEN, "updated_at": WHEN, "data": items, "count": self.lie(total)}


@pytest.fixture
def new_vendor() -> Callable[[], Vendor]:
    """Makes a vendor that is not started yet."""
    return Vendor


@pytest.fixture
def provider(vendor: Vendor, new_context: Callable[..., ProviderContext]) -> Callable[..., Any]:
    """Build the provider as the app does; keywords go to its settings."""

    def build(*, name: str = "shop", limits: HttpLimits | None = None, **settings: Any) -> Any:
        (kind,) = placket_provider_types()
        chosen = {
            "username": USERNAME,
            "password": Secret(PASSWORD),
            "base_url": Url(vendor.base_url),
            **settings,
        }
        return kind.factory(SartiqSettings(**chosen), new_context(name, limits=limits))

    return build


@pytest.fixture
def page_product() -> dict[str, Any]:
    """The page's example of a product, all 54 keys."""
    return copy.deepcopy(PAGE_PRODUCT)


@pytest.fixture
def sent(vendor: Vendor) -> Callable[[str, str], Any]:
    """The body of the last request of a method to a path."""
    return lambda method, path: json.loads(vendor.last(method, path).body)


@pytest.fixture
def queried(vendor: Vendor) -> Callable[[str, str], dict[str, list[str]]]:
    """The query of the last request of a method to a path, repeated keys and all."""
    return lambda method, path: [query for *asked, query in vendor.queries if asked == [method, ROOT + path]][-1]
