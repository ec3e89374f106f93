"""Requests per second over HTTP on loopback, beside bare aiohttp and httpx: ``python tests/benchmarks/throughput.py``.

A garment takes two requests, as at the vendor: an upload and a query. The server, in a process of its own, answers at
once with the answer that the vendor's page shows. "Through Placket" is everything: route, limits, exchange, decoding,
claims. The others send the same requests and decode the JSON. Each is a program of its own (``throughput_client.py``).

bare aiohttp is compared with twice. In a young process glibc fetches asyncio's read buffers from the kernel anew each
time, which Placket avoids (``placket.transport.connector``); once something large was freed, it keeps them.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType

from figures import Figure, at_least, peer_python, show

CONCURRENCY = 64
TURN = 0.2
"""Seconds."""
OWN_PYTHON = Path(sys.executable)
AS_IT_IS: Mapping[str, str] = MappingProxyType({})
LARGE_BUFFERS_KEPT = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "67108864"}
"""What glibc sets by itself when 32 MiB are freed, in bytes."""

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


@contextmanager
def client(python: Path, name: str, base: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    script = Path(__file__).parent / "throughput_client.py"
    command = [str(python), str(script), name, base, str(CONCURRENCY)]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.communicate()  # ends its input, which ends it


def turn(process: subprocess.Popen[str], seconds: float) -> tuple[int, float]:
    """How many garments a client did, and in how many seconds."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{seconds}\n")
    process.stdin.flush()
    garments, took = json.loads(process.stdout.readline())
    return garments, took


def requests_per_second(processes: Sequence[subprocess.Popen[str]], seconds: float) -> list[float]:
    """Of each client, asked for ``seconds`` in all.

    By turns of a fifth of a second: a shared machine is up to half as fast again from one second to the next.
    """
    for process in processes:
        turn(process, TURN)  # connects, and fills what is remembered
    done, spent = [0] * len(processes), [0.0] * len(processes)
    while sum(spent) < len(processes) * seconds:
        for which, process in enumerate(processes):
            garments, took = turn(process, TURN)
            done[which] += garments
            spent[which] += took
    return [2 * garments / took for garments, took in zip(done, spent, strict=True)]


def compare(
    peer: str, base: str, seconds: float, *, python: Path = OWN_PYTHON, environment: Mapping[str, str] = AS_IT_IS
) -> tuple[float, float]:
    """Requests per second of a peer and of Placket. ``environment`` is what both are told beside ours."""
    with (
        client(python, peer, base, environment) as theirs,
        client(OWN_PYTHON, "placket", base, environment) as ours,
    ):
        their_rate, our_rate = requests_per_second([theirs, ours], seconds)
    return their_rate, our_rate


def measure(rounds: int = 4, seconds: float = 6.0) -> list[Figure]:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{ours.recv()}"
    python = peer_python()
    young, settled, httpx = [], [], []
    try:
        for _ in range(rounds):
            young.append(compare("aiohttp", base, seconds))
            settled.append(compare("aiohttp", base, seconds, environment=LARGE_BUFFERS_KEPT))
            if python is not None:
                httpx.append(compare("httpx", base, seconds / 2, python=python))
    finally:
        server.terminate()

    def median(rates: list[float]) -> str:
        return f"{statistics.median(rates):,.0f} requests/s"

    def ratio(rates: list[tuple[float, float]]) -> float:
        return statistics.median(ours / theirs for theirs, ours in rates)

    figures = [
        Figure("bare aiohttp and json.loads", median([theirs for theirs, _ in young])),
        Figure("through Placket", median([ours for _, ours in young])),
        at_least(f"of bare aiohttp, {CONCURRENCY} at a time", ratio(young) * 100, 75, "%"),
        Figure("the same, where glibc keeps large buffers", f"{ratio(settled) * 100:.2f} %"),
    ]
    if python is None:
        return [*figures, Figure("httpx", "not measured: it cannot be installed here")]
    return [
        *figures,
        Figure("httpx", median([theirs for theirs, _ in httpx])),
        at_least("through Placket / httpx", ratio(httpx), 3, "times"),
    ]


if __name__ == "__main__":
    show("Throughput", measure())
