"""Whatever a client sends is answered with a refusal, is no fault of the twin, and spoils nothing for the others."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

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
