"""Servers of pictures that never end, hardly begin, or break off: each is left in time, with an error that says why."""

from __future__ import annotations

import asyncio

import pytest

from placket.errors import InvalidInput, Retryable, TimedOut
from placket.transport import FetchLimits, SafeFetcher

PNG = b"\x89PNG\r\n\x1a\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


@pytest.fixture
def fetch(serve_raw, sessions, clock):
    """Fetches one picture from a server that treats the connection like this."""

    async def fetched(behaviour, **limits):
        base = await serve_raw(behaviour)
        trusted = [base.removeprefix("http://")]
        fetcher = SafeFetcher(sessions, clock=clock, limits=FetchLimits(**limits), trusted_hosts=trusted)
        return await fetcher.fetch_image(f"{base}/coat.png")

    return fetched


async def drip(reader, writer):
    writer.write(HEAD + b"Content-Length: 1000000\r\n\r\n" + PNG)
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(1)


async def drip_of_headers(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    number = 0
    while True:
        number += 1
        writer.write(b"X-%d: y\r\n" % number)
        await writer.drain()
        await asyncio.sleep(1)


@pytest.mark.parametrize("behaviour", [drip, drip_of_headers])
async def test_a_slow_drip_is_left_at_the_timeout(fetch, clock, behaviour):
    with pytest.raises(TimedOut):
        await fetch(behaviour, timeout=20.0)
    assert clock.monotonic() == pytest.approx(20, abs=0.5)


async def test_a_slow_drip_is_left_at_the_deadline_of_the_call(fetch, clock, calling):
    with calling(5.0), pytest.raises(TimedOut):
        await fetch(drip)
    assert clock.monotonic() == pytest.approx(5, abs=0.5)


async def test_an_endless_picture_is_cut_at_the_limit(fetch):
    sent = 0

    async def endless(reader, writer):
        nonlocal sent
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n8\r\n" + PNG + b"\r\n")
        while True:
            writer.write(b"2710\r\n" + bytes(10_000) + b"\r\n")
            sent += 10_000
            await writer.drain()

    with pytest.raises(InvalidInput, match="larger than"):
        await fetch(endless, max_bytes=100_000)
    assert sent < 20_000_000


async def test_a_picture_that_says_it_is_too_large_is_not_read(fetch):
    async def boasting(reader, writer):
        writer.write(HEAD + b"Content-Length: 99999999999\r\n\r\n" + PNG)
        await writer.drain()
        await reader.read()

    with pytest.raises(InvalidInput, match="larger than"):
        await fetch(boasting)


async def cut_short(reader, writer):
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n" + PNG)
    await writer.drain()


async def cut_chunked(reader, writer):
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n8\r\n" + PNG + b"\r\n")
    await writer.drain()


async def reset(reader, writer):
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n" + PNG)
    await writer.drain()
    writer.transport.abort()


@pytest.mark.parametrize("behaviour", [cut_short, cut_chunked, reset])
async def test_a_picture_that_breaks_off_is_no_picture(fetch, behaviour):
    with pytest.raises(Retryable) as caught:
        await fetch(behaviour)
    assert "coat.png" in str(caught.value)


async def test_a_picture_that_unpacks_to_too_much_is_refused(fetch):
    import gzip

    bomb = gzip.compress(PNG + bytes(50_000_000))

    async def packed(reader, writer):
        writer.write(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
        await writer.drain()

    with pytest.raises(InvalidInput, match="larger than"):
        await fetch(packed, max_bytes=1_000_000)
