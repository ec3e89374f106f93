"""Time, injected: clocks and deadlines."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct

from .cutoff import Cutoffs

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

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Return after ``seconds``."""
        return asyncio.sleep(seconds)


class Deadline(Struct, frozen=True):
    """The one moment by which a whole routed call must be over.

    ``at`` is in the seconds of ``clock.monotonic``; infinity means that nobody set a limit. ``cutoffs`` share a timer,
    where the router has one running.
    """

    clock: Clock
    at: float = math.inf
    cutoffs: Cutoffs | None = None

    @classmethod
    def after(cls, seconds: float | None, clock: Clock, cutoffs: Cutoffs | None = None) -> Deadline:
        """The moment ``seconds`` from now; None sets no limit."""
        return cls(clock, math.inf if seconds is None else clock.monotonic() + seconds, cutoffs)

    def left(self) -> float:
        """Seconds left, never negative; infinity without a limit."""
        return max(0.0, self.at - self.clock.monotonic())

    def sooner(self, seconds: float | None) -> Deadline:
        """The earlier of this deadline and ``seconds`` from now."""
        if seconds is None:
            return self
        at = self.clock.monotonic() + seconds
        return self if self.at <= at else Deadline(self.clock, at, self.cutoffs)

    def timeout(self) -> AbstractAsyncContextManager[object]:
        """A context manager that raises TimeoutError when the deadline passes inside it."""
        if self.at == math.inf:
            return _NO_LIMIT
        # asyncio's own takes 8 us where the shared timer takes 2.
        return asyncio.timeout(self.left()) if self.cutoffs is None else self.cutoffs.after(self.left())
