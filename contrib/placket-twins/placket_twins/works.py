"""Work beside the requests: with real progress, and taken up again after a restart."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import asdict, define, evolve, frozen

from placket.errors import PlacketError
from placket.interfaces import Clock
from placket.logs import LazyLogger
from placket.testing import FaultKind, Faults

from .state import State

_log = LazyLogger("placket_twins.works")

_AT_ONCE = 2
"""Pieces of work done side by side: most of it is work for the processor."""

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)


@frozen
class Work:
    """One piece of work. Times are seconds since 1970; ``request`` and ``result`` are JSON.

    ``fault`` is ``job-fails`` or ``job-hangs`` when a fault rule has chosen this piece.
    """

    id: str
    kind: str
    request: Any
    state: str = QUEUED
    done: int = 0
    total: int = 0
    result: Any = None
    error: str = ""
    fault: str = ""
    created_at: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ENDED


@define
class Progress:
    """What a runner reports with: ``await progress(done, total)``."""

    _works: Works
    _id: str

    async def __call__(self, done: int, total: int) -> None:
        """Note how far the work is."""
        await self._works._change(self._id, done=done, total=total)


Runner = Callable[[Work, Progress], Awaitable[Any]]
"""Does a piece of work and returns its result, as JSON. After a crash it is called again, from the beginning."""


class Works:
    """The work of one twin. A runner per kind is named with `on` before `resume` is called."""

    def __init__(self, state: State, clock: Clock, faults: Faults) -> None:
        self._state = state
        self._clock = clock
        self._faults = faults
        self._runners: dict[str, Runner] = {}
        self._keep: dict[str, int] = {}
        self._ended_since: Counter[str] = Counter()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)

    def on(self, kind: str, runner: Runner, *, keep: int | None = None) -> None:
        """Name who does the work of a kind. Of what is over the latest ``keep`` are remembered; all, if None.

        They are counted now and then only, so that a tenth more may be there for a while.
        """
        self._runners[kind] = runner
        if keep is not None:
            self._keep[kind] = keep

    async def start(self, kind: str, request: Any, *, work_id: str = "", path: str = "") -> Work:
        """Note a piece of work and begin it; when this returns, a crash does not lose it.

        ``path`` is the path of the request that wants it, for fault rules. Work of the same id is given up and
        replaced.
        """
        work_id = work_id or str(uuid.uuid4())
        fault = self._faults.draw_job("POST", path)
        work = Work(work_id, kind, request, fault=str(fault.kind) if fault else "", created_at=self._now())
        if work.fault == FaultKind.JOB_HANGS:
            work = evolve(work, state=RUNNING, started_at=work.created_at)
        await self._give_up(work_id)
        await self._state.put("work", work_id, asdict(work))
        self._begin(work)
        return work

    async def get(self, work_id: str) -> Work | None:
        """The work as it stands."""
        body = await self._state.get("work", work_id)
        return None if body is None else Work(**body)

    async def list(self, kind: str) -> list[Work]:
        """All work of a kind, the newest first."""
        found = [Work(**each.body) for each in await self._state.list("work", newest_first=True)]
        return [work for work in found if work.kind == kind]

    async def cancel(self, work_id: str) -> Work | None:
        """Stop a piece of work; None when there is none, and no change when it is over."""
        changed = await self._change(work_id, state=CANCELLED, ended_at=self._now())
        await self._give_up(work_id)
        return changed or await self.get(work_id)

    async def forget(self, work_id: str) -> Work | None:
        """Remove a piece of work, and return what it was: of many who ask at once, one gets it."""
        await self._give_up(work_id)
        body = await self._state.take("work", work_id)
        return None if body is None else Work(**body)

    async def resume(self) -> None:
        """Take up what an earlier process has left."""
        for kind, keep in self._keep.items():
            await self._forget_old(kind, keep)
        for each in await self._state.list("work"):
            work = Work(**each.body)
            if not work.is_over:
                self._begin(work)

    async def settled(self) -> None:
        """Return when nothing is under way any more but what hangs."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def aclose(self) -> None:
        """Stop everything; it is taken up again by `resume`."""
        for work_id in list(self._tasks):
            await self._give_up(work_id)

    async def _give_up(self, work_id: str) -> None:
        task = self._tasks.pop(work_id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _begin(self, work: Work) -> None:
        if work.fault == FaultKind.JOB_HANGS:
            return
        task = asyncio.create_task(self._run(work), name=f"{work.kind} {work.id}")
        self._tasks[work.id] = task
        task.add_done_callback(lambda done: self._ended(work.id, done))

    def _ended(self, work_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(work_id) is task:
            del self._tasks[work_id]

    async def _run(self, work: Work) -> None:
        async with self._places:
            await self._change(work.id, state=RUNNING, started_at=self._now())
            outcome: dict[str, Any]
            try:
                result = await self._runners[work.kind](work, Progress(self, work.id))
                outcome = {"state": DONE, "result": result}
            except PlacketError as error:
                outcome = {"state": FAILED, "error": str(error)}
            except Exception as error:
                # A provider of somebody else's may raise anything; the client is told that it failed.
                _log.warning("work_raised", kind=work.kind, id=work.id, error=repr(error))
                outcome = {"state": FAILED, "error": f"the work could not be done ({type(error).__name__})"}
            if work.fault == FaultKind.JOB_FAILS:
                outcome = {"state": FAILED, "error": "the work failed, as a fault rule wanted it"}
            await self._change(work.id, **outcome, ended_at=self._now())
            await self._ended_now(work)

    async def _ended_now(self, work: Work) -> None:
        keep = self._keep.get(work.kind)
        if keep == 0:
            await self._state.take("work", work.id)
        elif keep is not None:
            self._ended_since[work.kind] += 1
            if self._ended_since[work.kind] > keep // 10:
                self._ended_since[work.kind] = 0
                await self._forget_old(work.kind, keep)

    async def _forget_old(self, kind: str, keep: int) -> None:
        over = sorted((work for work in await self.list(kind) if work.is_over), key=_ended_at, reverse=True)
        for each in over[keep:]:
            await self._state.take("work", each.id)

    async def _change(self, work_id: str, **values: Any) -> Work | None:
        """Change work that is not over; None when it is, or is not there."""

        def change(body: Any) -> Any:
            if body is None or Work(**body).is_over:
                return None
            return asdict(evolve(Work(**body), **values))

        changed = await self._state.change("work", work_id, change)
        return None if changed is None else Work(**changed)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _ended_at(work: Work) -> float:
    return work.ended_at or 0.0
