"""Iterables that code which is not async gives to a call: they are read in the thread that waits for the call."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

_END = object()


class Feed:
    """Reads plain iterables in the thread that waits for the call, one item at a time, when the call wants it.

    So they may block, use the router, and use what belongs to their thread, such as a database connection.
    """

    def __init__(self) -> None:
        self._wanted: SimpleQueue[tuple[Iterator[Any], Future[Any]] | Future[Any]] = SimpleQueue()

    def arguments(
        self, member: Callable[..., Any], positional: tuple[Any, ...], named: Mapping[str, Any]
    ) -> inspect.BoundArguments:
        """The arguments for ``member``, with an async iterator where it reads one and was given a plain iterable."""
        signature = inspect.signature(member)
        bound = signature.bind(*positional, **named)
        for name, given in bound.arguments.items():
            if "AsyncIterable" in str(signature.parameters[name].annotation) and is_plain(given):
                bound.arguments[name] = self._read(iter(given))
        return bound

    async def _read(self, items: Iterator[Any]) -> AsyncIterator[Any]:
        while True:
            item: Future[Any] = Future()
            self._wanted.put((items, item))
            given = await asyncio.wrap_future(item)
            if given is _END:
                return
            yield given

    def serve(self, call: Future[Any]) -> None:
        """Read what is wanted until ``call`` has ended; an interrupt meanwhile is raised here."""
        call.add_done_callback(self._wanted.put)
        while (wanted := self._wanted.get()) is not call:
            # An earlier call whose waiting was interrupted has left the note of its end in the queue.
            if isinstance(wanted, Future) or not wanted[1].set_running_or_notify_cancel():
                continue
            items, item = wanted
            try:
                item.set_result(next(items, _END))
            except Exception as error:
                item.set_exception(error)


def is_plain(given: Any) -> bool:
    """Whether it could be read item by item, and is not async."""
    return isinstance(given, Iterable) and not isinstance(given, AsyncIterable | str | bytes | Mapping)
