"""Budgets: what a provider may cost in a period, reserved before the call and settled after it."""

from __future__ import annotations

from decimal import Decimal

from attrs import define, evolve, field, frozen

from ..interfaces.timing import Clock

Period = tuple[int, ...]
"""Year, month, day and hour in UTC."""

_PARTS = {"hour": 4, "day": 3, "month": 2, "process": 0}


@define
class _Spending:
    """What was spent so far in the current hour, day, month, and by this process, whichever of them is limited."""

    period: Period = ()
    amounts: dict[str, Decimal] = field(factory=lambda: dict.fromkeys(_PARTS, Decimal()))

    def begin(self, now: Period) -> None:
        """Forget what was spent in periods that are over."""
        if now != self.period:
            for kind, parts in _PARTS.items():
                if now[:parts] != self.period[:parts]:
                    self.amounts[kind] = Decimal()
            self.period = now

    def add(self, amount: Decimal, period: Period) -> None:
        """Count ``amount`` in those periods that ``period`` is still a part of."""
        for kind, parts in _PARTS.items():
            if period[:parts] == self.period[:parts]:
                self.amounts[kind] += amount


@frozen
class SpendingLimit:
    """At most ``limit`` per ``period`` (hour, day, month in UTC, or process), in whatever unit the costs are given.

    Reserving before the call means that calls made at the same time cannot overspend together. What was spent is kept
    in memory: it starts at nothing when the process does.
    """

    clock: Clock
    limit: Decimal
    period: str
    _spending: _Spending = field(factory=_Spending, eq=False)

    def with_limit(self, limit: Decimal, period: str) -> SpendingLimit:
        """Another limit on the same spending."""
        return evolve(self, limit=limit, period=period)

    def _now(self) -> _Spending:
        now = self.clock.now()
        self._spending.begin((now.year, now.month, now.day, now.hour))
        return self._spending

    @property
    def left(self) -> Decimal:
        """What may still be spent in this period, never negative."""
        return max(Decimal(), self.limit - self._now().amounts[self.period])

    def reserve(self, amount: Decimal) -> Period | None:
        """Set ``amount`` aside and return the period it belongs to; None when there is not enough left."""
        if amount > self.left:
            return None
        self._spending.add(amount, self._spending.period)
        return self._spending.period

    def settle(self, period: Period, reserved: Decimal, actual: Decimal) -> None:
        """Replace what was reserved by what it cost; a period that is over stays as it was."""
        self._now().add(actual - reserved, period)
