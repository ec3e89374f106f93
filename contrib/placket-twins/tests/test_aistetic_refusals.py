"""Keys, limits, bad bodies and addresses: every refusal is an envelope, and none is the server's fault."""

from __future__ import annotations

import json

import pytest


def assert_refused(answer):
    assert set(answer) == {"status", "data", "error", "message"}
    assert answer["status"] is False
    assert answer["data"] == {}
    assert answer["error"] == [answer["message"]]
    assert answer["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"API-KEY": None},
        {"DOMAIN": None},
        {"API-KEY": ""},
        {"API-KEY": "wrong"},
        {"API-KEY": "schlüssel"},
        {"DOMAIN": "elsewhere.example.com"},
    ],
)
async def test_a_wrong_key_or_domain_is_refused(make_client, headers, image_url):
    client = await make_client()
    for method, path in (("POST", "/upload"), ("GET", "/query?uuid=976"), ("GET", "/nothing-here")):
        status, answer, _ = await client.request(method, path, headers=headers, json={})
        assert status == 401
        assert_refused(answer)


async def test_a_domain_is_the_same_in_capitals(make_client):
    client = await make_client()
    status, _, _ = await client.request("GET", "/query?uuid=976", headers={"DOMAIN": "Shop.Example.COM"})
    assert status == 404


async def test_six_requests_a_minute_are_answered_and_the_seventh_is_not(make_client, image_url, clock):
    client = await make_client(limit=6)
    await client.upload(uuid="976", image_url=image_url)
    await clock.sleep(20)
    for _ in range(5):
        assert (await client.query("976"))[0] == 200
    status, answer, headers = await client.query("976")
    assert status == 429
    assert_refused(answer)
    assert headers["Retry-After"] == "40"
    await clock.sleep(41)
    assert (await client.query("976"))[0] == 200, "the upload is more than a minute ago"
    status, _, headers = await client.query("976")
    assert (status, headers["Retry-After"]) == (429, "19")


async def test_a_request_that_was_turned_away_does_not_count(make_client, clock):
    client = await make_client(limit=1)
    await client.query("976")
    for _ in range(5):
        assert (await client.query("976"))[0] == 429
    await clock.sleep(61)
    assert (await client.query("976"))[0] == 404


async def test_the_limit_counts_for_both_endpoints_or_for_each(make_client, image_url):
    together = await make_client(limit=1)
    await together.upload(uuid="976", image_url=image_url)
    assert (await together.query("976"))[0] == 429
    apart = await make_client(limit=1, limit_per="endpoint")
    await apart.upload(uuid="976", image_url=image_url)
    assert (await apart.query("976"))[0] == 200
    assert (await apart.query("976"))[0] == 429


async def test_over_the_limit_can_be_a_plain_ok(make_client):
    client = await make_client(limit=1, over_limit="ok-false")
    await client.query("976")
    status, answer, headers = await client.query("976")
    assert status == 200
    assert "Retry-After" in headers
    assert_refused(answer)


async def test_refusals_can_be_plain_ok(make_client):
    client = await make_client(refusals="ok-false", limit=3)
    for options in ({"headers": {"API-KEY": "wrong"}}, {"data": b"{", "headers": {"Content-Type": "application/json"}}):
        status, answer, _ = await client.request("POST", "/upload", **options)
        assert status == 200
        assert_refused(answer)


GOOD = {"uuid": "976", "image_url": "https://images.example.com/976.png"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"976"',
        b"NaN",
        b"\xff\xfe\x00",
        b"[" * 30_000,
        b'{"uuid": ' + b"9" * 5000 + b"}",
        json.dumps({**GOOD, "uuid": ""}).encode(),
        json.dumps({**GOOD, "uuid": 976}).encode(),
        json.dumps({**GOOD, "uuid": None}).encode(),
        json.dumps({**GOOD, "uuid": "9" * 201}).encode(),
        json.dumps({"uuid": "976"}).encode(),
        json.dumps({**GOOD, "image_url": ["https://images.example.com"]}).encode(),
        json.dumps({**GOOD, "image_url": "ftp://images.example.com/976.png"}).encode(),
        json.dumps({**GOOD, "image_url": "file:///etc/passwd"}).encode(),
        json.dumps({**GOOD, "image_url": "https://"}).encode(),
        json.dumps({**GOOD, "image_url": "http://[::1"}).encode(),
        json.dumps({**GOOD, "image_url": "976.png"}).encode(),
        json.dumps({**GOOD, "attribute": ["Brand"]}).encode(),
        json.dumps({**GOOD, "attribute": {"Brand": 7}}).encode(),
        json.dumps({**GOOD, "attribute": {"Brand": "x" * 501}}).encode(),
        json.dumps({**GOOD, "attribute": {str(n): "x" for n in range(51)}}).encode(),
    ],
)
async def test_a_bad_upload_is_refused(make_client, body):
    client = await make_client()
    status, answer, _ = await client.request("POST", "/upload", data=body, headers={"Content-Type": "application/json"})
    assert status == 400
    assert_refused(answer)


async def test_an_upload_without_attributes_is_fine(make_client, image_url):
    client = await make_client()
    assert (await client.upload(uuid="1", image_url=image_url))[0] == 200
    assert (await client.upload(uuid="2", image_url=image_url, attribute=None))[0] == 200


async def test_text_that_is_no_unicode_comes_back_as_it_went(make_client, image_url, tagger):
    client = await make_client()
    assert (await client.upload(uuid="\ud800\0", image_url=image_url, attribute={"Brand": "\udfff"}))[0] == 200


async def test_a_body_of_another_type_is_refused(make_client):
    client = await make_client()
    status, answer, _ = await client.request("POST", "/upload", data={"uuid": "976"})
    assert status == 415
    assert_refused(answer)


async def test_a_large_body_is_refused(make_client):
    client = await make_client()
    status, answer, _ = await client.upload(uuid="976", image_url="x" * 70_000)
    assert status == 413
    assert_refused(answer)


async def test_a_body_that_is_not_what_its_encoding_says_is_refused(make_client):
    client = await make_client()
    status, answer, _ = await client.request(
        "POST", "/upload", data=b"not gzip", headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
    assert status == 400
    assert_refused(answer)


@pytest.mark.parametrize("query", ["", "?uuid=", "?id=976", "?uuid=1&uuid=2"])
async def test_a_query_without_one_uuid_is_refused(make_client, query):
    client = await make_client()
    status, answer, _ = await client.request("GET", "/query" + query)
    assert status == 400
    assert_refused(answer)


@pytest.mark.parametrize(
    ("method", "path", "expected"), [("GET", "/upload", 405), ("POST", "/query", 405), ("GET", "/", 404)]
)
async def test_what_the_page_does_not_have_is_refused(make_client, method, path, expected):
    client = await make_client()
    status, answer, headers = await client.request(method, path)
    assert status == expected
    assert_refused(answer)
    assert ("Allow" in headers) is (expected == 405)


async def test_paths_that_are_none_count_together(make_client):
    client = await make_client(limit=2, limit_per="endpoint")
    statuses = [(await client.request("GET", f"/nothing-{number}"))[0] for number in range(4)]
    assert statuses == [404, 404, 429, 429]
    assert (await client.query("976"))[0] == 404
