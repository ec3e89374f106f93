"""What the commands of plugins are made of: `placket.cli`, and nothing behind it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import placket.cli


@pytest.mark.parametrize("name", placket.cli.__all__)
def test_every_public_name_is_there(name):
    assert getattr(placket.cli, name) is not None


def test_what_is_not_public_is_not_there():
    with pytest.raises(AttributeError, match=r"module 'placket\.cli' has no attribute 'write_xml'"):
        placket.cli.write_xml  # noqa: B018


def test_the_face_loads_nothing_until_it_is_used():
    code = (
        "import sys, placket.cli\n"
        "sys.exit(str([name for name in ('click', 'rich', 'aiohttp', 'placket.app') if name in sys.modules] or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert done.stderr.strip() == ""


def test_nothing_that_is_written_steers_the_terminal(capsys):
    """Ids, versions and messages of vendors are in most lines, and some line will always forget to spell them out."""
    placket.cli.write_line("here/product/\x1b]0;owned\x07")
    placket.cli.write_table(("Id\x1b[1m",), [("7\x1b[2J\nsecond",)], title="\x9b31m")
    placket.cli.complain("error: it failed\r\x1b[1Aok\nsecond")
    told = capsys.readouterr()
    assert {one for one in told.out + told.err if not one.isprintable()} == {"\n"}
    assert "here/product/\\x1b]0;owned\\x07" in told.out
    assert told.err == "error: it failed\\r\\x1b[1Aok\nsecond\n"
