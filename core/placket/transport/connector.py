"""The aiohttp connector that tells a write when it leaves. Imported with aiohttp, at the first use of a session."""

from __future__ import annotations

from typing import Any

import aiohttp
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection

from .session import in_flight


class ObservedConnector(aiohttp.TCPConnector):
    """Marks the write of the running task as sent once it has a connection.

    Everything before that (name resolution, connecting, TLS, waiting for a free connection) has certainly not happened
    at the vendor; everything after may have.
    """

    async def connect(self, req: ClientRequest, *args: Any, **kwargs: Any) -> Connection:
        """A connection for ``req``."""
        connection = await super().connect(req, *args, **kwargs)
        flight = in_flight.get()
        if flight is not None:
            flight.depart()
        return connection
