"""A builder that makes what it is told to, a receiver of callbacks, and a twin to ask."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image as Picture

from placket.interfaces import ArConfiguration, ARContentBuilder, ArProduct, ArProductDraft, FinishedJob, Job, Ref
from placket.record import ArAsset
from placket.testing import LoopbackServer, VirtualClock
from placket_twins import Twin
from placket_twins.pictofit import PictofitQuirks

KEY = "key-of-the-cms"
CUSTOMER = "428ab0cd-3205-4674-a188-08d5b0355406"


class ScriptedBuilder(ARContentBuilder):
    """Makes a file of each format for each product, and remembers what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drafts: dict[str, ArProductDraft] = {}
        self.asked = 0
        self.error: Exception | None = None
        self.formats: Sequence[str] = ("glb", "glb-web", "usdz")
        self.began = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def product_types(self) -> tuple[str, ...]:
        return ("scripted",)

    async def image_roles(self) -> tuple[str, ...]:
        return ("front", "reference")

    async def create_product(self, draft: ArProductDraft) -> ArProduct:
        self.asked += 1
        self.began.set()
        self.drafts[draft.id] = draft
        return ArProduct(Ref("scripted", "ar_product", draft.id), draft.name, "scripted", ())

    async def mark_ready(self, product: Ref) -> Job[ArProduct]:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        draft = self.drafts[product.id]
        assets = tuple(self._asset(draft.configurations[0], each) for each in self.formats)
        return FinishedJob(ArProduct(product, draft.name, "scripted", (), assets))

    def _asset(self, configuration: ArConfiguration, form: str) -> ArAsset:
        suffix = form.partition("-")[0]
        path = self.folder / f"{configuration.id}-{form}.{suffix}"
        path.write_bytes(f"{form} of {configuration.name}".encode())
        return ArAsset(form, path=str(path))


@pytest.fixture
async def builder(tmp_path: Path) -> ScriptedBuilder:
    folder = tmp_path / "built"
    folder.mkdir()
    return ScriptedBuilder(folder)


def picture_of(width: int = 1000, height: int = 1200, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Picture.new("RGB", (width, height), "#1d2a52").save(file, form)
    return file.getvalue()


@pytest.fixture
def picture() -> bytes:
    return picture_of(1600, 1800)


class Client:
    """Requests as the vendor's page writes them."""

    def __init__(self, session: aiohttp.ClientSession, twin: Twin) -> None:
        self.session = session
        self.twin = twin
        self.customer = CUSTOMER

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {KEY}", **options.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        async with self.session.request(method, self.twin.url + path, headers=headers, **options) as answer:
            data = await answer.read()
            if answer.content_type in ("application/json", "application/problem+json"):
                return answer.status, await answer.json(content_type=None)
            return answer.status, data

    async def product(self, **body: Any) -> str:
        product_id = body.pop("id", None) or str(uuid.uuid4())
        body = {"customerId": CUSTOMER, "name": "My example product", "typeId": 1, **body}
        status, told = await self.request("PUT", f"/products/{product_id}", json=body)
        assert status < 300, told
        return product_id

    async def configuration(self, product_id: str, **body: Any) -> str:
        configuration_id = body.pop("id", None) or str(uuid.uuid4())
        body = {"productId": product_id, "name": "Default configuration", **body}
        status, told = await self.request("PUT", f"/configurations/{configuration_id}", json=body)
        assert status < 300, told
        return configuration_id

    async def file(self, configuration_id: str, data: bytes | None = None, **fields: Any) -> tuple[int, Any]:
        path = fields.pop("path", "/files")
        media_type = fields.pop("media_type", "image/png")
        fields = {"id": str(uuid.uuid4()), "name": "frontal_image", "typeId": "1", **fields}
        form = aiohttp.FormData({**fields, "configurationId": configuration_id})
        file = io.BytesIO(picture_of() if data is None else data)
        form.add_field("file", file, filename="upload.png", content_type=media_type)
        return await self.request("POST", path, data=form)

    async def ready(self, configuration_id: str) -> tuple[int, Any]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.request("POST", f"/configurations/{configuration_id}/ready", data=b"", headers=headers)

    async def configurations(self, product_id: str) -> Any:
        status, told = await self.request("GET", f"/products/{product_id}/configurations")
        assert status == 200, told
        return told

    async def prepared(self, **product: Any) -> tuple[str, str]:
        """A product with one configuration and its frontal picture."""
        product_id = await self.product(**product)
        configuration_id = await self.configuration(product_id)
        status, told = await self.file(configuration_id)
        assert status < 300, told
        return product_id, configuration_id

    async def finished(self) -> Any:
        """A finished product's configurations."""
        product_id, configuration_id = await self.prepared()
        await self.ready(configuration_id)
        await self.twin.settled()
        return await self.configurations(product_id)


MakeClient = Callable[..., Awaitable[Client]]


@pytest.fixture
async def make_client(builder: ScriptedBuilder) -> AsyncIterator[MakeClient]:
    """Start a twin with some quirks, and get a client of it."""
    async with AsyncExitStack() as opened:

        async def make(*, settings: dict[str, Any] | None = None, **quirks: Any) -> Client:
            backend = SimpleNamespace(ar_content_builder=builder)
            options = {"api_key": KEY, "clock": VirtualClock(), "backend": backend, **(settings or {})}
            twin = Twin("pictofit", quirks=PictofitQuirks(**quirks), **options)
            await opened.enter_async_context(twin)
            return Client(await opened.enter_async_context(aiohttp.ClientSession()), twin)

        yield make


class Receiver:
    """A server of the customer's, which is called back."""

    def __init__(self) -> None:
        self.server = LoopbackServer()
        self.statuses: list[int] = []
        self.server.route("POST", "/{path:.*}")(self._take)

    def _take(self, request: web.Request) -> web.Response:
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)

    @property
    def url(self) -> str:
        return f"{self.server.url}/done"

    @property
    def calls(self) -> list[tuple[str, str, bytes]]:
        """The path, the Authorization header and the body of each call."""
        return [(each.path, each.headers.get("Authorization", ""), each.body) for each in self.server.requests]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    async with found.server:
        yield found
