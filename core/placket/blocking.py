"""``placket.open_sync``: the same router for code that is not async: scripts, notebooks, Django."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
)
from types import TracebackType
from typing import Any, TypeVar

from .app import App, ConfigSource
from .app import open as open_async
from .interfaces import Garment, GarmentTagger, Interface, Job, Ref, Ticket
from .interfaces.garment import ImageSource
from .jobs import Ledger, Outcome, Router
from .jobs.bulk import Source
from .jobs.router import CONCURRENCY
from .record import GarmentRecord
from .routing import Enriched, Plan, Tagged

T = TypeVar("T")

_END = object()


class _LoopThread:
    """An event loop in a thread of its own, so that it works under a running loop, too (notebooks)."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="placket", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` on the loop and wait for it; an interrupt of the waiting thread cancels the work."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Stop the loop and its thread."""
        self.run(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Blocking:
    """An object whose methods wait for the async ones of another: coroutines return, async iterators iterate."""

    def __init__(self, target: Any, thread: _LoopThread) -> None:
        self._target = target
        self._thread = thread

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._target, name)
        if not callable(member):
            return member

        def call(*arguments: Any, **keywords: Any) -> Any:
            return self._wait(member(*arguments, **keywords))

        call.__name__, call.__doc__ = name, member.__doc__
        return call

    def _wait(self, result: Any) -> Any:
        if inspect.iscoroutine(result):
            result = self._thread.run(result)
        if isinstance(result, AsyncIterator):
            return self._iterate(result)
        return Blocking(result, self._thread) if isinstance(result, Job) else result

    def _iterate(self, source: AsyncIterator[Any]) -> Iterator[Any]:
        async def advance() -> Any:
            return await anext(source, _END)

        try:
            while (item := self._thread.run(advance())) is not _END:
                yield item
        finally:
            if isinstance(source, AsyncGenerator):
                self._thread.run(source.aclose())


class SyncRouter:
    """The router for code that is not async.

    Interfaces are reached by `interface` or by name, as in ``router.garment_tagger``.
    """

    def __init__(self, router: Router, thread: _LoopThread) -> None:
        self._router = router
        self._thread = thread

    def tag(
        self,
        garment: Garment | ImageSource | Iterable[ImageSource],
        *,
        known: Mapping[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
    ) -> GarmentRecord:
        """See `Router.tag`."""
        return self._thread.run(self._router.tag(garment, known=known, id=id))

    def tag_with_evidence(
        self,
        garment: Garment | ImageSource | Iterable[ImageSource],
        *,
        known: Mapping[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
    ) -> Tagged:
        """See `Router.tag_with_evidence`."""
        return self._thread.run(self._router.tag_with_evidence(garment, known=known, id=id))

    def enrich(
        self,
        garment: Garment | ImageSource | Iterable[ImageSource],
        *,
        known: Mapping[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
        refs: Iterable[Ref] = (),
        steps: Collection[str] | None = None,
    ) -> GarmentRecord:
        """See `Router.enrich`."""
        return self._thread.run(self._router.enrich(garment, known=known, id=id, refs=refs, steps=steps))

    def enrich_with_evidence(
        self,
        garment: Garment | ImageSource | Iterable[ImageSource],
        *,
        known: Mapping[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
        refs: Iterable[Ref] = (),
        steps: Collection[str] | None = None,
    ) -> Enriched:
        """See `Router.enrich_with_evidence`."""
        return self._thread.run(self._router.enrich_with_evidence(garment, known=known, id=id, refs=refs, steps=steps))

    def tag_many(
        self,
        garments: Iterable[Source] | AsyncIterable[Source],
        *,
        known: Mapping[str, Any] | None = None,
        concurrency: int = CONCURRENCY,
        ledger: Ledger | None = None,
    ) -> Iterator[Outcome]:
        """See `Router.tag_many`. ``garments`` are read in the router's thread."""
        outcomes: Iterator[Outcome] = Blocking(self._router, self._thread).tag_many(
            garments, known=known, concurrency=concurrency, ledger=ledger
        )
        return outcomes

    def plan(self, interface: type[Interface] = GarmentTagger, operation: str = "tag") -> Plan:
        """See `Router.plan`."""
        return self._router.plan(interface, operation)

    def reload(self, config: ConfigSource = None) -> None:
        """See `Router.reload`."""
        self._thread.run(self._router.reload(config))

    def resume(self, ticket: Ticket | str) -> Any:
        """See `Router.resume`; the job's methods wait, too."""
        return Blocking(self._thread.run(self._router.resume(ticket)), self._thread)

    def interface(self, interface: type[Interface]) -> Any:
        """The routed object of an interface; its methods wait, and its lists iterate."""
        return Blocking(self._router.interface(interface), self._thread)

    @property
    def garment_tagger(self) -> Any:
        """See `Router.garment_tagger`."""
        return Blocking(self._router.garment_tagger, self._thread)

    @property
    def visual_search(self) -> Any:
        """See `Router.visual_search`."""
        return Blocking(self._router.visual_search, self._thread)

    @property
    def product_store(self) -> Any:
        """See `Router.product_store`."""
        return Blocking(self._router.product_store, self._thread)

    @property
    def shoot_manager(self) -> Any:
        """See `Router.shoot_manager`."""
        return Blocking(self._router.shoot_manager, self._thread)

    @property
    def ar_content_builder(self) -> Any:
        """See `Router.ar_content_builder`."""
        return Blocking(self._router.ar_content_builder, self._thread)


class SyncApp:
    """What `open_sync` returns: a context manager that gives the router."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._thread: _LoopThread | None = None

    def __enter__(self) -> SyncRouter:
        """Start the loop's thread and open the router in it."""
        self._thread = _LoopThread()
        try:
            return SyncRouter(self._thread.run(self._app.__aenter__()), self._thread)
        except BaseException:
            self._thread.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the router and stop the thread."""
        assert self._thread is not None
        try:
            self._thread.run(self._app.__aexit__(kind, error, traceback))
        finally:
            self._thread.close()


def open_sync(config: ConfigSource = None, **options: Any) -> SyncApp:
    """Open a router for code that is not async: ``with placket.open_sync("placket.toml") as router: ...``.

    Takes what `placket.open` takes. The router works from any thread, one call at a time per thread, and under a
    running event loop as well.
    """
    return SyncApp(open_async(config, **options))
