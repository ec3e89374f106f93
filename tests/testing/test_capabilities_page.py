"""The reference page of capabilities says what the provider types declare."""

from __future__ import annotations

import runpy
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def test_the_page_is_as_the_declarations_are():
    page = runpy.run_path(str(PAGES / "generate_capabilities.py"))["page"]
    assert (PAGES / "capabilities.md").read_text("utf-8") == page(), "run docs/reference/generate_capabilities.py"
