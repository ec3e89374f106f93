"""The twins under load, over HTTP on loopback: ``python tests/benchmarks/twins.py``.

Searches are told in CPU time of the server's process beyond the embedding, beside a bare aiohttp handler that asks the
same index in the same run: what one core could answer is its reverse.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import twins_crowd
import twins_search_servers as servers
from figures import Figure, at_least, show
from measured_server import MeasuredServer

ITEMS = 100_000
AT_ONCE = 8
_AGREE = 100
"""Questions whose answers are compared with those of the bare handler."""


async def ask(url: str, number: int, token: str, session: aiohttp.ClientSession) -> list[str]:
    form = aiohttp.FormData({"catalog_id": servers.CATALOG_ID})
    form.add_field("image", servers.picture(number), filename="garment.png")
    async with session.post(f"{url}/search/", data=form, headers={"Authorization": f"Bearer {token}"}) as answer:
        body: Any = await answer.json()
        if answer.status != 200:
            raise RuntimeError(f"the search was refused: {body}")
    return [each["iid"] for each in body["similars"]]


async def searches(url: str, count: int, first: int = 0) -> list[list[str]]:
    """Ask ``count`` questions, `AT_ONCE` at a time; gives the answers in their order."""
    async with aiohttp.ClientSession() as session:
        login = {"api_key": "twin-api-key", "api_secret": "twin-api-secret"}
        async with session.post(f"{url}/token/", data=login) as answer:
            token = (await answer.json())["access_token"] if answer.status == 200 else ""
        found: dict[int, list[str]] = {}

        async def worker(begin: int) -> None:
            for number in range(begin, first + count, AT_ONCE):
                found[number] = await ask(url, number, token, session)

        await asyncio.gather(*(worker(first + place) for place in range(AT_ONCE)))
    return [found[number] for number in sorted(found)]


def search_figures(folder: Path, rounds: int, count: int) -> list[Figure]:
    asyncio.run(servers.fill(folder, ITEMS))
    cost: dict[str, list[float]] = {"twin": [], "peer": []}
    answers: dict[str, list[list[str]]] = {}
    twin, peer = (MeasuredServer(opening, folder, one_core=True) for opening in (servers.twin, servers.peer))
    with twin as told_twin, peer as told_peer:
        sides = {"twin": (twin, told_twin), "peer": (peer, told_peer)}
        for name, (_, told) in sides.items():
            answers[name] = asyncio.run(searches(told["url"], _AGREE))
        for turn in range(rounds):
            # Nothing is asked twice, so that no answer can be kept.
            first = _AGREE + turn * count
            for name, (server, told) in sides.items():
                before = server.holding().cpu
                asyncio.run(searches(told["url"], count, first))
                cost[name].append((server.holding().cpu - before) / count - told["embedding"])
    # Whatever else the machine does can only add to it.
    ours, theirs = min(cost["twin"]), min(cost["peer"])
    agreed = statistics.mean(
        len(set(one) & set(other)) / servers.ANSWERED
        for one, other in zip(answers["twin"], answers["peer"], strict=True)
    )
    name = f"Thread Genius /search, {ITEMS:,} items, {servers.ANSWERED} similars"
    return [
        at_least(f"{name}, on one core beyond the embedding", 1 / ours, 200, "requests/s"),
        Figure(f"{name}, beyond the embedding", f"{ours * 1e3:.2f} ms CPU"),
        Figure("a bare aiohttp handler with the same index", f"{theirs * 1e3:.2f} ms CPU"),
        Figure("the twin / the bare handler", f"{ours / theirs:.2f} times"),
        at_least("of the similars of the bare handler, found by the twin", agreed * 100, 99, "%"),
    ]


def measure(rounds: int = 5, count: int = 1_000, requests: int = 20) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        figures = search_figures(Path(name), rounds, count)
    return [*figures, *twins_crowd.figures(requests)]


if __name__ == "__main__":
    show("Twins", measure())
