"""The twin with the embedded studio behind it, killed in the middle: what was acknowledged becomes real pictures."""

from __future__ import annotations

import io

import aiohttp
import pytest
from PIL import Image as Picture

from placket_twins import Twin
from placket_twins.demo import sample_picture

PATIENT = aiohttp.ClientTimeout(total=None)

SILENT = 120
"""Seconds after which nobody waits for a process that was killed in the middle of its work."""


@pytest.mark.real_time
@pytest.mark.timeout(180)
async def test_what_was_acknowledged_before_a_kill_is_shot_after_it(tmp_path, another_process, movable_clock):
    async with another_process("autoretouch", state=tmp_path) as url, aiohttp.ClientSession(timeout=PATIENT) as session:

        async def told(method, path, **options):
            async with session.request(method, url + path, **options) as answer:
                assert answer.status < 300, await answer.text()
                return await answer.json() if answer.content_type == "application/json" else await answer.text()

        login = {
            "grant_type": "refresh_token",
            "client_id": "twin-client-id",
            "refresh_token": "twin-refresh-token",
        }
        token = (await told("POST", "/oauth/token", data=login))["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(sample_picture()), filename="top.webp", content_type="image/webp")
        image = await told("POST", "/upload", data=form, headers=headers)
        body = {"name": "Breton top", "frontImage": image, "gender": "female"}
        sku = await told("POST", "/ai-shoot/skus", json=body, headers=headers)
        shots = [{"kind": "pack-shot"}, {"kind": "color", "color": "red"}]
        brief = await told("POST", "/_twin/briefs", json={"name": "Spring", "skuIds": [sku["id"]], "shots": shots})
    movable_clock.forward(SILENT)
    twin = Twin("autoretouch", state=tmp_path, clock=movable_clock)
    async with twin as url, aiohttp.ClientSession(headers=headers) as session:
        await twin.settled()
        async with session.get(f"{url}/ai-shoot/briefs/{brief['id']}/results") as answer:
            results = (await answer.json())["entries"]
        assert [(each["skuId"], each["status"]) for each in results] == [(sku["id"], "COMPLETED")] * 2
        sizes = set()
        for each in results:
            async with session.get(each["imageUrl"]) as answer:
                with Picture.open(io.BytesIO(await answer.read())) as picture:
                    sizes.add(picture.size)
    assert sizes == {(2000, 2000)}
