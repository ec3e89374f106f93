"""One session for all, opened late and closed clean."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import tracemalloc
from contextvars import copy_context
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiohttp import web

from placket.transport import HttpClient, SessionPool


async def test_the_session_is_shared_and_opened_at_first_use(sessions):
    assert sessions.session() is sessions.session()


async def test_a_closed_pool_says_so():
    pool = SessionPool()
    pool.session()
    await pool.aclose()
    await pool.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        pool.session()


async def test_who_gives_up_closing_leaves_no_session_open():
    pool = SessionPool()
    session = pool.session()
    endless = pool.beside(asyncio.Event().wait(), copy_context())
    closing = asyncio.create_task(pool.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert session.closed
    assert endless.cancelled()


async def test_cookies_are_not_kept(serve, connect):
    seen = []

    async def handler(request):
        seen.append(request.headers.get("Cookie"))
        response = web.json_response({})
        response.set_cookie("session", "abc")
        return response

    # By name, since cookies are never kept for bare addresses.
    client = connect((await serve(handler)).replace("127.0.0.1", "localhost"))
    await client.get("/")
    await client.get("/")
    assert seen == [None, None]


async def test_proxies_of_the_environment_are_not_used(serve, connect, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    async def handler(request):
        return web.json_response({})

    assert (await connect(await serve(handler)).get("/")).status == 200


class Greeting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


def test_a_small_answer_is_read_into_a_small_buffer():
    # asyncio's own 256 KiB come from the kernel anew each time.
    async def largest(address: str) -> int:
        async with SessionPool() as pool:
            client = HttpClient(base_url=address, provider="vendor", sessions=pool)
            await client.get("/")
            tracemalloc.start()
            try:
                before, _ = tracemalloc.get_traced_memory()
                await client.get("/")
                return tracemalloc.get_traced_memory()[1] - before
            finally:
                tracemalloc.stop()

    # In a thread: a server on the same loop would be measured with it.
    with ThreadingHTTPServer(("127.0.0.1", 0), Greeting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            peak = asyncio.run(largest(f"http://127.0.0.1:{server.server_port}"))
        finally:
            server.shutdown()
            thread.join()
    assert peak < 128 * 1024


@pytest.mark.parametrize(
    "statement",
    [
        "import placket",
        "import placket.transport",
        "from placket.transport import Secret, Redactor, Rate",
        "from placket.transport import HttpClient, StaticHeaders, SessionPool, SafeFetcher, OAuth2DeviceFlow, FilePart",
    ],
)
def test_importing_does_not_load_aiohttp(statement):
    check = "import sys; heavy = {'aiohttp', 'stamina', 'structlog', 'keyring', 'yarl'} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}; {check}; print(sorted(heavy))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_imported():
    import placket.transport as transport

    for name in transport.__all__:
        assert getattr(transport, name) is not None
    assert set(transport.__all__) <= set(dir(transport))
    with pytest.raises(AttributeError):
        transport.no_such_name  # noqa: B018
