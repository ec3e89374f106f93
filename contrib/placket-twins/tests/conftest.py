"""A picture, a tagger that says what it is told to, and a twin to ask."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image as Picture
from PIL import ImageDraw

from placket.interfaces import Findings, Garment, GarmentTagger, Image, SystemClock
from placket.record import Alternative, ClaimBuilder, Color, Source, Vocabulary
from placket.testing import VirtualClock, VirtualTimeLoop
from placket_twins import AisteticQuirks, LoopbackImages, Twin

API_KEY = "key-of-the-dashboard"
DOMAIN = "shop.example.com"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_time: runs in real time, because databases have threads of their own")


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    return {"real": asyncio.new_event_loop} if item.get_closest_marker("real_time") else {"virtual": VirtualTimeLoop}


class MovableClock(SystemClock):
    """The system's clock, which a test can put forward; who sleeps only lets others go on."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def forward(self, seconds: float) -> None:
        self._ahead += seconds

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._ahead)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.fixture
def movable_clock() -> MovableClock:
    return MovableClock()


def garment_picture(color: str = "#1d2a52", background: str = "#f2efe9") -> bytes:
    """A plain T-shirt on a plain ground."""
    picture = Picture.new("RGB", (300, 360), background)
    shirt = [
        (100, 60),
        (200, 60),
        (280, 120),
        (250, 170),
        (220, 150),
        (220, 320),
        (80, 320),
        (80, 150),
        (50, 170),
        (20, 120),
    ]
    ImageDraw.Draw(picture).polygon(shirt, fill=color)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def picture() -> bytes:
    return garment_picture()


class ScriptedTagger(GarmentTagger):
    """Says what a test wants said, and remembers what it was asked."""

    def __init__(self) -> None:
        self.build = ClaimBuilder(Source("scripted"), Vocabulary.default())
        self.error: Exception | None = None
        self.asked: list[Garment] = []

    async def tag(self, garment: Garment) -> Findings:
        self.asked.append(garment)
        if self.error is not None:
            raise self.error
        return Findings(self.build.claims)

    def see_skinny_jeans(self) -> None:
        """What the vendor's page shows, as claims."""
        term = Vocabulary.default().get
        self.build.add("category", term("category", "aa-1-12-4"), confidence=0.9)
        self.build.add(
            "fit", term("fit", "slim"), confidence=0.8, alternatives=self._other("fit", "x:relaxed", "x:regular")
        )
        blue, gray = term("color", "blue"), term("color", "gray")
        assert blue is not None
        assert gray is not None
        self.build.add("color", Color(blue, 0.9), confidence=0.9, alternatives=(Alternative(Color(gray)),))
        self.build.add("fabric", term("fabric", "denim"), confidence=0.95)
        self.build.measure("Waist", 29, "inches")
        self.build.measure("Length", 74, "cm")

    def _other(self, attribute: str, *ids: str) -> tuple[Alternative, ...]:
        return tuple(Alternative(Vocabulary.default().get(attribute, each)) for each in ids)


@pytest.fixture
def tagger() -> ScriptedTagger:
    return ScriptedTagger()


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


_SERVE = """
import asyncio, json, sys
from placket_twins import Twin

async def main():
    async with Twin(sys.argv[1], **json.loads(sys.argv[2])) as url:
        print(url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def another_process() -> Callable[..., AbstractAsyncContextManager[str]]:
    """Serve a twin in another process, which is killed at the end; gives its URL."""

    @asynccontextmanager
    async def served(vendor: str, *, state: Path, **options: Any) -> AsyncIterator[str]:
        command = [sys.executable, "-c", _SERVE, vendor, json.dumps({"state": str(state), **options})]
        process = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            yield (await asyncio.to_thread(process.stdout.readline)).strip()
        finally:
            process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.wait)
            process.stdout.close()

    return served


@pytest.fixture
async def images() -> AsyncIterator[LoopbackImages]:
    async with LoopbackImages() as host:
        yield host


@pytest.fixture
async def image_url(images: LoopbackImages, picture: bytes) -> str:
    return await images.publish(Image.of(picture))


class Client:
    """Requests as the vendor's page writes them."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self.session = session
        self.base_url = base_url

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any], Any]:
        headers = {"API-KEY": API_KEY, "DOMAIN": DOMAIN, **options.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        async with self.session.request(method, self.base_url + path, headers=headers, **options) as answer:
            return answer.status, await answer.json(), answer.headers

    async def upload(self, **body: Any) -> tuple[int, dict[str, Any], Any]:
        return await self.request("POST", "/upload", json=body)

    async def query(self, uuid: str) -> tuple[int, dict[str, Any], Any]:
        return await self.request("GET", "/query", params={"uuid": uuid})


MakeClient = Callable[..., Awaitable[Client]]


@pytest.fixture
async def make_client(tagger: ScriptedTagger, clock: VirtualClock, images: LoopbackImages) -> AsyncIterator[MakeClient]:
    """Start a twin with some quirks and settings, and get a client of it."""
    async with AsyncExitStack() as opened:

        async def make(*, limit: int | None = None, **options: Any) -> Client:
            settings = {
                name: options.pop(name)
                for name in ("tagger", "trusted_hosts", "queuing", "processing")
                if name in options
            }
            twin = Twin(
                "aistetic",
                api_key=API_KEY,
                domain=DOMAIN,
                requests_per_minute=limit,
                clock=clock,
                quirks=AisteticQuirks(**options),
                **{"tagger": tagger, "trusted_hosts": (images.authority,), **settings},
            )
            base_url = await opened.enter_async_context(twin)
            session = await opened.enter_async_context(aiohttp.ClientSession())
            return Client(session, base_url)

        yield make
