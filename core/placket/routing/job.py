"""A provider's job as the router hands it out: every wait for it has the route's deadline, and outlives reloads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from ..interfaces.call import Call, current_call
from ..interfaces.job import Job, JobStatus, Ticket
from ..interfaces.timing import Clock, Deadline
from .generation import Generation

T = TypeVar("T")


class RoutedJob(Job[T]):
    """Waits within the route's deadline, counted from the beginning of each wait.

    A job outlives the call that submitted it, so that what the submission left of its time says nothing about the
    work. `result` waits as long as its caller says, else as long as a routed call may take (``seconds``), else as long
    as the provider finds sensible. A look takes at most as long as a call. `events` end with the job alone.

    Each wait is a call of its ``generation``, so that a reload does not close the provider under it. Where that
    has been closed between two waits, ``take_up`` gives the job at the provider that bears the name now.
    """

    def __init__(
        self,
        job: Job[T],
        ticket: Ticket,
        clock: Clock,
        seconds: float | None,
        generation: Generation,
        take_up: Callable[[Ticket], Awaitable[tuple[Job[T], Generation]]],
    ) -> None:
        self.ticket: Ticket = ticket
        self._job = job
        self._clock = clock
        self._seconds = seconds
        self._generation = generation
        self._take_up = take_up

    async def status(self) -> JobStatus:
        """See `Job.status`."""
        async with self._within(self._seconds) as job:
            return await job.status()

    async def result(self, deadline: float | None = None) -> T:
        """See `Job.result`."""
        async with self._within(self._seconds if deadline is None else deadline) as job:
            return await job.result(deadline)

    async def events(self) -> AsyncIterator[JobStatus]:
        """See `Job.events`."""
        followed: Job[T] | None = None
        ended = False
        while not ended:
            async with self._held() as job:
                if job is not followed:
                    followed, steps = job, job.events()
                status = await anext(steps, None)
            # Outside: whoever takes its time over an event keeps no provider open.
            ended = status is None
            if status is not None:
                yield status

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[Job[T]]:
        if self._generation.closed:
            self._job, self._generation = await self._take_up(self.ticket)
        generation = self._generation
        with generation.calling(self.ticket.provider, self.ticket.operation):
            yield self._job

    @asynccontextmanager
    async def _within(self, seconds: float | None) -> AsyncIterator[Job[T]]:
        deadline = Deadline.after(seconds, self._clock)
        token = current_call.set(Call(self.ticket.provider, self.ticket.operation, deadline))
        try:
            async with self._held() as job:
                yield job
        finally:
            current_call.reset(token)
