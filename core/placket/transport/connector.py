"""The aiohttp connector that tells a write when it leaves. Imported with aiohttp, at the first use of a session."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import aiohttp
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from .session import Flight, in_flight


class ObservedConnector(aiohttp.TCPConnector):
    """Marks the write of the running task as sent once it has a connection.

    Everything before that (name resolution, connecting, TLS, waiting for a free connection) has certainly not happened
    at the vendor; everything after may have.
    """

    def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Coroutine[Any, Any, Connection]:
        """A connection for ``req``."""
        connecting = super().connect(req, traces, timeout)
        flight = in_flight.get()
        return connecting if flight is None else _depart(flight, connecting)


async def _depart(flight: Flight, connecting: Coroutine[Any, Any, Connection]) -> Connection:
    connection = await connecting
    flight.depart()
    return connection
