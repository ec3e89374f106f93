"""A vendor on loopback, a plugin that asks it, and a router over several providers of it, in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import frozen

import placket
from placket.interfaces import Capabilities, Findings, Garment, GarmentTagger, Level, current_call
from placket.record import ClaimBuilder
from placket.registry import ProviderContext, ProviderType, Secret, Url, setting
from placket.testing import LoopbackServer
from placket.testing.fixtures import clock, pytest_asyncio_loop_factories
from placket.testing.virtual_time import VirtualClock
from placket.transport import StaticHeaders

__all__ = ["clock", "pytest_asyncio_loop_factories"]

SECRET = "key-that-nobody-may-see"


@frozen(kw_only=True)
class ShopSettings:
    api_key: Secret = setting(doc="The key.")
    base_url: Url = setting(doc="Where the vendor is.")
    path: str = setting(default="/tag", doc="What to ask for.")
    charge: float = setting(default=0.0, doc="What the vendor says that a call costs.")


class Shop(GarmentTagger):
    def __init__(self, settings: ShopSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        self._http = context.http(settings.base_url, StaticHeaders({"X-Key": settings.api_key}))

    async def tag(self, garment: Garment) -> Findings:
        answer = await self._http.get(self._settings.path, params={"sku": garment.id})
        call = current_call.get()
        if self._settings.charge and call is not None:
            call.charge(self._settings.charge)
        build = ClaimBuilder(self._context.source("tag"), self._context.vocabulary)
        build.text("brand", answer.json_object().get("brand"), path="brand")
        return Findings(build.claims)


@placket.hookimpl
def placket_provider_types() -> list[ProviderType]:
    levels = {"garment_tagger.tag": Level.FULL}
    return [
        ProviderType(
            name="shop",
            title="A vendor for tests",
            settings=ShopSettings,
            factory=Shop,
            interfaces=(GarmentTagger,),
            capabilities=Capabilities(levels, {"brand": Level.FULL}),
        )
    ]


SHOP = SimpleNamespace(__name__="shop", placket_provider_types=placket_provider_types)


@pytest.fixture
async def server() -> AsyncIterator[LoopbackServer]:
    """The vendor, which answers at ``/tag`` and ``/slow``; both are as fast, unless a fault is added."""
    server = LoopbackServer()
    for path in ("/tag", "/slow"):
        server.route("GET", path)(lambda _: {"brand": "acme"})
    async with server:
        yield server


@pytest.fixture
def document(server: LoopbackServer) -> Callable[..., dict[str, Any]]:
    """A configuration with these providers of the vendor, asked in this order unless a strategy says otherwise."""

    def made(strategy: str = "first", plugins: tuple[str, ...] = (), /, **providers: Mapping[str, Any]) -> Any:
        usual = {"plugin": "shop", "base_url": server.url, "api_key": {"env": "SHOP_KEY"}}
        return {
            "providers": {name: {**usual, **settings} for name, settings in providers.items()},
            "routes": {"garment_tagger": {"strategy": strategy, "targets": list(providers)}},
            "plugins": list(plugins),
        }

    return made


@pytest.fixture
def opened(clock: VirtualClock, tmp_path: Any) -> Callable[..., AbstractAsyncContextManager[placket.Router]]:
    """Opens a router with these plugins beside the vendor's."""

    def made(config: Mapping[str, Any], *plugins: object) -> AbstractAsyncContextManager[placket.Router]:
        environ = {"SHOP_KEY": SECRET}
        return placket.open(config, plugins=[SHOP, *plugins], clock=clock, environ=environ, data_folder=tmp_path)

    return made


@pytest.fixture
def shop() -> object:
    """The vendor's plugin."""
    return SHOP


@pytest.fixture
def secret() -> str:
    """The key that every provider sends."""
    return SECRET
