"""Fetching what an address from outside points to."""

from __future__ import annotations

import asyncio
import io
import re
import struct
import zlib

import pytest
from aiohttp import web
from PIL import Image

from placket.errors import ConfigError, InvalidInput, PlacketError, TimedOut, Unavailable
from placket.transport import FetchLimits, SafeFetcher
from placket.transport.address import BaseUrl


def png(width=3, height=2) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


class Site:
    def __init__(self):
        self.requests = []

    async def __call__(self, request):
        self.requests.append(request)
        match request.path:
            case "/coat.png":
                return web.Response(body=png(), content_type="text/plain")
            case "/page.png":
                return web.Response(body=b"<html><title>Sign in</title></html>", content_type="text/html")
            case "/huge.png":
                return web.Response(body=png_that_claims(30000, 30000), content_type="image/png")
            case "/large.png":
                return web.Response(body=png() + bytes(5000))
            case "/broken.png":
                return web.Response(body=png()[:12])
            case "/missing.png":
                return web.Response(status=404)
            case "/busy.png":
                return web.Response(status=503, headers={"Retry-After": "9"})
            case "/slow.png":
                await asyncio.Event().wait()
            case "/moved":
                return web.Response(status=302, headers={"Location": request.query["to"]})
            case "/loop":
                return web.Response(status=302, headers={"Location": "/loop"})
        raise AssertionError(request.path)


@pytest.fixture
def site():
    return Site()


@pytest.fixture
async def base(serve, site):
    return await serve(site)


@pytest.fixture
def fetcher(base, sessions, clock):
    return SafeFetcher(sessions, clock=clock, trusted_hosts=[base.removeprefix("http://")])


async def test_an_image_is_fetched_whatever_the_server_calls_it(fetcher, base, site):
    assert await fetcher.fetch_image(f"{base}/coat.png") == png()
    assert not {"Authorization", "Cookie", "Referer"} & set(site.requests[0].headers)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/page.png", "not an image of a known kind; it is text/html.*Sign in"),
        ("/huge.png", "30000 x 30000 pixels"),
        ("/broken.png", "cannot be read"),
        ("/missing.png", "HTTP 404"),
        ("/loop", "more than 3 redirects"),
    ],
)
async def test_what_cannot_be_used_is_invalid_input_that_says_why(fetcher, base, path, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        await fetcher.fetch_image(f"{base}{path}")


async def test_a_file_above_the_limit_is_refused(base, sessions):
    fetcher = SafeFetcher(sessions, limits=FetchLimits(max_bytes=4000), trusted_hosts=[base.removeprefix("http://")])
    with pytest.raises(InvalidInput, match="larger than 4000 bytes"):
        await fetcher.fetch(f"{base}/large.png")


async def test_a_busy_server_is_unavailable(fetcher, base):
    with pytest.raises(Unavailable) as caught:
        await fetcher.fetch(f"{base}/busy.png")
    assert caught.value.retry_after == 9.0
    assert caught.value.lies_elsewhere, "whoever wanted the picture is as well as ever"


async def test_a_silent_server_times_out(fetcher, base, clock):
    with pytest.raises(TimedOut):
        await fetcher.fetch(f"{base}/slow.png")
    assert clock.monotonic() == pytest.approx(20.0, abs=0.1)


async def test_the_deadline_of_the_call_counts(fetcher, base, clock, calling):
    with calling(2.0), pytest.raises(TimedOut):
        await fetcher.fetch(f"{base}/slow.png")
    assert clock.monotonic() == pytest.approx(2.0, abs=0.1)


async def test_a_redirect_within_bounds_is_followed(fetcher, base):
    assert await fetcher.fetch(f"{base}/moved?to=/coat.png") == png()


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:8080/",
        "http://localhost/",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "http://a:b@8.8.8.8/",
    ],
)
async def test_a_redirect_to_a_blocked_address_is_refused(fetcher, base, site, target):
    with pytest.raises(InvalidInput):
        await fetcher.fetch(f"{base}/moved?to={target}")
    assert len(site.requests) == 1


async def test_loopback_by_name_is_blocked_when_the_name_is_resolved(sessions):
    with pytest.raises(InvalidInput, match="localhost leads to the blocked address"):
        await SafeFetcher(sessions).fetch("http://localhost:8080/")


async def test_loopback_by_number_is_blocked_before_anything_is_sent(sessions, base, site):
    port = base.rpartition(":")[2]
    fetcher = SafeFetcher(sessions, limits=FetchLimits(ports=(int(port),)))
    for host in ("127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
        with pytest.raises(InvalidInput, match="blocked address"):
            await fetcher.fetch(f"http://{host}:{port}/coat.png")
    with pytest.raises(InvalidInput, match="blocked address"):
        await fetcher.fetch(f"http://localhost:{port}/coat.png")
    assert site.requests == []


async def test_a_host_that_does_not_exist_is_unavailable(sessions, no_names):
    with pytest.raises(Unavailable, match="was not found"):
        await SafeFetcher(sessions).fetch("http://nowhere.invalid/x.png")


async def test_a_complaint_names_the_address_with_its_port_and_without_credentials(fetcher, base):
    with pytest.raises(InvalidInput, match=re.escape(f"{base}/missing.png cannot be had")):
        await fetcher.fetch_image(f"{base}/missing.png")
    with pytest.raises(ConfigError, match=r"'http://api\.example:8080/v1' must not carry credentials") as caught:
        BaseUrl("http://anna:hunter22@api.example:8080/v1?key=hunter22")
    assert "hunter22" not in str(caught.value)


async def test_the_query_of_an_address_is_never_said(fetcher, base):
    for path in ("/missing.png", "/busy.png", "/slow.png", "/page.png"):
        with pytest.raises(PlacketError) as caught:
            await fetcher.fetch_image(f"{base}{path}?X-Sig=hunter22")
        assert "hunter22" not in str(caught.value)
        assert caught.value.__context__ is None


async def test_the_same_fetcher_within_other_limits(fetcher, base, sessions):
    smaller = fetcher.within(max_bytes=10)
    with pytest.raises(InvalidInput, match="larger than 10 bytes"):
        await smaller.fetch(f"{base}/large.png")
    assert len(await fetcher.fetch(f"{base}/large.png")) > 10, "the limits of the first stay as they are"
    blocked = SafeFetcher(sessions).within(max_bytes=10**6)
    with pytest.raises(InvalidInput, match="blocked address"):
        await blocked.fetch(f"{base}/large.png")
