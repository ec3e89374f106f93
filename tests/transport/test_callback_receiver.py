"""Callbacks: who may call, what is believed, and how often the vendor is asked; by aiohttp, ASGI and WSGI."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from placket.errors import InvalidInput, NotFound
from placket.testing.virtual_time import VirtualClock
from placket.transport import CallbackReceiver, Secret

SECRET = "hush-0815"
GOOD = {"Authorization": SECRET}

Call = Callable[..., Awaitable[int]]


class Confirming:
    """Asks a vendor: notes what about, and answers as told."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Any = True
        self.gate: asyncio.Event | None = None
        self.most = self.running = 0

    async def __call__(self, thing: str) -> Any:
        self.asked.append(thing)
        self.running += 1
        self.most = max(self.most, self.running)
        if self.gate is not None:
            await self.gate.wait()
        self.running -= 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def confirm() -> Confirming:
    return Confirming()


@pytest.fixture
async def receiver(confirm: Confirming, clock: VirtualClock) -> CallbackReceiver:
    return CallbackReceiver(Secret(SECRET), confirm, clock=clock)


@asynccontextmanager
async def mounted(receiver: CallbackReceiver) -> AsyncIterator[str]:
    """An aiohttp app that has the receiver at every path; gives its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.aiohttp)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def by_aiohttp(receiver: CallbackReceiver, path: str, *, method: str, headers: Any, body: bytes) -> int:
    async with (
        mounted(receiver) as url,
        aiohttp.ClientSession() as session,
        session.request(method, url + path, headers=headers, data=body) as answer,
    ):
        assert await answer.read() == b""
        return answer.status


async def by_asgi(receiver: CallbackReceiver, path: str, *, method: str, headers: Any, body: bytes) -> int:
    pieces = [body[:5], body[5:]]
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await receiver.asgi(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"]


FACES = {"aiohttp": by_aiohttp, "asgi": by_asgi}


@pytest.fixture(params=[*FACES, "wsgi"])
def call(request: pytest.FixtureRequest, receiver: CallbackReceiver, wsgi: Callable[..., int]) -> Call:
    """Call the receiver by one of its faces."""

    async def by_wsgi(*arguments: Any, **keywords: Any) -> int:
        return await asyncio.to_thread(wsgi, *arguments, **keywords)

    face = FACES.get(request.param, by_wsgi)

    async def send(path: str, headers: Any = GOOD, *, method: str = "POST", body: bytes = b"") -> int:
        return await face(receiver, path, method=method, headers=headers, body=body)

    return send


async def test_the_last_segment_is_confirmed(call: Call, receiver: CallbackReceiver, confirm: Confirming) -> None:
    assert await call("/pictures/done/48d17eb6") == 204
    await receiver.settle()
    assert confirm.asked == ["48d17eb6"]


WRONG = [
    {},
    {"Authorization": ""},
    {"Authorization": "hush-0814"},
    {"Authorization": "Bearer hush-0815"},
    {"Authorization": "hush-08155"},
    {"X-Other": SECRET},
]


@pytest.mark.parametrize("headers", WRONG)
@pytest.mark.parametrize("more", [{}, {"method": "GET"}, {"body": bytes(100_000)}])
async def test_without_the_secret_nothing_else_is_told(
    call: Call, receiver: CallbackReceiver, confirm: Confirming, headers: dict[str, str], more: dict[str, Any]
) -> None:
    assert [await call(path, headers, **more) for path in ("/hooks/a", "/")] == [401, 401]
    await receiver.settle()
    assert confirm.asked == []


async def test_a_refusal_is_logged_without_what_was_sent(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    await call("/hooks/a", {"Authorization": "somebody's guess"})
    assert "callback-refused" in caplog.text
    assert "guess" not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("path", ["/", "/hooks/", "/hooks/..", "/hooks/" + "x" * 201])
async def test_a_path_without_a_usable_id(call: Call, confirm: Confirming, path: str) -> None:
    assert await call(path) == 404
    assert confirm.asked == []


async def test_an_id_that_is_quoted(receiver: CallbackReceiver, confirm: Confirming) -> None:
    async def asgi(path: str) -> int:
        return await by_asgi(receiver, path, method="POST", headers=GOOD, body=b"")

    assert [await asgi(path) for path in ("/a%20b", "/a%2Fb", "/a%0Ab", "/%2E%2E")] == [204, 404, 404, 404]
    await receiver.settle()
    assert confirm.asked == ["a b"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post_is_understood(call: Call, confirm: Confirming, method: str) -> None:
    assert await call("/hooks/a", method=method) == 405
    assert confirm.asked == []


async def test_a_body_is_limited_and_not_believed(call: Call, receiver: CallbackReceiver, confirm: Confirming) -> None:
    assert await call("/hooks/a", body=b'{"id": "b", "state": "finished"}') == 204
    assert await call("/hooks/c", body=bytes(64 * 1024)) == 204
    assert await call("/hooks/d", body=bytes(64 * 1024 + 1)) == 413
    await receiver.settle()
    assert confirm.asked == ["a", "c"]


@pytest.mark.parametrize("face", ["aiohttp", "asgi"])
async def test_a_body_of_unstated_length_is_limited(receiver: CallbackReceiver, confirm: Confirming, face: str) -> None:
    async def endless() -> Any:
        for _ in range(20):
            yield bytes(8192)

    given: Any = endless() if face == "aiohttp" else bytes(100_000)
    assert await FACES[face](receiver, "/a", method="POST", headers=GOOD, body=given) == 413
    assert confirm.asked == []


@pytest.mark.parametrize(
    ("length", "answer"), [("9" * 5000, 413), ("0" * 5000 + "7", 204), ("\xb2", 204), ("\u0663", 204), ("-1", 204)]
)
@pytest.mark.parametrize("face", ["asgi", "wsgi"])
async def test_a_stated_length_may_be_anything(
    receiver: CallbackReceiver, confirm: Confirming, face: str, length: str, answer: int
) -> None:
    def wsgi_app(headers: dict[str, str]) -> int:
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/hooks/a", "CONTENT_LENGTH": length}
        statuses: list[str] = []
        receiver.wsgi(
            environ | {f"HTTP_{name.upper()}": value for name, value in headers.items()},
            lambda status, _: statuses.append(status),
        )
        return int(statuses[0].partition(" ")[0])

    async def call(headers: dict[str, str]) -> int:
        if face == "wsgi":  # not through the validator, which would fail itself
            return wsgi_app(headers)
        return await by_asgi(
            receiver, "/hooks/a", method="POST", headers=headers | {"Content-Length": length}, body=b""
        )

    assert [await call({}), await call({"Authorization": "hush-0814"}), await call(GOOD)] == [401, 401, answer]
    await receiver.settle()
    assert confirm.asked == ["a"] * (answer == 204)


async def test_concurrent_callbacks_confirm_once(call: Call, receiver: CallbackReceiver, confirm: Confirming) -> None:
    confirm.gate = asyncio.Event()
    assert await asyncio.gather(*(call("/hooks/a") for _ in range(5))) == [204] * 5
    confirm.gate.set()
    await receiver.settle()
    assert confirm.asked == ["a"]


async def test_a_replay_confirms_nothing_until_it_may_be_news(
    call: Call, receiver: CallbackReceiver, confirm: Confirming, clock: VirtualClock
) -> None:
    for pause in (0, 300, 299, 2, 0):
        await clock.sleep(pause)
        assert await call("/hooks/a") == 204
        await receiver.settle()
    assert confirm.asked == ["a", "a"], "once, and again after ten minutes"


@pytest.mark.parametrize("answer", [False, NotFound("no such product"), ValueError(SECRET)])
async def test_what_was_not_so_is_asked_again(
    call: Call, receiver: CallbackReceiver, confirm: Confirming, caplog: pytest.LogCaptureFixture, answer: Any
) -> None:
    caplog.set_level(logging.INFO)
    confirm.answer = answer
    assert await call("/hooks/a") == 204
    await receiver.settle()
    assert "callback-not" in caplog.text
    assert SECRET not in caplog.text
    confirm.answer = True
    assert [await call("/hooks/a"), await receiver.settle()] == [204, None]
    assert await call("/hooks/a") == 204
    await receiver.settle()
    assert confirm.asked == ["a", "a"]


async def test_a_few_at_a_time(receiver: CallbackReceiver, confirm: Confirming) -> None:
    confirm.gate = asyncio.Event()
    for number in range(20):
        await by_asgi(receiver, f"/{number}", method="POST", headers=GOOD, body=b"")
    for _ in range(30):
        await asyncio.sleep(0)
    confirm.gate.set()
    await receiver.settle()
    assert (len(confirm.asked), confirm.most) == (20, 4)


async def test_too_many_are_sent_away(
    receiver: CallbackReceiver, confirm: Confirming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("placket.transport.callbacks.REMEMBERED", 3)
    confirm.gate = asyncio.Event()

    async def call(number: int) -> int:
        return await by_asgi(receiver, f"/{number}", method="POST", headers=GOOD, body=b"")

    assert [await call(number) for number in (1, 2, 3, 4, 1)] == [204, 204, 204, 503, 204]
    confirm.gate.set()
    await receiver.settle()
    assert await call(4) == 204
    await receiver.settle()
    assert await call(1) == 204
    await receiver.settle()
    assert confirm.asked == ["1", "2", "3", "4", "1"], "the oldest is forgotten first"


async def test_two_secrets_are_none(receiver: CallbackReceiver) -> None:
    sent: list[Any] = []

    async def nothing() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    twice = [(b"authorization", b"wrong"), (b"authorization", SECRET.encode())]
    for headers in (twice, twice[::-1]):
        await receiver.asgi({"type": "http", "method": "POST", "path": "/a", "headers": headers}, nothing, send)
    assert [message["status"] for message in sent[::2]] == [401, 401]


async def test_another_protocol_is_not_spoken(receiver: CallbackReceiver) -> None:
    async def never(*_: Any) -> Any:
        raise AssertionError

    with pytest.raises(RuntimeError, match="not lifespan"):
        await receiver.asgi({"type": "lifespan"}, never, never)


async def test_another_header(confirm: Confirming) -> None:
    receiver = CallbackReceiver(SECRET, confirm, header="X-Signature-Key")
    assert await by_aiohttp(receiver, "/a", method="POST", headers={"X-Signature-Key": SECRET}, body=b"") == 204
    assert await by_aiohttp(receiver, "/a", method="POST", headers=GOOD, body=b"") == 401
    await receiver.settle()


async def test_a_closed_one_accepts_nothing(receiver: CallbackReceiver, confirm: Confirming) -> None:
    confirm.gate = asyncio.Event()
    assert await by_asgi(receiver, "/a", method="POST", headers=GOOD, body=b"") == 204
    receiver.close()
    await receiver.settle()
    assert await by_asgi(receiver, "/b", method="POST", headers=GOOD, body=b"") == 503


@pytest.mark.parametrize("secret", ["", Secret("")])
def test_without_a_secret_there_is_no_receiver(confirm: Confirming, secret: Any) -> None:
    with pytest.raises(InvalidInput, match="needs a secret"):
        CallbackReceiver(secret, confirm)


def test_the_secret_is_not_held(confirm: Confirming) -> None:
    receiver = CallbackReceiver(SECRET, confirm)
    assert SECRET not in repr(receiver) + repr(vars(receiver))


async def test_a_plain_function_does_not_hold_up_the_loop(clock: VirtualClock) -> None:
    gate = threading.Event()
    receiver = CallbackReceiver(SECRET, lambda _: gate.wait(10), clock=clock)
    assert await by_asgi(receiver, "/a", method="POST", headers=GOOD, body=b"") == 204
    gate.set()
    await receiver.settle()
    receiver.close()


async def test_the_answer_says_which_method(receiver: CallbackReceiver) -> None:
    async with (
        mounted(receiver) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/a", headers=GOOD) as answer,
    ):
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
