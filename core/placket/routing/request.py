"""A routed call while it runs, and what its targets reply."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, nullcontext
from traceback import walk_tb
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from ..errors import ConfigError, InvalidInput, PlacketError, UnknownOutcome
from ..interfaces.call import Attempt, Outcome
from ..interfaces.cutoff import Cutoffs
from ..interfaces.garment import Garment
from ..interfaces.operation import Operation
from ..interfaces.ref import Ref
from ..interfaces.timing import Clock, Deadline

_NO_LIMIT = nullcontext()


class Request(Struct):
    """One routed call. ``attempts`` is shared by everything that takes part in it.

    ``beside`` runs work that outlives the call, and ``cutoffs`` end what passes its deadline. ``open_stream`` is set
    for operations that stream: it reads the stream's first item and returns it with the stream.
    """

    interface: str
    operation: Operation
    arguments: tuple[Any, ...]
    clock: Clock
    deadline: Deadline
    started: float
    beside: Callable[[Coroutine[Any, Any, None]], None]
    cutoffs: Cutoffs
    open_stream: Callable[[Any], Awaitable[Any]] | None = None
    attempts: list[Attempt] = field(default_factory=list)

    def within(self, seconds: float | None) -> Request:
        """The same call with a deadline at most ``seconds`` from now."""
        deadline = self.deadline.sooner(seconds)
        return self if deadline is self.deadline else replace(self, deadline=deadline)

    def with_argument(self, position: int, value: Any) -> Request:
        """The same call with another argument; attempts go to the same list."""
        return replace(self, arguments=(*self.arguments[:position], value, *self.arguments[position + 1 :]))

    def aside(self) -> Request:
        """The same call with attempts of its own: those of the caller are handed out before a slow shadow is done."""
        return replace(self, attempts=[])

    def until(self, deadline: Deadline) -> AbstractContextManager[None]:
        """For ``with``: raises TimeoutError when the deadline passes inside."""
        return _NO_LIMIT if deadline.at == math.inf else self.cutoffs.after(deadline.left())

    @property
    def garment(self) -> Garment | None:
        """The garment asked about, in operations that ask about one."""
        first = self.arguments[0] if self.arguments else None
        return first if isinstance(first, Garment) else None

    def refs(self) -> Sequence[Ref]:
        """The references that decide which providers are asked; empty when the route decides."""
        if self.operation.by_ref:
            return self.arguments[:1]
        if self.operation.refs is not None:
            found: Sequence[Ref] = self.arguments[self.operation.refs]
            return found
        return ()

    def about_own(self, provider: str) -> Request:
        """The same call with only those references that are the provider's own, where it is about several."""
        position = self.operation.refs
        if position is None:
            return self
        return self.with_argument(position, tuple(ref for ref in self.arguments[position] if ref.provider == provider))


def concerns_host(failure: BaseException, module: str) -> bool:
    """Whether a failure is the host's: it cancelled the running task (not something that this waited for), or exits.

    An exit is the plugin's where ``module``, or one below it, called `sys.exit`. What a signal's handler raises, and
    what the host's own iterators do, comes through the plugin's code, but from elsewhere.
    """
    if isinstance(failure, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(failure, SystemExit) and not f"{_raised_in(failure)}.".startswith(f"{module}.")


def _raised_in(failure: BaseException) -> str:
    *_, (frame, _line) = walk_tb(failure.__traceback__)
    name: str = frame.f_globals.get("__name__", "")
    return name


def outcome_of(error: Exception | None) -> Outcome:
    """How a call ended that ended in this error, or in none."""
    if error is None:
        return Outcome.SUCCEEDED
    return Outcome.UNKNOWN if isinstance(error, UnknownOutcome) else Outcome.FAILED


class Reply(Struct, frozen=True):
    """What one target of a route replied: a value, or the error that stood in the way."""

    target: str
    value: Any = None
    error: PlacketError | None = None

    @property
    def is_final(self) -> bool:
        """Whether asking somebody else is wrong: bad input stays bad, and a write may already have happened."""
        return isinstance(self.error, InvalidInput | UnknownOutcome | ConfigError)
