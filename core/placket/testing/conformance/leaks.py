"""Checks: a provider that was closed, or a call that was given up, leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ...errors import PlacketError
from ..faults import FaultKind
from .answers import examine
from .samples import usable_operations
from .secrecy import logged
from .stand import Place, Stand, Subject
from .steps import Step
from .violation import NotApplicable, Violation, require

HANGING = 10.0**6
A_WHILE = 1.0
"""Seconds, of virtual time, after which whatever has to happen has happened."""

FOR_THREADS = 2.0
"""Real seconds for threads that were told to end: a busy machine may let them wait."""


async def closes(subject: Subject) -> None:
    """Closing gives everything back: no task, thread, connection or file of the provider is left."""
    with logged() as lines, _warned() as unclosed:
        async with subject.settled() as place:
            tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
            await _live(subject, place)
            await asyncio.sleep(0)
            _require_no_tasks(tasks, "after the provider was closed")
            left = _still_running(set(threading.enumerate()) - threads)
            require(not left, f"after the provider was closed, threads are left: {', '.join(map(str, left))}")
            await _require_quiet(place, "after the provider was closed")
        gc.collect()
    require(not unclosed, f"something was not closed: {'; '.join(unclosed)}")
    lost = [line for line in lines if line.startswith("asyncio:") and ("never retrieved" in line or "pending" in line)]
    require(not lost, f"something was left behind: {'; '.join(lost)}")


async def gives_up(subject: Subject, operation: str, step: Step) -> None:
    """A call that is cancelled while its vendor thinks ends at once, leaves nothing, and the next call works."""
    async with subject.open() as stand:
        arguments = await subject.samples.arguments(operation, stand)
        before = asyncio.all_tasks()
        stand.server.faults.add(FaultKind.LATENCY, method=step.method, path=step.path, seconds=HANGING)
        since = len(stand.server.requests)
        call = asyncio.ensure_future(stand.perform(operation, arguments))
        await _until_asked(stand, step, since, call)
        call.cancel()
        outcome = (await asyncio.gather(call, return_exceptions=True))[0]
        require(
            isinstance(outcome, asyncio.CancelledError),
            f"{operation} was cancelled during {step}, and ended with {outcome!r}: let CancelledError pass",
        )
        await asyncio.sleep(A_WHILE)
        _require_no_tasks(before, f"after {operation} was cancelled during {step}")
        await _require_quiet(stand.place, f"after {operation} was cancelled during {step}")
        stand.server.faults.clear()
        arguments = await subject.samples.arguments(operation, stand, 1)
        examine(stand, operation, await stand.perform(operation, arguments))
        await subject.samples.clean_up(stand)


async def _until_asked(stand: Stand, step: Step, since: int, call: asyncio.Future[object]) -> None:
    for _ in range(10_000):
        if call.done() or step.requests(stand, since):
            break
        await asyncio.sleep(A_WHILE)
    if call.done():
        raise Violation(f"{step} was not answered, and the call ended with {call.exception() or call.result()!r}")
    await asyncio.sleep(A_WHILE)


async def _live(subject: Subject, place: Place) -> None:
    """Open a provider, use all of it, and close it; nothing here refers to it afterwards."""
    async with subject.open(place) as stand:
        for operation in usable_operations(stand.kind, stand.interface):
            with suppress(NotApplicable, PlacketError):
                await stand.perform(operation, await subject.samples.arguments(operation, stand))
        await subject.samples.clean_up(stand)


def _require_no_tasks(before: set[asyncio.Task[object]], when: str) -> None:
    left = [each for each in asyncio.all_tasks() - before if not _of_server(each)]
    names = ", ".join(str(each.get_coro()) for each in left)
    require(not left, f"{when}, tasks are left: {names}; cancel and await them in aclose(), or where they are started")


def _of_server(task: asyncio.Task[object]) -> bool:
    """Whether it is one with which aiohttp serves a connection."""
    return "RequestHandler" in str(task.get_coro())


def _still_running(threads: set[threading.Thread]) -> list[threading.Thread]:
    """Those that do not end by themselves: one that was told to end may need a moment, of real time, to do so."""
    until = time.monotonic() + FOR_THREADS
    for each in threads:
        if not _of_loop(each):
            each.join(max(0.0, until - time.monotonic()))
    return [each for each in threads if each.is_alive() and not _of_loop(each)]


def _of_loop(thread: threading.Thread) -> bool:
    """Whether it belongs to the event loop's own executor, which the loop ends."""
    return thread.name.startswith("asyncio_")


async def _require_quiet(place: Place, when: str) -> None:
    if place.server is None:
        return
    for _ in range(3):
        await asyncio.sleep(A_WHILE)
    require(not place.server.under_way, f"{when}, the vendor is still answering {place.server.under_way} requests")


@contextmanager
def _warned() -> Iterator[list[str]]:
    """What Python says about things that were not closed."""
    unclosed: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        gc.collect()
        caught.clear()
        # What all the other tests keep alive is not gone through again.
        gc.freeze()
        try:
            yield unclosed
        finally:
            gc.unfreeze()
        unclosed += [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)]
