"""Downloads in pieces."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from placket.errors import NotFound, ProtocolError, TimedOut, Unavailable
from placket.transport import BearerToken, HttpLimits


async def collect(stream):
    return [piece async for piece in stream]


async def test_a_download_arrives_in_pieces(serve, connect, calling):
    async def handler(request):
        response = web.StreamResponse(headers={"X-Request-Id": "r-9"})
        await response.prepare(request)
        for number in range(3):
            await response.write(b"%d" % number * 1000)
        return response

    client = connect(await serve(handler), auth=BearerToken("t"))
    with calling() as call:
        async with client.stream("GET", "/export") as stream:
            body = b"".join(await collect(stream))
    assert body == b"0" * 1000 + b"1" * 1000 + b"2" * 1000
    assert (stream.status, stream.request_id, stream.received, stream.length) == (200, "r-9", 3000, None)
    assert call.request_ids == ["r-9"]


async def test_opening_is_repeated(serve, connect):
    asked = 0

    async def handler(request):
        nonlocal asked
        asked += 1
        return web.Response(status=503) if asked == 1 else web.Response(body=b"done")

    async with connect(await serve(handler)).stream("GET", "/export") as stream:
        assert await collect(stream) == [b"done"]
        assert stream.length == 4
    assert asked == 2


async def test_a_missing_download_is_not_found(serve, connect):
    async def handler(request):
        return web.json_response({"detail": "no such export"}, status=404)

    with pytest.raises(NotFound, match="no such export"):
        async with connect(await serve(handler)).stream("GET", "/export"):
            raise AssertionError("there is nothing to read")


async def test_a_download_that_breaks_off_is_not_started_again(serve_raw, connect):
    asked = 0

    async def half(reader, writer):
        nonlocal asked
        asked += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()

    async with connect(await serve_raw(half)).stream("GET", "/export", operation="export") as stream:
        assert await anext(stream) == b"half"
        with pytest.raises(Unavailable) as caught:
            await anext(stream)
    assert asked == 1
    assert (caught.value.provider, caught.value.operation) == ("acme", "export")


async def test_a_stalled_download_times_out(serve_raw, connect, clock):
    async def stall(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await asyncio.Event().wait()

    with pytest.raises(TimedOut):
        async with connect(await serve_raw(stall), limits=HttpLimits(timeout=6.0)).stream("GET", "/export") as stream:
            await collect(stream)
    assert clock.monotonic() == pytest.approx(6.0, abs=0.1)


async def test_a_slow_download_may_last_longer_than_one_timeout_and_not_longer_than_the_deadline(
    serve_raw, connect, clock, calling
):
    async def drip(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await clock.sleep(4)

    client = connect(await serve_raw(drip), limits=HttpLimits(timeout=5.0))
    with calling(30.0), pytest.raises(TimedOut):
        async with client.stream("GET", "/export") as stream:
            await collect(stream)
    assert stream.received == 8
    assert clock.monotonic() == pytest.approx(30.0, abs=0.1)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_download_above_the_limit_is_refused(serve, connect, declared):
    async def handler(request):
        response = web.StreamResponse()
        if declared:
            response.content_length = 5000
        await response.prepare(request)
        await response.write(bytes(5000))
        return response

    with pytest.raises(ProtocolError, match="larger than 4000 bytes"):
        async with connect(await serve(handler)).stream("GET", "/export", max_bytes=4000) as stream:
            await collect(stream)


async def test_leaving_early_cuts_the_connection(serve_raw, connect):
    cut = asyncio.Event()

    async def endless(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegin")
        while await reader.read(1000):
            pass
        cut.set()

    async with connect(await serve_raw(endless)).stream("GET", "/export") as stream:
        async for _ in stream:
            break
    await asyncio.wait_for(cut.wait(), 5)
