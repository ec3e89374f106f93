"""What holds for every test: no network beyond loopback, and the same hypothesis examples on every CI run."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from placket.testing.network_guard import network_guard

__all__ = ["network_guard"]

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def _only_loopback(network_guard: None) -> None:
    pass
