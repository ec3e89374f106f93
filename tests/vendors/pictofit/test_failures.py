"""What goes wrong between here and the vendor, and the error it becomes."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from placket.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    PlacketError,
    ProtocolError,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from placket.interfaces import (
    ArConfiguration,
    ARContentBuilder,
    ArProductDraft,
    Call,
    Deadline,
    GarmentImage,
    Image,
    Ref,
    current_call,
)
from placket.registry import Secret, Url
from placket.testing.faults import Fault, FaultKind
from placket.testing.loopback_server import LoopbackServer
from placket.testing.virtual_time import VirtualClock
from placket_pictofit import Login

Build = Callable[..., ARContentBuilder]
Draw = Callable[..., bytes]

PRODUCT = "48d17eb6-88f4-4b99-9f21-2a6653a10bc8"
REF = Ref("ar", "ar_product", PRODUCT)
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(16)

CALLS: dict[str, Callable[[ARContentBuilder], Awaitable[Any]]] = {
    "product_types": lambda ar: ar.product_types(),
    "image_roles": lambda ar: ar.image_roles(),
    "create_product": lambda ar: ar.create_product(
        ArProductDraft("A", (ArConfiguration("S", (GarmentImage(Image.of(PHOTO)),)),))
    ),
    "get_product": lambda ar: ar.get_product(REF),
    "mark_ready": lambda ar: ar.mark_ready(REF),
    "callback_events": lambda ar: ar.callback_events(),
    "register_callback": lambda ar: ar.register_callback("7", "https://shop.example.com/hooks/", "hush-hush-0815"),
    "test_callback": lambda ar: ar.test_callback("PRODUCT_COMPLETED"),
}
READS = ["product_types", "image_roles", "get_product", "mark_ready", "callback_events"]

STATUSES = [
    (401, Unauthenticated),
    (403, Forbidden),
    (404, NotFound),
    (409, Conflict),
    (422, InvalidRequest),
    (429, RateLimited),
    (500, Unavailable),
    (503, Unavailable),
]
BODY = b'{"message": "bad day for pf-key-4711-very-secret and hush-hush-0815", "Authorization": "Bearer abc.def"}'


async def raised(provider: ARContentBuilder, operation: str) -> PlacketError:
    with pytest.raises(PlacketError) as caught:
        await CALLS[operation](provider)
    return caught.value


@pytest.mark.parametrize(("status", "kind"), STATUSES)
@pytest.mark.parametrize("operation", CALLS)
async def test_a_status(provider: Build, vendor: Any, operation: str, status: int, kind: type[ProviderError]) -> None:
    vendor.faults.add(FaultKind.STATUS, status=status, body=BODY)
    error = await raised(provider(), operation)
    assert type(error) is kind
    assert isinstance(error, ProviderError)
    assert (error.provider, error.operation, error.status) == ("ar", operation, status)
    assert "bad day" in error.body
    shown = str(error) + "".join(traceback.format_exception(error)) + json.dumps(vars(error), default=str)
    assert "-4711" not in shown
    assert "abc.def" not in shown
    assert operation != "register_callback" or "hush" not in shown


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize(
    ("operation", "path", "setting"),
    [
        ("create_product", "*/files", "files_path"),
        ("mark_ready", "*/ready", "ready_path"),
        ("register_callback", "*/callbacks/7", "callbacks_path"),
        ("test_callback", "*/trigger/*", "trigger_path and trigger_method"),
    ],
)
async def test_an_address_that_is_a_guess_names_its_setting(
    provider: Build, vendor: Any, operation: str, path: str, setting: str, status: int
) -> None:
    vendor.finish()
    vendor.faults.add(FaultKind.STATUS, path=path, status=status)
    assert f"see the setting {setting} (HTTP {status})" in str(await raised(provider(), operation))


@pytest.mark.parametrize("operation", CALLS)
async def test_a_busy_moment_passes(provider: Build, vendor: Any, clock: VirtualClock, operation: str) -> None:
    vendor.finish()
    vendor.faults.add(FaultKind.STATUS, status=429, retry_after="30", times=1)
    await CALLS[operation](provider())
    assert clock.monotonic() >= 30


@pytest.mark.parametrize("operation", CALLS)
async def test_a_cut_connection_is_tried_again(provider: Build, vendor: Any, operation: str) -> None:
    vendor.finish()
    vendor.faults.add(FaultKind.RESET, times=1)
    await CALLS[operation](provider())
    vendor.faults.add(FaultKind.RESET)
    assert type(await raised(provider(), operation)) is Unavailable


@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.WRONG_SHAPE, FaultKind.EMPTY])
@pytest.mark.parametrize("operation", READS)
async def test_an_answer_that_is_none(provider: Build, vendor: Any, operation: str, kind: FaultKind) -> None:
    vendor.finish()
    vendor.faults.add(kind)
    error = await raised(provider(), operation)
    assert type(error) is ProtocolError
    assert (error.provider, error.operation) == ("ar", operation)


@pytest.mark.parametrize("answer", [None, 3, "soon", {"a": {"b": 1}}, [[]], [{"name": "x"}], [{"id": 1}, None]])
async def test_configurations_that_are_none(provider: Build, vendor: Any, answer: Any) -> None:
    vendor.answers["GET", f"/products/{PRODUCT}/configurations"] = lambda _: web.json_response(answer)
    assert type(await raised(provider(), "get_product")) is ProtocolError


@pytest.mark.parametrize("answer", [None, 3, "soon", {"a": {"b": 1}}, [[]], [{"other": 1}], [None]])
async def test_types_that_are_none(provider: Build, vendor: Any, answer: Any) -> None:
    vendor.answers["GET", "/products/types"] = lambda _: web.json_response(answer)
    assert type(await raised(provider(), "product_types")) is ProtocolError


async def test_no_answer_before_the_deadline(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.faults.rules.append(Fault(FaultKind.LATENCY, seconds=900))
    token = current_call.set(Call("ar", "get_product", Deadline.after(5, clock)))
    try:
        error = await raised(provider(), "get_product")
    finally:
        current_call.reset(token)
    assert type(error) is TimedOut
    assert clock.monotonic() == pytest.approx(5, abs=1)


async def test_a_picture_of_unknown_fate(provider: Build, vendor: Any) -> None:
    vendor.faults.add(FaultKind.RESET, method="POST")
    error = await raised(provider(repeat_posts=False), "create_product")
    assert type(error) is UnknownOutcome


async def test_what_was_cancelled_leaves_nothing_behind(provider: Build, vendor: Any) -> None:
    asked = asyncio.Event()

    async def never(_: web.Request) -> None:
        asked.set()
        await asyncio.Event().wait()

    vendor.answers["GET", f"/products/{PRODUCT}/configurations"] = never
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(provider().get_product(REF))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert {one for one in asyncio.all_tasks() - before if "placket" in repr(one.get_coro())} == set()


async def test_sixty_four_calls_keep_their_answers(provider: Build, vendor: Any) -> None:
    builder = provider()
    for number in range(64):
        vendor.configurations[str(number)] = {"id": str(number), "productId": f"p{number}", "stateId": 4}
    products = await asyncio.gather(*(builder.get_product(Ref("ar", "ar_product", f"p{n}")) for n in range(64)))
    assert [product.configurations[0].id for product in products] == [str(number) for number in range(64)]


def test_the_key_is_nowhere_to_be_seen(provider: Build) -> None:
    builder = provider()
    assert "-4711" not in repr(builder) + repr(vars(builder))


async def test_the_older_login_is_renewed(provider: Build, vendor: Any) -> None:
    tokens = iter(["stale-token-1", "pf-key-4711-very-secret"])
    identity = LoopbackServer()

    @identity.route("POST", "/connect/token")
    async def token(request: web.Request) -> dict[str, Any]:
        return {"access_token": next(tokens), "expires_in": 3600}

    async with identity:
        login = Login(
            username="me",
            password=Secret("pass-0815"),
            client_secret=Secret("client-0815"),
            token_url=Url(f"{identity.url}/connect/token"),
        )
        builder = provider(api_key=None, login=login)
        assert await builder.product_types() == ("GARMENT_2D", "GARMENT_3D")
    first, _ = identity.requests
    assert "Authorization" not in first.headers
    assert first.body == (
        b"username=me&password=pass-0815&grant_type=password&client_id=contentserviceapi.service.client"
        b"&client_secret=client-0815&scope=openid+contentserviceapi"
    )
    assert [one.headers["Authorization"] for one in vendor.requests] == [
        "Bearer stale-token-1",
        "Bearer pf-key-4711-very-secret",
    ]
