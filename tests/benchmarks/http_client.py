"""What `HttpClient` costs on top of bare aiohttp: requests per second of both, and the ratio.

Run ``python tests/benchmarks/http_client.py [seconds]``. The server runs in a process of its own and answers every
request with the same 1.2 kB of JSON. The two clients take turns, because the speed of a busy machine drifts.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from multiprocessing.connection import Connection

from placket.interfaces.call import Call, current_call
from placket.interfaces.timing import Deadline, SystemClock
from placket.transport import HttpClient, SessionPool, StaticHeaders

BODY = json.dumps({"uuid": "976", "tag": {f"Attribute {number}": "navy blue" for number in range(40)}}).encode()
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-Request-Id: r-1\r\n\r\n%b" % (
    len(BODY),
    BODY,
)


class FixedAnswer(asyncio.Protocol):
    """Answers whatever ends with an empty line."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(REPLY * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


def serve(report: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(FixedAnswer, "127.0.0.1", 0)
        report.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


async def rate(ask: object, concurrency: int, seconds: float) -> tuple[float, float]:
    """(requests per second, microseconds of CPU per request)."""
    count = 0
    end = time.perf_counter() + seconds

    async def worker() -> None:
        nonlocal count
        while time.perf_counter() < end:
            json.loads(await ask())  # type: ignore[operator]
            count += 1

    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return count / (time.perf_counter() - started), (time.process_time() - cpu) / count * 1e6


async def compare(port: int, seconds: float, rounds: int = 7) -> None:
    base, headers = f"http://127.0.0.1:{port}", {"API-KEY": "key", "DOMAIN": "shop.example.com"}
    async with SessionPool() as sessions:
        client = HttpClient(base_url=base, provider="acme", sessions=sessions, auth=StaticHeaders(headers))
        session = sessions.session()
        call = Call("acme", "tag", Deadline.after(600.0, SystemClock()))
        current_call.set(call)

        async def bare() -> bytes:
            async with session.request(
                "GET", f"{base}/query", params={"uuid": "976"}, headers=headers, allow_redirects=False
            ) as response:
                return await response.read()

        async def ours() -> bytes:
            # A real call makes a few exchanges; a list of all that are made here would be the garbage collector's work.
            call.request_ids.clear()
            return (await client.get("/query", params={"uuid": "976"}, operation="query")).body

        for concurrency in (1, 64):
            results: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
            for _ in range(rounds):
                results["bare"].append(await rate(bare, concurrency, seconds))
                results["ours"].append(await rate(ours, concurrency, seconds))
            ratio = statistics.median(o[0] / b[0] for o, b in zip(results["ours"], results["bare"], strict=True))
            for name, values in results.items():
                speed, cost = (statistics.median(column) for column in zip(*values, strict=True))
                print(f"{concurrency:>3} at once, {name}: {speed:7.0f} requests/s, {cost:6.1f} us CPU per request")
            print(f"{concurrency:>3} at once, ours / bare: {ratio:.3f}")


def main() -> None:
    parent, child = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(child,), daemon=True)
    server.start()
    try:
        asyncio.run(compare(parent.recv(), float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
