"""Timeouts that share one timer of the event loop.

``asyncio.timeout`` sets a timer of its own each time. With 64 exchanges at once, setting it, sorting it among the
others and taking it out again was a tenth of the cost of a whole exchange (``tests/benchmarks/http_client.py``).
"""

from __future__ import annotations

import asyncio
import heapq
import math
from types import TracebackType
from typing import Any

FEW = 256
"""A heap of so many is not worth being cleared of the settled ones among them."""


class Cutoffs:
    """All cutoffs of one event loop: the one timer is set for the next of them, and stays when that one is settled.

    Most are settled long before the timer rings, and leave nothing behind. Those that it finds waiting it sorts.
    """

    def __init__(self) -> None:
        self._waiting: dict[Cutoff, None] = {}
        self._sorted: list[tuple[float, int, Cutoff]] = []
        self._count = 0
        self._many = FEW
        self._rings_at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def after(self, seconds: float) -> Cutoff:
        """For ``with`` or ``async with``: raises TimeoutError when the block takes longer than ``seconds``."""
        return Cutoff(self, seconds)

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def add(self, cutoff: Cutoff, loop: asyncio.AbstractEventLoop) -> None:
        """Have ``cutoff`` expire at its time on the loop's clock, unless it is settled before."""
        self._waiting[cutoff] = None
        if cutoff.when < self._rings_at:
            self._set_timer(cutoff.when, loop)

    def settle(self, cutoff: Cutoff) -> None:
        """Forget ``cutoff``, which is not pending any more."""
        self._waiting.pop(cutoff, None)

    def _set_timer(self, when: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = when
        self._timer = loop.call_at(when, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        # The loop fires a timer up to its clock's resolution early; the entry it was set for is due in any case.
        now = max(loop.time(), self._rings_at)
        self._sort()
        heap = self._sorted
        while heap and (heap[0][0] <= now or not heap[0][2].pending):
            cutoff = heapq.heappop(heap)[2]
            if cutoff.pending:
                cutoff.expire()
        self._timer, self._rings_at = None, math.inf
        if heap:
            self._set_timer(heap[0][0], loop)

    def _sort(self) -> None:
        for cutoff in self._waiting:
            self._count += 1
            heapq.heappush(self._sorted, (cutoff.when, self._count, cutoff))
        self._waiting.clear()
        # What is settled after it was sorted stays until its time, or until there are many.
        if len(self._sorted) >= self._many:
            self._sorted = [entry for entry in self._sorted if entry[2].pending]
            heapq.heapify(self._sorted)
            self._many = max(FEW, 4 * len(self._sorted))


class Cutoff:
    """One timeout; as with ``asyncio.timeout``, a cancellation that comes from elsewhere passes through."""

    __slots__ = ("_cancelling", "_cutoffs", "_seconds", "_task", "pending", "when")

    def __init__(self, cutoffs: Cutoffs, seconds: float) -> None:
        self._cutoffs = cutoffs
        self._seconds = seconds
        self.pending = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task: asyncio.Task[Any] | None = task
        self._cancelling = task.cancelling()
        self.pending = True
        loop = task.get_loop()
        self.when = loop.time() + self._seconds
        self._cutoffs.add(self, loop)

    def expire(self) -> None:
        """The time is over."""
        self.pending = False
        if self._task is not None:
            self._task.cancel()

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # This object may be kept for a while, and must not keep the task and its result with it.
        task, self._task = self._task, None
        if self.pending:
            self.pending = False
            self._cutoffs.settle(self)
        elif task is not None and task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
