"""Telling observers what happens: one that breaks is logged, and breaks no call."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from ..interfaces.call import Attempt, Call, Outcome
from ..interfaces.observed import BreakerChange, RoutedCall
from ..logs import LazyLogger, in_words
from .request import Reply, Request, outcome_of

T = TypeVar("T")

_log = LazyLogger("placket.routing")


class Observer(Protocol):
    """Somebody who is told about calls; see `placket.registry.CallObserver`."""

    @property
    def name(self) -> str:
        """What the log calls it."""

    @property
    def routed(self) -> Callable[[str, str], Callable[[RoutedCall], None] | None]:
        """Called with interface and operation before anybody is asked; may return what is told how it went."""

    @property
    def started(self) -> Callable[[Call], Callable[[Attempt], None] | None]:
        """Called before a provider is asked; may return what is told how it went."""

    @property
    def finished(self) -> Callable[[Attempt], None]:
        """Called once for each attempt."""

    @property
    def breaker_changed(self) -> Callable[[BreakerChange], None]:
        """Called when a breaker goes into another state."""

    @property
    def trace_headers(self) -> Callable[[], Mapping[str, str]] | None:
        """The headers that let a provider add to the trace that is running."""


Ending = tuple[str, Callable[[Any], None]]
"""An observer's name, and what it wants told how it went."""


def tell(name: str, told: Callable[..., T], *about: Any) -> T | None:
    """Call an observer; None when it breaks."""
    try:
        return told(*about)
    except Exception as error:  # an observer that breaks must not break the calls that it watches
        _log.warning("observer-failed", observer=name, error=in_words(error))
        return None


def begin(told: Iterable[tuple[str, Callable[..., Callable[[Any], None] | None]]], *about: Any) -> list[Ending]:
    """Tell of a beginning; returns what is to be told of the end, for `end`."""
    begun = [(name, tell(name, start, *about)) for name, start in told]
    return [(name, ending) for name, ending in begun if ending is not None]


def end(endings: Sequence[Ending], how: Attempt | RoutedCall) -> None:
    """Tell of the end, backwards: who put something into the context last takes it out first."""
    for name, ending in reversed(endings):
        tell(name, ending, how)


async def ask_observed(
    observers: Sequence[Observer], ask: Callable[[Request], Coroutine[Any, Any, Reply]], request: Request
) -> Reply:
    """Route a call, and tell the observers of it as a whole."""
    interface, operation = request.interface, request.operation.name
    endings = begin(((observer.name, observer.routed) for observer in observers), interface, operation)
    outcome = Outcome.CANCELLED
    error: Exception | None = None
    try:
        reply = await ask(request)
        error = reply.error
        outcome = outcome_of(error)
        return reply
    except Exception as failure:
        error = failure
        outcome = outcome_of(error)
        raise
    finally:
        seconds = request.clock.monotonic() - request.started
        error_type = "" if error is None else type(error).__name__
        end(endings, RoutedCall(interface, operation, outcome, seconds, tuple(request.attempts), error_type))


def trace_headers_of(observers: Sequence[Observer]) -> Callable[[], Mapping[str, str]] | None:
    """The headers of all observers that have some, looked up anew for each request; None when no observer has."""
    sources = [(observer.name, observer.trace_headers) for observer in observers if observer.trace_headers is not None]
    if not sources:
        return None
    return lambda: {key: value for name, source in sources for key, value in (tell(name, source) or {}).items()}
