"""What goes wrong between here and the vendor, and the error it becomes."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from placket.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    PlacketError,
    ProtocolError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from placket.interfaces import Call, Deadline, Garment, GarmentTagger, current_call
from placket.testing.virtual_time import VirtualClock

PHOTO = "https://shop.example.com/photos/1.webp"
HTML = "<html><body><h1>Bad day</h1> key-4711-very-secret</body></html>"

Build = Callable[..., GarmentTagger]


def said_no(status: int = 200, **headers: str) -> web.Response:
    body = {"status": False, "data": {}, "error": ["API-KEY key-4711-very-secret is wrong"], "message": "error message"}
    return web.json_response(body, status=status, headers=headers)


def reset(request: web.Request) -> Any:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def raised_by(tagger: GarmentTagger) -> PlacketError:
    with pytest.raises(PlacketError) as caught:
        await tagger.tag(Garment.of(PHOTO, id="976"))
    return caught.value


ANSWERS = [
    (lambda _: said_no(), Refused),
    (lambda _: said_no(400), InvalidRequest),
    (lambda _: said_no(401), Unauthenticated),
    (lambda _: said_no(403), Forbidden),
    (lambda _: said_no(404), NotFound),
    (lambda _: said_no(500), Unavailable),
    (lambda _: web.Response(text=HTML, content_type="text/html"), ProtocolError),
    (lambda _: web.Response(text=""), ProtocolError),
    (lambda _: web.json_response([]), ProtocolError),
    (lambda _: web.json_response({}), ProtocolError),
    (lambda _: web.json_response({"detail": "moved"}), ProtocolError),
    (lambda _: web.json_response({"status": "fine", "data": {}}), ProtocolError),
    (lambda _: web.Response(text='{"status": true, "data": {'), ProtocolError),
]


@pytest.mark.parametrize(("answer", "kind"), ANSWERS)
async def test_an_upload_answered_so(provider: Build, vendor: Any, answer: Any, kind: type[PlacketError]) -> None:
    vendor.upload_answer = answer
    error = await raised_by(provider())
    assert type(error) is kind
    assert len(vendor.uploads) == 1, "an upload is not repeated"
    assert vendor.queries == []


@pytest.mark.parametrize(("answer", "kind"), ANSWERS[1:])
async def test_a_query_answered_so(provider: Build, vendor: Any, answer: Any, kind: type[PlacketError]) -> None:
    vendor.query_answer = answer
    error = await raised_by(provider())
    assert type(error) is kind
    assert len(vendor.uploads) == 1, "a failed query does not repeat the upload"


@pytest.mark.parametrize("data", [None, [], "later", 3])
async def test_a_query_answered_without_data(provider: Build, vendor: Any, data: Any) -> None:
    vendor.query_answer = {"status": True, "data": data, "error": [], "message": "success!"}
    assert type(await raised_by(provider())) is ProtocolError


async def test_a_refusal_tells_what_the_vendor_said(provider: Build, vendor: Any) -> None:
    vendor.upload_answer = {"status": False, "data": {}, "error": ["image too small", "no domain"], "message": "oh"}
    error = await raised_by(provider())
    assert "tags.upload: the vendor refuses the upload: oh; image too small; no domain" in str(error)


@pytest.mark.parametrize("answer", [answer for answer, _ in ANSWERS])
@pytest.mark.parametrize("endpoint", ["upload_answer", "query_answer"])
async def test_no_secret_is_shown(provider: Build, vendor: Any, answer: Any, endpoint: str) -> None:
    setattr(vendor, endpoint, answer)
    tagger = provider()
    error = await raised_by(tagger)
    assert "key-4711" not in str(error) + repr(error) + "".join(traceback.format_exception(error))
    assert "key-4711" not in json.dumps({key: str(value) for key, value in vars(error).items()})
    assert "key-4711" not in repr(tagger) + repr(vars(tagger))


async def test_a_query_that_fails_for_a_moment_is_repeated(provider: Build, vendor: Any) -> None:
    failures = [web.Response(status=503), said_no(500)]
    vendor.query_answer = lambda _: failures.pop() if failures else None
    findings = await provider().tag(Garment.of(PHOTO, id="976"))
    assert findings.claims
    assert (len(vendor.uploads), len(vendor.queries)) == (1, 3)


async def test_a_query_waits_as_long_as_the_vendor_asks(provider: Build, vendor: Any) -> None:
    answers = [lambda: said_no(429, **{"Retry-After": "30"})]
    vendor.query_answer = lambda _: answers.pop()() if answers else None
    await provider(typical_latency=5.0).tag(Garment.of(PHOTO, id="976"))
    assert vendor.times[1:] == pytest.approx([5, 35], abs=1)


async def test_a_longer_wait_than_the_deadline_ends_at_once(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.query_answer = lambda _: said_no(429, **{"Retry-After": "50"})
    token = current_call.set(Call("tags", "tag", Deadline.after(40, clock)))
    try:
        error = await raised_by(provider(typical_latency=5.0))
    finally:
        current_call.reset(token)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 50
    assert clock.monotonic() < 10


async def test_an_upload_beyond_the_limit_is_not_repeated(provider: Build, vendor: Any) -> None:
    vendor.upload_answer = lambda _: said_no(429, **{"Retry-After": "7"})
    error = await raised_by(provider())
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7
    assert len(vendor.uploads) == 1


@pytest.mark.parametrize("answer", [reset, lambda _: web.Response(status=502), lambda _: web.Response(status=504)])
async def test_an_upload_without_an_answer_has_an_unknown_outcome(provider: Build, vendor: Any, answer: Any) -> None:
    vendor.upload_answer = answer
    assert isinstance(await raised_by(provider()), UnknownOutcome)
    assert len(vendor.uploads) == 1


async def test_an_upload_may_be_repeated_where_the_operator_says_so(provider: Build, vendor: Any) -> None:
    vendor.upload_answer = lambda request: reset(request) if len(vendor.uploads) == 1 else None
    findings = await provider(repeat_upload=True).tag(Garment.of(PHOTO, id="976"))
    assert findings.claims
    first, second = vendor.uploads
    assert first == second


async def test_a_query_without_an_answer_is_repeated(provider: Build, vendor: Any) -> None:
    vendor.query_answer = lambda request: reset(request) if len(vendor.queries) == 1 else None
    findings = await provider().tag(Garment.of(PHOTO, id="976"))
    assert findings.claims
    assert len(vendor.uploads) == 1


async def test_nobody_there_is_unavailable_never_unknown(provider: Build, vendor: Any, unused_url: str) -> None:
    error = await raised_by(provider(base_url=unused_url))
    assert isinstance(error, Unavailable | TimedOut)
