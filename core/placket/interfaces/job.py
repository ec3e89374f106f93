"""A vendor's asynchronous work, normalised."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from bisect import bisect_left, insort
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from msgspec import Struct, field
from msgspec.structs import asdict

from ..errors import InvalidInput, JobExpired, JobFailed, ProtocolError, ProviderError
from .call import current_call
from .timing import Clock, Deadline

T = TypeVar("T")

TICKET_SCHEMA = "placket/ticket/1"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """The vendor used a word that nobody here knows; `JobStatus.raw_state` keeps it."""

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self in _FINAL


_FINAL = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class JobStatus(Struct, frozen=True):
    """One look at a job. ``progress`` is 0..1, or None when the vendor does not say."""

    state: JobState
    progress: float | None = None
    raw_state: str = ""
    message: str = ""


class Ticket(Struct, frozen=True):
    """What a later process needs to take up a job again. ``data`` is the provider's own, plain JSON without secrets."""

    provider: str
    interface: str
    operation: str
    id: str
    submitted_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """The ticket as one line of JSON."""
        shown = {"schema": TICKET_SCHEMA, **asdict(self), "submitted_at": self.submitted_at.isoformat()}
        return json.dumps(shown, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; raises InvalidInput for anything else."""
        try:
            shown = json.loads(text)
            if shown.pop("schema") != TICKET_SCHEMA:
                raise InvalidInput(f"this is not a ticket of schema {TICKET_SCHEMA}")
            ticket = cls(**{**shown, "submitted_at": datetime.fromisoformat(shown["submitted_at"])})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidInput(f"this is not a job ticket: {error}") from error
        names = (ticket.provider, ticket.interface, ticket.operation, ticket.id)
        if not all(isinstance(name, str) for name in names) or "" in names or not isinstance(ticket.data, dict):
            raise InvalidInput(
                "this is not a job ticket: its names and its id are texts with something in them, its data is an object"
            )
        if ticket.submitted_at.utcoffset() is None:
            raise InvalidInput(
                f"this is not a job ticket: submitted_at is {shown['submitted_at']!r}, without the offset from UTC"
            )
        return ticket


class PollSchedule(Struct, frozen=True):
    """When to look at a job: after ``first`` seconds, then at growing intervals."""

    first: float = 1.0
    interval: float = 2.0
    factor: float = 1.5
    maximum: float = 60.0

    def delays(self) -> Iterator[float]:
        """Seconds to wait before each look, without end."""
        yield self.first
        interval = self.interval
        while True:
            yield min(interval, self.maximum)
            interval = min(interval * self.factor, self.maximum)


class Job(ABC, Generic[T]):
    """Work that a provider accepted. ``ticket`` is None when there is nothing to resume: the work is done already."""

    ticket: Ticket | None = None

    @abstractmethod
    async def status(self) -> JobStatus:
        """Look at the job once."""

    @abstractmethod
    async def result(self, deadline: float | None = None) -> T:
        """Wait for the job and return what it made.

        ``deadline`` is in seconds from now; a routed call's own deadline counts as well. Raises JobFailed when the
        vendor reports failure or cancellation, JobExpired when the deadline passes first (the ticket still resumes
        it).
        """

    @abstractmethod
    def events(self) -> AsyncIterator[JobStatus]:
        """Each change of status until the last."""


class FinishedJob(Job[T]):
    """The job of a vendor that answers at once."""

    def __init__(self, value: T) -> None:
        self._value = value

    async def status(self) -> JobStatus:
        """It has succeeded."""
        return JobStatus(JobState.SUCCEEDED, 1.0)

    async def result(self, deadline: float | None = None) -> T:
        """Return what the job made."""
        return self._value

    async def events(self) -> AsyncIterator[JobStatus]:
        """Its only status."""
        yield await self.status()


class Look(Struct, Generic[T], frozen=True):
    """What one poll brought: the status, and the result once there is one."""

    status: JobStatus
    result: T | None = None


class PolledJob(Job[T]):
    """A job whose vendor has to be asked, by ``schedule``. A poll that fails never repeats the submission.

    ``look`` asks the vendor once. Its failures propagate: transport has already repeated what is safe to repeat.
    ``patience`` is how many seconds `result` waits where its caller names no deadline: a vendor may never say that a
    job has failed.
    """

    def __init__(
        self,
        ticket: Ticket,
        look: Callable[[], Awaitable[Look[T]]],
        *,
        clock: Clock,
        schedule: PollSchedule,
        on_success: Callable[[], None] | None = None,
        patience: float | None = None,
    ) -> None:
        self.ticket: Ticket = ticket
        self._look = look
        self._clock = clock
        self._schedule = schedule
        self._on_success = on_success
        self._patience = patience
        self._last: Look[T] | None = None

    async def status(self) -> JobStatus:
        """Ask the vendor once; a final answer is remembered and not asked for again."""
        if self._last is None or not self._last.status.state.is_final:
            self._last = await self._look()
            if self._last.status.state is JobState.SUCCEEDED and self._on_success is not None:
                self._on_success()
        return self._last.status

    async def result(self, deadline: float | None = None) -> T:
        """Poll by the schedule until the job ends or the deadline passes; see `Job.result`."""
        call = current_call.get()
        limit = (call.deadline if call else Deadline(self._clock)).sooner(
            self._patience if deadline is None else deadline
        )
        if self._last is None or not self._last.status.state.is_final:
            try:
                async with limit.timeout():
                    for delay in self._schedule.delays():
                        # A wait of nothing still costs a sixth of an exchange; later ones give others their turn.
                        if delay > 0.0 or self._last is not None:
                            await self._clock.sleep(delay)
                        if (await self.status()).state.is_final:
                            break
            except TimeoutError:
                raise self._expired() from None
        assert self._last is not None
        status, result = self._last.status, self._last.result
        error: ProviderError
        if status.state is not JobState.SUCCEEDED:
            reason = status.message or status.raw_state or str(status.state)
            error = JobFailed(f"job {self.ticket.id} did not succeed: {reason}")
        elif result is None:
            error = ProtocolError(f"job {self.ticket.id} succeeded and brought no result")
        else:
            return result
        raise error.attributed(self.ticket.provider, self.ticket.operation)

    def _expired(self) -> JobExpired:
        last = self._last.status if self._last else None
        seen = f"it was last seen {last.raw_state or last.state}" if last else "it was never seen"
        return JobExpired(
            f"job {self.ticket.id} was not finished at the deadline; {seen}; its ticket can resume it",
            ticket=self.ticket,
            provider=self.ticket.provider,
            operation=self.ticket.operation,
        )

    async def events(self) -> AsyncIterator[JobStatus]:
        """Each change of status until the last, polled by the schedule."""
        seen: JobStatus | None = None
        for delay in self._schedule.delays():
            await self._clock.sleep(delay)
            status = await self.status()
            if status != seen:
                seen = status
                yield status
            if status.state.is_final:
                return


class TypicalDuration:
    """How long a vendor usually takes, learnt from the jobs that finished: a high quantile of the latest ones.

    ``stated`` is what the configuration says, used until enough jobs were seen. The first poll is planned for when
    most jobs are done, so that a finished job is found with one poll.
    """

    def __init__(
        self, stated: float | None = None, *, quantile: float = 0.9, window: int = 50, enough: int = 5
    ) -> None:
        self._stated = stated
        self._quantile = quantile
        self._window = window
        self._enough = enough
        self._seen: deque[float] = deque()
        self._ordered: list[float] = []

    def learn(self, seconds: float) -> None:
        """Add the duration of a job that finished."""
        if len(self._seen) == self._window:
            del self._ordered[bisect_left(self._ordered, self._seen.popleft())]
        self._seen.append(seconds)
        insort(self._ordered, seconds)

    @property
    def seconds(self) -> float | None:
        """The typical duration, None while nobody knows it."""
        count = len(self._ordered)
        return self._stated if count < self._enough else self._ordered[min(count - 1, int(self._quantile * count))]
