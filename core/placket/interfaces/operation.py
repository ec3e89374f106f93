"""What an interface's methods are to the router: operations with an effect and a way to combine answers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from attrs import frozen

Method = TypeVar("Method", bound=Callable[..., Any])


class Effect(StrEnum):
    """What a repeated call would do."""

    READ = "read"
    """Nothing: safe to repeat, to race and to fail over."""
    REPEATABLE = "repeatable"
    """The same as the first: a write that carries an id made by the client, or one that sets a state."""
    WRITE = "write"
    """Perhaps happen twice: never repeated, never failed over while its outcome is unknown."""


class Combine(StrEnum):
    """How the answers of several providers become one."""

    SINGLE = "single"
    """They do not: one provider answers, and strategies that ask several serve this operation as ``first``."""
    FINDINGS = "findings"
    """All claims together; the merge policies decide."""
    RANKED = "ranked"
    """Ranked lists fuse by reciprocal rank."""


@frozen
class Operation:
    """One method of an interface that providers implement and the router routes."""

    name: str
    effect: Effect
    combine: Combine
    by_ref: bool
    """Its first argument is a Ref, and the provider named in it is the one to ask."""
    refs: int | None
    """The position of an argument that is a sequence of Refs: each provider is asked about its own."""
    streams: bool = False
    """It hands out items one by one: from the first on, they come from one provider."""

    @property
    def may_fan_out(self) -> bool:
        """Whether several providers may be asked at once: not with a write, and not with a stream."""
        return not self.streams and (self.effect is Effect.READ or self.combine is not Combine.SINGLE)


def operation(
    effect: Effect, *, combine: Combine = Combine.SINGLE, by_ref: bool = False, refs: int | None = None
) -> Callable[[Method], Method]:
    """Mark a method of an interface as an operation."""

    def mark(method: Method) -> Method:
        streams = not inspect.iscoroutinefunction(method)
        declared = Operation(method.__name__, effect, combine, by_ref, refs, streams)
        method.__placket_operation__ = declared  # type: ignore[attr-defined]
        return method

    return mark


@cache
def operations_of(interface: type) -> dict[str, Operation]:
    """The operations of an interface by name, in the order in which it declares them."""
    found: dict[str, Operation] = {}
    for base in reversed(interface.__mro__):
        for name, member in vars(base).items():
            declared = getattr(member, "__placket_operation__", None)
            if isinstance(declared, Operation):
                found[name] = declared
    return found
