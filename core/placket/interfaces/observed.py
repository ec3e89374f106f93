"""What observers hear of beside single attempts: routed calls as a whole, and circuit breakers."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from .call import Attempt, Outcome


@frozen
class RoutedCall:
    """A call of the router, as it went. ``seconds`` counts everything, the choice of providers included."""

    interface: str
    operation: str
    outcome: Outcome
    seconds: float
    attempts: tuple[Attempt, ...] = ()
    error_type: str = ""


class BreakerState(StrEnum):
    """Whether a provider may be asked."""

    CLOSED = "closed"
    """It may."""
    OPEN = "open"
    """It failed too often and is left alone for a while."""
    HALF_OPEN = "half-open"
    """One call is on its way to see whether it works again."""


@frozen
class BreakerChange:
    """The circuit breaker of one operation of a provider went into another state."""

    provider: str
    interface: str
    operation: str
    state: BreakerState
