"""A vendor's server for tests: real HTTP on 127.0.0.1, with faults on demand and a note of what it was asked."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import StreamReader, typedefs, web
from attrs import frozen

from .faults import Faults

Answer = web.StreamResponse | Mapping[str, Any] | list[Any] | str | None
"""What a handler gives: a response, JSON, a text, or None for 204."""

Handler = Callable[[web.Request], Answer | Awaitable[Answer]]

Rewrite = Callable[[web.Request, Any], Any]
"""Gets a request and the JSON that answers it, and gives the JSON that is sent instead."""

_LARGEST_BODY = 64 * 1024 * 1024


@frozen
class Received:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, decoded."""
        import json

        return json.loads(self.body)


class LoopbackServer:
    """Serves what its routes say while the ``async with`` lasts.

    ::

        server = LoopbackServer()

        @server.route("GET", "/catalog/{id}")
        async def catalog(request):
            return {"id": request.match_info["id"]}

        async with server:
            ...  # server.url is its address

    ``requests`` is everything that was asked; ``faults`` are the rules by which it misbehaves. ``rewrites`` change the
    JSON that it answers with. ``under_way`` counts the requests that are being answered. A path without a route is
    answered with 404 and no body.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.rewrites: list[Rewrite] = []
        self.requests: list[Received] = []
        self.under_way = 0
        self.url = ""
        self._app = web.Application(
            client_max_size=_LARGEST_BODY,
            middlewares=[self._notes(), self.faults.middleware(), self._rewriting()],
        )
        self._runner: web.AppRunner | None = None

    def route(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Answer requests of a method (``*`` for any) to a path with the decorated function."""

        def register(handler: Handler) -> Handler:
            async def answering(request: web.Request) -> web.StreamResponse:
                given = handler(request)
                return _response(await given if inspect.isawaitable(given) else given)

            self._app.router.add_route(method, path, answering)
            return handler

        return register

    def asked(self, method: str, path: str) -> list[Received]:
        """The requests of one method to one path, in order."""
        return [request for request in self.requests if (request.method, request.path) == (method, path)]

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self._app, shutdown_timeout=0, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def _notes(self) -> typedefs.Middleware:
        @web.middleware
        async def note(request: web.Request, handler: typedefs.Handler) -> web.StreamResponse:
            body = await request.read()
            self.requests.append(
                Received(request.method, request.path, dict(request.query), dict(request.headers), body)
            )
            request._payload = _readable_again(request, body)
            self.under_way += 1
            try:
                return await handler(request)
            finally:
                self.under_way -= 1

        return note

    def _rewriting(self) -> typedefs.Middleware:
        @web.middleware
        async def rewriting(request: web.Request, handler: typedefs.Handler) -> web.StreamResponse:
            answer = await handler(request)
            if not self.rewrites or not isinstance(answer, web.Response) or answer.content_type != "application/json":
                return answer
            import json

            document = json.loads(answer.text or "null")
            for rewrite in self.rewrites:
                document = rewrite(request, document)
            answer.text = json.dumps(document)
            return answer

        return rewriting


def _readable_again(request: web.Request, body: bytes) -> StreamReader:
    """The body once more, for handlers that read forms: aiohttp keeps bytes that were read, and no stream of them."""
    reader = StreamReader(request.protocol, limit=_LARGEST_BODY, loop=asyncio.get_running_loop())
    reader.feed_data(body)
    reader.feed_eof()
    return reader


def _response(given: Answer) -> web.StreamResponse:
    if isinstance(given, web.StreamResponse):
        return given
    if given is None:
        return web.Response(status=204)
    return web.Response(text=given) if isinstance(given, str) else web.json_response(given)
