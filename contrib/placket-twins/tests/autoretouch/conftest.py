"""A shoot manager that makes what it is told to, and a twin to ask."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from PIL import Image as Picture

from placket.interfaces import (
    Brief,
    BriefDraft,
    FinishedJob,
    Job,
    JobState,
    JobStatus,
    Listing,
    Page,
    Ref,
    ShootManager,
    Sku,
    SkuDraft,
)
from placket.record import MediaItem, Shot
from placket.testing import VirtualClock
from placket_twins import Twin
from placket_twins.autoretouch import AutoretouchQuirks


def picture_of(width: int = 1600, height: int = 1800, color: str = "#1d2a52", form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Picture.new("RGB", (width, height), color).save(file, form)
    return file.getvalue()


@pytest.fixture
def picture() -> bytes:
    return picture_of()


class ScriptedShoots(ShootManager):
    """Makes one picture for each garment and wanted shot, and remembers what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.skus: dict[str, SkuDraft] = {}
        self.briefs: dict[str, tuple[Sequence[Ref], BriefDraft]] = {}
        self.failing: set[str] = set()
        self.error: Exception | None = None
        self.began = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.started: set[str] = set()

    async def create_sku(self, draft: SkuDraft) -> Sku:
        ref = Ref("scripted", "sku", f"s{len(self.skus)}")
        self.skus[ref.id] = draft
        return Sku(ref, ())

    async def shot_kinds(self) -> Mapping[str, tuple[str, ...]]:
        return {"pack-shot": ("square",), "detail": ()}

    async def create_brief(self, skus: Sequence[Ref], draft: BriefDraft) -> Brief:
        ref = Ref("scripted", "brief", f"b{len(self.briefs)}")
        self.briefs[ref.id] = (skus, draft)
        return Brief(ref, draft.name, tuple(skus), draft.shots, JobStatus(JobState.QUEUED))

    async def start_brief(self, brief: Ref) -> Job[Brief]:
        self.began.set()
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.started.add(brief.id)
        skus, draft = self.briefs[brief.id]
        return FinishedJob(Brief(brief, draft.name, tuple(skus), draft.shots, JobStatus(JobState.SUCCEEDED)))

    def brief_results(self, brief: Ref) -> Listing[Shot]:
        skus, draft = self.briefs[brief.id]
        shots = [self._shot(brief, sku, each.kind) for sku in skus for each in draft.shots]

        async def fetch(_: str | None) -> Page[Shot]:
            return Page(shots, len(shots))

        return Listing(fetch)

    def _shot(self, brief: Ref, sku: Ref, kind: str) -> Shot:
        name = f"{brief.id}-{sku.id}-{kind}"
        if brief.id not in self.started or kind in self.failing:
            reason = {"reason": f"no {kind} can be made"} if kind in self.failing else {}
            state = "failed" if kind in self.failing else "pending"
            return Shot(name, state, kind, details={"sku": str(sku), **reason})
        path = self.folder / f"{name}.png"
        path.write_bytes(picture_of(8, 8, "#ffffff") + name.encode())
        image = MediaItem("shot", path=str(path), media_type="image/png")
        return Shot(name, "in-review", kind, image=image, details={"sku": str(sku)})


@pytest.fixture
async def shoots(tmp_path: Path) -> ScriptedShoots:
    folder = tmp_path / "shot"
    folder.mkdir()
    return ScriptedShoots(folder)


class Client:
    """Requests as the vendor's pages write them."""

    def __init__(self, session: aiohttp.ClientSession, twin: Twin) -> None:
        self.session = session
        self.twin = twin
        self.token = ""

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        async with self.session.request(method, self.twin.url + path, headers=headers, **options) as answer:
            data = await answer.read()
            return answer.status, await answer.json() if answer.content_type == "application/json" else data

    async def form(self, path: str, **fields: str) -> tuple[int, Any]:
        return await self.request("POST", path, data={"client_id": "twin-client-id", **fields})

    async def refreshed(self, token: str = "twin-refresh-token") -> tuple[int, Any]:
        return await self.form("/oauth/token", grant_type="refresh_token", refresh_token=token)

    async def log_in(self) -> None:
        status, told = await self.refreshed()
        assert status == 200, told
        self.token = told["access_token"]

    async def upload(self, data: bytes, path: str = "/upload", **query: str) -> tuple[int, str]:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(data), filename="shirt.png", content_type="image/png")
        status, told = await self.request("POST", path, data=form, params=query)
        return status, told.decode() if isinstance(told, bytes) else told

    async def sku(self, **body: Any) -> Any:
        body = {"name": "Blue Shirt", "frontImage": "image-identifier-front", **body}
        status, told = await self.request("POST", "/ai-shoot/skus", json=body)
        assert status == 201, told
        return told

    async def skus(self, **query: Any) -> Any:
        status, told = await self.request("GET", "/ai-shoot/skus", params=query)
        assert status == 200, told
        return told

    async def brief(self, **body: Any) -> int:
        status, told = await self.request("POST", "/_twin/briefs", json={"name": "Spring", **body})
        assert status == 201, told
        return int(told["id"])

    async def results(self, brief_id: int, **query: Any) -> Any:
        status, told = await self.request("GET", f"/ai-shoot/briefs/{brief_id}/results", params=query)
        assert status == 200, told
        return told

    async def shot(self, **body: Any) -> Any:
        """The results of a brief about one SKU with a real picture."""
        _, image = await self.upload(picture_of())
        sku = await self.sku(frontImage=image)
        brief_id = await self.brief(skuIds=[sku.get("id", sku.get("skuId"))], **body)
        await self.twin.settled()
        return await self.results(brief_id)


MakeClient = Callable[..., Awaitable[Client]]


@pytest.fixture
async def make_client(shoots: ScriptedShoots) -> AsyncIterator[MakeClient]:
    """Start a twin with some quirks, and get a client of it that has logged in."""
    async with AsyncExitStack() as opened:

        async def make(*, settings: dict[str, Any] | None = None, log_in: bool = True, **quirks: Any) -> Client:
            options = {"clock": VirtualClock(), "backend": SimpleNamespace(shoot_manager=shoots), **(settings or {})}
            twin = Twin("autoretouch", quirks=AutoretouchQuirks(**quirks), **options)
            await opened.enter_async_context(twin)
            client = Client(await opened.enter_async_context(aiohttp.ClientSession()), twin)
            if log_in:
                await client.log_in()
            return client

        yield make
