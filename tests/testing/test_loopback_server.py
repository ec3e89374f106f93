"""The server that plays a vendor: what it notes, how it misbehaves, and what handlers may read."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from placket.testing import FaultKind, LoopbackServer


async def ask(server: LoopbackServer, method: str = "GET", path: str = "/", **options: Any) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.request(method, server.url + path, **options) as answer:
        return answer.status, await answer.read()


async def test_a_form_with_a_file_can_be_read_after_it_was_noted():
    server, seen = LoopbackServer(), {}

    @server.route("POST", "/upload")
    async def upload(request: web.Request) -> Any:
        async for part in await request.multipart():
            seen[part.name] = bytes(await part.read())

    form = aiohttp.FormData({"name": "top"})
    form.add_field("file", b"\x89PNG", filename="top.png")
    async with server:
        assert (await ask(server, "POST", "/upload", data=form))[0] == 204
        assert b"\x89PNG" in server.requests[0].body
    assert seen == {"name": b"top", "file": b"\x89PNG"}


async def test_the_rewritten_answer_is_sent_and_keeps_its_headers():
    server = LoopbackServer()
    server.route("GET", "/")(lambda _: web.json_response({"a": 1}, headers={"X-Request-Id": "r-1"}))
    server.route("GET", "/text")(lambda _: "as it is")
    server.rewrites.append(lambda request, document: {**document, "path": request.path})
    async with server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as answer:
            assert (await answer.json(), answer.headers["X-Request-Id"]) == ({"a": 1, "path": "/"}, "r-1")
        assert (await ask(server, path="/text"))[1] == b"as it is"


async def test_a_fault_begins_after_some_requests_and_ends_after_some():
    server = LoopbackServer()
    server.route("GET", "/")(lambda _: {})
    server.faults.add(FaultKind.STATUS, status=401, after=2, times=1)
    async with server:
        assert [(await ask(server))[0] for _ in range(5)] == [200, 200, 401, 200, 200]
        server.faults.clear()
        server.faults.add(FaultKind.STATUS, status=500, after=1)
        assert [(await ask(server))[0] for _ in range(3)] == [200, 500, 500]


@pytest.mark.parametrize(
    ("kind", "body", "sent"),
    [
        (FaultKind.WRONG_SHAPE, b"42", b"42"),
        (FaultKind.WRONG_SHAPE, b"", b'["unexpected", 1, null]'),
        (FaultKind.MALFORMED, b"<html>", b"<html>"),
        (FaultKind.EMPTY, b"", b""),
    ],
)
async def test_a_success_that_makes_no_sense(kind, body, sent):
    server = LoopbackServer()
    server.route("GET", "/")(lambda _: {"a": 1})
    server.faults.add(kind, body=body)
    async with server:
        assert await ask(server) == (200, sent)


async def test_what_is_under_way_is_counted():
    server, arrived, leave = LoopbackServer(), asyncio.Event(), asyncio.Event()

    @server.route("GET", "/")
    async def wait(_: web.Request) -> Any:
        arrived.set()
        await leave.wait()

    async with server:
        asking = asyncio.ensure_future(ask(server))
        await arrived.wait()
        assert server.under_way == 1
        leave.set()
        await asking
        assert server.under_way == 0
