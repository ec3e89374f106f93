"""What a twin keeps of what is over has an end."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from placket_twins import Twin

pytestmark = pytest.mark.real_time


async def kept(twin: Twin, kind: str) -> int:
    return await twin.vendor.ground.state.count(kind)


async def asked(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> tuple[int, Any]:
    async with session.request(method, url, **options) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else await answer.read()


async def test_tokens_that_have_expired_are_forgotten(movable_clock):
    twin = Twin("sartiq", clock=movable_clock)
    async with twin as url, aiohttp.ClientSession() as session:
        login = {"username": twin.credentials["username"], "password": twin.credentials["password"]}
        for _ in range(5):
            assert (await asked(session, "POST", f"{url}/login/access-token", data=login))[0] == 200
        assert await kept(twin, "token.access") == 5
        movable_clock.forward(3601)
        _, told = await asked(session, "POST", f"{url}/login/access-token", data=login)
        assert await kept(twin, "token.access") == 1
        header = {"Authorization": f"Bearer {told['access_token']}"}
        assert (await asked(session, "GET", f"{url}/brands/", headers=header))[0] == 200


async def test_logins_of_devices_that_nobody_ends_are_forgotten(movable_clock):
    twin = Twin("autoretouch", clock=movable_clock)
    async with twin as url, aiohttp.ClientSession() as session:

        async def begun() -> Any:
            form = {"client_id": "twin-client-id", "audience": "https://api.autoretouch.com"}
            return (await asked(session, "POST", f"{url}/oauth/device/code", data=form))[1]

        for _ in range(5):
            await begun()
        movable_clock.forward(2 * 900)
        device = await begun()
        assert (await kept(twin, "device"), await kept(twin, "user-code")) == (1, 1)
        assert (await asked(session, "POST", f"{url}/activate", data={"user_code": device["user_code"]}))[0] == 200
        grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device["device_code"]}
        assert (await asked(session, "POST", f"{url}/oauth/token", data={"client_id": "twin-client-id", **grant}))[
            0
        ] == 200
        assert (await kept(twin, "device"), await kept(twin, "user-code")) == (0, 0)


async def test_only_the_latest_garments_are_remembered(images, image_url, tagger, monkeypatch):
    monkeypatch.setattr("placket_twins.aistetic.twin._KEPT", 5)
    options = {"tagger": tagger, "trusted_hosts": [images.authority], "requests_per_minute": None}
    twin = Twin("aistetic", api_key="key", domain="shop", **options)
    async with twin as url, aiohttp.ClientSession(headers={"API-KEY": "key", "DOMAIN": "shop"}) as session:
        for uuid in (*map(str, range(12)), "0"):
            body = {"uuid": uuid, "image_url": image_url}
            assert (await asked(session, "POST", f"{url}/upload", json=body))[0] == 200
            await twin.settled()
        assert await kept(twin, "work") == 5
        statuses = [(await asked(session, "GET", f"{url}/query?uuid={number}"))[0] for number in (1, 7, 8, 11, 0)]
        assert statuses == [404, 404, 200, 200, 200], "what was uploaded again is among the latest"


async def test_a_catalog_that_was_removed_leaves_nothing(movable_clock):
    twin = Twin("threadgenius", clock=movable_clock)
    async with twin as url, aiohttp.ClientSession() as session:
        login = {"api_key": twin.credentials["api_key"], "api_secret": twin.credentials["api_secret"]}
        _, told = await asked(session, "POST", f"{url}/token/", data=login)
        header = {"Authorization": told["access_token"]}
        _, told = await asked(session, "POST", f"{url}/catalog/", data={"name": "Shirts"}, headers=header)
        path = f"{url}/catalog/{told['catalog']['catalog_id']}"
        assert (await asked(session, "DELETE", path, headers=header))[0] == 200
        await twin.settled()
        assert (await asked(session, "GET", path, headers=header))[0] == 404
        assert (await kept(twin, "work"), await kept(twin, "catalog")) == (0, 0)


async def test_uploads_that_nobody_used_are_forgotten(movable_clock, tmp_path, picture):
    twin = Twin("sartiq", clock=movable_clock, state=tmp_path)
    async with twin as url, aiohttp.ClientSession() as session:

        async def uploaded() -> tuple[Any, dict[str, str]]:
            login = {"username": twin.credentials["username"], "password": twin.credentials["password"]}
            _, told = await asked(session, "POST", f"{url}/login/access-token", data=login)
            header = {"Authorization": f"Bearer {told['access_token']}"}
            _, told = await asked(session, "POST", f"{url}/uploads/presigned-url", headers=header)
            assert (await asked(session, "PUT", told["upload_url"], data=picture))[0] == 200
            return told["file_url"], header

        files = tmp_path / "sartiq" / "temp"
        for _ in range(3):
            old, _ = await uploaded()
        movable_clock.forward(86_399)
        assert (await asked(session, "GET", old))[0] == 200
        movable_clock.forward(1)
        new, header = await uploaded()
        assert len(list(files.iterdir())) == 1
        assert [(await asked(session, "GET", each))[0] for each in (old, new)] == [404, 200]
        product = {"name": "Tee", "cover_image": new}
        assert (await asked(session, "POST", f"{url}/products/", json=product, headers=header))[0] == 200
