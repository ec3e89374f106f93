"""Which exchanges are repeated, when, and how often."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest
import stamina
from aiohttp import web

from placket.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
)
from placket.testing.virtual_time import EPOCH
from placket.transport import HttpLimits, Rate, RateLimiter


class Script:
    """Answers with the given statuses in turn, then with 200; keeps when it was asked."""

    def __init__(self, *statuses, headers=None):
        self.statuses = list(statuses)
        self.headers = headers or {}
        self.times = []
        self.bodies = []

    async def __call__(self, request):
        self.times.append(asyncio.get_running_loop().time())
        self.bodies.append(await request.read())
        status = self.statuses.pop(0) if self.statuses else 200
        headers = self.headers if status >= 400 else {}
        return web.json_response({"status": status}, status=status, headers=headers)


async def test_a_read_is_repeated_until_it_succeeds(serve, connect, calling):
    script = Script(503, 500)
    client = connect(await serve(script))
    with calling() as call:
        answer = await client.get("/tags")
    assert answer.json() == {"status": 200}
    assert call.exchanges == len(script.times) == 3


async def test_there_are_no_more_tries_than_allowed(serve, connect):
    script = Script(*[503] * 10)
    client = connect(await serve(script), limits=HttpLimits(attempts=4))
    with pytest.raises(Unavailable):
        await client.get("/tags")
    assert len(script.times) == 4


async def test_a_write_is_not_repeated(serve, connect):
    script = Script(503)
    client = connect(await serve(script))
    with pytest.raises(Unavailable):
        await client.post("/products", json={})
    assert len(script.times) == 1


async def test_a_write_that_says_it_is_repeatable_is_repeated_with_the_same_body(serve, connect):
    script = Script(503)
    client = connect(await serve(script))
    await client.post("/upload", json={"uuid": "976"}, repeatable=True)
    assert script.bodies == [b'{"uuid":"976"}'] * 2


async def test_a_deletion_whose_answer_got_lost_is_done(serve, connect):
    things, tries = {"1"}, []

    async def delete(request):
        tries.append(request.method)
        if request.match_info["path"] in things:
            things.clear()
            request.transport.abort()
        return web.json_response({}, status=404)

    client = connect(await serve(delete))
    await client.delete("/1", repeatable=True)
    assert len(tries) == 2
    with pytest.raises(NotFound):
        await client.delete("/1", repeatable=True)
    things.add("1")
    with pytest.raises(NotFound):
        await client.get("/1")


async def test_a_streamed_body_is_started_afresh_for_each_try(serve, connect):
    async def lines():
        for number in range(3):
            yield f"{number}\n".encode()

    script = Script(503)
    client = connect(await serve(script))
    await client.put("/items", data=lines, repeatable=True)
    assert script.bodies == [b"0\n1\n2\n"] * 2


@pytest.mark.parametrize(("status", "kind"), [(400, InvalidRequest), (401, Unauthenticated), (403, Forbidden)])
async def test_a_refusal_is_not_repeated(serve, connect, status, kind):
    script = Script(status)
    client = connect(await serve(script))
    with pytest.raises(kind):
        await client.get("/tags")
    assert len(script.times) == 1


async def test_pauses_grow_and_stay_below_their_bound(serve, connect):
    script = Script(*[503] * 6)
    limits = HttpLimits(attempts=7, backoff_initial=1.0, backoff_max=5.0)
    client = connect(await serve(script), limits=limits)
    await client.get("/tags")
    pauses = [after - before for before, after in zip(script.times, script.times[1:], strict=False)]
    for pause, longest in zip(pauses, [1, 2, 4, 5, 5, 5], strict=True):
        assert longest / 2 - 0.001 <= pause <= longest + 0.001


async def test_retry_after_is_a_floor_for_the_pause(serve, connect):
    script = Script(429, headers={"Retry-After": "17"})
    client = connect(await serve(script))
    await client.get("/tags")
    assert script.times[1] - script.times[0] == pytest.approx(17.0, abs=0.1)


async def test_retry_after_may_be_a_date(serve, connect):
    script = Script(503, headers={"Retry-After": format_datetime(EPOCH + timedelta(seconds=40), usegmt=True)})
    client = connect(await serve(script))
    await client.get("/tags")
    assert script.times[1] == pytest.approx(40.0, abs=0.1)


@pytest.mark.parametrize("said", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "9" * 5000, "\xb2", "soon"])
async def test_a_retry_after_that_makes_no_sense_is_none(serve, connect, said):
    script = Script(503, headers={"Retry-After": said})
    client = connect(await serve(script))
    await client.get("/tags")
    assert script.times[1] <= 1.0


async def test_a_retry_after_beyond_the_deadline_fails_at_once_and_pauses_the_provider(serve, connect, clock, calling):
    script = Script(429, headers={"Retry-After": "30"})
    client = connect(await serve(script))
    with calling(10.0), pytest.raises(RateLimited) as caught:
        await client.get("/tags")
    assert caught.value.retry_after == 30.0
    assert clock.monotonic() < 1.0
    with calling(10.0), pytest.raises(RateLimited):
        await client.get("/tags")
    assert len(script.times) == 1
    await client.get("/tags")
    assert script.times[1] == pytest.approx(30.0, abs=0.1)


async def test_a_backoff_beyond_the_deadline_fails_at_once(serve, connect, clock, calling):
    script = Script(503)
    client = connect(await serve(script), limits=HttpLimits(backoff_initial=20.0))
    with calling(5.0), pytest.raises(Unavailable):
        await client.get("/tags")
    assert clock.monotonic() < 1.0


async def test_nobody_waits_long_for_a_vendor_that_asks_for_an_hour(serve, connect, clock):
    script = Script(503, headers={"Retry-After": "3600"})
    client = connect(await serve(script))
    with pytest.raises(Unavailable):
        await client.get("/tags")
    assert clock.monotonic() < 1.0


async def test_a_senseless_retry_after_does_not_shut_the_provider_for_ever(serve, connect):
    script = Script(503, headers={"Retry-After": "99999999999"})
    client = connect(await serve(script), limits=HttpLimits(cool_down_max=60.0))
    with pytest.raises(Unavailable):
        await client.get("/tags")
    assert client.limiter.cooling() == pytest.approx(60.0, abs=0.1)


async def test_what_another_origin_asks_for_pauses_nobody(connect, serve):
    async def busy(_request):
        return web.Response(status=503, headers={"Retry-After": "1800"})

    client = connect("http://vendor.example", limits=HttpLimits(attempts=1))
    with pytest.raises(Unavailable):
        await client.get(f"{await serve(busy)}/file.jpg")
    assert client.limiter.cooling() == 0.0


async def test_one_providers_pause_holds_back_everybody_of_the_quota_group(serve, connect, clock):
    script = Script(429, headers={"Retry-After": "25"})
    base, shared = await serve(script), RateLimiter(Rate(100, 1.0), clock)
    first, second = connect(base, limiter=shared), connect(base, limiter=shared)
    with pytest.raises(RateLimited):
        await first.post("/products", json={})
    await second.get("/tags")
    assert script.times[1] == pytest.approx(25.0, abs=0.1)


async def test_every_try_takes_a_slot_of_the_rate_limit(serve, connect, clock):
    script = Script(503, 503)
    client = connect(await serve(script), limiter=RateLimiter(Rate(1, 60.0), clock))
    await client.get("/tags")
    assert [round(time) for time in script.times] == [0, 60, 120]


async def test_a_timeout_is_repeated_while_the_deadline_allows(serve_raw, connect, clock, calling):
    asked = 0

    async def silent(reader, writer):
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()

    client = connect(await serve_raw(silent), limits=HttpLimits(timeout=10.0, attempts=10))
    with calling(25.0), pytest.raises(TimedOut):
        await client.get("/slow")
    assert asked == 3
    assert clock.monotonic() <= 25.01


async def test_the_first_try_does_not_depend_on_stamina_being_active(serve, connect):
    script = Script(503)
    client = connect(await serve(script))
    stamina.set_active(False)
    try:
        with pytest.raises(Unavailable):
            await client.get("/tags")
    finally:
        stamina.set_active(True)
    assert len(script.times) == 1


async def test_the_error_names_provider_and_operation(serve, connect, calling):
    client = connect(await serve(Script(400)))
    with calling(), pytest.raises(InvalidRequest) as caught:
        await client.get("/tags")
    assert (caught.value.provider, caught.value.operation) == ("acme", "tag")
    client = connect(await serve(Script(503)), limits=HttpLimits(attempts=1))
    with calling(), pytest.raises(Unavailable) as told:
        await client.get("/tags", operation="query")
    assert (told.value.provider, told.value.operation) == ("acme", "query")
