"""Work that outlives a process: tasks in the database, taken one by one by whoever is there to do them.

A task that was begun and not finished, because its process died, is taken again once it has been silent for `LEASE`.
Two processes that wait for the same work share it. Should both do one task, the first to finish counts.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

import msgspec
from attrs import frozen
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import PlacketError, Unavailable
from placket.interfaces import Clock, JobState, JobStatus, PollSchedule

from .database import Database
from .database.studio_tables import TASKS
from .store.rows import microseconds

LEASE = timedelta(seconds=60)
"""How long a task that was taken is left to whoever took it. The longest task takes some seconds of one core."""

SCHEDULE = PollSchedule(first=0.05, interval=0.1, factor=1.5, maximum=1.0)
"""When to look at work that is done on this machine."""

Result = TypeVar("Result")

_columns = TASKS.c


@frozen
class Task:
    """A piece of work: what it is a part of, the garment it is about, and what is to be done."""

    id: str
    owner: str
    subject: str
    request: Mapping[str, Any]

    @classmethod
    def of(cls, row: Any) -> Task:
        """The task of a row."""
        return cls(row.id, row.owner, row.subject, msgspec.json.decode(row.request))


class Work:
    """Does tasks, ``workers`` at a time.

    ``do`` does one and ends it with `finish`, in the transaction that stores what it made. What it raises means that
    the task could not even be tried, as on a full disk: it stays to be done, and whoever looks next is told.
    """

    def __init__(self, database: Database, clock: Clock, workers: int, do: Callable[[Task], Awaitable[None]]) -> None:
        self._database = database
        self._clock = clock
        self._workers = workers
        self._do = do
        self._id = str(uuid.uuid4())
        self._running: dict[str, asyncio.Task[None]] = {}
        self._begun: dict[str, tuple[str, float]] = {}
        self._closed = False

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._workers, thread_name_prefix="placket-work")

    async def in_thread(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run what keeps a core busy beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    async def add(self, connection: AsyncConnection, tasks: Iterable[Task]) -> None:
        """Add tasks, at least one, to be done in this order once their owner is started."""
        rows = [
            {
                "id": task.id,
                "owner": task.owner,
                "subject": task.subject,
                "request": msgspec.json.encode(task.request),
                "state": JobState.QUEUED,
                "message": "",
                "taken_at": 0,
                "taken_by": "",
            }
            for task in tasks
        ]
        await connection.execute(insert(TASKS), rows)

    async def start(self, connection: AsyncConnection, owner: str, *, again: bool = False) -> None:
        """Let everything of an owner be done that is not done: what waits, what failed and what was cancelled.

        ``again`` also what was done already.
        """
        left_alone = (JobState.RUNNING,) if again else (JobState.RUNNING, JobState.SUCCEEDED)
        await connection.execute(
            update(TASKS)
            .where(_columns.owner == owner, _columns.state.not_in(left_alone))
            .values(state=JobState.RUNNING, message="", taken_at=0, taken_by="")
        )

    async def cancel(self, connection: AsyncConnection, owner: str) -> None:
        """Let nothing more of an owner be done; a task under way ends without a result."""
        await connection.execute(
            update(TASKS)
            .where(_columns.owner == owner, _columns.state.in_((JobState.QUEUED, JobState.RUNNING)))
            .values(state=JobState.CANCELLED)
        )

    async def finish(self, connection: AsyncConnection, task: Task, state: JobState, message: str = "") -> bool:
        """End a task. False when somebody else has ended it already: then nothing more may be stored of it."""
        ended = await connection.execute(
            update(TASKS)
            .where(_columns.id == task.id, _columns.state == JobState.RUNNING)
            .values(state=state, message=message)
        )
        return bool(ended.rowcount == 1)

    def note(self, task: Task, share: float) -> None:
        """Say how far a task is, 0..1; from any thread."""
        self._begun[task.id] = (task.owner, share)

    async def status(self, owner: str) -> JobStatus:
        """How far the work of an owner is, as its tasks say."""
        async with self._database.reading() as connection:
            return await self.status_in(connection, owner)

    async def status_in(self, connection: AsyncConnection, owner: str) -> JobStatus:
        """As `status`, for who has a connection already."""
        asked = (
            select(_columns.state, func.count().label("tasks"), func.min(_columns.message).label("message"))
            .where(_columns.owner == owner)
            .group_by(_columns.state)
        )
        found = {JobState(row.state): row for row in await connection.execute(asked)}
        begun = sum(share for its_owner, share in [*self._begun.values()] if its_owner == owner)
        reason = getattr(found.get(JobState.FAILED), "message", "")
        return _status_of({state: row.tasks for state, row in found.items()}, reason, begun)

    async def driven(self, owner: str) -> JobStatus:
        """As `status`, and see to it that somebody does the work; raises what stopped whoever did."""
        if self._closed:
            raise Unavailable("the router that this job was asked of is closed; take it up by its ticket in another")
        begun = self._running.get(owner)
        if begun is not None and begun.done():
            del self._running[owner]
            begun.result()
        status = await self.status(owner)
        if status.state is JobState.RUNNING and owner not in self._running:
            self._running[owner] = begun = asyncio.create_task(self._take_all(owner))
            begun.add_done_callback(_seen)
        return status

    async def _take_all(self, owner: str) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._workers):
                    group.create_task(self._take_each(owner))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _take_each(self, owner: str) -> None:
        while (task := await self._take(owner)) is not None:
            try:
                await self._do(task)
            except PlacketError:
                await self._give_back(_columns.id == task.id)
                raise
            finally:
                self._begun.pop(task.id, None)

    async def _take(self, owner: str) -> Task | None:
        now = microseconds(self._clock.now())
        free = (
            select(TASKS)
            .where(
                _columns.owner == owner,
                _columns.state == JobState.RUNNING,
                _columns.taken_at < now - LEASE // timedelta(microseconds=1),
            )
            .order_by(_columns.number)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(free)).one_or_none()
            if row is None:
                return None
            taken = update(TASKS).where(_columns.id == row.id).values(taken_at=now, taken_by=self._id)
            await connection.execute(taken)
        return Task.of(row)

    async def _give_back(self, *which: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(
                update(TASKS).where(_columns.taken_by == self._id, *which).values(taken_at=0, taken_by="")
            )

    async def aclose(self) -> None:
        """Stop after what is being computed right now; the tasks that were begun are free for others at once."""
        self._closed = True
        begun = [*self._running.values()]
        for task in begun:
            task.cancel()
        if begun:
            await asyncio.wait(begun)
        if "_threads" in self.__dict__:
            await asyncio.to_thread(self._threads.shutdown)
        if begun:
            # A database that is out of reach learns it when the lease ends.
            with suppress(Unavailable):
                await self._give_back()


def _seen(task: asyncio.Task[None]) -> None:
    # What went wrong is raised by the next look; where nobody looks again it is nobody's concern.
    if not task.cancelled():
        task.exception()


def _status_of(counts: Mapping[JobState, int], reason: str, begun: float) -> JobStatus:
    total = sum(counts.values())
    ended = sum(count for state, count in counts.items() if state.is_final)
    failed, made = counts.get(JobState.FAILED, 0), counts.get(JobState.SUCCEEDED, 0)
    progress = ended / total if total else 0.0
    message = reason if total == 1 else f"{failed} of {total} could not be made; for one, {reason}" if failed else ""
    if JobState.RUNNING in counts:
        return JobStatus(JobState.RUNNING, progress + begun / total, message=message)
    if not total:
        return JobStatus(JobState.CANCELLED, message="all that it was about has been removed")
    if JobState.QUEUED in counts:
        return JobStatus(JobState.QUEUED, progress)
    if JobState.CANCELLED in counts:
        return JobStatus(JobState.CANCELLED, progress, message=f"cancelled when {made} of {total} were made")
    return JobStatus(JobState.SUCCEEDED if made else JobState.FAILED, 1.0, message=message)
