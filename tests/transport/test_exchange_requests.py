"""What a request looks like on the wire, and what the caller gets of the answer."""

from __future__ import annotations

import base64
import gzip
import logging
import traceback
from urllib.parse import quote

import pytest
from aiohttp import web
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import Struct
from yarl import URL

from placket.errors import (
    ConfigError,
    InvalidInput,
    InvalidRequest,
    NotFound,
    ProtocolError,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from placket.transport import BearerToken, FilePart, HttpLimits, Secret, StaticHeaders, path_segment
from placket.transport.address import query_string, with_query
from placket.transport.body import make_body
from placket.transport.request import Request


class Measured(Struct):
    name: str
    length: float | None


@pytest.fixture
def seen():
    return []


@pytest.fixture
async def echo(serve, seen):
    async def handler(request):
        body = await request.read()
        seen.append((request, body))
        return web.json_response({"ok": True})

    return await serve(handler)


async def test_paths_are_appended_to_the_base(echo, seen, connect):
    client = connect(f"{echo}/v1/")
    for path in ("/tags", "tags", "", "/tags?page=2"):
        await client.get(path)
    assert [request.raw_path for request, _ in seen] == ["/v1/tags", "/v1/tags", "/v1", "/v1/tags?page=2"]


async def test_parameters_are_quoted_once(echo, seen, connect):
    params = {"q": "a b&c=d+é/%", "n": 3, "new": True, "none": None, "id": [1, 2]}
    await connect(echo).get("/find", params=params)
    query = seen[0][0].query
    assert dict(query) == {"q": "a b&c=d+é/%", "n": "3", "new": "true", "id": "1"}
    assert query.getall("id") == ["1", "2"]


@given(
    st.sampled_from(["", "/find", "/find?page=2", "/ä b/./x/../find"]),
    st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.booleans(), max_size=4),
)
def test_parameters_are_read_as_the_whole_address_would_be(path, params):
    """Building it from its parts is quicker, and must not be seen."""
    try:
        whole = f"https://api.example.com{path}"
        whole += query_string(whole, params)
        expected = URL(whole)
    except ValueError:  # half a character
        assume(False)
    built = with_query(f"https://api.example.com{path}", params)
    assert str(URL(built)) == str(expected)


async def test_an_id_from_outside_stays_one_segment_of_the_path(echo, seen, connect):
    await connect(f"{echo}/v1").get(f"/products/{path_segment('../admin?x=1#y')}/images")
    assert seen[0][0].raw_path.startswith("/v1/products/..%2Fadmin%3Fx")
    assert seen[0][0].raw_path.endswith("%23y/images")
    for bad in ("", ".", ".."):
        with pytest.raises(InvalidInput):
            path_segment(bad)


async def test_json_is_sent_compact_and_declared(echo, seen, connect):
    await connect(echo).post("/", json={"name": "Größe", "n": [1, None]})
    request, body = seen[0]
    assert request.content_type == "application/json"
    assert body == '{"name":"Größe","n":[1,null]}'.encode()


async def test_a_struct_is_sent_as_json(echo, seen, connect):
    for length in (1.5, None):
        await connect(echo).post("/", json=Measured("Größe", length))
    assert [body.decode() for _, body in seen] == ['{"name":"Größe","length":1.5}', '{"name":"Größe","length":null}']
    assert {request.content_type for request, _ in seen} == {"application/json"}


@pytest.mark.parametrize("json", [{"length": float("nan")}, Measured("waist", float("inf"))])
async def test_numbers_that_json_lacks_are_refused(echo, connect, json):
    with pytest.raises(InvalidInput, match="JSON"):
        await connect(echo).post("/", json=json)


async def test_a_form_is_urlencoded(echo, seen, connect):
    await connect(echo).post("/login", form={"username": "a@b.c", "password": "x&y"})
    request, body = seen[0]
    assert request.content_type == "application/x-www-form-urlencoded"
    assert body == b"username=a%40b.c&password=x%26y"


async def test_a_form_with_a_file_is_multipart(serve, connect):
    parts = {}

    async def handler(request):
        async for part in await request.multipart():
            parts[part.name] = (await part.read(), part.filename, part.headers.get("Content-Type", ""))
        return web.json_response({})

    form = {"type": "primary", "file": FilePart(b"\x89PNG", "front.png", "image/png")}
    await connect(await serve(handler)).post("/images", form=form)
    assert parts["file"] == (b"\x89PNG", "front.png", "image/png")
    assert parts["type"][0] == b"primary"


async def test_a_file_in_a_form_may_be_made_as_it_is_sent(serve, connect):
    tries = []

    async def handler(request):
        body = await request.read()
        tries.append((request.headers.get("Transfer-Encoding"), body))
        return web.json_response({}, status=503 if len(tries) == 1 else 200)

    async def lines():
        for number in range(3):
            yield f"{number}\n".encode()

    form = {"kind": "items", "file": FilePart(lines, "items.tsv", "text/tab-separated-values")}
    await connect(await serve(handler)).post("/items", form=form, repeatable=True)
    for encoding, body in tries:
        assert encoding == "chunked"
        assert b'filename="items.tsv"' in body
        assert b"\r\n\r\n0\n1\n2\n\r\n--" in body
    assert len(tries) == 2


async def test_a_large_body_is_sent_without_a_warning(echo, seen, connect):
    await connect(echo).put("/image", data=bytes(3_000_000), headers={"Content-Type": "image/png"})
    request, body = seen[0]
    assert len(body) == 3_000_000
    assert request.content_type == "image/png"


async def test_only_one_kind_of_body_is_taken(echo, connect):
    with pytest.raises(TypeError):
        await connect(echo).post("/", json={}, data=b"x")


async def test_credentials_and_the_user_agent_are_sent(echo, seen, connect):
    auth = StaticHeaders({"API-KEY": Secret("key-1"), "DOMAIN": "shop.example.com"})
    await connect(echo, auth=auth).get("/")
    headers = seen[0][0].headers
    assert (headers["API-KEY"], headers["DOMAIN"]) == ("key-1", "shop.example.com")
    assert headers["User-Agent"].startswith("placket")


@pytest.mark.parametrize("made", [BearerToken, lambda token: StaticHeaders({"Authorization": token})])
@pytest.mark.parametrize(
    ("token", "what"),
    [
        (Secret("t\n1", place="env KEY"), "the secret in env KEY"),
        (Secret("t\r1"), "a secret"),
        (Secret("t\0"), "a secret"),
    ],
)
def test_a_secret_that_no_header_can_have_is_told_before_anything_is_sent(made, token, what):
    with pytest.raises(ConfigError) as caught:
        made(token)
    assert str(caught.value) == (
        f"{what} holds a line break or another control character, which the header Authorization cannot have; "
        "write it in one line"
    )


def test_what_is_no_secret_is_held_to_the_same():
    with pytest.raises(ConfigError, match=r"^a text holds a line break .* which the header DOMAIN cannot have"):
        StaticHeaders({"DOMAIN": "shop.example.com\n"})


async def test_a_bearer_token_may_be_written_bare(echo, seen, connect):
    await connect(echo, auth=BearerToken("t-1")).get("/")
    await connect(echo, auth=BearerToken("t-1", form="{token}")).get("/")
    assert [request.headers["Authorization"] for request, _ in seen] == ["Bearer t-1", "t-1"]


async def test_another_origin_never_sees_the_credentials(echo, seen, serve, connect):
    async def start(request):
        return web.json_response({})

    client = connect(await serve(start), auth=BearerToken("t-1"))
    await client.put(f"{echo}/presigned?sig=1", data=b"x")
    assert "Authorization" not in seen[0][0].headers
    own = connect(echo, auth=BearerToken("t-1"))
    await own.get(f"{echo}/next?page=2")
    assert seen[1][0].headers["Authorization"] == "Bearer t-1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed_and_say_where_they_lead(serve, connect, status):
    asked = []

    async def redirecting(request):
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": "https://evil.example/collect?token=abc"})

    client = connect(await serve(redirecting), auth=BearerToken("t-1"))
    with pytest.raises(ProtocolError, match=r"evil\.example") as caught:
        await client.get("/products")
    assert asked == ["/products"]
    assert "abc" not in str(caught.value)


async def test_a_request_id_moves_no_cursor(serve_raw, connect):
    async def rude(reader, writer):
        writer.write(b"HTTP/1.1 500 No\r\nX-Request-Id: r-1\x1b[2J\xff\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    with pytest.raises(Unavailable) as caught:
        await connect(await serve_raw(rude), limits=HttpLimits(attempts=1)).get("/x")
    assert caught.value.request_id == "r-1 [2J"
    assert str(caught.value).isprintable()


async def test_the_answer_gives_status_headers_and_request_id(serve, connect):
    async def handler(request):
        return web.json_response([1], status=201, headers={"CF-Ray": "ray-1", "X-Left": "9"})

    answer = await connect(await serve(handler)).post("/", json={})
    assert (answer.status, answer.request_id, answer.headers["x-left"]) == (201, "ray-1", "9")
    assert answer.json_array() == [1]
    with pytest.raises(ProtocolError, match="a JSON array where a JSON object"):
        answer.json_object()


@pytest.mark.parametrize(
    ("body", "content_type", "complaint"),
    [
        (b"<!DOCTYPE html><h1>Welcome</h1>", "text/html", "an HTML page"),
        (b"", "application/json", "empty"),
        (b'{"a": ', "application/json", "broken JSON"),
        (b'{"a": NaN}', "application/json", "NaN"),
        (b"[" * 100_000, "application/json", "JSON was expected"),
        (b"\xff\xfe\xfa", "application/json", "JSON was expected"),
    ],
)
async def test_what_is_not_json_is_a_protocol_error_that_says_what_it_is(serve, connect, body, content_type, complaint):
    async def handler(request):
        return web.Response(body=body, content_type=content_type)

    answer = await connect(await serve(handler)).get("/tags", operation="query")
    with pytest.raises(ProtocolError, match=complaint) as caught:
        answer.json()
    assert str(caught.value).startswith("acme.query: ")


async def test_head_has_no_body_however_long_it_says_it_is(serve, connect):
    async def handler(request):
        return web.Response(headers={"Content-Length": "99999999"})

    answer = await connect(await serve(handler), limits=HttpLimits(max_response_bytes=10)).head("/image")
    assert answer.body == b""


async def test_an_answer_that_declares_too_much_is_not_read(serve, connect):
    async def handler(request):
        return web.Response(body=bytes(2000))

    client = connect(await serve(handler), limits=HttpLimits(max_response_bytes=1000))
    with pytest.raises(ProtocolError, match="larger than 1000 bytes"):
        await client.get("/image")
    with pytest.raises(UnknownOutcome, match="accepted"):
        await client.post("/image", json={})


async def test_an_endless_answer_is_cut_at_the_limit(serve_raw, connect):
    sent = 0

    async def endless(reader, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
            sent += 10_000
            await writer.drain()

    client = connect(await serve_raw(endless), limits=HttpLimits(max_response_bytes=100_000))
    with pytest.raises(ProtocolError, match="larger than"):
        await client.get("/endless")
    assert sent < 20_000_000


async def test_the_limit_counts_decoded_bytes(serve_raw, connect):
    bomb = gzip.compress(bytes(50_000_000))

    async def explode(reader, writer):
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
        writer.write(head.encode() + bomb)
        await writer.drain()

    client = connect(await serve_raw(explode), limits=HttpLimits(max_response_bytes=1_000_000))
    with pytest.raises(ProtocolError, match="larger than"):
        await client.get("/bomb")


async def test_an_error_with_an_endless_body_is_classified_by_its_status(serve_raw, connect):
    async def endless(reader, writer):
        writer.write(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
            await writer.drain()

    client = connect(await serve_raw(endless), limits=HttpLimits(max_response_bytes=100_000))
    with pytest.raises(NotFound):
        await client.get("/endless")


async def test_the_plugin_reads_every_answer_first(serve, connect):
    def classify(answer):
        if answer.json().get("status") is False:
            return RateLimited("slow down", retry_after=12.0)
        return None

    async def envelope(request):
        return web.json_response({"status": request.path == "/fine"}, headers={"X-Request-Id": "r-5"})

    client = connect(await serve(envelope), classify=classify)
    assert (await client.get("/fine")).json() == {"status": True}
    with pytest.raises(RateLimited) as caught:
        await client.post("/bad", json={})
    assert (caught.value.status, caught.value.request_id, caught.value.provider) == (200, "r-5", "acme")
    assert client.limiter.cooling() == pytest.approx(12.0, abs=0.1)


async def test_a_plugin_that_looks_for_json_in_a_gateways_error_page_does_not_hide_the_status(serve, connect):
    async def gateway(request):
        return web.Response(status=int(request.query["status"]), body=b"<html>", content_type="text/html")

    def classify(answer):
        return None if answer.json()["status"] else InvalidRequest("no")

    client = connect(await serve(gateway), classify=classify, limits=HttpLimits(attempts=1))
    with pytest.raises(Unavailable):
        await client.get("/", params={"status": 502})
    with pytest.raises(UnknownOutcome):
        await client.post("/", params={"status": 502}, json={})
    with pytest.raises(ProtocolError, match="HTML"):
        await client.get("/", params={"status": 200})


async def test_an_unexpected_refusal_is_still_a_refusal(serve, connect):
    async def teapot(request):
        return web.Response(status=418)

    with pytest.raises(Refused):
        await connect(await serve(teapot)).get("/")


@pytest.mark.parametrize(
    "base",
    ["ftp://example.com", "example.com", "https://user:hunter22@example.com", "https://example.com?key=hunter22"],
)
def test_a_base_url_that_cannot_work_is_a_config_error(connect, base):
    with pytest.raises(ConfigError) as caught:
        connect(base)
    assert "hunter22" not in str(caught.value)


def everything_said(error: BaseException) -> str:
    return "".join(traceback.format_exception(error, chain=True)) + repr(error) + str(vars(error))


@pytest.mark.parametrize("behaviour", ["refuse", "cut", "no json"])
async def test_no_secret_is_ever_said(serve_raw, connect, caplog, behaviour):
    # Put together here, so that the source lines in a traceback do not contain it.
    secret = "s3cr" + "3t/+key=="
    caplog.set_level(logging.DEBUG)
    status = {"refuse": 400, "cut": 503, "no json": 200}[behaviour]

    async def parrot(reader, writer):
        body = f"bad key {secret}; {quote(secret, safe='')}; {base64.b64encode(secret.encode()).decode()}".encode()
        length = len(body) + (50 if behaviour == "cut" else 0)
        writer.write(f"HTTP/1.1 {status} {secret}\r\nX-Echo: {secret}\r\nContent-Length: {length}\r\n\r\n".encode())
        writer.write(body)
        await writer.drain()

    client = connect(
        await serve_raw(parrot), auth=StaticHeaders({"X-Key": Secret(secret)}), limits=HttpLimits(attempts=2)
    )

    async def ask():
        return (await client.get(f"/tags/{path_segment(secret)}", params={"api_key": secret})).json()

    with pytest.raises(ProviderError) as caught:
        await ask()
    said = everything_said(caught.value) + repr(client) + caplog.text
    assert "s3cr" not in said
    assert base64.b64encode(secret.encode()).decode() not in said


async def test_the_cause_of_a_broken_connection_does_not_carry_the_address(connect):
    client = connect("http://127.0.0.1:1", limits=HttpLimits(attempts=1))
    with pytest.raises(Unavailable) as caught:
        await client.get("/tags", params={"api_key": "hunter22"})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_request_does_not_show_what_may_be_secret():
    headers = {"X-Key": "hunter22"}
    body = make_body({"password": "hunter22"})
    request = Request("POST", "https://acme.example/?key=hunter22", headers, body, False, "", True, False)
    assert "hunter22" not in repr(request)
    assert "POST" in repr(request)
