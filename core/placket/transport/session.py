"""The connections of one application: opened at first use, shared by all providers, closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from contextvars import Context, ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

from ..interfaces.call import Call
from ..interfaces.cutoff import Cutoffs

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.abc import AbstractResolver

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds for which closing waits for what must come to its end."""


@cache
def user_agent() -> str:
    """How Placket names itself to a vendor: ``placket/<version>``."""
    from importlib import metadata

    try:
        return f"placket/{metadata.version('placket')}"
    except metadata.PackageNotFoundError:
        return "placket"


@frozen
class ConnectionLimits:
    """What the pool may hold. ``connect_timeout`` in seconds: name resolution excluded, TLS included.

    ``keepalive`` in seconds is kept below the 60 s and more that common gateways allow, since a write on a connection
    that the other side is just closing ends as an unknown outcome.
    """

    total: int = 200
    per_host: int = 64
    connect_timeout: float = 10.0
    keepalive: float = 15.0


class Flight:
    """Whether a write has left: set by the connector when there is a connection to send it on."""

    __slots__ = ("_call", "sent")

    def __init__(self, call: Call | None) -> None:
        self._call = call
        self.sent = False

    def depart(self) -> None:
        """From here on the vendor may have read the request."""
        if not self.sent and self._call is not None:
            self._call.unsettled_writes += 1
        self.sent = True

    def settle(self) -> None:
        """It is known what became of the write."""
        if self.sent and self._call is not None:
            self._call.unsettled_writes -= 1


in_flight: ContextVar[Flight | None] = ContextVar("placket_in_flight", default=None)
"""The write being sent by this task; None for whatever is safe to repeat."""


class SessionPool:
    """One aiohttp session for all providers, and one more for each set of hosts that a `SafeFetcher` trusts.

    It must be used in one event loop, and closed there: ``async with SessionPool() as sessions`` or ``await aclose()``.
    No cookie is kept, no proxy or ``.netrc`` is read from the environment, and aiohttp's own silent repetition of
    requests is off: `HttpClient` is the one place that repeats.
    """

    def __init__(self, limits: ConnectionLimits | None = None) -> None:
        self._limits = limits or ConnectionLimits()
        self._main: aiohttp.ClientSession | None = None
        self._guarded: dict[frozenset[str], aiohttp.ClientSession] = {}
        self._beside: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.cutoffs = Cutoffs()

    def session(self) -> aiohttp.ClientSession:
        """The session that all providers share."""
        if self._main is None or self._main.closed:
            self._main = self._open()
        return self._main

    def guarded(self, trusted_hosts: Collection[str]) -> aiohttp.ClientSession:
        """The session for addresses from outside: names lead to public hosts only, and to those that are trusted.

        There is one for all who trust the same hosts, so that a router may be reloaded any number of times.
        """
        trusted = frozenset(trusted_hosts)
        session = self._guarded.get(trusted)
        if session is None or session.closed:
            from .destination import GuardedResolver

            session = self._guarded[trusted] = self._open(GuardedResolver(trusted))
        return session

    def beside(self, work: Coroutine[Any, Any, T], context: Context) -> asyncio.Task[T]:
        """Run ``work`` as a task that no call takes with it when it ends; closing waits for it, `PATIENCE` at most."""
        task = asyncio.get_running_loop().create_task(work, context=context)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        return task

    def _open(self, resolver: AbstractResolver | None = None) -> aiohttp.ClientSession:
        if self._closed:
            raise RuntimeError("the connections are closed: this SessionPool, or the router it belongs to, was closed")
        import aiohttp

        from .connector import ObservedConnector

        limits = self._limits
        session = aiohttp.ClientSession(
            connector=ObservedConnector(
                limit=limits.total,
                limit_per_host=limits.per_host,
                keepalive_timeout=limits.keepalive,
                resolver=resolver,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_timeout),
            headers={"User-Agent": user_agent()},
            trust_env=False,
        )
        # aiohttp repeats GET, PUT and DELETE by itself when a kept connection breaks, unseen by limits and counts.
        # There is no public switch; its own test client turns it off in this way.
        session._retry_connection = False
        return session

    async def aclose(self) -> None:
        """Close every connection. Closing twice is fine; using the pool afterwards is not."""
        try:
            await self._end_beside()
        finally:
            self._closed = True
            self.cutoffs.close()
            sessions = [*self._guarded.values(), *([self._main] if self._main is not None else [])]
            self._guarded, self._main = {}, None
            for session in sessions:
                await session.close()

    async def _end_beside(self) -> None:
        if not self._beside:
            return
        try:
            await asyncio.wait(self._beside, timeout=PATIENCE)
        finally:
            for task in self._beside:
                task.cancel()
            await asyncio.gather(*self._beside, return_exceptions=True)

    async def __aenter__(self) -> SessionPool:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.aclose()
