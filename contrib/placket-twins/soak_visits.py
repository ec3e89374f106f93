"""What clients of the five twins do in the soak: each visit is a short errand, and gives up where a fault ends it."""

from __future__ import annotations

import asyncio
import base64
import io
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from attrs import define, field
from PIL import Image as Pillow

from placket.interfaces import Image
from placket.testing import garment_png
from placket_twins import LoopbackImages, Twin

PROMPT = aiohttp.ClientTimeout(total=60)

_LISTS = ("brands/", "seasons/", "years/", "brand-collections/", "products/export-tasks")


class GivenUp(Exception):
    """The errand cannot go on: a fault, a refusal, or an answer that cannot be read."""


@define
class Crowd:
    """Who visits: the twins by vendor, where pictures are published, and what was answered so far."""

    twins: Mapping[str, Twin]
    images: LoopbackImages
    luck: random.Random
    answers: Counter[str] = field(factory=Counter)
    defects: list[str] = field(factory=list)
    picture: bytes = field(factory=garment_png)
    garment: str = ""
    catalog: str = ""

    async def visit(self, session: aiohttp.ClientSession) -> None:
        """One errand at one twin."""
        vendor = self.luck.choice(sorted(VISITS))
        try:
            await VISITS[vendor](self, Client(self, session, vendor))
        except GivenUp:
            self.answers["errands given up"] += 1
        else:
            self.answers["errands done"] += 1

    async def publish(self) -> str:
        """A picture's address."""
        return await self.images.publish(Image.of(self.picture))

    def is_drawn(self, share: float) -> bool:
        """Whether something rare is done now."""
        return self.luck.random() < share


@define
class Client:
    """One client of one twin."""

    crowd: Crowd
    session: aiohttp.ClientSession
    vendor: str
    headers: dict[str, str] = field(factory=dict)

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """What the twin answers, as JSON or as bytes; raises GivenUp."""
        url = path if path.startswith("http") else self.crowd.twins[self.vendor].url + path
        headers = {**self.headers, **options.pop("headers", {})}
        try:
            async with self.session.request(method, url, headers=headers, timeout=PROMPT, **options) as answer:
                data = await answer.read()
                self.crowd.answers[f"{answer.status // 100}xx"] += 1
                if answer.status == 500:
                    # The faults of the soak are 503: this one is the twin's own.
                    self.crowd.defects.append(f"{method} {url}: {data[:200]!r}")
                if answer.status >= 400:
                    raise GivenUp
                return await answer.json() if answer.content_type == "application/json" else data
        except TimeoutError as error:
            self.crowd.defects.append(f"{method} {url}: no answer in {PROMPT.total} s")
            raise GivenUp from error
        except (aiohttp.ClientError, ValueError) as error:
            self.crowd.answers["broken off"] += 1
            raise GivenUp from error

    def of(self, answer: Any, *names: str) -> Any:
        """What an answer holds under some names; a fault may have put anything there."""
        for name in names:
            if not isinstance(answer, dict) or name not in answer:
                raise GivenUp
            answer = answer[name]
        return answer


async def _aistetic(crowd: Crowd, client: Client) -> None:
    client.headers.update(crowd.twins["aistetic"].credentials)
    if not crowd.garment or crowd.is_drawn(0.05):
        name = f"garment-{crowd.luck.randrange(10**9)}"
        body = {"uuid": name, "image_url": await crowd.publish(), "attribute": {"Brand": "Halyard"}}
        await client.ask("POST", "/upload", json=body)
        crowd.garment = name
    for _ in range(3):
        await client.ask("GET", "/query", params={"uuid": crowd.garment})


async def _threadgenius(crowd: Crowd, client: Client) -> None:
    login = dict(crowd.twins["threadgenius"].credentials)
    token = client.of(await client.ask("POST", "/token/", data=login), "access_token")
    client.headers["Authorization"] = f"Bearer {token}"
    if not crowd.catalog or crowd.is_drawn(0.02):
        await _new_catalog(crowd, client)
    if crowd.is_drawn(0.15):
        form = aiohttp.FormData({"catalog_id": crowd.catalog, "n_results": "5"})
        form.add_field("image", io.BytesIO(crowd.picture), filename="garment.png")
        await client.ask("POST", "/search/", data=form)
    if crowd.is_drawn(0.03):
        await client.ask("POST", "/tag/", data={"url": await crowd.publish()})
    await client.ask("GET", f"/catalog/{crowd.catalog}")
    await client.ask("GET", "/usage/")


async def _new_catalog(crowd: Crowd, client: Client) -> None:
    """Make a catalog, fill and index it, and remove the one before."""
    made = await client.ask("POST", "/catalog/", data={"name": "soak"})
    catalog, before = client.of(made, "catalog", "catalog_id"), crowd.catalog
    lines = [f'{number}\t{await crowd.publish()}\t{{"price": {number}}}' for number in range(3)]
    form = aiohttp.FormData()
    form.add_field("catalog_file", io.BytesIO("\n".join(lines).encode()), filename="catalog.tsv")
    await client.ask("POST", f"/catalog/{catalog}/upload", data=form)
    for _ in range(100):
        shown = await client.ask("GET", f"/catalog/{catalog}")
        if client.of(shown, "catalog", "status") != "uploading":
            break
        await asyncio.sleep(0.1)
    await client.ask("POST", f"/catalog/{catalog}/index")
    crowd.catalog = catalog
    if before:
        await client.ask("DELETE", f"/catalog/{before}")


async def _sartiq(crowd: Crowd, client: Client) -> None:
    told = await client.ask("POST", "/login/access-token", data=dict(crowd.twins["sartiq"].credentials))
    client.headers["Authorization"] = f"Bearer {client.of(told, 'access_token')}"
    await client.ask("GET", "/products/", params={"limit": "20"})
    await client.ask("GET", f"/{crowd.luck.choice(_LISTS)}")
    if crowd.is_drawn(0.3):
        cover = base64.b64encode(crowd.picture).decode()
        body = {"name": "Shirt", "sku": f"S-{crowd.luck.randrange(10**6)}", "brand": "Halyard", "cover_image": cover}
        path = f"/products/{client.of(await client.ask('POST', '/products/', json=body), 'id')}"
        try:
            shown = await client.ask("PUT", path, json={"name": "Other shirt", "colour": "Navy"})
            await client.ask("GET", client.of(shown, "cover_image_url"))
            if crowd.is_drawn(0.2):
                wanted = {"product_ids": [client.of(shown, "id")]}
                await client.ask("POST", "/products/export-approved-shots/async", json=wanted)
        finally:
            await client.ask("DELETE", path)


async def _autoretouch(crowd: Crowd, client: Client) -> None:
    credentials = crowd.twins["autoretouch"].credentials
    login = {
        "grant_type": "refresh_token",
        "client_id": credentials["client_id"],
        "refresh_token": credentials["refresh token"],
    }
    token = client.of(await client.ask("POST", "/oauth/token", data=login), "access_token")
    client.headers["Authorization"] = f"Bearer {token}"
    await client.ask("GET", "/ai-shoot/skus?page=1&pageSize=20")
    if crowd.is_drawn(0.3):
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(crowd.picture), filename="shirt.png", content_type="image/png")
        image = await client.ask("POST", "/upload", data=form)
        body = {"name": "Shirt", "frontImage": image.decode() if isinstance(image, bytes) else image}
        sku = client.of(await client.ask("POST", "/ai-shoot/skus", json=body), "id")
        if crowd.is_drawn(0.02):
            await client.ask("POST", "/_twin/briefs", json={"name": "Spring", "skuIds": [sku]})
        await client.ask("DELETE", f"/ai-shoot/skus/{sku}")


async def _pictofit(crowd: Crowd, client: Client) -> None:
    twin = crowd.twins["pictofit"]
    client.headers["Authorization"] = f"Bearer {twin.credentials['API key']}"
    product, configuration, file = (str(uuid.UUID(int=crowd.luck.getrandbits(128))) for _ in range(3))
    body = {"customerId": twin.vendor.settings.customer_id, "name": "Shirt", "typeId": 1}
    await client.ask("PUT", f"/products/{product}", json=body)
    await client.ask("PUT", f"/configurations/{configuration}", json={"productId": product, "name": "Navy"})
    if crowd.is_drawn(0.1):
        form = aiohttp.FormData({"id": file, "name": "frontal_image", "configurationId": configuration, "typeId": "1"})
        form.add_field("file", io.BytesIO(_large(crowd.picture)), filename="top.png", content_type="image/png")
        await client.ask("POST", "/files", data=form)
        if crowd.is_drawn(0.05):
            await client.ask("POST", f"/configurations/{configuration}/ready", data=b"")
    await client.ask("GET", f"/products/{product}/configurations")


def _large(picture: bytes) -> bytes:
    """The picture in the size that the vendor wants at least."""
    file = io.BytesIO()
    with Pillow.open(io.BytesIO(picture)) as opened:
        opened.convert("RGB").resize((1000, 1200)).save(file, "PNG", compress_level=1)
    return file.getvalue()


VISITS: Mapping[str, Callable[[Crowd, Client], Awaitable[None]]] = {
    "aistetic": _aistetic,
    "autoretouch": _autoretouch,
    "pictofit": _pictofit,
    "sartiq": _sartiq,
    "threadgenius": _threadgenius,
}
