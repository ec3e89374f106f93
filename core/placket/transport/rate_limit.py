"""How often a vendor may be asked: limits that count exchanges, and the pause a vendor asks for."""

from __future__ import annotations

import asyncio
import math
import re
from collections import deque
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from ..errors import ConfigError, RateLimited
from ..interfaces.timing import Clock, Deadline

_UNITS: Final = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_RATE: Final = re.compile(r"\s*(\d{1,7})\s*/\s*(\d{1,7}(?:\.\d{1,7})?)?\s*([a-z]+?)s?\s*", re.IGNORECASE | re.ASCII)


@frozen
class Rate:
    """At most ``count`` exchanges in any ``period`` seconds."""

    count: int
    period: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read ``6/minute``, ``100/hour`` or ``10/5s``; anything else is a `ConfigError`.

        A number has at most 7 digits: each exchange of a period is remembered.
        """
        found = _RATE.fullmatch(text)
        unit = _UNITS.get(found[3].lower() or "s") if found else None
        rate = cls(int(found[1]), float(found[2] or 1) * unit) if found and unit else None
        if rate is None or rate.count < 1 or rate.period <= 0:
            raise ConfigError(
                f"{text[:40]!r} is not a rate; write it as 6/minute, 100/hour, 1000/day or 10/5s, "
                "with at most 7 digits for a number"
            )
        return rate

    def __str__(self) -> str:
        return f"{self.count}/{self.period:g}s"


class RateLimiter:
    """Lets exchanges pass so that no window of the period ever holds more than the rate's count.

    A log of the last ``count`` passes decides, so bursts up to the full count go at once. Who waits is served in the
    order of arrival. With ``rate=None`` there is no limit, only the pauses set by `cool_down`.
    """

    def __init__(self, rate: Rate | None, clock: Clock) -> None:
        self.rate = rate
        self._clock = clock
        self._passed: deque[float] = deque(maxlen=0 if rate is None else rate.count)
        self._queue: deque[_Turn] = deque()
        self._not_before = -math.inf

    def try_acquire(self) -> bool:
        """Pass at once if nobody is waiting and a slot is open; never waits."""
        if self._queue:
            return False
        now = self._clock.monotonic()
        if self._opens(0, now) > now:
            return False
        self._passed.append(now)
        return True

    async def acquire(self, deadline: Deadline | None = None) -> None:
        """Wait for a slot. Raises `RateLimited` at once when it would come after the deadline."""
        if self.try_acquire():
            return
        limit = math.inf if deadline is None else deadline.at
        turn = _Turn()
        self._queue.append(turn)
        try:
            while True:
                now = self._clock.monotonic()
                place = self._queue.index(turn)
                opens = self._opens(place, now)
                if opens > limit:
                    full = RateLimited(
                        f"the next free slot under the rate limit is {opens - now:.1f} s away, after the deadline",
                        retry_after=opens - now,
                    )
                    full.lies_elsewhere = True  # the limit is ours, and the vendor was not asked
                    raise full
                if place == 0 and opens <= now:
                    self._passed.append(now)
                    return
                await turn.pause(self._clock, opens - now if place == 0 else None)
        finally:
            self._queue.remove(turn)
            if self._queue:
                self._queue[0].wake()

    def cool_down(self, seconds: float) -> None:
        """Let nobody pass for ``seconds``; a longer pause already set stays."""
        until = self._clock.monotonic() + seconds
        if until > self._not_before:
            self._not_before = until
            for turn in self._queue:
                turn.wake()

    def cooling(self) -> float:
        """Seconds left of the pause, 0 when there is none."""
        return max(0.0, self._not_before - self._clock.monotonic())

    def _opens(self, place: int, now: float) -> float:
        """When the slot opens for the one with ``place`` others before it."""
        earliest = max(now, self._not_before)
        if self.rate is None or place < (free := self.rate.count - len(self._passed)):
            return earliest
        rounds, index = divmod(place, self.rate.count)
        if index >= free:
            earliest = max(earliest, self._passed[index - free] + self.rate.period)
        return earliest + rounds * self.rate.period


class _Turn:
    """Somebody who waits for a slot."""

    __slots__ = ("_woken",)

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def pause(self, clock: Clock, seconds: float | None) -> None:
        """Return after ``seconds``, or sooner when woken."""
        self._woken.clear()
        if seconds is None:
            await self._woken.wait()
            return
        sleeping = asyncio.ensure_future(clock.sleep(seconds))
        waking = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()


class LimiterGroup:
    """The limiters of one configuration by quota group: whoever names the same group shares its limiter.

    ``previous`` is the group of the configuration before a reload: a limiter whose rate stays goes on counting.
    """

    def __init__(self, clock: Clock, previous: LimiterGroup | None = None) -> None:
        self._clock = clock
        self._limiters: dict[str, RateLimiter] = {}
        self._previous: Mapping[str, RateLimiter] = {} if previous is None else previous._limiters

    def limiter(self, group: str, rate: Rate | str | None = None) -> RateLimiter:
        """The limiter of ``group``, whose rate the first call says. Another rate later is a `ConfigError`."""
        wanted = Rate.parse(rate) if isinstance(rate, str) else rate
        known = self._limiters.get(group)
        if known is None:
            before = self._previous.get(group)
            known = before if before is not None and before.rate == wanted else RateLimiter(wanted, self._clock)
            self._limiters[group] = known
        elif wanted is not None and known.rate != wanted:
            raise ConfigError(f"the quota group {group!r} has two rates, {known.rate} and {wanted}; give it one")
        return known
