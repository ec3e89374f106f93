"""Whatever a client sends is answered with a refusal, is no fault of the twin, and spoils nothing for the others."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

import placket
from placket.config import default_config
from placket.interfaces import ProductDraft
from placket_twins import PictofitQuirks, Twin

pytestmark = pytest.mark.real_time

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
KEY = {"Authorization": aiohttp.encode_basic_auth("twin-api-key", "")}


@pytest.fixture(autouse=True)
def no_tracebacks(caplog):
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.exc_info] == []


async def answered(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> tuple[int, Any]:
    async with session.request(method, url, **options) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("vendor", "path"),
    [
        ("autoretouch", "/oauth/token"),
        ("autoretouch", "/oauth/device/code"),
        ("autoretouch", "/activate"),
        ("pictofit", "/connect/token"),
        ("sartiq", "/api/v1/login/access-token"),
        ("threadgenius", "/v0/token"),
    ],
)
async def test_a_form_of_countless_fields(vendor, path):
    quirks = PictofitQuirks(credentials="login") if vendor == "pictofit" else None
    twin = Twin(vendor, quirks=quirks)
    async with twin as url, aiohttp.ClientSession() as session:
        url = url.removesuffix(twin.vendor.prefix) + path
        status, told = await answered(session, "POST", url, data="a=1&" * 200, headers=FORM)
        assert status == 400
        assert "at most 100 fields" in json.dumps(told)


async def sartiq_header(session: aiohttp.ClientSession, twin: Twin) -> dict[str, str]:
    login = {"username": twin.credentials["username"], "password": twin.credentials["password"]}
    _, told = await answered(session, "POST", f"{twin.url}/login/access-token", data=login)
    return {"Authorization": f"Bearer {told['access_token']}"}


@pytest.mark.parametrize("depth", [101, 500, 900])
async def test_json_that_is_nested_too_deeply(depth):
    twin = Twin("sartiq")
    async with twin as url, aiohttp.ClientSession() as session:
        body = '{"product_filters": {}, "more": %s}' % ("[" * depth + "]" * depth)
        headers = {**JSON, **await sartiq_header(session, twin)}
        path = f"{url}/products/export-approved-shots/async"
        status, told = await answered(session, "POST", path, data=body, headers=headers)
        assert (status, told["detail"]) == (400, "the request body is nested deeper than 100 levels")


async def test_json_with_many_lists_that_are_not_deep():
    async with Twin("threadgenius") as url, aiohttp.ClientSession(headers=KEY) as session:
        root = url.removesuffix("/v0") + "/v1/catalog"
        _, told = await answered(session, "POST", root, json={"name": "Shirts"})
        path = f"{root}/{told['response']['catalog']['gid']}/object"
        one = {"image": {"url": "https://images.example.invalid/1.png"}, "metadata": {"sizes": [[]] * 200}}
        assert (await answered(session, "POST", path, json={"objects": [one]}))[0] == 200


async def test_a_number_that_no_answer_can_say():
    async with Twin("threadgenius") as url, aiohttp.ClientSession(headers=KEY) as session:
        root = url.removesuffix("/v0") + "/v1/catalog"
        _, told = await answered(session, "POST", root, json={"name": "Shirts"})
        path = f"{root}/{told['response']['catalog']['gid']}/object"
        body = '{"objects": [{"image": {"url": "https://images.example.invalid/1.png"}, "metadata": {"price": 1e999}}]}'
        status, told = await answered(session, "POST", path, data=body, headers=JSON)
        assert (status, told["status"]["description"]) == (400, "the request body is not JSON")
        assert (await answered(session, "GET", path))[1]["response"]["objects"] == []


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
async def test_a_time_that_is_none_in_utc_spoils_no_list(moment):
    twin = Twin("sartiq")
    async with twin as url, aiohttp.ClientSession() as session:
        headers = await sartiq_header(session, twin)
        body = {"name": "Tee", "cover_image": "data:image/gif;base64,R0lGODlhAQABAAAAACw=", "in_store_date": moment}
        status, told = await answered(session, "POST", f"{url}/products/", json=body, headers=headers)
        assert (status, told["detail"][0]["loc"]) == (422, ["body", "in_store_date"])
        status, told = await answered(session, "GET", f"{url}/products/", headers=headers)
        assert (status, told["count"]) == (200, 0)


QUERY = b"GET /garment-tagging/query?uuid=976 HTTP/1.1\r\nHost: 127.0.0.1\r\nAPI-KEY: key\r\nDOMAIN: shop\r\n"
UPLOAD = b"POST /garment-tagging/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAPI-KEY: key\r\nDOMAIN: shop\r\n"
BODY = UPLOAD + b"Content-Type: application/json\r\n"


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to a twin, which must answer everybody else while it lasts and afterwards."""
    async with Twin("aistetic", api_key="key", domain="shop", requests_per_minute=None) as url:
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            yield reader, writer
        finally:
            writer.close()
        headers = {"API-KEY": "key", "DOMAIN": "shop"}
        async with aiohttp.ClientSession(headers=headers) as session:
            assert (await answered(session, "GET", f"{url}/query?uuid=976"))[0] == 404


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /garment-tagging/query?uuid=\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        UPLOAD + b"X: " + b"x" * 20_000 + b"\r\n\r\n",
        BODY + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        BODY + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        BODY + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        BODY + b"Content-Encoding: deflate\r\nContent-Length: 4\r\n\r\nabcd",
        BODY + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
        QUERY + b"\r\n\x00\x00\r\n\r\n",
    ],
)
async def test_what_is_no_http(sent):
    async with connected() as (reader, writer):
        writer.write(sent)
        assert b" 400 Bad Request\r\n" in await reader.read()


@pytest.mark.parametrize("host", [b"a:b:c", b"\xff\xfe", b"127.0.0.1:99999999", b"elsewhere.example"])
async def test_a_page_for_a_host_that_is_not_this_machine(host):
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 403 Forbidden\r\n")


class Told(logging.Handler):
    """Says when the server has told something."""

    def __init__(self) -> None:
        super().__init__()
        self.event = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.event.set()


async def test_a_client_that_goes_in_the_middle_of_its_upload(caplog):
    caplog.set_level("DEBUG", "aiohttp.server")
    told = Told()
    logging.getLogger("aiohttp.server").addHandler(told)
    async with connected() as (_, writer):
        writer.write(BODY + b"Content-Length: 200\r\n\r\n{")
        await writer.drain()
        writer.transport.abort()
        await told.event.wait()
    logging.getLogger("aiohttp.server").removeHandler(told)


async def test_requests_one_after_the_other_without_waiting():
    async with connected() as (reader, writer):
        writer.write((QUERY + b"\r\n") * 20 + QUERY + b"Connection: close\r\n\r\n")
        assert (await reader.read()).count(b"HTTP/1.1 404 Not Found\r\n") == 21


async def test_a_body_that_is_announced_as_too_large_is_refused_before_it_comes():
    async with connected() as (reader, writer):
        writer.write(BODY + b"Content-Length: 1000000000\r\n\r\n{")
        assert (await reader.readline()) == b"HTTP/1.1 413 Request Entity Too Large\r\n"


async def test_such_a_time_of_a_product_that_was_there_before_spoils_no_list(tmp_path):
    moment = datetime.fromisoformat("9999-12-31T23:59:59-23:59")
    async with placket.open(default_config(), data_folder=tmp_path) as router:
        await router.product_store.create(ProductDraft({"name": "Tee", "in_store_date": moment}))
        twin = Twin("sartiq", backend=router)
        async with twin as url, aiohttp.ClientSession() as session:
            headers = await sartiq_header(session, twin)
            status, told = await answered(session, "GET", f"{url}/products/", headers=headers)
            assert (status, told["data"][0]["in_store_date"]) == (200, "9999-12-31T23:59:59.000-23:59")
