"""Version 1 of the vendor, as far as it is known, on loopback; and the provider that speaks it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from placket.testing.loopback_server import LoopbackServer

API_KEY = "key-4711-very-secret"


class VendorV1(LoopbackServer):
    """Version 1, as far as it is known."""

    def __init__(self) -> None:
        super().__init__()
        self.catalogs: dict[str, dict[str, Any]] = {}
        self.page = 2
        self.tags: Any = [{"name": "chelsea boots", "confidence": 0.9}, {"name": "red", "confidence": 0.8}]
        self.status = "ready for query"
        basic = base64.b64encode(f"{API_KEY}:".encode()).decode()

        def route(method: str, path: str) -> Callable[[Any], Any]:
            def register(handler: Any) -> Any:
                async def guarded(request: web.Request) -> Any:
                    if request.headers.get("Authorization") != f"Basic {basic}":
                        return {"status": {"description": "Invalid API key."}}
                    try:
                        given = await handler(request)
                    except KeyError:
                        return web.json_response({"status": {"description": "Not found."}}, status=404)
                    return given if isinstance(given, web.Response) else self.said(given)

                return self.route(method, f"/v1{path}")(guarded)

            return register

        @route("POST", "/prediction/tag")
        async def tag(request: web.Request) -> Any:
            return {"prediction": {"gid": "prediction_1", "data": {"tags": self.tags}}}

        @route("POST", "/prediction/detect")
        async def detect(request: web.Request) -> Any:
            return {"prediction": {"gid": "prediction_2", "data": {"detections": [{"bbox": [0.1, 0.2, 0.5, 1.0]}]}}}

        @route("POST", "/catalog")
        async def create(request: web.Request) -> Any:
            gid = f"catalog_{len(self.catalogs):04x}"
            self.catalogs[gid] = {"name": (await request.json())["name"], "objects": {}}
            return {"catalog": self.shown(gid)}

        @route("GET", "/catalog")
        async def catalogs(request: web.Request) -> Any:
            return self.paged(request, "catalogs", [self.shown(gid) for gid in self.catalogs])

        @route("GET", "/catalog/{gid}")
        async def catalog(request: web.Request) -> Any:
            return {"catalog": self.shown(request.match_info["gid"])}

        @route("DELETE", "/catalog/{gid}")
        async def delete(request: web.Request) -> Any:
            del self.catalogs[request.match_info["gid"]]
            return web.Response(status=204)

        @route("POST", "/catalog/{gid}/object")
        async def add(request: web.Request) -> Any:
            given = (await request.json())["objects"]
            assert len(given) <= 32
            objects = self.catalogs[request.match_info["gid"]]["objects"]
            for one in given:
                objects[f"object_{len(objects):04x}"] = one
            return {"objects": given}

        @route("GET", "/catalog/{gid}/object")
        async def listed(request: web.Request) -> Any:
            objects = self.catalogs[request.match_info["gid"]]["objects"]
            return self.paged(request, "objects", [{"gid": gid, **one} for gid, one in objects.items()])

        @route("DELETE", "/catalog/{gid}/object/{object}")
        async def delete_object(request: web.Request) -> Any:
            del self.catalogs[request.match_info["gid"]]["objects"][request.match_info["object"]]
            return {}

        @route("POST", "/catalog/{gid}/search")
        async def search(request: web.Request) -> Any:
            asked = await request.json()
            objects = self.catalogs[request.match_info["gid"]]["objects"]
            found = [{"object": {"gid": gid, **one}} for gid, one in objects.items()]
            return {"results": found[: asked["n_results"]]}

        @route("GET", "/usage")
        async def usage(request: web.Request) -> Any:
            return {"usage": {"2017-1": {"tag": {"num_calls": 7, "num_images": 9}}}}

    @property
    def base(self) -> str:
        return f"{self.url}/v1"

    def said(self, response: Any) -> dict[str, Any]:
        return {"status": {"description": "OK"}, "response": response}

    def shown(self, gid: str) -> dict[str, Any]:
        return {"gid": gid, "name": self.catalogs[gid]["name"], "status": {"description": self.status}}

    def paged(self, request: web.Request, noun: str, everything: list[Any]) -> dict[str, Any]:
        start = int(request.query.get("next_key", "key_0").removeprefix("key_"))
        shown: dict[str, Any] = {noun: everything[start : start + self.page]}
        if start + self.page < len(everything):
            shown["next_key"] = f"key_{start + self.page}"
        return shown


@pytest.fixture
async def vendor_v1() -> AsyncIterator[VendorV1]:
    async with VendorV1() as server:
        yield server


@pytest.fixture
def provider_v1(vendor_v1: VendorV1, build: Callable[..., Any]) -> Callable[..., Any]:
    """The provider with protocol v1."""

    def built(**settings: Any) -> Any:
        return build(vendor_v1, protocol="v1", api_secret=None, **settings)

    return built


@pytest.fixture
def new_vendor_v1() -> Callable[[], VendorV1]:
    """A server of version 1 that is not started yet."""
    return VendorV1
