"""A routed call while it runs, and what its targets reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from ..errors import ConfigError, InvalidInput, UnknownOutcome
from ..interfaces.call import Attempt
from ..interfaces.garment import Garment
from ..interfaces.operation import Combine, Effect, Operation
from ..interfaces.ref import Ref
from ..interfaces.timing import Clock, Deadline


@define
class Request:
    """One routed call. ``attempts`` is shared by everything that takes part in it.

    ``open_stream`` is set for operations that stream: it opens the provider's stream and returns it with its first
    item.
    """

    interface: str
    operation: Operation
    arguments: Sequence[Any]
    keywords: Mapping[str, Any]
    clock: Clock
    deadline: Deadline
    started: float
    attempts: list[Attempt] = field(factory=list)
    open_stream: Callable[[Any], Any] | None = None

    def derived(self, *, arguments: Sequence[Any] | None = None, deadline: Deadline | None = None) -> Request:
        """The same call with other arguments or an earlier deadline; attempts go to the same list."""
        return Request(
            self.interface,
            self.operation,
            self.arguments if arguments is None else arguments,
            self.keywords,
            self.clock,
            deadline or self.deadline,
            self.started,
            self.attempts,
            self.open_stream,
        )

    @property
    def garment(self) -> Garment | None:
        """The garment asked about, in operations that ask about one."""
        first = self.arguments[0] if self.arguments else None
        return first if isinstance(first, Garment) else None

    @property
    def may_fan_out(self) -> bool:
        """Whether several providers may be asked at once: not with a write, and not with a stream."""
        if self.open_stream is not None:
            return False
        return self.operation.effect is Effect.READ or self.operation.combine is not Combine.SINGLE

    def refs(self) -> Sequence[Ref]:
        """The references that decide which providers are asked; empty when the route decides."""
        if self.operation.by_ref:
            return (self.arguments[0],)
        if self.operation.refs is not None:
            found: Sequence[Ref] = self.arguments[self.operation.refs]
            return found
        return ()

    def about_own(self, provider: str) -> Request:
        """The same call with only those references that are the provider's own, where it is about several."""
        position = self.operation.refs
        if position is None:
            return self
        own = tuple(ref for ref in self.arguments[position] if ref.provider == provider)
        arguments = list(self.arguments)
        arguments[position] = own
        return self.derived(arguments=arguments)


@frozen
class Reply:
    """What one target of a route replied: a value, or the error that stood in the way."""

    target: str
    value: Any = None
    error: Exception | None = None

    @property
    def is_final(self) -> bool:
        """Whether asking somebody else is wrong: bad input stays bad, and a write may already have happened."""
        return isinstance(self.error, InvalidInput | UnknownOutcome | ConfigError)
