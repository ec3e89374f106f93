"""Fixtures for the async tests of a plugin, in virtual time. Import those that you want in ``conftest.py``.

::

    from placket.testing.fixtures import clock, new_context, pytest_asyncio_loop_factories, sessions

``pytest_asyncio_loop_factories`` is a hook of pytest-asyncio, which the fixtures here need: with it, the tests of the
folder run in a `VirtualTimeLoop`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ..interfaces import Clock
from ..record import Vocabulary
from ..registry import ProviderContext
from ..transport import Redactor, SafeFetcher, SessionPool
from .virtual_time import VirtualClock, VirtualTimeLoop


def pytest_asyncio_loop_factories() -> Mapping[str, type[VirtualTimeLoop]]:
    """Run every async test below this ``conftest.py`` in virtual time."""
    return {"virtual": VirtualTimeLoop}


@pytest_asyncio.fixture
async def clock() -> VirtualClock:
    """The clock of the test's loop."""
    return VirtualClock()


@pytest_asyncio.fixture
async def sessions() -> AsyncIterator[SessionPool]:
    """Connections, closed after the test."""
    async with SessionPool() as pool:
        yield pool


def context_of(
    name: str,
    clock: Clock,
    sessions: SessionPool,
    data_folder: Path,
    *,
    trusted_hosts: Collection[str] = (),
    **fields: Any,
) -> ProviderContext:
    """What a provider is built with, as `placket.open` does it, where there is no fixture for it.

    ``fields`` are those of `ProviderContext` and replace what is there by default.
    """
    usual: dict[str, Any] = {
        "plugin": "placket-tests 1.0",
        "clock": clock,
        "vocabulary": Vocabulary.default(),
        "sessions": sessions,
        "fetcher": SafeFetcher(sessions, clock=clock, trusted_hosts=trusted_hosts),
        "redactor": Redactor(),
        "data_folder": data_folder,
    }
    return ProviderContext(name=name, **{**usual, **fields})


@pytest.fixture
def new_context(clock: VirtualClock, sessions: SessionPool, tmp_path: Path) -> Callable[..., ProviderContext]:
    """Makes what a provider is built with, as `placket.open` does: ``new_context("shop", image_host=host)``.

    Keywords are fields of `ProviderContext` and replace what is there by default, a data folder in the test's own
    above all; ``trusted_hosts`` are the addresses from which pictures may be fetched although they are private ones.
    """

    def made(name: str, *, trusted_hosts: Collection[str] = (), **fields: Any) -> ProviderContext:
        here = {"clock": clock, "sessions": sessions, "data_folder": tmp_path / name, **fields}
        return context_of(name, trusted_hosts=trusted_hosts, **here)

    return made
