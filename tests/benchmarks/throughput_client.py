"""One of those whose throughput is compared, as a process: ``throughput_client.py NAME ADDRESS CONCURRENCY``.

For each line of input, a number of seconds, it does garments for so long, and prints as JSON how many they were and
how long it took. What it imports is what a program would that does nothing else: how glibc treats large buffers
depends on what a process has freed before.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

PICTURE = "https://shop.example/front.jpg"
HEADERS = {"API-KEY": "key", "DOMAIN": "shop.example"}

Ask = Callable[[int], Awaitable[object]]


async def garments_in(ask: Ask, seconds: float, concurrency: int) -> tuple[int, float]:
    """How many garments are done in about ``seconds``, ``concurrency`` at a time, and how long it took."""
    done = 0
    end = time.perf_counter() + seconds

    async def worker(number: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await ask(done * concurrency + number)
            done += 1

    start = time.perf_counter()
    await asyncio.gather(*(worker(number) for number in range(concurrency)))
    return done, time.perf_counter() - start


@asynccontextmanager
async def with_aiohttp(base: str) -> AsyncIterator[Ask]:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:

        async def ask(number: int) -> object:
            body = {"uuid": str(number), "image_url": PICTURE, "attribute": {}}
            async with session.post(f"{base}/upload", json=body, headers=HEADERS) as answer:
                json.loads(await answer.read())
            async with session.get(f"{base}/query", params={"uuid": str(number)}, headers=HEADERS) as answer:
                return json.loads(await answer.read())

        yield ask


@asynccontextmanager
async def with_httpx(base: str) -> AsyncIterator[Ask]:
    import httpx

    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(limits=limits, headers=HEADERS, timeout=60) as client:

        async def ask(number: int) -> object:
            body = {"uuid": str(number), "image_url": PICTURE, "attribute": {}}
            json.loads((await client.post(f"{base}/upload", json=body)).content)
            return json.loads((await client.get(f"{base}/query", params={"uuid": str(number)})).content)

        yield ask


def configuration(base: str) -> dict[str, object]:
    return {
        "providers": {
            "vendor": {
                "plugin": "aistetic", "base_url": base, "api_key": {"env": "BENCHMARK_KEY"}, "domain": "shop.example",
                "rate_limit": "1000000/second", "typical_latency": "0s",
            }
        },
        "routes": {"garment_tagger": {"targets": ["vendor"], "deadline": "60s"}},
    }  # fmt: skip


@asynccontextmanager
async def with_placket(base: str) -> AsyncIterator[Ask]:
    import placket
    from placket.interfaces import Garment, GarmentImage, Image

    async with placket.open(configuration(base), environ={"BENCHMARK_KEY": "key"}) as router:
        tagger = router.garment_tagger

        async def ask(number: int) -> object:
            picture = GarmentImage(Image(url=PICTURE))
            return await tagger.tag(Garment(str(number), (picture,)))

        yield ask


CLIENTS = {"aiohttp": with_aiohttp, "httpx": with_httpx, "placket": with_placket}


async def main(name: str, base: str, concurrency: int) -> None:
    async with CLIENTS[name](base) as ask:
        # Nothing else runs on this loop between two turns, so that reading may hold it up.
        for line in sys.stdin:
            print(json.dumps(await garments_in(ask, float(line), concurrency)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
