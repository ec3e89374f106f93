"""The pytest plugin is loaded wherever Placket is installed, so it costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import placket.testing

HEAVY = ("aiohttp", "structlog", "stamina", "cattrs", "click", "rich", "numpy", "importlib.metadata", "asyncio")


@pytest.mark.parametrize("module", ["placket.testing", "placket.testing.plugin"])
def test_loading_it_imports_nothing_heavy(module):
    code = f"import sys, pytest; before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=True)
    loaded = set(done.stdout.split())
    assert module in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", placket.testing.__all__)
def test_every_public_name_is_there(name):
    assert getattr(placket.testing, name) is not None


def test_what_is_not_public_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'Mock'"):
        placket.testing.Mock  # noqa: B018


def test_the_command_needs_no_pytest():
    code = "import sys; sys.modules['pytest'] = None; import placket.testing.conformance.live, placket.cli.conformance"
    subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=50, check=True)
