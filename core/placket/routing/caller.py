"""The router, as what it is made of sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from ..interfaces import Attempt, Operation
from .target import ProviderTarget


class Caller(Protocol):
    """What the routed objects and enrichment need of the router."""

    async def call(
        self,
        interface: str,
        operation: Operation,
        arguments: tuple[Any, ...],
        open_stream: Callable[[Any], Awaitable[Any]] | None = None,
        within: float | None = None,
    ) -> tuple[Any, list[Attempt]]:
        """Route one call and return the answer with its attempts; raises what the route came to.

        ``within`` (seconds) can only shorten the route's deadline.
        """

    async def resume(self, ticket: Any) -> Any:
        """Take up a job again."""

    def target(self, provider: str) -> ProviderTarget:
        """A configured provider by name."""

    @property
    def providers(self) -> tuple[ProviderTarget, ...]:
        """The configured providers."""
