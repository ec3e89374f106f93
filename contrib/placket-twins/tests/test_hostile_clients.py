"""Whatever a client sends is answered with a refusal, is no fault of the twin, and spoils nothing for the others."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from placket_twins import PictofitQuirks, Twin

pytestmark = pytest.mark.real_time

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


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
