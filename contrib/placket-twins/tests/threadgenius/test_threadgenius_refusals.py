"""What the twin turns down, and how."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

KEY, SECRET = "key-of-the-dashboard", "secret-of-the-dashboard"


async def check(answer, code, *words):
    status, body = answer
    assert status == code
    assert set(body) == {"status"}
    assert body["status"]["code"] == code
    for word in words:
        assert word in body["status"]["message"]


@pytest.mark.parametrize(
    ("login", "code"),
    [
        ({}, 400),
        ({"api_key": KEY}, 400),
        ({"api_secret": SECRET}, 400),
        ({"api_key": KEY, "api_secret": "wrong"}, 401),
        ({"api_key": "wrong", "api_secret": SECRET}, 401),
        ({"api_key": KEY, "api_secret": SECRET + "x"}, 401),
        ({"api_key": "\u00e9", "api_secret": SECRET}, 401),
    ],
)
async def test_a_login_that_is_not_right(make, login, code):
    client = await make(logged_in=False)
    await check(await client.request("POST", "/token", data=login), code)
    await check(await client.request("GET", "/token/", params=login), code)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "wrong", "Basic d3Jvbmc6", "Bearer \u00e9"]
)
async def test_a_token_that_is_not_right(make, header):
    client = await make()
    for method, path in (("GET", "/catalog/"), ("POST", "/tag"), ("GET", "/usage"), ("GET", "/nowhere")):
        await check(await client.request(method, path, headers={"Authorization": header}), 401)


async def test_a_token_expires(make, clock):
    client = await make()
    await clock.sleep(86_398)
    assert (await client.request("GET", "/catalog"))[0] == 200
    await clock.sleep(2)
    await check(await client.request("GET", "/catalog"), 401, "expired")
    await client.log_in()
    assert (await client.request("GET", "/catalog"))[0] == 200


async def test_there_is_no_such_path_or_method(make):
    client = await make()
    await check(await client.request("GET", "/nowhere"), 404)
    status, body, headers = await client.whole("PUT", "/catalog")
    await check((status, body), 405)
    assert "GET" in headers["Allow"]
    for path in ("/catalog/0123456789abcdef/upload/", "/catalog/0123456789abcdef/index/"):
        await check(await client.request("POST", path), 404)


@pytest.mark.parametrize("catalog_id", ["0123456789abcdef", "x", "%00", "\N{T-SHIRT}"])
async def test_an_unknown_catalog(make, catalog_id, images):
    client = await make()
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/index"), ("POST", "/upload")):
        await check(await client.request(method, f"/catalog/{catalog_id}{path}"), 404, "Catalog not found")
    url = await client.publish("navy")
    await check(await client.request("POST", "/search", data={"url": url, "catalog_id": "none"}), 404)


@pytest.mark.parametrize("name", ["", "   ", "x" * 501])
async def test_a_catalog_needs_a_name(make, name):
    client = await make()
    await check(await client.request("POST", "/catalog", data={"name": name}), 400, "name")
    await check(await client.request("POST", "/catalog"), 400, "name")


async def test_an_upload_needs_a_file(make):
    client = await make()
    catalog_id = await client.create()
    await check(await client.request("POST", f"/catalog/{catalog_id}/upload"), 400, "catalog_file")
    await check(await client.upload(catalog_id, ""), 400, "catalog_file")
    assert (await client.get(catalog_id))["status"] == "new"


@pytest.mark.parametrize("path", ["/tag", "/detect", "/search"])
async def test_an_image_is_either_or(make, path):
    client = await make()
    catalog_id = await client.indexed(await client.lines("navy"))
    about = {"catalog_id": catalog_id}
    await check(await client.request("POST", path, data=about), 400, "url", "image")
    form = aiohttp.FormData({**about, "url": await client.publish("navy")})
    form.add_field("image", b"x", filename="x.png")
    await check(await client.request("POST", path, data=form), 400, "not both")


@pytest.mark.parametrize("path", ["/tag", "/detect", "/search"])
@pytest.mark.parametrize(
    "url",
    [
        "x",
        "file:///etc/passwd",
        "ftp://example.com/x.png",
        "http://",
        "http://10.0.0.1/x.png",
        "http://169.254.169.254/",
    ],
)
async def test_an_address_that_is_none_for_us(make, path, url):
    client = await make()
    catalog_id = await client.indexed(await client.lines("navy"))
    await check(await client.request("POST", path, data={"url": url, "catalog_id": catalog_id}), 400)


async def test_a_file_that_is_no_image(make):
    client = await make()
    form = aiohttp.FormData()
    form.add_field("image", b"no image at all", filename="x.png")
    await check(await client.request("POST", "/tag", data=form), 400, "image")


@pytest.mark.parametrize("count", ["0", "-1", "1.5", "many", "9" * 20, "\u0663"])
async def test_a_number_of_results_that_is_none(make, count):
    client = await make()
    catalog_id = await client.indexed(await client.lines("navy"))
    await check(await client.search(catalog_id, "navy", n_results=count), 400, "n_results")


async def test_indexing_and_searching_come_after_what_they_need(make, search):
    client = await make()
    catalog_id = await client.create()
    await check(await client.request("POST", f"/catalog/{catalog_id}/index"), 400, "'new'")
    await check(await client.search(catalog_id, "navy"), 400, "'new'")
    await client.upload(catalog_id, await client.lines("navy"))
    await client.twin.settled()
    await check(await client.search(catalog_id, "navy"), 400, "'upload done'")
    search.gate = asyncio.Event()
    await client.request("POST", f"/catalog/{catalog_id}/index")
    await search.waiting.wait()
    await check(await client.search(catalog_id, "navy"), 400, "'indexing'")
    await check(await client.upload(catalog_id, await client.lines("red")), 400, "being indexed")
    search.gate.set()


async def test_a_body_that_is_no_form(make):
    client = await make()
    await check(await client.request("POST", "/tag", json={"url": "http://x.example/x.png"}), 415, "form")
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=b"):
        answer = await client.request("POST", "/tag", data=b"--b\r\ncut", headers={"Content-Type": content_type})
        await check(answer, 400)
    many = "&".join(f"f{number}=1" for number in range(200))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    await check(await client.request("POST", "/tag", data=many, headers=form), 400)


async def test_a_body_that_is_too_large(make):
    client = await make(options={"largest_upload": 1000})
    catalog_id = await client.create()
    await check(await client.upload(catalog_id, "x" * 2000), 413)


async def test_too_many_requests(make, clock):
    client = await make(options={"requests_per_minute": 3})
    assert [(await client.request("GET", "/usage"))[0] for _ in range(3)] == [200, 200, 429]
    status, body, headers = await client.whole("GET", "/usage")
    await check((status, body), 429)
    await clock.sleep(int(headers["Retry-After"]))
    assert (await client.request("GET", "/usage"))[0] == 200


async def test_a_backend_that_is_away(make, tagger):
    from placket.errors import Unavailable

    tagger.error = Unavailable("no answer")
    client = await make()
    await check(await client.request("POST", "/tag", data={"url": await client.publish("navy")}), 503)


async def test_a_backend_that_breaks_keeps_its_words_to_itself(make, tagger):
    tagger.error = RuntimeError("secret path /srv")
    client = await make()
    status, body = await client.request("POST", "/tag", data={"url": await client.publish("navy")})
    assert (status, body) == (500, {"status": {"message": "Internal Server Error", "code": 500}})
