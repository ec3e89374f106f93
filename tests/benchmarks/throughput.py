"""Requests per second over HTTP on loopback, beside bare aiohttp and httpx: ``python tests/benchmarks/throughput.py``.

A garment takes two requests, as at the vendor: an upload and a query. The server, in a process of its own, answers at
once with the answer that the vendor's page shows. "Through Placket" is everything: route, limits, exchange, decoding,
claims. The others send the same requests and decode the JSON.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
from figures import Figure, at_least, peer_python, show

import placket
from placket.interfaces import Garment, GarmentImage, Image

CONCURRENCY = 64
TURN = 0.2
"""Seconds."""

TAG = {
    "Brand": "Stone Island", "Category": "Clothing",
    "Closure": "Button", "Closure Alternatives": ["Drawstring", "Snap", "Zip"], "Closure Confidence": "High",
    "Colour": "Blue", "Colour Alternatives": ["Grey", "Black", "Turquoise"], "Colour Confidence": "High",
    "Fabric Type": "Denim", "Fabric Type Alternatives": ["Canvas", "Knit", "Corduroy"],
    "Fabric Type Confidence": "High",
    "Fit": "Slim", "Fit Alternatives": ["Relaxed", "Regular", "Athletic"], "Fit Confidence": "High",
    "Gender": "Womens", "Item Type": "Skinny Jeans",
    "Item Type Alternatives": ["Straight Jeans", "Bootcut Jeans", "High Waist Jeans"], "Item Type Confidence": "High",
    "Material": "Cotton",
}  # fmt: skip
DATA = {
    "uuid": "", "annotated_img": "https://shop.example/annotated.jpg", "tag": TAG,
    "measurements": {"Length (inches)": 29, "Rise (inches)": 11, "Waist (inches)": 29},
    "description": "Skinny jeans crafted from cotton denim, offering both comfort and style.", "complete": True,
}  # fmt: skip
TAGGED = json.dumps({"status": True, "data": DATA, "error": [], "message": "success!"}).encode()
ACCEPTED = json.dumps({"status": True, "data": {}, "error": [], "message": "success!"}).encode()
PICTURE = "https://shop.example/front.jpg"


def _reply(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Vendor(asyncio.Protocol):
    """Answers uploads and queries without looking at them."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        head, end, rest = self.waiting.partition(b"\r\n\r\n")
        if not end:
            return
        if head.startswith(b"POST"):
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(rest) < length:
                return
        self.waiting = b""
        self.transport.write(_reply(ACCEPTED if head.startswith(b"POST") else TAGGED))  # type: ignore[attr-defined]


def serve(report: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Vendor, "127.0.0.1", 0)
        report.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


Ask = Callable[[int], Awaitable[object]]


async def garments_in(ask: Ask, seconds: float) -> tuple[int, float]:
    """How many garments are done in about ``seconds``, `CONCURRENCY` at a time, and how long it took."""
    done = 0
    end = time.perf_counter() + seconds

    async def worker(number: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await ask(done * CONCURRENCY + number)
            done += 1

    start = time.perf_counter()
    await asyncio.gather(*(worker(number) for number in range(CONCURRENCY)))
    return done, time.perf_counter() - start


@asynccontextmanager
async def with_aiohttp(base: str) -> AsyncIterator[Ask]:
    headers = {"API-KEY": "key", "DOMAIN": "shop.example"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:

        async def ask(number: int) -> object:
            body = {"uuid": str(number), "image_url": PICTURE, "attribute": {}}
            async with session.post(f"{base}/upload", json=body, headers=headers) as answer:
                json.loads(await answer.read())
            async with session.get(f"{base}/query", params={"uuid": str(number)}, headers=headers) as answer:
                return json.loads(await answer.read())

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
    async with placket.open(configuration(base), environ={"BENCHMARK_KEY": "key"}) as router:
        tagger = router.garment_tagger

        async def ask(number: int) -> object:
            picture = GarmentImage(Image(url=PICTURE))
            return await tagger.tag(Garment(str(number), (picture,)))

        yield ask


async def requests_per_second(base: str, seconds: float) -> tuple[float, float]:
    """Of bare aiohttp and of Placket, each asked for ``seconds`` in all.

    By turns of a fifth of a second: a shared machine is up to half as fast again from one second to the next.
    """
    async with with_aiohttp(base) as bare, with_placket(base) as ours:
        asked = (bare, ours)
        for ask in asked:
            await garments_in(ask, TURN)  # connects, and fills what is remembered
        done, spent = [0, 0], [0.0, 0.0]
        while sum(spent) < 2 * seconds:
            for which, ask in enumerate(asked):
                garments, took = await garments_in(ask, TURN)
                done[which] += garments
                spent[which] += took
    bare_rate, our_rate = (2 * garments / took for garments, took in zip(done, spent, strict=True))
    return bare_rate, our_rate


def with_httpx(python: Path, base: str, seconds: float) -> float:
    script = Path(__file__).parent / "httpx_requests.py"
    done = subprocess.run(
        [str(python), str(script), base, str(seconds), str(CONCURRENCY)], capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout.splitlines()[-1]))


def measure(rounds: int = 4, seconds: float = 6.0) -> list[Figure]:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{ours.recv()}"
    python = peer_python()
    seen: dict[str, list[float]] = {}
    try:
        for _ in range(rounds):
            bare_rate, our_rate = asyncio.run(requests_per_second(base, seconds))
            for name, found in (("aiohttp", bare_rate), ("placket", our_rate), ("share", our_rate / bare_rate)):
                seen.setdefault(name, []).append(found)
            if python is not None:
                seen.setdefault("httpx", []).append(with_httpx(python, base, seconds / 2))
    finally:
        server.terminate()
    rate = {name: statistics.median(found) for name, found in seen.items()}
    figures = [
        Figure("bare aiohttp and json.loads", f"{rate['aiohttp']:,.0f} requests/s"),
        Figure("through Placket", f"{rate['placket']:,.0f} requests/s"),
        at_least(f"of bare aiohttp, {CONCURRENCY} at a time", rate["share"] * 100, 75, "%"),
    ]
    if python is None:
        return [*figures, Figure("httpx", "not measured: it cannot be installed here")]
    return [
        *figures,
        Figure("httpx", f"{rate['httpx']:,.0f} requests/s"),
        at_least("through Placket / httpx", rate["placket"] / rate["httpx"], 3, "times"),
    ]


if __name__ == "__main__":
    show("Throughput", measure())
