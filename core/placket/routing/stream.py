"""A provider's stream while a caller reads it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from typing import Any

from ..errors import PlacketError
from ..interfaces.call import Call, current_call
from ..interfaces.timing import Deadline
from .request import Request, concerns_host


class GuardedStream(AsyncIterator[Any]):
    """Hands on a provider's items; what goes wrong after the first is told as it would be before it.

    What is read inside the call that opened the stream has that call's deadline. Each later item may take as long as
    a whole call: a long list that is read slowly is no slow provider, and one that hangs on a page does not hang for
    ever. ``timeout`` (seconds) is the provider's own limit, and ``module`` where its plugin is.
    """

    def __init__(
        self,
        source: Any,
        explained: Callable[[BaseException], PlacketError],
        module: str,
        call: Call,
        request: Request,
        timeout: float | None,
    ) -> None:
        self._source = source
        self._explained = explained
        self._module = module
        self._call = call
        self._request = request
        self._timeout = timeout

    @property
    def total(self) -> int | None:
        """How many items there are, where the provider's listing says so."""
        total: int | None = getattr(self._source, "total", None)
        return total

    async def __anext__(self) -> Any:
        try:
            if current_call.get() is self._call:
                return await anext(self._source)
            return await self._later()
        except StopAsyncIteration:
            raise
        except (Exception, asyncio.CancelledError, SystemExit) as failure:
            if concerns_host(failure, self._module):
                raise
            explained = self._explained(failure)
            raise explained from explained.__cause__

    async def _later(self) -> Any:
        request = self._request
        seconds = request.deadline.at - request.started
        deadline = Deadline.after(None if seconds == math.inf else seconds, request.clock).sooner(self._timeout)
        token = current_call.set(Call(self._call.provider, self._call.operation, deadline))
        try:
            with request.until(deadline):
                return await anext(self._source)
        finally:
            current_call.reset(token)

    async def aclose(self) -> None:
        """Let the provider give back what an unfinished stream holds."""
        if hasattr(self._source, "aclose"):
            await self._source.aclose()
