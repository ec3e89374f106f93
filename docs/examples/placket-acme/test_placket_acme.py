"""Acme against the rules that every provider keeps, and what is Acme's own."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from aiohttp import web

import placket
from placket.testing import LoopbackServer, TaggerConformance, VirtualClock, garment_png, run_virtual

KEY = "acme-key-for-tests"


class AcmeServer(LoopbackServer):
    """Plays Acme, as its page describes it."""

    def __init__(self) -> None:
        super().__init__()
        self.route("POST", "/v1/tags")(self.tags)

    async def tags(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Key") != KEY:
            return web.json_response({"detail": "wrong key"}, status=401)
        picture = sha256(await request.read()).hexdigest()
        return web.json_response(
            {
                "brand": "Acme",
                "colour": "navy",
                "sure": 0.9,
                "waist_cm": 38,
                "words": ["casual", f"picture {picture[:8]}"],
                "batch": 7,
            }
        )


class TestAcme(TaggerConformance):
    plugin = "acme"

    def server(self) -> LoopbackServer:
        return AcmeServer()

    def settings(self, url: str) -> Mapping[str, Any]:
        return {"api_key": KEY, "base_url": url}


def test_its_answer_becomes_a_record() -> None:
    async def tagged() -> placket.GarmentRecord:
        async with AcmeServer() as server:
            config = {
                "providers": {"acme": {"plugin": "acme", "api_key": {"env": "ACME_KEY"}, "base_url": server.url}},
                "routes": {"garment_tagger": {"targets": ["acme"]}},
            }
            async with placket.open(config, environ={"ACME_KEY": KEY}, clock=VirtualClock()) as router:
                return await router.tag(garment_png())

    record = run_virtual(tagged())
    assert record.brand == "Acme"
    assert record.color[0].term.id == "navy"
    assert record.measurements["waist"].mm == 380
    assert record.extra["acme.batch"] == 7
