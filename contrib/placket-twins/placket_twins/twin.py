"""A vendor's twin on this machine, for tests, demos and development without a key."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

from placket.errors import InvalidInput
from placket.interfaces import SystemClock

from .aistetic import PREFIX, AisteticTwin
from .serving import LoopbackSite

_VENDORS = {"aistetic": (AisteticTwin, PREFIX)}


class Twin:
    """A server of one vendor's protocol at a port of this machine, for as long as ``async with`` lasts.

    ::

        async with Twin("aistetic", tagger=tagger, api_key="k", domain="shop.example.com") as base_url:
            ...

    ``settings`` are those of the vendor's twin, such as `placket_twins.aistetic.AisteticTwin`: ``tagger``, ``api_key``
    and ``domain`` there. Pictures are fetched with Placket's safe fetcher, which refuses addresses of private networks
    but for ``trusted_hosts`` ("host" or "host:port"); a ``fetcher`` among the settings replaces it. Raises InvalidInput
    for a vendor that has no twin.
    """

    def __init__(self, vendor: str, *, trusted_hosts: Iterable[str] = (), **settings: Any) -> None:
        if vendor not in _VENDORS:
            raise InvalidInput(f"there is no twin of {vendor!r}; there are twins of: {', '.join(_VENDORS)}")
        self._vendor = vendor
        self._trusted_hosts = tuple(trusted_hosts)
        self._settings = settings
        self._open = AsyncExitStack()

    async def __aenter__(self) -> str:
        """Begin to serve; gives the base URL that a client of the vendor is configured with."""
        kind, prefix = _VENDORS[self._vendor]
        settings = dict(self._settings)
        async with AsyncExitStack() as opening:
            if "fetcher" not in settings:
                from placket.transport import SafeFetcher, SessionPool

                sessions = await opening.enter_async_context(SessionPool())
                clock = settings.get("clock", SystemClock())
                settings["fetcher"] = SafeFetcher(sessions, clock=clock, trusted_hosts=self._trusted_hosts)
            site = LoopbackSite(kind(**settings).app())
            await site.start()
            opening.push_async_callback(site.stop)
            self._open = opening.pop_all()
        return f"http://{site.authority}{prefix}"

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()
