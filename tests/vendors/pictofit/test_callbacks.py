"""Callbacks: types, registering, unregistering, a test call, and one that is received and confirmed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

import placket
from placket.errors import Forbidden, InvalidInput, Unsupported
from placket.interfaces import ARContentBuilder, JobState, Ref
from placket.testing.loopback_server import LoopbackServer
from placket.transport import CallbackReceiver

Build = Callable[..., ARContentBuilder]

EVENT = "PRODUCT_COMPLETED"
CUSTOMER = "428ab0cd-3205-4674-a188-08d5b0355406"
PRODUCT = "48d17eb6-88f4-4b99-9f21-2a6653a10bc8"
SECRET = "server-secret-0815"


async def test_events_are_the_service_s(provider: Build, vendor: Any) -> None:
    assert await provider().callback_events() == (EVENT,)
    assert [one.path for one in vendor.requests] == ["/v1.5/Customer/callbacks/types"]


async def test_registering_names_the_type_by_its_id(provider: Build, vendor: Any) -> None:
    await provider().register_callback(EVENT, "https://shop.example.com/hooks", SECRET)
    (sent,) = vendor.sent("PUT", f"/customers/{CUSTOMER}/callbacks/7")
    assert sent.json() == {"url": "https://shop.example.com/hooks/", "authorizationHeaderValue": SECRET}


async def test_unregistering_is_an_empty_address(provider: Build, vendor: Any) -> None:
    await provider().register_callback(EVENT, "")
    assert vendor.callbacks == {"7": {"url": "", "authorizationHeaderValue": ""}}


async def test_a_test_call_names_the_type_by_its_name(provider: Build, vendor: Any) -> None:
    await provider().test_callback(EVENT, Ref("ar", "ar_product", PRODUCT))
    assert vendor.triggered == [(EVENT, PRODUCT)]
    (sent,) = vendor.sent("POST", f"/customers/{CUSTOMER}/callbacks/{EVENT}/trigger/{PRODUCT}")
    assert sent.body == b""


async def test_a_test_call_without_a_product_is_about_a_made_up_one(provider: Build, vendor: Any) -> None:
    await provider().test_callback(EVENT)
    ((_, id_),) = vendor.triggered
    assert uuid.UUID(id_).version == 4


async def test_how_a_type_is_named_is_a_setting(provider: Build, vendor: Any) -> None:
    builder = provider(register_by="name", trigger_by="id", trigger_method="GET")
    await builder.register_callback(EVENT, "https://shop.example.com/hooks/")
    await builder.test_callback(EVENT)
    assert list(vendor.callbacks) == [EVENT]
    assert [kind for kind, _ in vendor.triggered] == ["7"]
    assert vendor.requests[-1].method == "GET"


@pytest.mark.parametrize(("types", "registered"), [([EVENT], EVENT), ({"items": [{"id": 7, "name": EVENT}]}, "7")])
async def test_types_that_have_names_only_are_named(provider: Build, vendor: Any, types: Any, registered: str) -> None:
    vendor.callback_types = types
    await provider().register_callback(EVENT, "https://shop.example.com/hooks/")
    assert list(vendor.callbacks) == [registered]


async def test_a_number_is_taken_as_it_is(provider: Build, vendor: Any) -> None:
    await provider().register_callback("9", "https://shop.example.com/hooks/")
    await provider(trigger_by="id").test_callback("9")
    assert (list(vendor.callbacks), vendor.triggered[0][0]) == (["9"], "9")


async def test_an_unknown_event(provider: Build, vendor: Any) -> None:
    with pytest.raises(Unsupported, match="no callback type 'SHIPPED'; it has PRODUCT_COMPLETED"):
        await provider().register_callback("SHIPPED", "https://shop.example.com/hooks/")
    assert vendor.callbacks == {}


async def test_paths_are_settings(provider: Build, vendor: Any) -> None:
    vendor.answers["GET", "/customers/callbacks/types"] = [{"id": 3, "name": EVENT}]
    vendor.answers["PUT", f"/c/{CUSTOMER}/3"] = lambda _: web.Response(status=204)
    vendor.answers["POST", f"/t/{CUSTOMER}/{EVENT}/x"] = lambda _: web.Response(status=204)
    builder = provider(
        callback_types_path="/customers/callbacks/types",
        callbacks_path="/c/{customer}/{type}",
        trigger_path="/t/{customer}/{type}/{id}",
    )
    await builder.register_callback(EVENT, "https://shop.example.com/hooks/")
    await builder.test_callback(EVENT, Ref("ar", "ar_product", "x"))


async def test_the_slash_is_a_setting(provider: Build, vendor: Any) -> None:
    await provider(callback_url_slash=False).register_callback(EVENT, "https://shop.example.com/hooks")
    assert vendor.callbacks["7"]["url"] == "https://shop.example.com/hooks"


@pytest.mark.parametrize(
    "url",
    [
        "shop.example.com/hooks",
        "ftp://shop.example.com/",
        "https://",
        "https://shop.example.com/hooks?key=1",
        "https://shop.example.com/hooks#here",
        "https://me:pw@shop.example.com/",
        "https://shop.example.com/ho\noks",
        "https://[shop/",
    ],
)
async def test_an_address_that_cannot_be_called(provider: Build, vendor: Any, url: str) -> None:
    with pytest.raises(InvalidInput, match="callback address"):
        await provider().register_callback(EVENT, url, SECRET)
    assert vendor.requests == []


@pytest.mark.parametrize("secret", ["hush\r\nX-Other: b", " hush", "hüsh"])
async def test_a_secret_that_is_no_header_value(provider: Build, vendor: Any, secret: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await provider().register_callback(EVENT, "https://shop.example.com/hooks/", secret)
    assert secret.strip() not in str(caught.value)
    assert vendor.requests == []


async def test_the_secret_is_not_repeated_in_an_error(provider: Build, vendor: Any) -> None:
    vendor.answers["PUT", f"/customers/{CUSTOMER}/callbacks/7"] = lambda _: web.json_response(
        {"message": f"{SECRET} is not allowed"}, status=403
    )
    with pytest.raises(Forbidden) as caught:
        await provider().register_callback(EVENT, "https://shop.example.com/hooks/", SECRET)
    assert SECRET not in str(caught.value) + repr(vars(caught.value))


async def test_a_callback_is_confirmed_by_asking(provider: Build, vendor: Any) -> None:
    """The whole way: register, a test call, the vendor's POST, and the product read from the service."""
    builder = provider()
    seen = []

    async def finished(product: str) -> bool:
        found = await builder.get_product(Ref("ar", "ar_product", product))
        seen.append(found.state)
        return found.state is JobState.SUCCEEDED

    receiver = CallbackReceiver(SECRET, finished)
    host = LoopbackServer()
    host.route("POST", "/hooks/{id}")(receiver.aiohttp)
    async with host, aiohttp.ClientSession() as session:
        await builder.register_callback(EVENT, f"{host.url}/hooks", SECRET)
        vendor.finish(stateId=3)

        async def call() -> int:
            registered = vendor.callbacks["7"]
            headers = {"Authorization": registered["authorizationHeaderValue"]}
            async with session.post(f"{registered['url']}{PRODUCT}", headers=headers) as answer:
                return answer.status

        assert await call() == 204
        await receiver.settle()
        vendor.finish(stateId=4)
        assert [await call(), await call()] == [204, 204]
        await receiver.settle()
    assert seen == [JobState.RUNNING, JobState.SUCCEEDED], "early ones ask again, later ones do not"


def test_a_wsgi_app_and_a_blocking_router(vendor_in_a_thread: Any, tmp_path: Path) -> None:
    """The receiver is called in one thread, confirms in another, and the router works in the loop of a third."""
    vendor = vendor_in_a_thread
    vendor.finish()
    document = {
        "providers": {
            "ar": {
                "plugin": "pictofit",
                "base_url": vendor.base_url,
                "api_key": {"env": "PICTOFIT_API_KEY"},
                "customer_id": CUSTOMER,
            }
        },
        "routes": {"ar_content_builder": {"strategy": "first", "targets": ["ar"]}},
    }
    environ = {"PICTOFIT_API_KEY": "pf-key-4711-very-secret"}
    statuses, states = [], []
    with placket.open_sync(document, environ=environ, data_folder=tmp_path) as router:

        def finished(product: str) -> bool:
            states.append(router.ar_content_builder.get_product(Ref("ar", "ar_product", product)).state)
            return True

        receiver = CallbackReceiver(SECRET, finished)
        request = {"REQUEST_METHOD": "POST", "PATH_INFO": f"/{PRODUCT}", "HTTP_AUTHORIZATION": SECRET}
        for _ in range(2):
            receiver.wsgi(request, lambda status, _headers: statuses.append(status))
        asyncio.run(receiver.settle())
        receiver.close()
    assert statuses == ["204 No Content"] * 2
    assert states == [JobState.SUCCEEDED]
