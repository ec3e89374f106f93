"""What is recorded is replayed, and no secret is in between."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from placket.testing import LoopbackServer, RecordingServer, ReplayServer, SecretInRecording

KEY = "key-4711/very+secret"
PASSWORD = "päss wörd & 17"
TOKEN = "tok-0815-abcdefgh"
OPAQUE = "9f8e7d6c5b4a3f2e1d0c-opaque"


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    return tmp_path / "cassette.jsonl"


def vendor() -> LoopbackServer:
    server = LoopbackServer()

    @server.route("POST", "/token")
    def token(request: web.Request) -> Any:
        answer = web.json_response({"access_token": TOKEN, "token_type": "bearer", "expires_in": 60})
        answer.headers["Set-Cookie"] = "session=s3ss10n-cookie"
        return answer

    @server.route("GET", "/things")
    async def things(request: web.Request) -> Any:
        page = int(request.query.get("page", "1"))
        return {
            "things": [f"thing {page}"],
            "next": f"{server.url}/things?page={page + 1}",
            "note": f"you are {KEY} with {request.headers.get('Authorization', 'nobody')}",
        }

    @server.route("POST", "/pictures")
    async def pictures(request: web.Request) -> Any:
        return web.Response(body=b"\x89PNG" + await request.read(), content_type="image/png")

    return server


async def ask(method: str, url: str | URL, **options: Any) -> tuple[int, Any, aiohttp.typedefs.LooseHeaders]:
    async with aiohttp.ClientSession() as session, session.request(method, url, **options) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def record(cassette: Path, *secrets: str) -> list[bytes]:
    said = []
    async with vendor() as upstream, RecordingServer(upstream.url, cassette, secrets=secrets) as server:
        said.append((await ask("POST", f"{server.url}/token", data={"user": "anna", "password": PASSWORD}))[1])
        headers = {"Authorization": f"Bearer {TOKEN}"}
        first = (await ask("GET", f"{server.url}/things?page=1&api_key={KEY.replace('+', '%2B')}", headers=headers))[1]
        said.append((await ask("GET", json.loads(first)["next"], headers=headers))[1])
    return said


async def test_no_secret_is_in_the_file(cassette):
    await record(cassette, KEY, PASSWORD)
    text = cassette.read_text("utf-8")
    for secret in (KEY, PASSWORD, TOKEN, "s3ss10n", base64.b64encode(KEY.encode()).decode(), "Authorization"):
        assert secret not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["request"]["target"] for line in lines] == ["/token", "/things?page=1&api_key=****3", "/things?page=2"]
    assert json.loads(lines[0]["answer"]["body"]) == {"access_token": "****2", "token_type": "bearer", "expires_in": 60}


async def test_links_lead_through_the_recorder_and_then_through_the_replay(cassette):
    await record(cassette, KEY)
    async with ReplayServer(cassette) as server:
        status, body, _ = await ask("GET", f"{server.url}/things?api_key=another&page=1")
        following = json.loads(body)["next"]
        assert status == 200
        assert following == f"{server.url}/things?page=2"
        assert json.loads((await ask("GET", following))[1])["things"] == ["thing 2"]


async def test_the_same_request_gets_its_answers_in_order(cassette):
    upstream = LoopbackServer()
    states = iter(["queued", "running", "done"])
    upstream.route("GET", "/job")(lambda _: {"state": next(states)})
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        for _ in range(3):
            await ask("GET", f"{server.url}/job")
    async with ReplayServer(cassette) as server:
        said = [json.loads((await ask("GET", f"{server.url}/job"))[1])["state"] for _ in range(4)]
    assert said == ["queued", "running", "done", "done"]


async def test_statuses_headers_and_bytes_are_kept(cassette):
    upstream = LoopbackServer()
    upstream.route("POST", "/busy")(lambda _: web.Response(status=429, headers={"Retry-After": "7", "X-Inner": "no"}))
    upstream.route("GET", "/picture")(lambda _: web.Response(body=b"\x89PNG\xff\x00", content_type="image/png"))
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("POST", f"{server.url}/busy", json={"a": 1})
        await ask("GET", f"{server.url}/picture")
    async with ReplayServer(cassette) as server:
        status, _, headers = await ask("POST", f"{server.url}/busy")
        assert (status, headers["Retry-After"], "X-Inner" in headers) == (429, "7", False)
        _, body, headers = await ask("GET", f"{server.url}/picture")
        assert (body, headers["Content-Type"]) == (b"\x89PNG\xff\x00", "image/png")


async def test_strict_compares_bodies(cassette):
    upstream = LoopbackServer()
    upstream.route("POST", "/ask")(lambda _: {"answer": 42})
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("POST", f"{server.url}/ask", json={"question": "?"})

    async def replay(question: str) -> int:
        async with ReplayServer(cassette, strict=True) as server:
            return (await ask("POST", f"{server.url}/ask", json={"question": question}))[0]

    assert await replay("?") == 200
    with pytest.raises(LookupError, match="POST /ask"):
        await replay("!")


async def test_what_was_not_recorded_is_told(cassette):
    cassette.write_text("")
    with pytest.raises(LookupError, match="GET /other"):
        async with ReplayServer(cassette) as server:
            await ask("GET", f"{server.url}/other")


async def test_a_secret_that_cannot_be_taken_out_is_not_written(cassette):
    async def run() -> None:
        async with vendor() as upstream, RecordingServer(upstream.url, cassette, secrets=[KEY]) as server:
            await ask("GET", f"{server.url}/things")
            await ask("POST", f"{server.url}/pictures", data=b"\xff\xfe" + KEY.encode())

    with pytest.raises(SecretInRecording, match="POST /pictures was not written") as caught:
        await run()
    assert KEY not in str(caught.value)
    assert len(cassette.read_text().splitlines()) == 1


async def test_a_secret_written_in_another_way_is_not_written(cassette):
    with pytest.raises(SecretInRecording):
        async with vendor() as upstream, RecordingServer(upstream.url, cassette, secrets=[KEY]) as server:
            await ask("POST", f"{server.url}/pictures", data=KEY.encode().hex().encode())


async def test_basic_credentials_are_learnt(cassette):
    upstream = LoopbackServer()
    upstream.route("GET", "/me")(lambda _: {"you": "anna", "hint": "your pass is hunter-2-hunter"})
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        credentials = base64.b64encode(b"anna:hunter-2-hunter").decode()
        await ask("GET", f"{server.url}/me", headers={"Authorization": f"Basic {credentials}"})
    assert "hunter-2-hunter" not in cassette.read_text()


@pytest.mark.parametrize(
    "answer",
    [
        {"jwt": OPAQUE},
        {"bearer": OPAQUE},
        {"session": OPAQUE},
        {"value": OPAQUE},
        {"token": {"v": OPAQUE}},
        {"credentials": [{"kind": "main", "parts": {"a": OPAQUE}}]},
    ],
)
@pytest.mark.parametrize("carrier", ["Authorization", "Cookie", "query"])
async def test_a_token_that_shows_only_later_is_taken_out_of_the_login(cassette, answer, carrier):
    upstream = LoopbackServer()
    upstream.route("POST", "/login")(lambda _: {**answer, "expires_in": 300})
    upstream.route("GET", "/tags")(lambda _: {"brand": "Acme"})
    said = {"Authorization": f"Bearer {OPAQUE}", "Cookie": f"a=1; sid={OPAQUE}; b=2"}
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        assert OPAQUE.encode() in (await ask("POST", f"{server.url}/login"))[1]
        assert not cassette.exists()
        query = f"?auth_token={OPAQUE}" if carrier == "query" else ""
        await ask("GET", f"{server.url}/tags{query}", headers={carrier: said[carrier]} if carrier in said else {})
    assert OPAQUE not in cassette.read_text()
    assert len(cassette.read_text().splitlines()) == 2
    assert list(cassette.parent.iterdir()) == [cassette]


@pytest.mark.parametrize("answer", [{"jwt": OPAQUE}, {"sessionId": OPAQUE}, {"token": {"v": OPAQUE}}])
async def test_a_token_that_is_never_used_is_known_by_its_name(cassette, answer):
    upstream = LoopbackServer()
    upstream.route("POST", "/login")(lambda _: answer)
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("POST", f"{server.url}/login")
    assert OPAQUE not in cassette.read_text()


async def test_what_is_said_beside_a_token_stays(cassette):
    upstream = LoopbackServer()
    told = {"type": "bearer", "expires_at": "2026-11-22T12:00:00Z", "uses": 3}
    upstream.route("POST", "/login")(lambda _: {"token": {"v": OPAQUE, **told}})
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("POST", f"{server.url}/login")
    async with ReplayServer(cassette) as server:
        token = json.loads((await ask("POST", f"{server.url}/login"))[1])["token"]
    assert token.pop("v") != OPAQUE
    assert token == told


async def test_an_error_inside_leaves_what_was_recorded_and_none_of_the_secrets(cassette):
    async def run() -> None:
        async with vendor() as upstream, RecordingServer(upstream.url, cassette, secrets=[PASSWORD]) as server:
            await ask("POST", f"{server.url}/token", data={"password": PASSWORD})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run()
    assert json.loads(cassette.read_text())["answer"]["status"] == 200
    assert TOKEN not in cassette.read_text()


async def test_a_folder_that_is_not_there_is_told_before_anything_is_asked(tmp_path):
    with pytest.raises(FileNotFoundError):
        async with RecordingServer("http://127.0.0.1:1", tmp_path / "missing" / "cassette.jsonl"):
            pass


def paging_vendor(*cursors: str) -> LoopbackServer:
    """Gives an item a page, and by ``next_page_token`` and a link where the next one is."""
    server = LoopbackServer()

    @server.route("GET", "/items")
    def items(request: web.Request) -> Any:
        page = ("", *cursors).index(request.query.get("page_token", ""))
        headers = [("X-Total-Count", str(len(cursors) + 1)), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        document: dict[str, Any] = {"items": [page]}
        if page < len(cursors):
            following = f"{server.url}/items?api_key={quote(KEY, safe='')}&page_token={quote(cursors[page], safe='')}"
            document |= {"next_page_token": cursors[page], "next": following}
            headers.append(("Link", f'<{following}>; rel="next"'))
        return web.json_response(document, headers=headers)

    return server


async def pages(url: str, way: str, key: str) -> list[int]:
    """The items of all pages; ends, as a listing does, when a cursor comes again."""
    found: list[int] = []
    seen = set()
    following = f"{url}/items?api_key={key}"
    while following not in seen:
        seen.add(following)
        _, body, headers = await ask("GET", URL(following, encoded=True))
        document = json.loads(body)
        found += document["items"]
        if "next" not in document:
            break
        by_token = f"{url}/items?api_key={key}&page_token={quote(document['next_page_token'], safe='')}"
        link = dict(headers)["Link"].partition(">")[0].removeprefix("<")
        following = {"token": by_token, "link": link, "next": document["next"]}[way]
    return found


@pytest.mark.parametrize("way", ["token", "link", "next"])
@pytest.mark.parametrize("cursors", [("2", "3", "4", "5"), ("cursor/two==", "cursor/three==", "cursor+4", "cursor&5")])
async def test_cursors_that_are_named_like_tokens_lead_on(cassette, way, cursors):
    async with paging_vendor(*cursors) as upstream, RecordingServer(upstream.url, cassette, secrets=[KEY]) as server:
        assert await pages(server.url, way, quote(KEY, safe="")) == [0, 1, 2, 3, 4]
    assert "cursor" not in cassette.read_text()
    async with ReplayServer(cassette) as server:
        assert await pages(server.url, way, "another") == [0, 1, 2, 3, 4]
        assert await pages(server.url, way, "another") == [0, 1, 2, 3, 4]


async def test_one_value_has_one_placeholder(cassette):
    upstream = LoopbackServer()
    upstream.route("POST", "/login")(lambda _: {"jwt": OPAQUE, "refresh_token": TOKEN, "hint": f"say {OPAQUE}"})
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("POST", f"{server.url}/login", data={"client_secret": TOKEN})
    line = json.loads(cassette.read_text())
    assert line["request"]["body"] == "client_secret=****1"
    assert json.loads(line["answer"]["body"]) == {"jwt": "****2", "refresh_token": "****1", "hint": "say ****2"}


async def test_strict_takes_any_secret_for_the_recorded_one(cassette):
    upstream = LoopbackServer()
    upstream.route("POST", "/login")(lambda _: {"ok": True})
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("POST", f"{server.url}/login", json={"user": "anna", "password": PASSWORD})
    async with ReplayServer(cassette, strict=True) as server:
        assert (await ask("POST", f"{server.url}/login", json={"user": "anna", "password": "another"}))[0] == 200


async def test_signatures_that_differ_each_time_get_the_answers_in_order(cassette):
    upstream = LoopbackServer()
    states = iter(["queued", "running", "done"])
    upstream.route("GET", "/job")(lambda _: {"state": next(states)})
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        for number in range(3):
            await ask("GET", f"{server.url}/job?signature=signed-{number}")
    async with ReplayServer(cassette) as server:
        answers = [await ask("GET", f"{server.url}/job?signature=signed-{number}") for number in range(4, 8)]
    assert [json.loads(body)["state"] for _, body, _ in answers] == ["queued", "running", "done", "done"]


@pytest.mark.parametrize("cursor", ["****", "****3", "real"])
async def test_a_recording_without_numbers_is_read(cassette, cursor):
    lines = [
        {"request": {"method": "GET", "target": "/items?page_token=****"}, "answer": {"status": status, "headers": {}}}
        for status in (200, 404)
    ]
    cassette.write_text("".join(json.dumps(line) + "\n" for line in lines))
    async with ReplayServer(cassette) as server:
        assert [(await ask("GET", f"{server.url}/items?page_token={cursor}"))[0] for _ in range(3)] == [200, 404, 404]


async def test_the_provider_gets_all_headers_and_the_replay_those_that_count(cassette):
    async with aiohttp.ClientSession() as session, paging_vendor("second-page") as upstream:
        async with RecordingServer(upstream.url, cassette) as server:
            live = (await session.get(f"{server.url}/items")).headers
        async with ReplayServer(cassette) as server:
            replayed = (await session.get(f"{server.url}/items")).headers
    assert live.getall("Set-Cookie") == ["a=1", "b=2"]
    assert "Set-Cookie" not in replayed
    assert live["X-Total-Count"] == replayed["X-Total-Count"] == "2"


async def test_compressed_answers_and_headers_of_the_connection_are_its_own(cassette):
    upstream = LoopbackServer()

    def squeezed(_: web.Request) -> Any:
        answer = web.json_response({"brand": "Acme"}, headers={"Connection": "X-Hop", "X-Hop": "1", "X-End": "2"})
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    upstream.route("GET", "/tags")(squeezed)
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        _, body, headers = await ask("GET", f"{server.url}/tags")
    assert json.loads(body) == {"brand": "Acme"}
    assert {"X-Hop", "X-End"} & set(dict(headers)) == {"X-End"}


async def test_a_damaged_file_is_named_with_its_line(cassette):
    cassette.write_text('{"request": {}}\n')
    with pytest.raises(ValueError, match="line 1"):
        ReplayServer(cassette)


async def record_one(cassette: Path, said: bytes, **options: Any) -> bytes:
    server = LoopbackServer()

    @server.route("POST", "/one")
    async def one(request: web.Request) -> Any:
        await request.read()
        return web.Response(body=said, content_type="application/json")

    async with server, RecordingServer(server.url, cassette) as recorder:
        return (await ask("POST", f"{recorder.url}/one", **options))[1]


@pytest.mark.parametrize("picture", [b"plain bytes", b"\x89PNG\xff\xfe"], ids=["text", "binary"])
@pytest.mark.parametrize("password", ["hunter2-and-more", "short"])
async def test_a_secret_in_a_form_with_a_picture_is_taken_out(cassette, picture, password):
    form = aiohttp.FormData()
    form.add_field("password", password)
    form.add_field("title", "a coat")
    form.add_field("image", picture, filename="coat.png", content_type="image/png")
    await record_one(cassette, b'{"ok": true}', data=form)
    [line] = map(json.loads, cassette.read_text().splitlines())
    sent = line["request"]
    body = base64.b64decode(sent["body_base64"]) if "body_base64" in sent else sent["body"].encode()
    assert password.encode() not in body
    assert b"a coat" in body
    assert picture in body


@pytest.mark.parametrize("said", [b'{"name": "\\ud83d"}', b"[" * 50_000 + b"]" * 50_000], ids=["half", "deep"])
async def test_odd_json_is_recorded_like_any_other(cassette, said):
    assert await record_one(cassette, said, data=b'{"q": "\\udc00"}') == said
    async with ReplayServer(cassette) as server:
        assert (await ask("POST", f"{server.url}/one"))[1] == said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (422, {"code": "image_too_large", "message": "too large"}),
        (200, {"error": {"code": "image_too_large"}}),
        (200, {"results": [{"id": 1, "errors": [{"code": "image_too_large"}]}]}),
    ],
)
async def test_the_code_of_an_error_stays(cassette, status, said):
    upstream = LoopbackServer()
    upstream.route("GET", "/tags")(lambda _: web.json_response(said, status=status))
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("GET", f"{server.url}/tags")
    async with ReplayServer(cassette) as server:
        assert json.loads((await ask("GET", f"{server.url}/tags"))[1]) == said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, {"code": OPAQUE, "state": "7"}),
        (200, {"data": {"code": OPAQUE}}),
        (400, {"error": "invalid_grant", "code": OPAQUE}),
        (200, {"error": {"code": OPAQUE}}),
        (400, {"error": "invalid_grant", "access_token": OPAQUE}),
    ],
)
@pytest.mark.parametrize("way", ["data", "json", "params"])
async def test_a_code_that_a_login_gave_or_got_is_taken_out(cassette, status, said, way):
    upstream = LoopbackServer()
    upstream.route("POST", "/login")(lambda _: web.json_response(said, status=status))
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("POST", f"{server.url}/login", **{way: {"grant_type": "authorization_code", "code": OPAQUE}})
    assert OPAQUE not in cassette.read_text()


async def test_an_article_whose_code_was_asked_for_stays(cassette):
    upstream = LoopbackServer()
    upstream.route("GET", "/articles")(lambda _: {"sku": "navy-coat-17"})
    async with upstream, RecordingServer(upstream.url, cassette) as server:
        await ask("GET", f"{server.url}/articles?code=navy-coat-17")
    assert "navy-coat-17" in cassette.read_text()
