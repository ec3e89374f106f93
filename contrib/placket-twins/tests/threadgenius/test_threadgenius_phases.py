"""Uploading and indexing go on beside the requests, and survive whatever happens to the process."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import signal
import subprocess
import sys
import urllib.parse
from types import SimpleNamespace

import aiohttp
import pytest

from placket.errors import JobFailed, Unavailable
from placket.interfaces import Image
from placket.testing import FaultKind
from placket_twins import Twin

SERVER = """
import asyncio, sys
from types import SimpleNamespace
from placket_twins import Twin

async def main():
    backend = SimpleNamespace(garment_tagger=None, visual_search=None)
    async with Twin("threadgenius", state=sys.argv[1], backend=backend) as url:
        print(url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_indexing_shows_how_far_it_is(make, search):
    client = await make()
    rows = [f"{number}\t{await client.publish(f'#{number:02x}0000')}" for number in range(70)]
    catalog_id = await client.uploaded("\n".join(rows))
    search.gate = asyncio.Event()
    await client.request("POST", f"/catalog/{catalog_id}/index")
    await search.waiting.wait()
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_images_indexed"], seen["num_total_images"]) == ("indexing", 0, 70)

    search.waiting.clear()
    search.gate.set()
    search.gate = asyncio.Event()
    await search.waiting.wait()
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_images_indexed"], seen["num_total_images"]) == ("indexing", 64, 70)

    search.gate.set()
    await client.twin.settled()
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_images_indexed"], seen["num_total_images"]) == ("ready for query", 70, 70)


async def test_indexing_twice_at_once_is_indexing_once(make, search):
    client = await make()
    catalog_id = await client.uploaded(await client.lines("navy"))
    search.gate = asyncio.Event()
    for _ in range(3):
        status, body = await client.request("POST", f"/catalog/{catalog_id}/index")
        assert (status, body["catalog"]["status"]) == (200, "index in progress")
    search.gate.set()
    await client.twin.settled()
    assert (await client.get(catalog_id))["status"] == "ready for query"
    _, body = await client.request("GET", "/usage")
    assert body["usage"]["2026-1"]["catalog_index"]["num_calls"] == 1


async def test_uploads_that_come_together_are_all_kept(make):
    client = await make()
    catalog_id = await client.create()
    files = [await client.lines(*(f"#0000{10 * number + each:02x}" for each in range(10))) for number in range(10)]
    await asyncio.gather(*(client.upload(catalog_id, file) for file in files))
    await client.twin.settled()
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_total_images"]) == ("upload done", 100)


async def test_a_catalog_is_indexed_again_after_another_upload(make):
    client = await make()
    catalog_id = await client.indexed(await client.lines("navy", "red"))
    await client.upload(catalog_id, f"red\t{await client.publish('white')}\nblue\t{await client.publish('blue')}")
    await client.twin.settled()
    assert (await client.get(catalog_id))["status"] == "upload done"
    status, _ = await client.search(catalog_id, "red")
    assert status == 400
    await client.request("POST", f"/catalog/{catalog_id}/index")
    await client.twin.settled()
    _, body = await client.search(catalog_id, "white")
    assert [each["iid"] for each in body["similars"]] == ["red", "blue", "navy"]


async def test_pictures_that_are_none_are_in_the_error_log(make, images):
    client = await make()
    gone = f"http://{images.authority}/gone.png"
    catalog_id = await client.indexed(f"{await client.lines('navy')}\nlost\t{gone}\ninside\thttp://10.0.0.1/x.png")
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_images_indexed"], seen["num_total_images"]) == ("ready for query", 1, 3)
    lost, inside = seen["error_log"].splitlines()
    assert lost.startswith("lost: ")
    assert inside.startswith("inside: ")
    assert "10.0.0.1" in inside


async def test_a_catalog_of_which_nothing_can_be_fetched_is_an_index_error(make, images):
    client = await make()
    catalog_id = await client.indexed(f"lost\thttp://{images.authority}/gone.png")
    seen = await client.get(catalog_id)
    assert seen["status"] == "index error"
    assert seen["error_log"].endswith("none of the 1 images could be indexed")


@pytest.mark.parametrize("error", [Unavailable("the backend is away"), RuntimeError("secret path /srv")])
async def test_a_backend_that_fails_is_an_index_error_that_can_be_mended(make, search, error):
    client = await make()
    search.error = error
    catalog_id = await client.indexed(await client.lines("navy"))
    seen = await client.get(catalog_id)
    assert seen["status"] == "index error"
    assert "/srv" not in seen["error_log"]
    search.error = None
    await client.request("POST", f"/catalog/{catalog_id}/index")
    await client.twin.settled()
    assert (await client.get(catalog_id))["status"] == "ready for query"
    assert "error_log" not in await client.get(catalog_id)


async def test_a_backend_that_can_use_no_picture_says_so(make, search):
    client = await make()
    search.error = JobFailed("no garment on any of them")
    catalog_id = await client.indexed(await client.lines("navy"))
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_images_indexed"]) == ("index error", 0)
    assert "navy: no garment on any of them" in seen["error_log"]


async def test_pictures_that_the_backend_cannot_use_are_in_the_error_log(make, search):
    search.unusable = {"red"}
    client = await make()
    catalog_id = await client.indexed(await client.lines("navy", "red"))
    for _ in range(2):
        seen = await client.get(catalog_id)
        assert (seen["status"], seen["num_images_indexed"]) == ("ready for query", 1)
        assert seen["error_log"] == "red: no garment in it"
        await client.request("POST", f"/catalog/{catalog_id}/index")
        await client.twin.settled()


async def test_a_fault_rule_makes_work_fail_or_hang(make):
    client = await make()
    catalog_id = await client.create()
    rule = client.twin.faults.add(FaultKind.JOB_FAILS, path="/v0/catalog/*/upload")
    await client.upload(catalog_id, await client.lines("navy"))
    await client.twin.settled()
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["error_log"]) == ("upload error", "the work failed, as a fault rule wanted it")
    client.twin.faults.rules.remove(rule)
    await client.upload(catalog_id, await client.lines("navy"))
    await client.twin.settled()
    client.twin.faults.add(FaultKind.JOB_HANGS, path="/v0/catalog/*/index")
    await client.request("POST", f"/catalog/{catalog_id}/index")
    await client.twin.settled()
    assert (await client.get(catalog_id))["status"] == "indexing"


async def test_a_restart_in_the_middle_of_indexing_goes_on(tagger, search, images, clock, tmp_path):
    backend = SimpleNamespace(garment_tagger=tagger, visual_search=search)
    options = {"backend": backend, "clock": clock, "state": tmp_path, "trusted_hosts": [images.authority]}
    url = await images.publish(Image.of(_picture()))

    async def call(session, method, path, token="", **sent):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with session.request(method, path, headers=headers, **sent) as answer:
            return await answer.json()

    search.gate = asyncio.Event()
    twin = Twin("threadgenius", **options)
    async with aiohttp.ClientSession() as session, twin as base:
        login = {"api_key": "twin-api-key", "api_secret": "twin-api-secret"}
        token = (await call(session, "POST", f"{base}/token", data=login))["access_token"]
        made = await call(session, "POST", f"{base}/catalog", token, data={"name": "c"})
        one = f"/catalog/{made['catalog']['catalog_id']}"
        form = aiohttp.FormData()
        form.add_field("catalog_file", f"1\t{url}\n2\t{url}".encode(), filename="c.tsv")
        twin_path = base + one
        await call(session, "POST", f"{twin_path}/upload", token, data=form)
        await twin.settled()
        await call(session, "POST", f"{twin_path}/index", token)
        await search.waiting.wait()
    search.gate = None
    twin = Twin("threadgenius", **options)
    async with aiohttp.ClientSession() as session, twin as base:
        await twin.settled()
        seen = (await call(session, "GET", base + one, token))["catalog"]
    assert (seen["status"], seen["num_images_indexed"]) == ("ready for query", 2)


def _picture() -> bytes:
    import io

    from PIL import Image as Picture

    file = io.BytesIO()
    Picture.new("RGB", (8, 8), "navy").save(file, "PNG")
    return file.getvalue()


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    ask, end = _served(tmp_path)
    login = urllib.parse.urlencode({"api_key": "twin-api-key", "api_secret": "twin-api-secret"})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    token = ask("POST", "/v0/token", login, form)["access_token"]
    bearer = {"Authorization": token}
    one = ask("POST", "/v0/catalog", "name=c", {**bearer, **form})["catalog"]["catalog_id"]
    lines = "\n".join(f"{number}\thttp://cdn.example.com/{number}.png" for number in range(20_000))
    multipart = {**bearer, "Content-Type": "multipart/form-data; boundary=b"}
    part = f'--b\r\nContent-Disposition: form-data; name="catalog_file"; filename="f"\r\n\r\n{lines}\r\n--b--\r\n'
    answer = ask("POST", f"/v0/catalog/{one}/upload", part, multipart)
    assert answer["catalog"]["status"] == "uploading"
    end(signal.SIGKILL)

    ask, end = _served(tmp_path)
    try:
        seen = ask("GET", f"/v0/catalog/{one}", "", bearer)["catalog"]
        for _ in range(10_000):
            if seen["status"] != "uploading":
                break
            seen = ask("GET", f"/v0/catalog/{one}", "", bearer)["catalog"]
        assert (seen["status"], seen["num_total_images"]) == ("upload done", 20_000)
        assert ask("GET", "/v0/usage", "", bearer)["usage"].popitem()[1] == {
            "catalog_upload": {"num_calls": 1, "num_images": 20_000}
        }
    finally:
        end(signal.SIGTERM)


def _served(folder):
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True)
    address = re.search(r"http://([\d.:]+)", process.stdout.readline())[1]

    def ask(method, path, body, headers):
        connection = http.client.HTTPConnection(address, timeout=30)
        try:
            connection.request(method, path, body.encode(), headers)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def end(how):
        process.send_signal(how)
        process.wait(30)
        process.stdout.close()

    return ask, end
