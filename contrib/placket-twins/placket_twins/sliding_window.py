"""How often somebody may ask: so many requests in any minute."""

from __future__ import annotations

from collections import deque

from placket.interfaces import Clock


class SlidingWindow:
    """At most ``limit`` admissions in any ``period`` seconds, per caller; None sets no limit.

    A request that is turned away does not count.
    """

    def __init__(self, limit: int | None, clock: Clock, *, period: float = 60.0) -> None:
        self._limit = limit
        self._clock = clock
        self._period = period
        self._admitted: dict[str, deque[float]] = {}

    def wait_of(self, caller: str) -> float:
        """Admit a request and return 0, or return the seconds until the next one would be admitted."""
        if self._limit is None:
            return 0.0
        now = self._clock.monotonic()
        admitted = self._admitted.setdefault(caller, deque())
        while admitted and admitted[0] <= now - self._period:
            admitted.popleft()
        if len(admitted) >= self._limit:
            return admitted[0] + self._period - now
        admitted.append(now)
        return 0.0
