"""The page of the twins says what the twins are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.skipif(not REFERENCE.exists(), reason="the docs are not part of this distribution")
def test_the_page_is_up_to_date():
    spec = importlib.util.spec_from_file_location("generate_twins", REFERENCE / "generate_twins.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    written = (REFERENCE / "twins.md").read_text("utf-8")
    assert written == generator.page(), "run: python docs/reference/generate_twins.py"
