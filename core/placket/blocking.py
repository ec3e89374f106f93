"""``placket.open_sync``: the same router for code that is not async: scripts, notebooks, Django."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .app import App, ConfigSource
from .app import open as open_async
from .feeding import Feed, is_plain
from .interfaces import Clock, Garment, GarmentTagger, ImageHost, Interface, Job, Listing, Ref, Ticket
from .interfaces.garment import ImageSource
from .jobs import Ledger, Outcome, Router
from .jobs.bulk import Source
from .jobs.router import CONCURRENCY
from .loop_thread import LoopThread
from .record import GarmentRecord
from .routing import Enriched, Plan, Tagged

_END = object()


class Blocking:
    """An object whose methods wait for the async ones of another: coroutines return, async iterators iterate.

    Where those read an async iterable, any iterable will do: it is read in the thread that calls.
    """

    def __init__(self, target: Any, thread: LoopThread) -> None:
        self._target = target
        self._thread = thread

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._target, name)
        if not callable(member):
            return member

        def call(*arguments: Any, **keywords: Any) -> Any:
            self._thread.require_open()
            if not any(map(is_plain, (*arguments, *keywords.values()))):  # most calls have nothing to be read
                return self._wait(member(*arguments, **keywords), None)
            feed = Feed()
            bound = feed.arguments(member, arguments, keywords)
            return self._wait(member(*bound.args, **bound.kwargs), feed)

        call.__name__, call.__doc__ = name, member.__doc__
        return call

    def _wait(self, result: Any, feed: Feed | None) -> Any:
        if inspect.iscoroutine(result):
            result = self._thread.run(result, feed)
        if isinstance(result, Listing):
            return BlockingListing(result, self._thread)
        if isinstance(result, AsyncIterator):
            return self._iterate(result, feed)
        return Blocking(result, self._thread) if isinstance(result, Job) else result

    def _iterate(self, source: AsyncIterator[Any], feed: Feed | None) -> Iterator[Any]:
        try:
            while (item := self._thread.run(_next(source), feed)) is not _END:
                yield item
        finally:
            # A generator has ended with its loop, one before a fork is the parent's, and one that is let go in the
            # loop's own thread (by the garbage collection) is closed by the loop.
            if isinstance(source, AsyncGenerator) and self._thread.is_open:
                self._thread.run(source.aclose())


class BlockingListing(Blocking):
    """A `Listing` whose items are iterated; its ``total`` and ``collect`` are there as well."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        item = self._thread.run(_next(self._target))
        if item is _END:
            raise StopIteration
        return item


async def _next(source: AsyncIterator[Any]) -> Any:
    return await anext(source, _END)


class SyncRouter:
    """The router for code that is not async.

    Interfaces are reached by `interface` or by name, as in ``router.garment_tagger``. Their calls that read an async
    iterable, such as ``upsert`` and ``add_items``, take any iterable: a list, or a generator. It is read in the thread
    that calls, one item at a time, so it may wait, use the router, and use a database connection of that thread.
    """

    def __init__(self, router: Router, thread: LoopThread) -> None:
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
        """See `Router.tag_many`. A plain iterable is read in the thread that calls, and may use the router."""
        outcomes: Iterator[Outcome] = Blocking(self._router, self._thread).tag_many(
            garments, known=known, concurrency=concurrency, ledger=ledger
        )
        return outcomes

    def plan(self, interface: type[Interface] = GarmentTagger, operation: str = "tag") -> Plan:
        """See `Router.plan`."""
        self._thread.require_open()
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


_OPEN: dict[LoopThread, Router] = {}
"""The routers that are open. A forked process keeps them in here: if they were collected there, their connections
would be taken out of the watched ones (epoll), which it shares with its parent, and the parent's calls would hang."""


class SyncApp:
    """What `open_sync` returns: a context manager that gives the router."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._thread: LoopThread | None = None

    def __enter__(self) -> SyncRouter:
        """Start the loop's thread and open the router in it."""
        thread = LoopThread()
        try:
            router = _OPEN[thread] = thread.run(self._app.__aenter__())
        except BaseException:
            thread.close()
            raise
        self._thread = thread
        return SyncRouter(router, thread)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the calls of other threads, close the router and stop the thread."""
        assert self._thread is not None
        try:
            self._thread.close(partial(self._app.__aexit__, kind, error, traceback))
        finally:
            if not self._thread.is_inherited:
                del _OPEN[self._thread]


def open_sync(
    config: ConfigSource = None,
    *,
    plugins: Iterable[object] = (),
    image_host: ImageHost | None = None,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
    data_folder: Path | str | None = None,
) -> SyncApp:
    """Open a router for code that is not async: ``with placket.open_sync("placket.toml") as router: ...``.

    Takes what `placket.open` takes. The router works from any thread, one call at a time per thread, and under a
    running event loop as well.

    Open it in each process: one that was opened before a fork (Celery's workers, ``gunicorn --preload``) raises
    InvalidInput in the child, whose leaving the ``with`` closes nothing.

    Leaving the ``with`` ends the calls that other threads have under way: they raise UnknownOutcome. Later ones raise
    InvalidInput.
    """
    return SyncApp(
        open_async(
            config, plugins=plugins, image_host=image_host, clock=clock, environ=environ, data_folder=data_folder
        )
    )
