"""Five hundred clients of a twin at the same time: how many requests it answers, and whether its memory levels off."""

from __future__ import annotations

import asyncio
import base64
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from attrs import frozen
from figures import Figure, at_most, show
from measured_server import Holding, MeasuredServer, Opening

import placket
from placket.config import default_config
from placket.interfaces import Findings, Garment, GarmentTagger
from placket.testing import garment_png
from placket_twins import Twin

CLIENTS = 500
WAVES = 8
SETTLED = 4
"""Waves after which memory grows no more: until then caches and the allocator's pools fill."""

_GARMENTS = 500
_PRODUCTS = 200
_PAGE = 20
_TIMEOUT = aiohttp.ClientTimeout(total=120)


class Silent(GarmentTagger):
    """Sees nothing in any picture."""

    async def tag(self, garment: Garment) -> Findings:
        return Findings()


class OnePicture:
    """A fetcher that brings the same picture from everywhere."""

    def __init__(self) -> None:
        self._picture = garment_png()

    async def fetch_image(self, url: str) -> bytes:
        return self._picture


@asynccontextmanager
async def aistetic() -> AsyncIterator[dict[str, Any]]:
    """Garments that have been looked at."""
    twin = Twin(
        "aistetic", tagger=Silent(), backend=object(), fetcher=OnePicture(),
        requests_per_minute=None, queuing=0.0, processing=0.0,
    )  # fmt: skip
    async with twin as url, aiohttp.ClientSession(headers=dict(twin.credentials)) as session:
        for number in range(_GARMENTS):
            body = {"uuid": f"garment-{number}", "image_url": "https://pictures.example/1.png", "attribute": {}}
            async with session.post(f"{url}/upload", json=body) as answer:
                answer.raise_for_status()
        await twin.settled()
        yield {
            "headers": dict(twin.credentials),
            "urls": [f"{url}/query?uuid=garment-{number}" for number in range(_GARMENTS)],
            "shows": '"complete":true',
        }


@asynccontextmanager
async def sartiq() -> AsyncIterator[dict[str, Any]]:
    """Products with pictures, in the embedded store."""
    with tempfile.TemporaryDirectory() as folder:
        async with placket.open(default_config(), data_folder=folder) as router:
            twin = Twin("sartiq", backend=router)
            async with twin as url, aiohttp.ClientSession() as session:
                async with session.post(f"{url}/login/access-token", data=dict(twin.credentials)) as answer:
                    headers = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}
                cover = base64.b64encode(garment_png()).decode()
                for number in range(_PRODUCTS):
                    body = {"name": f"Shirt {number}", "sku": f"S-{number}", "brand": "Halyard", "cover_image": cover}
                    async with session.post(f"{url}/products/", json=body, headers=headers) as answer:
                        answer.raise_for_status()
                starts = range(0, _PRODUCTS - _PAGE, _PAGE)
                yield {
                    "headers": headers,
                    "urls": [f"{url}/products/?skip={start}&limit={_PAGE}" for start in starts],
                    "shows": f'"count":{_PRODUCTS}',
                }


@frozen
class Crowd:
    """What a crowd has seen: requests a second, seconds of CPU a request, and what the server held after each wave."""

    rate: float
    cpu: float
    errors: Sequence[str]
    held: Sequence[Holding]


async def wave(told: Mapping[str, Any], requests: int) -> list[str]:
    """Every client, with a connection of its own, asks so often; gives what went wrong."""
    errors: list[str] = []
    places = itertools.count()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=told["headers"], timeout=_TIMEOUT) as session:

        async def client() -> None:
            for _ in range(requests):
                url = told["urls"][next(places) % len(told["urls"])]
                try:
                    async with session.get(url) as answer:
                        text = await answer.text()
                        if answer.status != 200 or told["shows"] not in text.replace(": ", ":"):
                            errors.append(f"{answer.status} {text[:200]}")
                except (aiohttp.ClientError, TimeoutError) as error:
                    errors.append(repr(error))

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return errors


def left_alone(server: MeasuredServer, before: Holding) -> Holding:
    """What a server holds when it has noticed that its clients are gone, or after ten seconds."""
    for _ in range(100):
        held = server.holding(collected=True)
        if held.tasks <= before.tasks:
            break
        time.sleep(0.1)
    return held


def crowd(opening: Opening, requests: int) -> Crowd:
    server = MeasuredServer(opening)
    errors: list[str] = []
    held: list[Holding] = []
    with server as told:
        before, passed = server.holding(), 0.0
        for _ in range(WAVES):
            began = time.perf_counter()
            errors += asyncio.run(wave(told, requests))
            passed += time.perf_counter() - began
            held.append(left_alone(server, before))
    asked = WAVES * CLIENTS * requests
    return Crowd(asked / passed, (held[-1].cpu - before.cpu) / asked, errors, held)


def figures(requests: int) -> list[Figure]:
    """Both twins: ``requests`` of each client in each wave."""
    found: list[Figure] = []
    for name, opening, share in (("Aistetic /query", aistetic, 1.0), ("Sartiq /products/", sartiq, 0.1)):
        seen = crowd(opening, max(1, round(requests * share)))
        name = f"{name}, {CLIENTS} clients"
        grown = seen.held[-1].resident / seen.held[SETTLED - 1].resident * 100 - 100
        found += [
            Figure(f"{name}: answered", f"{seen.rate:,.0f} requests/s"),
            Figure(f"{name}: a request", f"{seen.cpu * 1e3:.2f} ms CPU"),
            at_most(f"{name}: errors", len(seen.errors), 0, ""),
            Figure(f"{name}: memory after each wave", " ".join(f"{each.resident / 1e6:.0f}" for each in seen.held)),
            at_most(f"{name}: memory of the last of {WAVES} waves beyond that of number {SETTLED}", grown, 3, "%"),
            at_most(f"{name}: descriptors left over", seen.held[-1].descriptors - seen.held[0].descriptors, 0, ""),
            at_most(f"{name}: tasks left over", seen.held[-1].tasks - seen.held[0].tasks, 0, ""),
        ]
    return found


if __name__ == "__main__":
    show("Twins with a crowd", figures(20))
