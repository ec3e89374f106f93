"""The circuit breaker: a provider that keeps failing is left alone for a while, then tried with one call."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from ..interfaces.observed import BreakerState
from ..interfaces.timing import Clock

LONGEST_PAUSE = 3600.0
"""Seconds: a vendor that asks for a longer pause is tried again after this one, since the wish may be a mistake."""


def _nobody(_state: BreakerState) -> None:
    pass


@define
class CircuitBreaker:
    """Opens after ``failures`` failures in a row, for ``cooldown`` seconds; then lets one call through to see.

    One breaker guards one operation of one provider: a vendor whose uploads fail may still answer queries. While it is
    open only the probe can close it: calls that were made before it opened say nothing new. ``on_change`` is told
    each new state.
    """

    clock: Clock
    failures: int = 5
    cooldown: float = 30.0
    on_change: Callable[[BreakerState], None] = _nobody
    _failed_in_row: int = field(default=0, init=False)
    _open_until: float | None = field(default=None, init=False)
    _probing: bool = field(default=False, init=False)

    def closed_for(self) -> float:
        """Seconds until a call may be made; 0 when one may be made now. Infinite while the one probe is on its way."""
        if self._open_until is None:
            return 0.0
        wait = self._open_until - self.clock.monotonic()
        if wait > 0:
            return wait
        return float("inf") if self._probing else 0.0

    def enter(self) -> bool:
        """A call is being made. Returns whether it is the probe, to be told back when the call has ended."""
        if self._open_until is None:
            return False
        self._probing = True
        self.on_change(BreakerState.HALF_OPEN)
        return True

    def answered(self, *, probe: bool) -> None:
        """The call was answered: with what was asked for, or with a refusal."""
        self._failed_in_row = 0
        if probe:
            self._open_until = None
            self._probing = False
            self.on_change(BreakerState.CLOSED)

    def failed(self, *, probe: bool, retry_after: float | None = None) -> None:
        """The call failed in a way that says something about the provider's health.

        ``retry_after``: seconds for which the vendor asked to be left alone; it opens the breaker at once, for at most
        `LONGEST_PAUSE`.
        """
        if retry_after is not None:
            retry_after = min(retry_after, LONGEST_PAUSE)
        self._failed_in_row += 1
        if probe or self._failed_in_row >= self.failures:
            self._open(max(self.cooldown, retry_after or 0.0), probe)
        elif retry_after is not None:
            self._open(retry_after, probe)
        if probe:
            self._probing = False

    def abandoned(self, *, probe: bool) -> None:
        """The call ended without saying anything about the provider: it was cancelled, or what it sent was no good."""
        if probe:
            self._probing = False
            self.on_change(BreakerState.OPEN)

    def _open(self, seconds: float, probe: bool) -> None:
        if probe or self._open_until is None:
            self.on_change(BreakerState.OPEN)
        self._open_until = max(self._open_until or 0.0, self.clock.monotonic() + seconds)
