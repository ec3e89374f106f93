"""The pytest plugin that comes with Placket: the ``network_guard`` fixture. The test classes are imported by name.

It is loaded wherever Placket is installed, so it does nothing and imports nothing until a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def network_guard() -> Iterator[None]:
    """Fail the test when it tries to reach anything beyond loopback."""
    from .network_guard import guarded

    yield from guarded()
