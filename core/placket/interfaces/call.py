"""One call to one provider: what it may take while it runs, and what is kept of it afterwards."""

from __future__ import annotations

from contextvars import ContextVar
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, field

from .timing import Deadline


class Outcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """A write was sent and no answer came."""
    CANCELLED = "cancelled"
    """Another provider answered first, or the caller gave up."""
    SKIPPED = "skipped"
    """It was not asked; the error says why."""


class Attempt(Struct, frozen=True):
    """One call to one provider, as it went: every answer of the router carries them.

    ``started_after`` and ``seconds`` are measured from the start of the routed call. ``cost`` is in the unit of the
    provider's budget. ``error`` is the message of what went wrong or why it was skipped, secrets masked. ``retries``
    are the exchanges that repeated one that had failed, ``waited`` the seconds spent on waiting for the rate limit.
    """

    provider: str
    operation: str
    outcome: Outcome
    started_after: float = 0.0
    seconds: float = 0.0
    exchanges: int = 0
    request_ids: tuple[str, ...] = ()
    cost: Decimal | None = None
    error_type: str = ""
    error: str = ""
    interface: str = ""
    retries: int = 0
    waited: float = 0.0


class Call(Struct, weakref=True):
    """A call while it runs. Transport reads the deadline from it and notes what it sent.

    A provider that knows what a call cost says so with `charge`.
    """

    provider: str
    operation: str
    deadline: Deadline
    interface: str = ""
    exchanges: int = 0
    unsettled_writes: int = 0
    """Writes that are not safe to repeat, are on their way, and have no answer yet."""
    accepted_writes: int = 0
    """Writes that are not safe to repeat and that the vendor has accepted."""
    request_ids: list[str] = field(default_factory=list)
    cost: Decimal | None = None
    retries: int = 0
    waited: float = 0.0

    def charge(self, amount: Decimal | float) -> None:
        """Add what the vendor says this call cost, in the unit of the provider's budget."""
        self.cost = (self.cost or Decimal()) + Decimal(str(amount))


current_call: ContextVar[Call | None] = ContextVar("placket_current_call", default=None)
"""The call being made right now, for whoever needs its deadline: transport, polling, providers."""
