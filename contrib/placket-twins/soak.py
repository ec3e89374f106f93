"""An hour of mixed traffic with faults against all five twins in one process: ``python soak.py --minutes 10 --seed 1``.

What is compressed: the hour is one of `ERRANDS` errands, about one a second and three requests each, sent as fast as
they are answered, and the twins' clock is put forward between two rounds so that it has gone an hour at the end: tokens
expire, limits and lifetimes pass. Nothing else is: the twins serve over HTTP, fetch pictures, and have the embedded
providers do the work.

After each round, with no client there and no work under way, it counts tasks, sockets, descriptors, threads and memory.
It fails (exit code 1) when any of them grows after the warm-up, when a twin answers 500, or when time runs out.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from attrs import define, frozen

import placket
from placket.config import default_config
from placket.interfaces import SystemClock
from placket_twins import LoopbackImages, Twin
from placket_twins.twin import VENDORS
from soak_visits import Crowd

HOUR = 3600.0
ERRANDS = 4_000
ROUNDS = 40
AT_ONCE = 16

WARM = 0.4
"""The part of the rounds after which nothing may grow: by then caches are full and models are loaded."""

FAULTS = (
    "kind=status,status=503,rate=0.02,retry-after=1",
    "kind=latency,seconds=0.05,rate=0.02",
    "kind=reset,rate=0.01",
    "kind=truncated,rate=0.01",
    "kind=malformed,rate=0.01",
    "kind=empty,rate=0.005",
    "kind=slow-drip,seconds=0.001,rate=0.005",
    "kind=job-fails,rate=0.1",
    "kind=job-hangs,rate=0.02",
)

SETTINGS: dict[str, dict[str, Any]] = {"aistetic": {"requests_per_minute": 120}}


class HurriedClock(SystemClock):
    """The system's clock, put forward now and then."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def forward(self, seconds: float) -> None:
        """Let so many seconds have passed."""
        self._ahead += seconds

    def monotonic(self) -> float:
        """Seconds, those that it was put forward included."""
        return super().monotonic() + self._ahead

    def now(self) -> datetime:
        """The time of day, put forward."""
        return super().now() + timedelta(seconds=self._ahead)


@frozen
class Held:
    """What the process holds: counts, and megabytes of memory."""

    tasks: int
    sockets: int
    descriptors: int
    threads: int
    memory: float


LIMITS = Held(tasks=2, sockets=4, descriptors=4, threads=2, memory=0.0)
"""By how much the last rounds may be above the first ones after the warm-up. Of memory it is `GROWTH`.

A connection that is kept for the next picture is a task and two sockets here, which has both its ends, until it has
been idle for some seconds of real time: one or two more of these at the end are chance. What leaks grows with the
thousands of errands.
"""

GROWTH = 0.04


def held() -> Held:
    """Count, after what is garbage was given back."""
    gc.collect()
    _trim()
    names = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            names.append(str(each.readlink()))
        except OSError:
            # That of the folder itself, which is closed by now.
            continue
    return Held(
        len(asyncio.all_tasks()),
        sum(name.startswith("socket:") for name in names),
        len(names),
        threading.active_count(),
        int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6,
    )


def _trim() -> None:
    """Have the allocator give back what is free, so that only what is held is seen."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return


@define
class Soak:
    """One run. ``errands`` of ``rounds`` rounds; at most ``seconds``."""

    errands: int
    rounds: int
    seconds: float
    seed: int

    async def run(self) -> tuple[list[Held], Crowd]:
        """What was held after each round, and what was answered."""
        clock = HurriedClock()
        began = time.monotonic()
        measured: list[Held] = []
        async with AsyncExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="placket-soak-")))
            images = await opened.enter_async_context(LoopbackImages())
            backend = await opened.enter_async_context(
                placket.open(default_config(), clock=clock, data_folder=folder / "backend", environ={})
            )
            twins = {}
            for vendor in VENDORS:
                twins[vendor] = Twin(
                    vendor, backend=backend, state=folder, clock=clock, trusted_hosts=(images.authority,),
                    faults=FAULTS, seed=self.seed, **SETTINGS.get(vendor, {}),
                )  # fmt: skip
                await opened.enter_async_context(twins[vendor])
            crowd = Crowd(twins, images, random.Random(self.seed))  # noqa: S311 - nothing here is secret
            for number in range(self.rounds):
                round_began = clock.monotonic()
                await _round(crowd, self.errands // self.rounds)
                measured.append(await _settled(crowd))
                clock.forward(max(0.0, HOUR / self.rounds - (clock.monotonic() - round_began)))
                if time.monotonic() - began > self.seconds:
                    crowd.defects.append(f"time is over after {number + 1} of {self.rounds} rounds")
                    break
        return measured, crowd


async def _round(crowd: Crowd, errands: int) -> None:
    left = iter(range(errands))
    async with aiohttp.ClientSession() as session:

        async def client() -> None:
            for _ in left:
                await crowd.visit(session)

        await asyncio.gather(*(client() for _ in range(AT_ONCE)))


async def _settled(crowd: Crowd) -> Held:
    """What is held when all work is done and all connections are closed, or after a while all the same."""
    for twin in crowd.twins.values():
        await twin.settled()
    found = held()
    for _ in range(20):
        await asyncio.sleep(0.1)
        before, found = found, held()
        if (before.tasks, before.sockets) <= (found.tasks, found.sockets):
            break
    return found


def trends(measured: Sequence[Held]) -> list[tuple[str, float, float, bool]]:
    """Of each count: its median in the first and the last third after the warm-up, and whether it has grown."""
    warm = measured[int(len(measured) * WARM) :]
    third = max(1, len(warm) // 3)
    found = []
    for name in ("tasks", "sockets", "descriptors", "threads", "memory"):
        first = statistics.median(getattr(each, name) for each in warm[:third])
        last = statistics.median(getattr(each, name) for each in warm[-third:])
        most = first * (1 + GROWTH) if name == "memory" else first + getattr(LIMITS, name)
        found.append((name, first, last, last > most))
    return found


def main() -> int:
    """Soak, print the table, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="the most that it may take")
    parser.add_argument("--seed", type=int, default=1, help="of errands and faults")
    parser.add_argument("--errands", type=int, default=ERRANDS, help="of the whole hour")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="after each of which is counted")
    chosen = parser.parse_args()
    began, spent = time.monotonic(), time.process_time()
    measured, crowd = asyncio.run(Soak(chosen.errands, chosen.rounds, chosen.minutes * 60, chosen.seed).run())
    out = sys.stdout.write
    out("round   tasks sockets  descriptors threads   memory\n")
    for number, each in enumerate(measured, start=1):
        out(
            f"{number:5} {each.tasks:7} {each.sockets:7} {each.descriptors:12} {each.threads:7} {each.memory:6.0f} MB\n"
        )
    told = ", ".join(f"{name} {count:,}" for name, count in sorted(crowd.answers.items()))
    out(f"\nanswers: {told}\n")
    passed, used = time.monotonic() - began, time.process_time() - spent
    out(f"took {passed:.0f} s, {used:.0f} s of CPU; the twins' clock has gone an hour\n\n")
    grown = False
    for name, first, last, grows in trends(measured):
        grown |= grows
        out(f"{name:12} {first:8.1f} -> {last:8.1f}   {'GROWS' if grows else 'levels off'}\n")
    for defect in crowd.defects[:10]:
        out(f"defect: {defect}\n")
    return 1 if grown or crowd.defects else 0


if __name__ == "__main__":
    raise SystemExit(main())
