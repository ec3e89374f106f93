"""A download that is read in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from ..interfaces.timing import Deadline
from .answer import Answer

if TYPE_CHECKING:
    import aiohttp


class Stream:
    """An open answer: iterate over it for its pieces, each a bytes object of some length.

    A piece that does not come within ``stall_timeout`` seconds, or before the deadline, is `TimedOut`; a broken
    connection is `Unavailable`; more than ``max_bytes`` is a `ProtocolError`.
    """

    def __init__(
        self,
        answer: Answer,
        response: aiohttp.ClientResponse,
        *,
        max_bytes: int,
        stall_timeout: float,
        deadline: Deadline,
        broken: Callable[[Exception], Exception],
    ) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.request_id = answer.request_id
        self.received = 0
        self._answer = answer
        self._response = response
        self._max_bytes = max_bytes
        self._stall_timeout = stall_timeout
        self._deadline = deadline
        self._broken = broken

    @property
    def length(self) -> int | None:
        """The size in bytes that the vendor announced, if it did."""
        declared = self.headers.get("Content-Length", "")
        return int(declared) if declared.isdigit() and "Content-Encoding" not in self.headers else None

    def close(self) -> None:
        """Give the connection back, or cut it if there is more to come."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        failure: Exception | None = None
        piece = b""
        try:
            async with asyncio.timeout(min(self._stall_timeout, self._deadline.left())):
                piece = await self._response.content.readany()
        except Exception as error:
            failure = error
        if failure is not None:
            raise self._broken(failure)
        if not piece:
            raise StopAsyncIteration
        self.received += len(piece)
        self.check(self.received)
        return piece

    def check(self, size: int) -> None:
        """Refuse a size above the limit."""
        if size > self._max_bytes:
            raise self._answer.protocol_error(f"the download is larger than {self._max_bytes} bytes")
