"""Virtual time, and real servers on loopback: aiohttp.web for what HTTP allows, bare asyncio for what it does not."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, contextmanager
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from aiohttp import web

from placket.interfaces.call import Call, current_call
from placket.interfaces.timing import Deadline
from placket.testing.fixtures import clock, pytest_asyncio_loop_factories, sessions
from placket.testing.loopback_server import LoopbackServer
from placket.testing.virtual_time import VirtualClock
from placket.transport import CallbackReceiver, HttpClient, HttpLimits, Redactor, SessionPool

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


class Vendor:
    """An API with a login: `/token` gives a new token each time, everything else wants the last one."""

    def __init__(self):
        self.logins = []
        self.asked = 0
        self.accepted = None
        self.token_status = 200
        self.reply = {"token_type": "bearer", "expires_in": 3600}
        self.hold = None
        self.asked_to_log_in = asyncio.Event()

    async def __call__(self, request):
        if request.path == "/token":
            return await self.login(request)
        self.asked += 1
        if request.headers.get("Authorization") not in {f"Bearer {self.accepted}", self.accepted}:
            return web.json_response({"detail": "Could not validate credentials"}, status=401)
        return web.json_response({"ok": True})

    async def login(self, request):
        body = await request.read()
        if request.content_type == "application/json":
            fields = json.loads(body)
        else:
            fields = dict(await request.post()) if body else dict(request.query)
        self.logins.append({"method": request.method, "authorization": request.headers.get("Authorization"), **fields})
        self.asked_to_log_in.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.token_status != 200:
            return web.json_response({"error": "invalid_grant", "error_description": "no"}, status=self.token_status)
        self.accepted = f"token-{len(self.logins)}"
        return web.json_response({"access_token": self.accepted, **self.reply})


@pytest.fixture
def vendor():
    return Vendor()


@pytest.fixture
async def base(serve, vendor):
    """The address of `vendor`."""
    return await serve(vendor)


@pytest.fixture
def wsgi() -> Callable[..., int]:
    """Calls a receiver as a WSGI server does; gives the status."""

    def send(receiver: CallbackReceiver, path: str, *, method: str, headers: Any, body: bytes) -> int:
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ |= {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "/hooks",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        statuses: list[str] = []

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
            statuses.append(status)
            return lambda _: None

        answer = validator(receiver.wsgi)(environ, start_response)
        assert b"".join(answer) == b""
        answer.close()  # type: ignore[attr-defined]
        return int(statuses[0].partition(" ")[0])

    return send
