"""The aiohttp connector of all sessions. Imported with aiohttp, at the first use of a session."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from .session import Flight, in_flight

READ_SIZE = 64 * 1024
"""How many bytes are read from a connection at once, at most.

asyncio makes a buffer of 256 KiB for each read. Until a process has freed something as large, glibc gets that from the
kernel anew each time, which costs more than the reading: https://github.com/python/cpython/issues/85451
"""


class ObservedConnector(aiohttp.TCPConnector):
    """Marks the write of the running task as sent once it has a connection.

    Everything before that (name resolution, connecting, TLS, waiting for a free connection) has certainly not happened
    at the vendor; everything after may have. Its connections read in pieces of `READ_SIZE`.
    """

    def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Coroutine[Any, Any, Connection]:
        """A connection for ``req``."""
        connecting = super().connect(req, traces, timeout)
        flight = in_flight.get()
        return connecting if flight is None else _depart(flight, connecting)

    async def _create_connection(
        self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        protocol = await super()._create_connection(req, traces, timeout)
        transport: Any = protocol.transport
        # TLS, which keeps its buffers, and other event loops than asyncio's have none to set.
        if hasattr(transport, "max_size"):
            transport.max_size = READ_SIZE
        return protocol


async def _depart(flight: Flight, connecting: Coroutine[Any, Any, Connection]) -> Connection:
    connection = await connecting
    flight.depart()
    return connection
