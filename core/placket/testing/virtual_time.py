"""Time that passes only when nothing else is left to do: tests of waiting that do not wait.

`VirtualTimeLoop` is an asyncio event loop whose clock stands still while there is work, and jumps to the next timer
when there is none. ``asyncio.sleep(3600)`` takes no time, and afterwards ``loop.time()`` says that an hour has passed.

Sockets are real, so aiohttp servers and clients on loopback work inside the loop. Before a jump the loop gives the
sockets a short real `grace`, because bytes sent through the kernel may still be under way. A thread of the loop's
executor (name resolution, file access) is waited for, since it runs in real time. A loop in which nothing can happen
any more raises RuntimeError instead of hanging.

For one coroutine::

    run_virtual(main())

For the tests of a folder, with pytest-asyncio, in its ``conftest.py``::

    from placket.testing.fixtures import clock, pytest_asyncio_loop_factories
"""

from __future__ import annotations

import asyncio
import selectors
import sys
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

Result = TypeVar("Result")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""What `VirtualClock.now` says when a loop starts, so that dates in tests are the same on every run."""

SELF_PIPE = 1
"""Every asyncio loop watches one file of its own, through which threads wake it."""


class _JumpingSelector(selectors.BaseSelector):
    """Asks the real selector; where that would wait for a timer, moves the clock instead."""

    def __init__(self, grace: float, thread_grace: float) -> None:
        self.now = 0.0
        self.threads = 0
        self._silent = False
        self._grace = grace
        self._thread_grace = thread_grace
        self._real = selectors.DefaultSelector()

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            ready = self._last_hope()
        elif timeout <= 0:
            ready = self._real.select(timeout)
        else:
            ready = self._real.select(self._patience())
            if not ready:
                self._silent = True
                self.now += timeout
        if ready:
            self._silent = False
        return ready

    def _last_hope(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for something that no timer will bring."""
        if self.threads or len(self.get_map()) > SELF_PIPE:
            return self._real.select(None)
        ready = self._real.select(self._thread_grace)
        if not ready:
            raise RuntimeError(
                "every task waits for something that can never happen: no timer, socket or thread is left"
            )
        return ready

    def _patience(self) -> float:
        if self.threads:
            return self._thread_grace
        if len(self.get_map()) <= SELF_PIPE:
            return 0.0
        # Where nothing has arrived since the last jump, there is little to wait for; hours of timers pass quickly.
        return self._grace / 10 if self._silent else self._grace


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time.

    ``grace``: real seconds that open sockets get before each jump. Loopback inside one process needs next to none;
    raise it when the other side is another process. ``thread_grace``: real seconds to wait for the executor's threads.
    """

    def __init__(self, *, grace: float = 0.02, thread_grace: float = 5.0) -> None:
        self._jumping = _JumpingSelector(grace, thread_grace)
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Result], *args: Any
    ) -> asyncio.Future[Result]:
        """Run ``func`` in a thread; the clock stands still until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the executor's threads to end; the clock stands still until they have."""
        self._jumping.threads += 1
        try:
            if sys.version_info >= (3, 12):
                await super().shutdown_default_executor(timeout)
            else:
                await super().shutdown_default_executor()
        finally:
            self._jumping.threads -= 1

    def _thread_done(self, _: asyncio.Future[Any]) -> None:
        self._jumping.threads -= 1


class VirtualClock:
    """A `placket.interfaces.Clock` that follows a loop: the running one, unless another is given."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, *, epoch: datetime = EPOCH) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._epoch = epoch

    def monotonic(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._loop.time()

    def now(self) -> datetime:
        """The epoch and the virtual time that has passed since."""
        return self._epoch + timedelta(seconds=self._loop.time())

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` of virtual time."""
        await asyncio.sleep(seconds)


def run_virtual(main: Coroutine[Any, Any, Result], *, grace: float = 0.02) -> Result:
    """Run a coroutine to its end in a new `VirtualTimeLoop`, as ``asyncio.run`` does in real time."""

    def new_loop() -> VirtualTimeLoop:
        return VirtualTimeLoop(grace=grace)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)
