"""A server in a process of its own, which tells its CPU time and what it holds whenever it is asked."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import frozen

Opening = Callable[..., AbstractAsyncContextManager[dict[str, Any]]]
"""Opens a server and gives what its clients have to know. It is called in the new process: a plain function."""

_STARTING = 300.0


@frozen
class Holding:
    """What a process has used and holds: seconds of CPU time, bytes of memory, open descriptors, asyncio tasks."""

    cpu: float
    resident: int
    descriptors: int
    tasks: int


class MeasuredServer:
    """``with MeasuredServer(opening, *arguments) as told:``; arguments are pickled.

    ``one_core`` keeps it on one core where the system can do that: threads that wait for each other cost more on two.
    """

    def __init__(self, opening: Opening, *arguments: Any, one_core: bool = False) -> None:
        self._told, theirs = multiprocessing.Pipe()
        # A fresh process: one that is forked would hold the memory of this one.
        self._process = multiprocessing.get_context("spawn").Process(
            target=_run, args=(theirs, opening, arguments, one_core), daemon=True
        )

    def __enter__(self) -> dict[str, Any]:
        self._process.start()
        if not self._told.poll(_STARTING):
            raise TimeoutError("the server did not start")
        told: dict[str, Any] = self._told.recv()
        return told

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._told.send("stop")
        self._process.join(30)
        self._process.kill()
        self._told.close()

    def holding(self, *, collected: bool = False) -> Holding:
        """What it has used and holds now; ``collected`` has it collect garbage before."""
        self._told.send("collect" if collected else "tell")
        found: Holding = self._told.recv()
        return found


def _run(told: Connection, opening: Opening, arguments: tuple[Any, ...], one_core: bool) -> None:
    if one_core and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    asyncio.run(_serve(told, opening, arguments))


async def _serve(told: Connection, opening: Opening, arguments: tuple[Any, ...]) -> None:
    stopped = asyncio.Event()

    def answer() -> None:
        asked = told.recv()
        if asked == "stop":
            stopped.set()
            return
        if asked == "collect":
            gc.collect()
        told.send(held())

    async with opening(*arguments) as clients_know:
        asyncio.get_running_loop().add_reader(told.fileno(), answer)
        told.send(clients_know)
        await stopped.wait()
        asyncio.get_running_loop().remove_reader(told.fileno())


def held() -> Holding:
    """What this process has used and holds, with an event loop that runs."""
    return Holding(
        time.process_time(),
        int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        sum(1 for _ in Path("/proc/self/fd").iterdir()),
        len(asyncio.all_tasks()),
    )
