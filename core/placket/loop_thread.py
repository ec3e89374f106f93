"""An event loop in a thread of its own, for code that waits for what runs in it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from .errors import InvalidInput, UnknownOutcome
from .feeding import Feed

T = TypeVar("T")

PATIENCE = 5.0
"""How many seconds a call that is cancelled may take to end before it is left as it is."""


class LoopThread:
    """An event loop in a thread of its own, so that it works under a running loop, too (notebooks)."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="placket", daemon=True)
        self._thread.start()
        # Held so that no call begins between the last look at who is calling and the end of the loop.
        self._lock = threading.Lock()
        self._under_way: dict[Coroutine[Any, Any, Any], Future[Any]] = {}
        self._closed = False
        self._process = os.getpid()

    def _serve(self) -> None:
        while True:
            try:
                return self._loop.run_forever()
            except SystemExit:  # of a plugin: its call ends with it, and without a loop all the others would hang
                continue

    @property
    def is_inherited(self) -> bool:
        """Whether this process is a fork of the one with the thread."""
        return os.getpid() != self._process

    @property
    def is_running_this(self) -> bool:
        """Whether whoever asks runs in the loop's thread, where waiting for the loop would never end."""
        return threading.current_thread() is self._thread

    @property
    def is_open(self) -> bool:
        """Whether work can be run from here."""
        return not self._closed and not self.is_inherited and not self.is_running_this

    def require_open(self) -> None:
        """Raise InvalidInput where no work can be run."""
        if self.is_inherited:
            raise InvalidInput(
                f"the router was opened by process {self._process}, and its thread did not come along into this one: "
                "open one in each process, after the fork"
            )
        if self._closed:
            raise InvalidInput(
                "the router is closed; it answers inside `with placket.open_sync(...)` only, "
                "so make the call there, or open another router"
            )

    def run(self, work: Coroutine[Any, Any, T], feed: Feed | None = None) -> T:
        """Run ``work`` on the loop and wait for it; an interrupt of the waiting thread cancels the work.

        What ``work`` reads of ``feed`` is read meanwhile in the thread that waits.

        Raises InvalidInput when the loop is closed or would wait for itself, and UnknownOutcome when it is closed while
        the work runs.
        """
        try:
            if self.is_running_this:
                raise InvalidInput(
                    "the router is called from its own thread and would wait for itself for ever: what observes "
                    "calls, and async iterators that it is given to read, run there; call from another thread"
                )
            self.require_open()  # before the lock, which a fork may have copied while it was held
            with self._lock:
                self.require_open()
                future = asyncio.run_coroutine_threadsafe(work, self._loop)
                self._under_way[work] = future
        except InvalidInput:
            work.close()
            raise
        try:
            if feed is not None:
                feed.serve(future)
            return future.result()
        except BaseException as error:
            future.cancel()
            if self._closed and isinstance(error, CancelledError):
                raise UnknownOutcome(
                    "the router was closed while this call ran, so nobody knows whether it was done: look before you "
                    "repeat it, and leave the `with` when the calls of all threads have ended"
                ) from None
            raise
        finally:
            del self._under_way[work]

    def close(self, last: Callable[[], Coroutine[Any, Any, object]] | None = None) -> None:
        """End the calls of other threads, run ``last``, and stop the loop and its thread.

        A forked process closes nothing: all of it is the parent's.
        """
        if self.is_inherited:
            return
        with self._lock:
            self._closed = True
            calls = dict(self._under_way)
        try:
            asyncio.run_coroutine_threadsafe(self._end(calls, last), self._loop).result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            for future in calls.values():
                future.cancel()
            self._loop.close()

    async def _end(
        self, calls: Collection[Coroutine[Any, Any, Any]], last: Callable[[], Coroutine[Any, Any, object]] | None
    ) -> None:
        # Calls end before ``last`` closes what they use: else they would fail in ways that nobody understands.
        await _cancel([task for task in asyncio.all_tasks() if task.get_coro() in calls])
        try:
            if last is not None:
                await last()
        finally:
            await _cancel([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])
            await self._loop.shutdown_asyncgens()


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=PATIENCE)
