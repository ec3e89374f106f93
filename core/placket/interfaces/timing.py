"""Time, injected: clocks and deadlines."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from typing import Protocol

from attrs import frozen

_NO_LIMIT = nullcontext()


class Clock(Protocol):
    """Where everything time-like gets its time from.

    ``monotonic`` must run at the pace of the event loop's own clock: timeouts are set on the loop. To run a test in
    virtual time, use `placket.testing.VirtualTimeLoop` and its clock.
    """

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""


class SystemClock:
    """The machine's own clock."""

    __slots__ = ()

    monotonic = staticmethod(time.monotonic)

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        await asyncio.sleep(seconds)


@frozen
class Deadline:
    """The one moment by which a whole routed call must be over.

    ``at`` is in the seconds of ``clock.monotonic``; infinity means that nobody set a limit.
    """

    clock: Clock
    at: float = math.inf

    @classmethod
    def after(cls, seconds: float | None, clock: Clock) -> Deadline:
        """The moment ``seconds`` from now; None sets no limit."""
        return cls(clock, math.inf if seconds is None else clock.monotonic() + seconds)

    def left(self) -> float:
        """Seconds left, never negative; infinity without a limit."""
        return max(0.0, self.at - self.clock.monotonic())

    def sooner(self, seconds: float | None) -> Deadline:
        """The earlier of this deadline and ``seconds`` from now."""
        if seconds is None:
            return self
        at = self.clock.monotonic() + seconds
        return self if self.at <= at else Deadline(self.clock, at)

    def timeout(self) -> AbstractAsyncContextManager[object]:
        """A context manager that raises TimeoutError when the deadline passes inside it."""
        return _NO_LIMIT if self.at == math.inf else asyncio.timeout(self.left())
