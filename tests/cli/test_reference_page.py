"""The reference page of commands says what the commands say."""

from __future__ import annotations

import runpy
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def test_the_page_is_as_the_commands_are():
    page = runpy.run_path(str(PAGES / "generate_commands.py"))["page"]
    assert (PAGES / "commands.md").read_text("utf-8") == page(), "run docs/reference/generate_commands.py"


def test_writing_the_page_leaves_the_commands_as_they_are(placket):
    runpy.run_path(str(PAGES / "generate_commands.py"))["page"]()
    assert placket("plan", "-h").stdout == placket("plan", "--help").stdout
