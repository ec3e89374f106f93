"""What an exchange that goes wrong ends as: the difference between "did not happen" and "may have happened"."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress

import pytest
from aiohttp import web

from placket.errors import (
    InvalidInput,
    ProtocolError,
    ProviderError,
    RateLimited,
    TimedOut,
    Unavailable,
    UnknownOutcome,
)
from placket.transport import HttpLimits, Rate, RateLimiter

ONCE = HttpLimits(timeout=5.0, attempts=1)


async def never(reader, writer):
    await asyncio.Event().wait()


async def hang_up(reader, writer):
    return


async def reset(reader, writer):
    # Lingering for no time makes the kernel send a reset instead of an orderly end.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def cut_short(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{")
    await writer.drain()


async def cut_chunked(reader, writer):
    writer.write(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    await writer.drain()


async def garbage(reader, writer):
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    await writer.drain()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("behaviour", [never, hang_up, reset, cut_short, cut_chunked, garbage])
async def test_a_write_that_was_sent_and_not_answered_has_an_unknown_outcome(serve_raw, connect, calling, behaviour):
    client = connect(await serve_raw(behaviour), limits=ONCE)
    with calling() as call, pytest.raises(UnknownOutcome) as caught:
        await client.post("/products", json={"name": "coat"}, operation="create")
    assert call.unsettled_writes == 1
    assert call.exchanges == 1
    assert str(caught.value).startswith("acme.create: the write was sent")


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (never, TimedOut),
        (hang_up, Unavailable),
        (reset, Unavailable),
        (cut_short, Unavailable),
        (cut_chunked, Unavailable),
        (garbage, ProtocolError),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_what_is_safe_to_repeat_never_ends_as_an_unknown_outcome(
    serve_raw, connect, calling, behaviour, kind, method
):
    client = connect(await serve_raw(behaviour), limits=ONCE)
    with calling() as call, pytest.raises(ProviderError) as caught:
        await client.request(method, "/products/7", repeatable=True)
    assert type(caught.value) is kind
    assert call.unsettled_writes == 0


async def test_a_write_that_found_no_server_did_not_happen(connect, calling):
    client = connect(f"http://127.0.0.1:{unused_port()}", limits=ONCE)
    with calling() as call, pytest.raises(Unavailable, match=r"no connection to 127\.0\.0\.1"):
        await client.post("/products", json={})
    assert call.unsettled_writes == 0


async def test_a_write_that_waited_in_vain_for_a_free_connection_did_not_happen(serve_raw, clock, cleanup):
    from placket.transport import ConnectionLimits, HttpClient, SessionPool

    pool = await cleanup.enter_async_context(SessionPool(ConnectionLimits(per_host=1)))
    client = HttpClient(base_url=await serve_raw(never), provider="acme", sessions=pool, clock=clock, limits=ONCE)
    first = asyncio.ensure_future(client.post("/a", json={}))
    await asyncio.sleep(0)
    with pytest.raises(TimedOut):
        await client.post("/b", json={})
    with pytest.raises(UnknownOutcome):
        await first


async def test_a_server_without_tls_is_unavailable_to_a_write(serve, connect):
    async def fine(request):
        return web.json_response({})

    client = connect((await serve(fine)).replace("http:", "https:"), limits=ONCE)
    with pytest.raises(Unavailable, match="no secure connection"):
        await client.post("/products", json={})


async def test_a_host_that_does_not_exist_is_unavailable_to_a_write(connect, no_names):
    client = connect("http://nowhere.invalid", limits=ONCE)
    with pytest.raises(Unavailable, match=r"nowhere\.invalid was not found"):
        await client.post("/products", json={})


@pytest.mark.parametrize("status", [502, 504, 520, 524])
async def test_a_gateway_without_an_answer_leaves_a_write_unknown(serve, connect, status):
    async def gateway(request):
        return web.Response(status=status)

    client = connect(await serve(gateway), limits=ONCE)
    with pytest.raises(UnknownOutcome) as caught:
        await client.post("/products", json={})
    assert caught.value.status == status
    with pytest.raises(Unavailable):
        await client.get("/products")


@pytest.mark.parametrize("status", [500, 503])
async def test_a_server_that_says_it_failed_has_answered(serve, connect, calling, status):
    async def failing(request):
        return web.Response(status=status)

    client = connect(await serve(failing), limits=ONCE)
    with calling() as call, pytest.raises(Unavailable):
        await client.post("/products", json={})
    assert call.unsettled_writes == 0


async def test_a_refusal_whose_body_is_cut_off_is_still_a_refusal(serve_raw, connect):
    async def cut_refusal(reader, writer):
        writer.write(b"HTTP/1.1 409 Conflict\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()

    client = connect(await serve_raw(cut_refusal), limits=ONCE)
    with pytest.raises(ProviderError) as caught:
        await client.post("/products", json={})
    assert type(caught.value).__name__ == "Conflict"


async def test_the_try_ends_at_the_timeout_of_the_client(serve_raw, connect, clock):
    client = connect(await serve_raw(never), limits=HttpLimits(timeout=7.0, attempts=1))
    with pytest.raises(TimedOut):
        await client.get("/slow")
    assert clock.monotonic() == pytest.approx(7.0, abs=0.01)


async def test_the_deadline_of_the_call_ends_a_try_before_its_timeout(serve_raw, connect, clock, calling):
    client = connect(await serve_raw(never))
    with calling(3.0) as call, pytest.raises(TimedOut):
        await client.get("/slow")
    assert clock.monotonic() == pytest.approx(3.0, abs=0.01)
    assert call.exchanges == 1


async def test_a_drip_of_bytes_does_not_extend_the_timeout(serve_raw, connect, clock):
    async def drip(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await clock.sleep(1)

    client = connect(await serve_raw(drip), limits=ONCE)
    with pytest.raises(TimedOut):
        await client.get("/drip")
    assert clock.monotonic() <= 5.01


async def test_nothing_is_sent_after_the_deadline(serve, connect, calling):
    async def unexpected(request):
        raise AssertionError("this must not be asked")

    client = connect(await serve(unexpected))
    with calling(0.0) as call, pytest.raises(TimedOut, match="before the request was sent"):
        await client.post("/products", json={})
    assert call.exchanges == 0
    assert call.unsettled_writes == 0


async def test_a_write_that_the_rate_limit_holds_back_did_not_happen(serve, connect, clock, calling):
    async def fine(request):
        return web.json_response({})

    client = connect(await serve(fine), limiter=RateLimiter(Rate(1, 60.0), clock))
    with calling(10.0) as call:
        await client.post("/products", json={})
        with pytest.raises(RateLimited) as caught:
            await client.post("/products", json={})
    assert caught.value.provider == "acme"
    assert caught.value.retry_after == pytest.approx(60.0, abs=0.1)
    assert call.exchanges == 1
    assert call.unsettled_writes == 0


async def test_a_cancelled_write_is_left_unsettled_and_its_connection_is_cut(serve_raw, connect, calling):
    cut = asyncio.Event()
    asked = asyncio.Event()

    async def wait_for_end(reader, writer):
        asked.set()
        while await reader.read(1000):
            pass
        cut.set()

    client = connect(await serve_raw(wait_for_end))
    with calling() as call:
        task = asyncio.ensure_future(client.post("/products", json={}))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert call.unsettled_writes == 1
    await asyncio.wait_for(cut.wait(), 5)


async def test_a_cancelled_read_of_a_body_cuts_its_connection(serve_raw, connect, calling):
    cut, asked = asyncio.Event(), asyncio.Event()

    async def half(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
        asked.set()
        while await reader.read(1000):
            pass
        cut.set()

    client = connect(await serve_raw(half))
    task = asyncio.ensure_future(client.get("/body"))
    await asked.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(cut.wait(), 5)


async def test_a_settled_write_is_settled(serve, connect, calling):
    async def fine(request):
        return web.json_response({}, headers={"X-Request-Id": "r-17"})

    client = connect(await serve(fine))
    with calling() as call:
        await client.post("/products", json={})
    assert (call.exchanges, call.request_ids, call.unsettled_writes) == (1, ["r-17"], 0)


async def test_a_kept_connection_that_breaks_is_not_silently_used_again_for_a_write(serve_raw, connect, calling):
    """aiohttp by itself sends PUT and DELETE a second time here."""
    requests = 0

    async def one_answer_only(reader, writer):
        nonlocal requests
        requests += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
        requests += 1

    client = connect(await serve_raw(one_answer_only))
    await client.put("/a", json={})
    with pytest.raises(UnknownOutcome):
        await client.delete("/a")
    assert requests == 2


async def test_a_header_that_cannot_be_sent_is_the_callers_mistake(serve, connect):
    async def fine(request):
        return web.json_response({})

    client = connect(await serve(fine))
    with pytest.raises(InvalidInput, match="cannot be sent"):
        await client.post("/products", json={}, headers={"X-Shop": "a\r\nX-Admin: yes"})


@pytest.mark.parametrize("repeatable", [False, True])
async def test_content_that_cannot_be_made_is_told_as_it_is(serve, connect, calling, repeatable):
    async def take(request):
        await request.read()
        return web.json_response({})

    async def torn():
        begun.append(True)
        yield b"the beginning"
        raise InvalidInput("the picture is gone")

    begun: list[bool] = []
    client = connect(await serve(take))
    with calling() as call, pytest.raises(InvalidInput, match=r"^the picture is gone$"):
        await client.post("/pictures", data=torn, repeatable=repeatable)
    assert (len(begun), call.unsettled_writes) == (1, 0)


@pytest.mark.parametrize(
    ("method", "status", "repeatable", "accepted"),
    [("POST", 201, None, 1), ("POST", 201, True, 0), ("POST", 422, None, 0), ("GET", 200, None, 0)],
)
async def test_a_call_knows_which_writes_were_accepted(connect, serve, calling, method, status, repeatable, accepted):
    async def answer(_request):
        return web.json_response({}, status=status)

    client = connect(await serve(answer), limits=ONCE)
    with calling() as call, suppress(ProviderError):
        await client.request(method, "/things", json=None if method == "GET" else {}, repeatable=repeatable)
    assert (call.exchanges, call.accepted_writes) == (1, accepted)


async def test_our_own_limit_says_nothing_about_the_vendor(connect, serve, calling, clock):
    async def answer(_request):
        return web.json_response({})

    client = connect(await serve(answer), limits=ONCE, limiter=RateLimiter(Rate.parse("1/minute"), clock))
    with calling(10.0):
        await client.get("/first")
        with pytest.raises(RateLimited) as caught:
            await client.get("/second")
    assert caught.value.lies_elsewhere
