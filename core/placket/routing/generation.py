"""Everything that one configuration makes, and when it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import define, field

from ..logs import LazyLogger, in_words
from ..merge import MergePolicy
from .observing import Observer
from .parts import EnrichmentRules
from .request import concerns_host
from .route import Route
from .target import ProviderTarget

_log = LazyLogger("placket.routing")


@define(eq=False)
class Generation:
    """Everything that a configuration makes. A reload replaces it whole; it is closed when its last call has ended."""

    targets: Mapping[str, ProviderTarget]
    routes: Mapping[str, Route]
    policy: MergePolicy
    close: Callable[[], Coroutine[Any, Any, None]]
    running: int = 0
    enrichment: EnrichmentRules = field(factory=EnrichmentRules)
    observers: Sequence[Observer] = ()
    closed: bool = field(default=False, init=False)
    """Its providers are closed, or just being closed: nothing may begin any more."""
    _abandoned: bool = field(default=False, init=False)
    _idle: asyncio.Event = field(factory=asyncio.Event, init=False)
    _background: set[asyncio.Task[None]] = field(factory=set, init=False)

    def enter(self) -> None:
        """A call begins."""
        self.running += 1

    def leave(self) -> None:
        """A call has ended."""
        self.running -= 1
        if not self.running:
            self._idle.set()

    @contextmanager
    def calling(self, provider: str, operation: str) -> Iterator[None]:
        """For ``with``: a call of a provider that no route makes. Its failures are told as those of others are."""
        target = self.targets.get(provider)
        self.enter()
        try:
            yield
        except (Exception, asyncio.CancelledError, SystemExit) as failure:
            if target is None or concerns_host(failure, target.module):
                raise
            explained = target.explained(failure, operation)
            raise explained from explained.__cause__
        finally:
            self.leave()

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside the calls; it counts as one of them, and is cancelled when the router closes."""
        self.enter()
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        self.leave()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("beside-failed", error=in_words(error))

    async def settle(self) -> None:
        """Wait for what runs beside the calls."""
        while self._background:
            # Not gather: where all have ended it returns at once since Python 3.12, before `_ended` has run.
            await asyncio.wait(self._background)

    async def drain(self) -> None:
        """Wait until the last call has ended, or nobody waits for it any more."""
        while self.running and not self._abandoned:
            self._idle.clear()
            await self._idle.wait()

    def abandon(self) -> None:
        """Wait for no call: the router closes."""
        self._abandoned = True
        self._idle.set()

    async def stop(self) -> None:
        """Cancel what runs beside the calls, and close the providers, whatever calls are under way."""
        self.closed = True
        for task in self._background:
            task.cancel()
        await self.settle()
        await self.close()
