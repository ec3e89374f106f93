"""Virtual time, and real servers on loopback: aiohttp.web for what HTTP allows, bare asyncio for what it does not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
from aiohttp import web

from placket.interfaces.call import Call, current_call
from placket.interfaces.timing import Deadline
from placket.testing.fixtures import clock, pytest_asyncio_loop_factories, sessions
from placket.testing.loopback_server import LoopbackServer
from placket.testing.virtual_time import VirtualClock
from placket.transport import HttpClient, HttpLimits, Redactor, SessionPool

__all__ = ["clock", "pytest_asyncio_loop_factories", "sessions"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def cleanup() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(cleanup: AsyncExitStack) -> Callable[[Handler], Awaitable[str]]:
    """Answer every request with a handler; gives the base URL."""

    async def start(handler: Handler) -> str:
        server = LoopbackServer()
        server.route("*", "/{path:.*}")(handler)
        return (await cleanup.enter_async_context(server)).url

    return start


@pytest.fixture
def serve_raw(cleanup: AsyncExitStack) -> Callable[[RawHandler], Awaitable[str]]:
    """Read the head of a request, then do what the handler does with the connection; gives the base URL."""

    async def start(handler: RawHandler) -> str:
        tasks: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                await handler(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(connected(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(accepted, "127.0.0.1", 0)

        async def stop() -> None:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        cleanup.push_async_callback(stop)
        host, port = server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    return start


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose name server knows nothing."""

    def unknown(*arguments: Any, **keywords: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


@pytest.fixture
def connect(sessions: SessionPool, clock: VirtualClock) -> Callable[..., HttpClient]:
    """A client of the provider "acme" on a base URL."""

    def make(base_url: str, **options: Any) -> HttpClient:
        options.setdefault("limits", HttpLimits())
        options.setdefault("redactor", Redactor())
        return HttpClient(base_url=base_url, provider="acme", sessions=sessions, clock=clock, **options)

    return make


@pytest.fixture
def calling(clock: VirtualClock) -> Callable[..., Any]:
    """A context in which a call with a deadline is running."""

    @contextmanager
    def run(seconds: float | None = None) -> Any:
        call = Call("acme", "tag", Deadline.after(seconds, clock))
        before = current_call.set(call)
        try:
            yield call
        finally:
            current_call.reset(before)

    return run
