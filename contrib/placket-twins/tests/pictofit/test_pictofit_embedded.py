"""The twin with the embedded builder behind it, killed in the middle: what was acknowledged becomes real files."""

from __future__ import annotations

import io
import json
import uuid
import zipfile

import aiohttp
import pytest

from placket_twins import Twin
from placket_twins.demo import sample_picture

PATIENT = aiohttp.ClientTimeout(total=None)

SILENT = 120
"""Seconds after which nobody waits for a process that was killed in the middle of its work."""


@pytest.mark.real_time
@pytest.mark.timeout(180)
async def test_what_was_acknowledged_before_a_kill_is_built_after_it(tmp_path, another_process, movable_clock):
    product, configuration, file = (str(uuid.uuid4()) for _ in range(3))
    headers = {"Authorization": "Bearer key-of-the-cms"}
    form = aiohttp.FormData({"id": file, "name": "frontal_image", "configurationId": configuration, "typeId": "1"})
    form.add_field("file", io.BytesIO(png_of(sample_picture())), filename="top.png", content_type="image/png")
    served = another_process("pictofit", api_key="key-of-the-cms", state=tmp_path)
    async with served as url, aiohttp.ClientSession(headers=headers, timeout=PATIENT) as session:

        async def done(method, path, **options):
            async with session.request(method, url + path, **options) as answer:
                assert answer.status < 300, await answer.text()

        body = {"customerId": "428ab0cd-3205-4674-a188-08d5b0355406", "name": "Breton top", "typeId": 1}
        await done("PUT", f"/products/{product}", json=body)
        await done("PUT", f"/configurations/{configuration}", json={"productId": product, "name": "Striped"})
        await done("POST", "/files", data=form)
        await done("POST", f"/configurations/{configuration}/ready", data=b"")
    movable_clock.forward(SILENT)
    twin = Twin("pictofit", api_key="key-of-the-cms", state=tmp_path, clock=movable_clock)
    async with twin as url, aiohttp.ClientSession(headers=headers) as session:
        await twin.settled()
        async with session.get(f"{url}/products/{product}/configurations") as answer:
            (shown,) = await answer.json()
        assert shown["stateId"] == 4
        files = {}
        for each in shown["results"]:
            async with session.get(each["url"]) as answer:
                files[each["name"]] = await answer.read()
                assert answer.content_type == each["mimeType"]
    assert sorted(files) == ["asset.glb", "asset.min.glb", "asset.usdz"]
    for name in ("asset.glb", "asset.min.glb"):
        assert files[name].startswith(b"glTF\x02\x00\x00\x00")
        length = int.from_bytes(files[name][12:16], "little")
        assert json.loads(files[name][20 : 20 + length])["asset"]["version"] == "2.0"
    names = zipfile.ZipFile(io.BytesIO(files["asset.usdz"])).namelist()
    assert names[0].endswith((".usd", ".usda", ".usdc"))


def png_of(data: bytes) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(data)) as opened:
        opened.save(file, "PNG")
    return file.getvalue()
