"""Callbacks: registered by a customer, and really sent, to where they may lead."""

from __future__ import annotations

import uuid
from typing import Any

import aiohttp

from placket.errors import InvalidInput, PlacketError, Unavailable
from placket.transport import SessionPool, checked_url

from ..refusal import Refusal
from ..vendor import Ground
from ..works import Progress, Work
from .quirks import PictofitQuirks
from .settings import PictofitSettings
from .words import PRODUCT_COMPLETED

KIND = "callback"

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORTS = (80, 443, 8080, 8443)
"""Where public hosts may be called, as Placket's fetcher has it: nobody can be made to speak to mail servers."""


class Callbacks:
    """What the customer has registered. One that came from this machine may lead to this machine."""

    def __init__(self, ground: Ground, settings: PictofitSettings, quirks: PictofitQuirks) -> None:
        self._ground = ground
        self._settings = settings
        self._quirks = quirks
        self._sessions = SessionPool()

    async def register(self, kind: str, url: str, header: str, *, from_here: bool) -> None:
        """Have ``url`` called; an empty one takes it back. Raises Refusal (400) for where none may lead."""
        if not url:
            await self._ground.state.take("registered", kind)
            return
        registered = {"url": url, "header": header, "from_here": from_here}
        try:
            checked_url(url, _PORTS, self._trusted(registered))
        except InvalidInput as error:
            raise Refusal(400, f"the callback's url cannot be used: {error}") from None
        await self._ground.state.put("registered", kind, registered)

    async def trigger(self, kind: str, object_id: str) -> None:
        """Call what is registered, about any id. Raises Refusal (404) where nothing is."""
        if await self.registered(kind) is None:
            raise Refusal(404, f"no callback is registered for {kind}")
        await self._start(kind, object_id, str(uuid.uuid4()))

    async def completed(self, product_id: str, work_id: str) -> None:
        """Tell that a product was built; once, however often the building was taken up."""
        delivery = f"callback {work_id}"
        if await self.registered(PRODUCT_COMPLETED) is not None and await self._ground.works.get(delivery) is None:
            await self._start(PRODUCT_COMPLETED, product_id, delivery)

    async def registered(self, kind: str) -> Any:
        """What is registered; None for nothing."""
        return await self._ground.state.get("registered", kind)

    async def _start(self, kind: str, object_id: str, work_id: str) -> None:
        await self._ground.works.start(KIND, {"type": kind, "id": object_id}, work_id=work_id, path="/callbacks")

    async def deliver(self, work: Work, progress: Progress) -> None:
        """Send one callback, several times if nobody takes it."""
        registered = await self.registered(work.request["type"])
        if registered is None:
            return
        for number in range(self._quirks.callback_tries):
            if number:
                await self._ground.clock.sleep(2.0**number)
            await progress(number, self._quirks.callback_tries)
            problem = await self._sent(registered, work.request)
            if not problem:
                return
        raise Unavailable(f"nobody took the callback: {problem}")

    async def _sent(self, registered: Any, request: Any) -> str:
        """Send it once; what went wrong, or nothing."""
        separator = "" if self._quirks.callback_id == "bare" or registered["url"].endswith("/") else "/"
        headers = {"Authorization": registered["header"]} if registered["header"] else {}
        body = {"type": request["type"], "id": request["id"]} if self._quirks.callback_body == "json" else None
        try:
            trusted = self._trusted(registered)
            address = checked_url(f"{registered['url']}{separator}{request['id']}", _PORTS, trusted)
            timeout = aiohttp.ClientTimeout(total=self._settings.callback_timeout)
            async with self._sessions.guarded(trusted).post(
                address, json=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
        except PlacketError as error:
            return str(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"{type(error).__name__}: {error}"

    def _trusted(self, registered: Any) -> frozenset[str]:
        hosts = (*self._settings.callback_hosts, *(_LOOPBACK if registered["from_here"] else ()))
        return frozenset(host.lower() for host in hosts)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._sessions.aclose()
