"""Usage outlives the process that counted it, however it ends."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import aiohttp

from placket_twins import Twin
from placket_twins.threadgenius.usage import FILE

SERVER = """
import asyncio, sys
from types import SimpleNamespace
from placket.interfaces import Findings, GarmentTagger
from placket_twins import Twin

class Silent(GarmentTagger):
    async def tag(self, garment):
        return Findings()

class Here:
    async def fetch_image(self, url):
        return bytes.fromhex("89504e470d0a1a0a")

async def main():
    backend = SimpleNamespace(garment_tagger=Silent(), visual_search=None)
    async with Twin("threadgenius", state=sys.argv[1], backend=backend, fetcher=Here()) as url:
        print(url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def tags(folder, count):
    """Let a process answer so many calls, kill it the moment it has, and return the token."""
    process = await asyncio.to_thread(
        subprocess.Popen, [sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    base = (await asyncio.to_thread(process.stdout.readline)).strip()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        login = {"api_key": "twin-api-key", "api_secret": "twin-api-secret"}
        async with session.post(f"{base}/token", data=login) as answer:
            token = {"Authorization": (await answer.json())["access_token"]}
        for _ in range(count):
            async with session.post(f"{base}/tag", data={"url": "http://a.example/1.png"}, headers=token) as answer:
                assert answer.status == 200, await answer.text()
        process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.wait)
    process.stdout.close()
    return token


async def used(folder, token):
    async with (
        Twin("threadgenius", state=folder, backend=object()) as base,
        aiohttp.ClientSession() as session,
        session.get(f"{base}/usage", headers=token) as answer,
    ):
        return (await answer.json())["usage"]


async def test_every_answered_call_is_counted_after_a_kill(tmp_path):
    token = await tags(tmp_path, 7)
    ((_, counts),) = (await used(tmp_path, token)).items()
    assert counts == {"tag": {"num_calls": 7, "num_images": 7}}


async def test_counts_add_up_over_several_processes(tmp_path):
    await tags(tmp_path, 2)
    token = await tags(tmp_path, 3)
    for _ in range(2):
        ((_, counts),) = (await used(tmp_path, token)).items()
        assert counts["tag"]["num_calls"] == 5


async def test_a_line_that_a_full_disk_has_cut_costs_itself_only(tmp_path):
    token = await tags(tmp_path, 2)
    with (tmp_path / "threadgenius" / FILE).open("ab") as journal:
        journal.write(b"2026-1 tag 1\n\xff\n2026-1 tag x 1\n")
    ((_, counts),) = (await used(tmp_path, token)).items()
    assert counts["tag"]["num_calls"] == 2
