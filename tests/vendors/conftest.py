"""A plugin is tested in virtual time, against its vendor's server on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from placket.testing import LoopbackServer
from placket.testing.fixtures import clock, new_context, pytest_asyncio_loop_factories, sessions

__all__ = ["clock", "new_context", "pytest_asyncio_loop_factories", "sessions"]


@pytest.fixture
async def vendor(new_vendor: Callable[[], LoopbackServer]) -> AsyncIterator[LoopbackServer]:
    """The vendor's server, which ``new_vendor`` of each vendor's folder makes; the conformance kit starts its own."""
    async with new_vendor() as server:
        yield server
