"""Budgets: what a provider may cost in a period, reserved before the call and settled after it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from attrs import define, field

from ..interfaces.timing import Clock

_PERIOD_FORMATS = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m", "process": "always"}


@define
class SpendingLimit:
    """At most ``limit`` per ``period`` (hour, day, month in UTC, or process), in whatever unit the costs are given.

    Reserving before the call means that calls made at the same time cannot overspend together. What was spent is kept
    in memory: it starts at nothing when the process does.
    """

    clock: Clock
    limit: Decimal
    period: str
    _spent: Decimal = field(default=Decimal(), init=False)
    _current: str = field(default="", init=False)

    def _roll(self) -> None:
        now: datetime = self.clock.now()
        current = now.strftime(_PERIOD_FORMATS[self.period])
        if current != self._current:
            self._current = current
            self._spent = Decimal()

    @property
    def left(self) -> Decimal:
        """What may still be spent in this period, never negative."""
        self._roll()
        return max(Decimal(), self.limit - self._spent)

    def reserve(self, amount: Decimal) -> str | None:
        """Set ``amount`` aside and return the period it belongs to; None when there is not enough left."""
        if amount > self.left:
            return None
        self._spent += amount
        return self._current

    def settle(self, period: str, reserved: Decimal, actual: Decimal) -> None:
        """Replace what was reserved by what it cost; a period that is over stays as it was."""
        self._roll()
        if period == self._current:
            self._spent += actual - reserved
