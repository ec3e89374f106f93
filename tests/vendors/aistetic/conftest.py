"""The vendor as its page describes it, on loopback, with switches for what the page leaves open; and the provider."""

from __future__ import annotations

import asyncio
import copy
import socket
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiohttp import web

from placket.interfaces import GarmentTagger
from placket.registry import ProviderContext, Secret, Url
from placket.testing.loopback_server import LoopbackServer
from placket.testing.virtual_time import VirtualClock
from placket.transport import LimiterGroup
from placket_aistetic import AisteticSettings, placket_provider_types

API_KEY = "key-4711-very-secret"
DOMAIN = "shop.example.com"

PAGE_DATA: dict[str, Any] = {
    "uuid": "976",
    "annotated_img": "https://s3.amazonaws.com/path/to/annotated_image.jpg",
    "tag": {
        "Brand": "Stone Island",
        "Category": "Clothing",
        "Closure": "Button",
        "Closure Alternatives": ["Drawstring", "Snap", "Zip"],
        "Closure Confidence": "High",
        "Colour": "Blue",
        "Colour Alternatives": ["Grey", "Black", "Turquoise"],
        "Colour Confidence": "High",
        "Fabric Type": "Denim",
        "Fabric Type Alternatives": ["Canvas", "Knit", "Corduroy"],
        "Fabric Type Confidence": "High",
        "Fit": "Slim",
        "Fit Alternatives": ["Relaxed", "Regular", "Athletic"],
        "Fit Confidence": "High",
        "Gender": "Womens",
        "Item Type": "Skinny Jeans",
        "Item Type Alternatives": ["Straight Jeans", "Bootcut Jeans", "High Waist Jeans"],
        "Item Type Confidence": "High",
        "Material": "Cotton",
    },
    "measurements": {"Length (inches)": 29, "Rise (inches)": 11, "Waist (inches)": 29},
    "description": "These Stone Island women's skinny jeans are crafted from high-quality cotton denim, "
    "offering both comfort and style.",
    "complete": True,
}
PENDING: dict[str, Any] = {
    "annotated_img": "",
    "tag": None,
    "measurements": None,
    "description": "",
    "complete": False,
}


def envelope(data: Any, *, ok: bool = True, message: str = "success!", error: Any = ()) -> dict[str, Any]:
    return {"status": ok, "data": data, "error": list(error), "message": message}


class Vendor(LoopbackServer):
    """``latency``: seconds from upload to complete. ``upload_answer`` and ``query_answer``, when set, answer instead:
    a JSON value, a response, or a function of the request that gives one of them or None for the usual answer."""

    def __init__(self) -> None:
        super().__init__()
        self.latency = 0.0
        self.finished: dict[str, Any] = copy.deepcopy(PAGE_DATA)
        self.pending: dict[str, Any] = dict(PENDING)
        self.by_image: Callable[[str], dict[str, Any]] | None = None
        self.upload_answer: Any = None
        self.query_answer: Any = None
        self.uploads: list[dict[str, Any]] = []
        self.queries: list[str] = []
        self.times: list[float] = []
        self._jobs: dict[str, tuple[float, dict[str, Any]]] = {}
        self.route("POST", "/garment-tagging/upload")(self._upload)
        self.route("GET", "/garment-tagging/query")(self._query)

    @property
    def service(self) -> str:
        """The base URL as the settings take it."""
        return f"{self.url}/garment-tagging"

    @property
    def headers(self) -> list[Mapping[str, str]]:
        return [request.headers for request in self.requests]

    async def _upload(self, request: web.Request) -> Any:
        self.times.append(asyncio.get_running_loop().time())
        body = await request.json()
        self.uploads.append(body)
        if (other := _instead(self.upload_answer, request)) is not None:
            return other
        self._jobs[body["uuid"]] = (self.times[-1] + self.latency, body)
        return envelope({})

    def _query(self, request: web.Request) -> Any:
        self.times.append(asyncio.get_running_loop().time())
        uuid = request.query["uuid"]
        self.queries.append(uuid)
        if (other := _instead(self.query_answer, request)) is not None:
            return other
        if uuid not in self._jobs:
            return envelope({}, ok=False, message="unknown uuid", error=["no such image"])
        done_at, body = self._jobs[uuid]
        if self.times[-1] < done_at:
            return envelope({"uuid": uuid, **self.pending})
        finished = self.by_image(body["image_url"]) if self.by_image else self.finished
        return envelope({**finished, "uuid": uuid})


def _instead(answer: Any, request: web.Request) -> Any:
    return answer(request) if callable(answer) else answer


@pytest.fixture
def new_vendor() -> type[Vendor]:
    """Makes the vendor's server; for the conformance kit, which starts it itself."""
    return Vendor


@pytest.fixture
def provider(
    vendor: Vendor, clock: VirtualClock, new_context: Callable[..., ProviderContext]
) -> Callable[..., GarmentTagger]:
    """Build the provider as the app does; ``limited`` with the type's own rate limit, the rest goes to its settings."""

    def build(*, limited: bool = False, image_host: Any = None, name: str = "tags", **settings: Any) -> GarmentTagger:
        (kind,) = placket_provider_types()
        limiter = LimiterGroup(clock).limiter(name, kind.rate_limit) if limited else None
        context = new_context(name, plugin="placket 1.0", limiter=limiter, image_host=image_host)
        chosen = {"api_key": Secret(API_KEY), "domain": DOMAIN, "base_url": Url(vendor.service), **settings}
        built = kind.factory(AisteticSettings(**chosen), context)
        assert isinstance(built, GarmentTagger)
        return built

    return build


@pytest.fixture
def page_data() -> dict[str, Any]:
    """The data of the page's example answer."""
    return copy.deepcopy(PAGE_DATA)


@pytest.fixture
def unused_url() -> str:
    """An address on loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
