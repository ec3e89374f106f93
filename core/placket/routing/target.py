"""A provider as a target of routes: one call to it, with everything that guards the call."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from attrs import define, field, frozen

from ..errors import (
    InvalidClaim,
    JobExpired,
    JobFailed,
    PlacketError,
    ProtocolError,
    ProviderError,
    QuotaExhausted,
    Refused,
    Retryable,
    TimedOut,
    Unavailable,
    UnknownOutcome,
    Unsupported,
)
from ..interfaces.base import Interface
from ..interfaces.call import Attempt, Call, Outcome, current_call
from ..interfaces.capability import Capabilities, Level
from ..interfaces.findings import Findings
from ..interfaces.observed import BreakerChange, BreakerState
from ..interfaces.operation import Effect
from .breaker import CircuitBreaker
from .budget import Period, SpendingLimit
from .observing import Ending, Observer, begin, end, tell
from .promised import flaw_of, promised_type
from .request import Reply, Request, concerns_host, outcome_of
from .stream import GuardedStream

_NOTHING = Decimal()
_SUCCEEDED, _CANCELLED = Outcome.SUCCEEDED, Outcome.CANCELLED  # an enum's members are slow to look up


class Target(Protocol):
    """What a route can ask: a provider, or another route."""

    @property
    def name(self) -> str:
        """What the route calls it."""

    async def ask(self, request: Request) -> Reply:
        """Make the call; failures come back in the reply."""

    def providers(self) -> Sequence[ProviderTarget]:
        """Every provider that could be asked through it, in order."""


@frozen(eq=False)
class Guard:
    """What is looked at before every call of one operation; found once, since calls are many."""

    level: Level
    usable: bool
    breaker: CircuitBreaker
    cost: Decimal
    promised: tuple[type, ...]


@define(eq=False)
class ProviderTarget:
    """A configured provider, with its breakers, budget and limits.

    ``type`` is the name of the provider type: records keep a vendor's ids under it, whatever the provider's name.
    ``module`` is the one that its entry point names, empty for what the host handed over.
    ``timeout`` bounds one call, in seconds, within the deadline of the routed one. ``costs`` are per operation; the
    key ``*`` stands for every operation not named. ``hindrance`` is what keeps it from being asked at all.
    ``counts_exchanges``: what it sends goes through `placket.transport`, so that 0 of them mean that nothing was sent.
    """

    name: str
    provider: Interface
    capabilities: Capabilities
    breaker: Callable[[], CircuitBreaker]
    interfaces: Sequence[str] = ()
    plugin: str = ""
    type: str = ""
    module: str = ""
    timeout: float | None = None
    costs: Mapping[str, Decimal] = field(factory=dict)
    budget: SpendingLimit | None = None
    gate: asyncio.Semaphore | None = None
    observers: Sequence[Observer] = ()
    hindrance: PlacketError | None = None
    counts_exchanges: bool = True
    _guards: dict[str, Guard] = field(factory=dict, init=False)

    def providers(self) -> Sequence[ProviderTarget]:
        """Itself."""
        return (self,)

    def can(self, interface: str, operation: str) -> bool:
        """Whether it declares the operation as usable."""
        return self.capabilities.operation(interface, operation).usable

    def cost_of(self, operation: str) -> Decimal:
        """What one call is expected to cost."""
        return self.costs.get(operation, self.costs.get("*", _NOTHING))

    def guard_of(self, interface: str, operation: str) -> Guard:
        """The guard of one operation; no two interfaces have one of the same name."""
        found = self._guards.get(operation)
        if found is None:
            level, breaker = self.capabilities.operation(interface, operation), self.breaker()
            if self.observers:
                breaker.on_change = lambda state: self._breaker_changed(interface, operation, state)
            found = self._guards[operation] = Guard(
                level, level.usable, breaker, self.cost_of(operation), promised_type(interface, operation)
            )
        return found

    def _breaker_changed(self, interface: str, operation: str, state: BreakerState) -> None:
        change = BreakerChange(self.name, interface, operation, state)
        for observer in self.observers:
            tell(observer.name, observer.breaker_changed, change)

    def obstacle(self, interface: str, operation: str) -> PlacketError | None:
        """Why the provider would not be asked right now; None when it would be."""
        guard = self.guard_of(interface, operation)
        if not guard.usable:
            return Unsupported(f"{self.name} declares {interface}.{operation} as {guard.level}")
        if self.hindrance is not None:
            return self.hindrance
        if wait := guard.breaker.closed_for():
            when = "its probe is under way" if wait == math.inf else f"left alone for another {wait:.0f} s"
            return Unavailable(
                f"after failures, {when}",
                provider=self.name,
                operation=operation,
                retry_after=None if wait == math.inf else wait,
            )
        if self.budget is not None and guard.cost > self.budget.left:
            return QuotaExhausted(
                f"its budget of {self.budget.limit} per {self.budget.period} has {self.budget.left} left "
                f"and one call costs {guard.cost}",
                provider=self.name,
                operation=operation,
            )
        return None

    async def ask(self, request: Request) -> Reply:
        """Call the provider once. Whatever happens becomes an attempt; failures come back in the reply."""
        name = request.operation.name
        if (obstacle := self.obstacle(request.interface, name) or self._too_late(request)) is not None:
            return self._skipped(request, obstacle)
        guard = self.guard_of(request.interface, name)
        breaker, reserved = guard.breaker, guard.cost
        period = self.budget.reserve(reserved) if self.budget is not None else None
        probe = breaker.enter()
        call = Call(self.name, name, request.deadline.sooner(self.timeout), request.interface)
        endings = begin(((each.name, each.started) for each in self.observers), call) if self.observers else ()
        start = request.clock.monotonic()
        token = current_call.set(call)
        begun = False
        value: Any = None
        error: PlacketError | None = None
        outcome = _CANCELLED
        try:
            with request.until(call.deadline):
                if self.gate is None:  # a null context in its place costs 3 % of a call
                    begun = True
                    value = await self._invoke(request, call, guard)
                else:
                    async with self.gate:
                        begun = True
                        value = await self._invoke(request, call, guard)
            outcome = _SUCCEEDED
        except TimeoutError as timeout:
            error = self._timed_out(request, call, begun, timeout)
        except (Exception, asyncio.CancelledError, SystemExit) as failure:
            if concerns_host(failure, self.module):
                raise
            error = self._settled(failure, request, call)
        finally:
            current_call.reset(token)
            if error is not None:
                outcome = outcome_of(error)
            self._judge(breaker, probe, outcome, error if begun else None)
            self._note(
                request,
                Attempt(
                    self.name,
                    name,
                    outcome,
                    start - request.started,
                    request.clock.monotonic() - start,
                    call.exchanges,
                    tuple(call.request_ids),
                    self._settle(call, outcome, period, reserved, begun and _may_have_been_asked(error)),
                    type(error).__name__ if error is not None else "",
                    str(error) if error is not None else "",
                    request.interface,
                    call.retries,
                    call.waited,
                ),
                endings,
            )
        return Reply(self.name, value, error)

    async def _invoke(self, request: Request, call: Call, guard: Guard) -> Any:
        operation = request.operation
        if operation.refs is not None:
            request = request.about_own(self.name)
        result = getattr(self.provider, operation.name)(*request.arguments)
        if request.open_stream is None:
            answer = await result
            if not isinstance(answer, guard.promised):
                raise self._broken_promise(f"it gave a {type(answer).__name__}", operation.name)
            if type(answer) is Findings and (flaw := flaw_of(answer)):
                raise self._broken_promise(flaw, operation.name)
            return answer
        return await request.open_stream(
            GuardedStream(
                result,
                lambda failure: self.explained(failure, operation.name),
                self.module,
                call,
                request,
                self.timeout,
            )
        )

    def _broken_promise(self, flaw: str, operation: str) -> ProtocolError:
        return ProtocolError(
            f"the plugin {self.plugin or '(unnamed)'} answered what {operation} may not: {flaw}; "
            "a fault in the plugin, please report it to its author",
            provider=self.name,
            operation=operation,
        )

    def _too_late(self, request: Request) -> PlacketError | None:
        if request.deadline.at == math.inf or request.deadline.left() > 0:
            return None
        return TimedOut(
            "not asked, because the deadline had passed", provider=self.name, operation=request.operation.name
        )

    def _timed_out(self, request: Request, call: Call, begun: bool, timeout: TimeoutError) -> ProviderError:
        # A write that went out through transport is known to be unsettled; of one that did not, nobody knows.
        write = request.operation.effect is Effect.WRITE
        unsettled = call.unsettled_writes > 0 or (write and begun and (not call.exchanges or call.accepted_writes > 0))
        waited = request.clock.monotonic() - request.started
        message = f"no answer in time, {waited:.1f} s into the call"
        if unsettled:
            message += "; it may have happened, look before you repeat it"
        elif not begun:
            message += "; its configured concurrency left no room to ask it"
        kind = UnknownOutcome if unsettled else TimedOut
        error = kind(message, provider=self.name, operation=request.operation.name)
        error.__cause__ = timeout
        return error

    def _settled(self, failure: BaseException, request: Request, call: Call) -> PlacketError:
        """The provider's failure, as what it is to a write: nobody else may be asked to do what may have been done."""
        error = self.explained(failure, request.operation.name)
        if request.operation.effect is not Effect.WRITE or not isinstance(error, ProviderError):
            return error
        if isinstance(error, UnknownOutcome | JobFailed | JobExpired):
            return error
        # What was done before a plugin failed, or answered nonsense, nobody knows: it may have a client of its own.
        return _perhaps_done(error) if isinstance(error, ProtocolError) or call.accepted_writes else error

    def explained(self, failure: BaseException, operation: str) -> PlacketError:
        """The provider's failure as a caller may see it; what no provider may raise is the plugin's fault."""
        if isinstance(failure, ProviderError):
            return failure.attributed(self.name, operation)
        if isinstance(failure, PlacketError) and not isinstance(failure, InvalidClaim):
            return failure
        error: ProviderError
        if isinstance(failure, InvalidClaim):
            error = self._broken_promise(str(failure), operation)
        elif isinstance(failure, TimeoutError):
            error = TimedOut("no answer in time", provider=self.name, operation=operation)
        else:
            error = ProtocolError(
                f"the plugin {self.plugin or '(unnamed)'} failed with {type(failure).__name__}: a fault in the plugin, "
                "please report it to its author",
                provider=self.name,
                operation=operation,
            )
        error.__cause__ = failure
        return error

    @staticmethod
    def _judge(breaker: CircuitBreaker, probe: bool, outcome: Outcome, error: PlacketError | None) -> None:
        if outcome is _SUCCEEDED or isinstance(error, Refused | JobFailed):
            breaker.answered(probe=probe)
        elif isinstance(error, ProviderError) and error.lies_elsewhere:
            breaker.abandoned(probe=probe)
        elif isinstance(error, Retryable | ProtocolError | JobExpired | UnknownOutcome):
            breaker.failed(probe=probe, retry_after=getattr(error, "retry_after", None))
        else:
            breaker.abandoned(probe=probe)

    def _settle(
        self, call: Call, outcome: Outcome, period: Period | None, reserved: Decimal, asked: bool
    ) -> Decimal | None:
        """What the call cost: what the provider says, else the expected cost unless nothing was sent.

        Where nobody counts what a provider sends, it counts as sent once it was ``asked``.
        """
        sent = call.exchanges or outcome is _SUCCEEDED or outcome is Outcome.UNKNOWN
        sent = sent or (asked and not self.counts_exchanges)
        cost = call.cost if call.cost is not None else (reserved if sent else _NOTHING)
        if self.budget is not None and period is not None:
            self.budget.settle(period, reserved, cost)
        return cost if self.costs or call.cost is not None else None

    def _skipped(self, request: Request, obstacle: PlacketError) -> Reply:
        self._note(
            request,
            Attempt(
                self.name,
                request.operation.name,
                Outcome.SKIPPED,
                request.clock.monotonic() - request.started,
                error_type=type(obstacle).__name__,
                error=str(obstacle),
                interface=request.interface,
            ),
        )
        return Reply(self.name, error=obstacle)

    def _note(self, request: Request, attempt: Attempt, endings: Sequence[Ending] = ()) -> None:
        request.attempts.append(attempt)
        for observer in self.observers:
            tell(observer.name, observer.finished, attempt)
        if endings:
            end(endings, attempt)


def _may_have_been_asked(error: PlacketError | None) -> bool:
    """Whether a call that ended so can have reached the vendor: not one that was given up before."""
    return error is None or (isinstance(error, ProviderError) and not error.lies_elsewhere)


def _perhaps_done(error: ProviderError) -> UnknownOutcome:
    """A write was accepted, or went out and what came back makes no sense: asking somebody else might do it twice."""
    unsure = UnknownOutcome(f"{error.message}; the write may have happened, look before you repeat it")
    vars(unsure).update({name: value for name, value in vars(error).items() if name != "message"})
    unsure.__cause__ = error
    return unsure
