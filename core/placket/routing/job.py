"""A provider's job as the router hands it out: every wait for it has the route's deadline."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ..interfaces.call import Call, current_call
from ..interfaces.job import Job, JobStatus, Ticket
from ..interfaces.timing import Clock, Deadline

T = TypeVar("T")


class RoutedJob(Job[T]):
    """Waits within the route's deadline, counted from the beginning of each wait.

    A job outlives the call that submitted it, so that what the submission left of its time says nothing about the
    work. `result` waits as long as its caller says, else as long as a routed call may take (``seconds``), else as long
    as the provider finds sensible. A look takes at most as long as a call. `events` end with the job alone.
    """

    def __init__(self, job: Job[T], ticket: Ticket, clock: Clock, seconds: float | None) -> None:
        self.ticket: Ticket = ticket
        self._job = job
        self._clock = clock
        self._seconds = seconds

    async def status(self) -> JobStatus:
        """See `Job.status`."""
        with self._within(self._seconds):
            return await self._job.status()

    async def result(self, deadline: float | None = None) -> T:
        """See `Job.result`."""
        with self._within(self._seconds if deadline is None else deadline):
            return await self._job.result(deadline)

    def events(self) -> AsyncIterator[JobStatus]:
        """See `Job.events`."""
        return self._job.events()

    @contextmanager
    def _within(self, seconds: float | None) -> Iterator[None]:
        deadline = Deadline.after(seconds, self._clock)
        token = current_call.set(Call(self.ticket.provider, self.ticket.operation, deadline))
        try:
            yield
        finally:
            current_call.reset(token)
