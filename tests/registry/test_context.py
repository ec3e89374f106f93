"""What a provider is handed."""

from __future__ import annotations

from aiohttp import web
from aiohttp.test_utils import TestServer

from placket.interfaces import SystemClock
from placket.record import Source, Vocabulary
from placket.registry import ProviderContext, Secret
from placket.transport import HttpLimits, Redactor, SafeFetcher, SessionPool, StaticHeaders


async def test_the_context_makes_a_client_that_speaks_for_the_provider(tmp_path):
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"key": request.headers.get("X-Key")})

    app = web.Application()
    app.router.add_get("/v1/thing", answer)
    clock, sessions = SystemClock(), SessionPool()
    context = ProviderContext(
        name="my-acme",
        plugin="placket-acme 1.2",
        lineage="acme-vision",
        clock=clock,
        vocabulary=Vocabulary.default(),
        sessions=sessions,
        fetcher=SafeFetcher(sessions, clock=clock),
        limits=HttpLimits(timeout=7.0),
        redactor=Redactor(),
        data_folder=tmp_path,
    )
    async with TestServer(app) as server:
        client = context.http(str(server.make_url("/v1")), StaticHeaders({"X-Key": Secret("k-123456")}))
        assert (await client.get("thing")).json() == {"key": "k-123456"}
        assert client.limits.timeout == 7.0
        assert context.http(str(server.make_url("/")), limits=HttpLimits(timeout=1.0)).limits.timeout == 1.0
    await sessions.aclose()
    assert context.source("tag", "r-1") == Source("my-acme", "placket-acme 1.2", "tag", "r-1", "acme-vision")
    assert "k-123456" not in context.redactor.mask("sent k-123456")
