"""A provider as a target of routes: one call to it, with everything that guards the call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from decimal import Decimal
from typing import Any, Protocol

from attrs import define, field

from ..errors import (
    JobExpired,
    PlacketError,
    ProtocolError,
    ProviderError,
    QuotaExhausted,
    Retryable,
    TimedOut,
    Unavailable,
    UnknownOutcome,
    Unsupported,
)
from ..interfaces.base import Interface
from ..interfaces.call import Attempt, Call, Outcome, current_call
from ..interfaces.capability import Capabilities
from ..interfaces.operation import Effect
from .breaker import CircuitBreaker
from .budget import SpendingLimit
from .request import Reply, Request

_NO_GATE = nullcontext()


class Target(Protocol):
    """What a route can ask: a provider, or another route."""

    @property
    def name(self) -> str:
        """What the route calls it."""

    async def ask(self, request: Request) -> Reply:
        """Make the call; failures come back in the reply."""

    def providers(self) -> Sequence[ProviderTarget]:
        """Every provider that could be asked through it, in order."""


class Observer(Protocol):
    """Somebody who is told about calls; see `placket.registry.CallObserver`."""

    @property
    def started(self) -> Callable[[Call], None]:
        """Called before a provider is asked."""

    @property
    def finished(self) -> Callable[[Attempt], None]:
        """Called once for each attempt."""


@define(eq=False)
class ProviderTarget:
    """A configured provider, with its breakers, budget and limits.

    ``timeout`` bounds one call, in seconds, within the deadline of the routed one. ``costs`` are per operation; the
    key ``*`` stands for every operation not named.
    """

    name: str
    provider: Interface
    capabilities: Capabilities
    breaker: Callable[[], CircuitBreaker]
    interfaces: Sequence[str] = ()
    plugin: str = ""
    timeout: float | None = None
    costs: Mapping[str, Decimal] = field(factory=dict)
    budget: SpendingLimit | None = None
    gate: asyncio.Semaphore | None = None
    observers: Sequence[Observer] = ()
    _breakers: dict[str, CircuitBreaker] = field(factory=dict, init=False)

    def providers(self) -> Sequence[ProviderTarget]:
        """Itself."""
        return (self,)

    def can(self, interface: str, operation: str) -> bool:
        """Whether it declares the operation as usable."""
        return self.capabilities.operation(interface, operation).usable

    def cost_of(self, operation: str) -> Decimal:
        """What one call is expected to cost."""
        return self.costs.get(operation, self.costs.get("*", Decimal()))

    def breaker_of(self, operation: str) -> CircuitBreaker:
        """The breaker that guards one operation."""
        found = self._breakers.get(operation)
        if found is None:
            found = self._breakers[operation] = self.breaker()
        return found

    def obstacle(self, interface: str, operation: str) -> PlacketError | None:
        """Why the provider would not be asked right now; None when it would be."""
        if not self.can(interface, operation):
            level = self.capabilities.operation(interface, operation)
            return Unsupported(f"{self.name} declares {interface}.{operation} as {level}")
        if wait := self.breaker_of(operation).closed_for():
            when = "its probe is under way" if wait == float("inf") else f"left alone for another {wait:.0f} s"
            return Unavailable(
                f"after failures, {when}",
                provider=self.name,
                operation=operation,
                retry_after=None if wait == float("inf") else wait,
            )
        if self.budget is not None and self.cost_of(operation) > self.budget.left:
            return QuotaExhausted(
                f"its budget of {self.budget.limit} per {self.budget.period} has {self.budget.left} left "
                f"and one call costs {self.cost_of(operation)}",
                provider=self.name,
                operation=operation,
            )
        return None

    async def ask(self, request: Request) -> Reply:
        """Call the provider once. Whatever happens becomes an attempt; failures come back in the reply."""
        name = request.operation.name
        if (obstacle := self.obstacle(request.interface, name)) is not None:
            return self._skipped(request, obstacle)
        if request.operation.refs is not None:
            request = request.about_own(self.name)
        reserved = self.cost_of(name)
        period = self.budget.reserve(reserved) if self.budget is not None else None
        breaker = self.breaker_of(name)
        breaker.enter()
        deadline = request.deadline if self.timeout is None else request.deadline.sooner(self.timeout)
        call = Call(self.name, name, deadline)
        for observer in self.observers:
            observer.started(call)
        start = request.clock.monotonic()
        token = current_call.set(call)
        value: Any = None
        error: Exception | None = None
        outcome = Outcome.CANCELLED
        try:
            async with self.gate or _NO_GATE, deadline.timeout():
                value = await self._invoke(request)
            outcome = Outcome.SUCCEEDED
            breaker.succeeded()
        except TimeoutError as timeout:
            error = self._timed_out(request, call, timeout)
        except ProviderError as failure:
            error = failure.attributed(self.name, name)
        except PlacketError as failure:
            error = failure
        except Exception as bug:
            error = ProtocolError(
                f"the plugin {self.plugin or '(unnamed)'} failed with {type(bug).__name__}: a fault in the plugin, "
                "please report it to its author",
                provider=self.name,
                operation=name,
            )
            error.__cause__ = bug
        finally:
            current_call.reset(token)
            if error is not None:
                outcome = Outcome.UNKNOWN if isinstance(error, UnknownOutcome) else Outcome.FAILED
                self._judge(breaker, error)
            elif outcome is Outcome.CANCELLED:
                breaker.abandoned()
            cost = self._settle(call, outcome, period, reserved)
            end = request.clock.monotonic()
            self._note(
                request,
                Attempt(
                    self.name,
                    name,
                    outcome,
                    start - request.started,
                    end - start,
                    call.exchanges,
                    tuple(call.request_ids),
                    cost,
                    type(error).__name__ if error is not None else "",
                    str(error) if error is not None else "",
                ),
            )
        return Reply(self.name, value, error)

    async def _invoke(self, request: Request) -> Any:
        method = getattr(self.provider, request.operation.name)
        result = method(*request.arguments, **request.keywords)
        return await (request.open_stream(result) if request.open_stream is not None else result)

    def _timed_out(self, request: Request, call: Call, timeout: TimeoutError) -> ProviderError:
        # A write that went out through transport is known to be unsettled; of one that did not, nobody knows.
        unsettled = call.unsettled_write or (request.operation.effect is Effect.WRITE and not call.exchanges)
        kind = UnknownOutcome if unsettled else TimedOut
        waited = request.clock.monotonic() - request.started
        error = kind(
            f"no answer before the deadline, {waited:.1f} s into the call"
            + ("; it may have happened, look before you repeat it" if unsettled else ""),
            provider=self.name,
            operation=request.operation.name,
        )
        error.__cause__ = timeout
        return error

    def _judge(self, breaker: CircuitBreaker, error: Exception) -> None:
        if isinstance(error, Retryable | ProtocolError | JobExpired | UnknownOutcome):
            breaker.failed(retry_after=getattr(error, "retry_after", None))
        else:
            breaker.abandoned()

    def _settle(self, call: Call, outcome: Outcome, period: str | None, reserved: Decimal) -> Decimal | None:
        """What the call cost: what the provider says, else the expected cost unless nothing was sent."""
        sent_nothing = outcome is not Outcome.SUCCEEDED and not call.exchanges
        cost = call.cost if call.cost is not None else (Decimal() if sent_nothing else reserved)
        if self.budget is not None and period is not None:
            self.budget.settle(period, reserved, cost)
        return cost if self.costs or call.cost is not None else None

    def _skipped(self, request: Request, obstacle: PlacketError) -> Reply:
        started_after = request.clock.monotonic() - request.started
        self._note(
            request,
            Attempt(
                self.name,
                request.operation.name,
                Outcome.SKIPPED,
                started_after,
                error_type=type(obstacle).__name__,
                error=str(obstacle),
            ),
        )
        return Reply(self.name, error=obstacle)

    def _note(self, request: Request, attempt: Attempt) -> None:
        request.attempts.append(attempt)
        for observer in self.observers:
            observer.finished(attempt)
