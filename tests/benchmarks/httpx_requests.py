"""Prints httpx's requests per second for the sample's upload and query. Runs in the peers' own Python."""

import asyncio
import json
import sys
import time

import httpx


async def main(base: str, seconds: float, concurrency: int) -> float:
    done = 0
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    headers = {"API-KEY": "key", "DOMAIN": "shop.example"}
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=60) as client:
        end = time.perf_counter() + seconds

        async def worker() -> None:
            nonlocal done
            while time.perf_counter() < end:
                body = {"uuid": str(done), "image_url": "https://shop.example/front.jpg", "attribute": {}}
                json.loads((await client.post(f"{base}/upload", json=body)).content)
                json.loads((await client.get(f"{base}/query", params={"uuid": str(done)})).content)
                done += 1

        start = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(concurrency)))
        return 2 * done / (time.perf_counter() - start)


print(json.dumps(asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))))
