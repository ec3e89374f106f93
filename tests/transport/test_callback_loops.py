"""Callbacks that a WSGI server takes: in which loop, or thread, they are confirmed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from placket.transport import CallbackReceiver

SECRET = "hush-0815"
GOOD = {"Authorization": SECRET}


@pytest.fixture
def other_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, as `placket.open_sync` has one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_wsgi_app_confirms_in_the_router_s_loop(
    wsgi: Callable[..., int], other_loop: asyncio.AbstractEventLoop
) -> None:
    done = threading.Event()
    where = []

    async def confirm(thing: str) -> None:
        where.append((thing, asyncio.get_running_loop() is other_loop))
        done.set()

    receiver = CallbackReceiver(SECRET, confirm, loop=other_loop)
    threads = [
        threading.Thread(target=wsgi, args=(receiver, "/a"), kwargs={"method": "POST", "headers": GOOD, "body": b""})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.wait(10)
    asyncio.run_coroutine_threadsafe(receiver.settle(), other_loop).result(10)
    assert where == [("a", True)]


def test_a_wsgi_app_whose_loop_has_ended_says_so(wsgi: Callable[..., int]) -> None:
    async def confirm(thing: str) -> None:
        raise AssertionError(thing)

    loop = asyncio.new_event_loop()
    loop.close()
    receiver = CallbackReceiver(SECRET, confirm, loop=loop)
    assert wsgi(receiver, "/a", method="POST", headers=GOOD, body=b"") == 503


def test_a_wsgi_app_without_a_loop_is_told_to_name_one(wsgi: Callable[..., int]) -> None:
    async def confirm(thing: str) -> None:
        raise AssertionError(thing)

    with pytest.raises(RuntimeError, match="give it as loop="):
        wsgi(CallbackReceiver(SECRET, confirm), "/a", method="POST", headers=GOOD, body=b"")


def test_a_plain_function_confirms_in_a_thread(wsgi: Callable[..., int]) -> None:
    asked = []
    receiver = CallbackReceiver(SECRET, lambda thing: asked.append((thing, threading.current_thread().name)))
    assert [wsgi(receiver, "/a", method="POST", headers=GOOD, body=b"") for _ in range(3)] == [204] * 3
    asyncio.run(receiver.settle())
    receiver.close()
    ((thing, thread),) = asked
    assert thing == "a"
    assert thread.startswith("placket-callback")


def test_a_function_that_only_makes_a_coroutine_is_said_so(
    wsgi: Callable[..., int], caplog: pytest.LogCaptureFixture
) -> None:
    async def confirm(thing: str) -> None:
        raise AssertionError(thing)

    receiver = CallbackReceiver(SECRET, lambda thing: confirm(thing))
    assert wsgi(receiver, "/a", method="POST", headers=GOOD, body=b"") == 204
    asyncio.run(receiver.settle())
    receiver.close()
    assert "callback-not-confirmed" in caplog.text
