"""The vendor as its page describes it, on loopback, with switches for what the page leaves open; and the provider."""

from __future__ import annotations

import asyncio
import inspect
import io
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from email.parser import BytesParser
from typing import Any

import pytest
from aiohttp import web
from PIL import Image as Picture

from placket.interfaces import ARContentBuilder
from placket.registry import ProviderContext, Secret, Url
from placket.testing.loopback_server import LoopbackServer, Received
from placket_pictofit import PictofitSettings, placket_provider_types

API_KEY = "pf-key-4711-very-secret"
CUSTOMER = "428ab0cd-3205-4674-a188-08d5b0355406"
PRODUCT = "48d17eb6-88f4-4b99-9f21-2a6653a10bc8"
CONFIGURATION = "85f09939-272c-406f-b3ad-3b4fcc991517"

FINISHED: dict[str, Any] = {
    "productId": PRODUCT,
    "name": "Default",
    "sku": "netaporter1074749",
    "createdAt": 1533892992.2956457,
    "modifiedAt": 1533893672.3920932,
    "stateId": 4,
    "productTypeId": 1,
    "customerId": CUSTOMER,
    "url": None,
    "results": [],
    "metadata": {},
    "id": CONFIGURATION,
}
"""The page's example, its results left out as the page leaves them out."""


class Vendor(LoopbackServer):
    """Keeps products, configurations and pictures; a ready configuration moves on each time it is looked at.

    ``path_of_states`` are the states that a ready configuration goes through. ``answers``, by method and path, answer
    instead of the service. ``files`` are its finished files by path, and what they need no key for is elsewhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self.products: dict[str, dict[str, Any]] = {}
        self.configurations: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, dict[str, Any]] = {}
        self.callbacks: dict[str, dict[str, Any]] = {}
        self.triggered: list[tuple[str, str]] = []
        self.states = [3, 4]
        self.results: Any = []
        self.files: dict[str, bytes] = {}
        self.answers: dict[tuple[str, str], Any] = {}
        self.product_types: Any = [{"id": 1, "name": "GARMENT_2D"}, {"id": 2, "name": "GARMENT_3D"}]
        self.image_types: Any = [{"id": 1, "name": "FRONTAL"}, {"id": 2, "name": "REFERENCE_ADDITIONAL"}]
        self.callback_types: Any = [{"id": 7, "name": "PRODUCT_COMPLETED"}]
        self._left: dict[str, list[int]] = {}
        self.route("*", "/v1.5/{tail:.*}")(self._answer)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1.5"

    def sent(self, method: str, path: str) -> list[Received]:
        return self.asked(method, f"/v1.5{path}")

    def finish(self, *more: dict[str, Any], **changes: Any) -> None:
        """Keep one finished configuration, and more of them."""
        for one in ({**FINISHED, **changes}, *more):
            self.configurations[one["id"]] = one

    async def _answer(self, request: web.Request) -> Any:
        path = request.path.removeprefix("/v1.5")
        if request.headers.get("Authorization") != f"Bearer {API_KEY}":
            return web.json_response({"message": f"no access for {request.headers.get('Authorization')}"}, status=401)
        instead = self.answers.get((request.method, path))
        if instead is not None:
            given = instead(request) if callable(instead) else instead
            return await given if inspect.isawaitable(given) else given
        parts = path.strip("/").split("/")
        match request.method, parts:
            case "GET", ["products", "types"]:
                return self.product_types
            case "GET", ["files", "types"]:
                return self.image_types
            case "GET", ["Customer", "callbacks", "types"]:
                return self.callback_types
            case "PUT", ["products", id_]:
                self.products[id_] = await request.json()
                return web.json_response({**self.products[id_], "id": id_}, status=201)
            case "PUT", ["configurations", id_]:
                return self._configure(id_, await request.json())
            case "POST", ["configurations", id_, "ready"]:
                assert await request.read() == b""
                self.configurations[id_]["stateId"] = 2
                self._left[id_] = list(self.states)
                return None
            case "POST", ["files"]:
                return self._keep(await self._form(request))
            case "GET", ["products", id_, "configurations"]:
                return self._look(id_)
            case "PUT", ["customers", _, "callbacks", kind]:
                self.callbacks[kind] = await request.json()
                return None
            case "POST" | "GET", ["customers", _, "callbacks", kind, "trigger", id_]:
                self.triggered.append((kind, id_))
                return None
            case "GET", _ if path in self.files:
                return web.Response(body=self.files[path], content_type="application/octet-stream")
        return web.Response(status=404)

    def _configure(self, id_: str, body: dict[str, Any]) -> None:
        product = self.products[body["productId"]]
        kept = self.configurations.setdefault(
            id_, {**FINISHED, "stateId": 1, "sku": None, "productTypeId": product["typeId"], "id": id_}
        )
        kept.update(body)

    def _keep(self, form: dict[str, Any]) -> Any:
        if form["id"] in self.pictures:
            return web.Response(status=409)
        self.pictures[form["id"]] = form
        return web.json_response({"id": form["id"]}, status=201)

    def _look(self, product: str) -> list[dict[str, Any]]:
        found = [one for one in self.configurations.values() if one["productId"] == product]
        for one in found:
            if left := self._left.get(one["id"]):
                one["stateId"] = left.pop(0)
                one["results"] = self.results if one["stateId"] == 4 else []
        return found

    async def _form(self, request: web.Request) -> dict[str, Any]:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        message = BytesParser().parsebytes(head + await request.read())
        form: dict[str, Any] = {}
        for part in message.get_payload():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if part.get_filename():
                form |= {name: content, "filename": part.get_filename(), "type": part.get_content_type()}
            else:
                form[name] = content.decode()
        return form


@pytest.fixture
def new_vendor() -> type[Vendor]:
    """Makes the vendor's server; for the conformance kit, which starts it itself."""
    return Vendor


@pytest.fixture
def vendor_in_a_thread() -> Iterator[Vendor]:
    """The vendor in a loop of its own, for tests that are not async."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        server = Vendor()
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
        yield server
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
async def bucket() -> AsyncIterator[LoopbackServer]:
    """Another host, where finished files may be."""
    server = LoopbackServer()

    @server.route("GET", "/files/{name}")
    async def file(request: web.Request) -> web.Response:
        return web.Response(body=f"the bytes of {request.match_info['name']}".encode())

    async with server:
        yield server


@pytest.fixture
def provider(vendor: Vendor, new_context: Callable[..., ProviderContext]) -> Callable[..., ARContentBuilder]:
    """Build the provider as the app does; what is not named here goes to its settings."""

    def build(
        *, image_host: Any = None, name: str = "ar", trusted: tuple[str, ...] = (), **settings: Any
    ) -> ARContentBuilder:
        (kind,) = placket_provider_types()
        context = new_context(name, image_host=image_host, trusted_hosts=trusted)
        chosen = {
            "api_key": Secret(API_KEY),
            "customer_id": CUSTOMER,
            "base_url": Url(vendor.base_url),
            **settings,
        }
        built = kind.factory(PictofitSettings(**chosen), context)
        assert isinstance(built, ARContentBuilder)
        return built

    return build


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """A picture of one colour in a size, as the bytes of a file."""

    def draw(width: int = 1500, height: int = 1500, kind: str = "PNG", color: str = "navy") -> bytes:
        buffer = io.BytesIO()
        Picture.new("RGB", (width, height), color).save(buffer, kind)
        return buffer.getvalue()

    return draw
