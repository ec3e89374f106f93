"""Runs what the pages for readers show, so that none of it can be wrong.

Each page gets an empty folder with ``photo.jpg`` in it, and its code blocks run there from top to bottom:

* ``python`` is executed; when its first line names a file, as ``# placket_acme.py``, it becomes that file instead;
* ``toml`` with providers is checked and becomes ``placket.toml``; a ``[project]`` is installed with its entry points;
* ``console`` lines that begin with ``$ placket`` or ``$ pytest`` are run and must succeed; what follows them must be
  what they print, where ``...`` stands for anything.
"""

from __future__ import annotations

import doctest
import io
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser, SkipParser

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/**/*.md")
collect_ignore_glob = ["docs/examples/*"]
"""Projects of their own, whose tests run where they are installed: ``tests/testing/test_plugin_new.py``."""

ENVIRONMENT = {"AISTETIC_API_KEY": "a-key-for-the-docs", "COLUMNS": "110"}
UNSET = ("PLACKET_CONFIG", "PLACKET_PLUGINS", "NO_COLOR", "FORCE_COLOR")


def pytest_configure() -> None:
    """Let what the tests start hear Ctrl-C: a shell makes everything that it runs in the background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


_python = PythonEvaluator()


def run_python(example: Example) -> None:
    """Execute a block, or write it to the file that its first line names."""
    first, _, rest = example.parsed.partition("\n")
    if first.startswith("# ") and first.endswith(".py"):
        Path(first.removeprefix("# ")).write_text(rest, "utf-8")
        example.namespace["written"].append(Path(first).stem.removeprefix("# "))
    else:
        _python(example)


def use_toml(example: Example) -> None:
    """Check a configuration and leave it for the blocks that follow, or install a project."""
    document = tomllib.loads(example.parsed)
    if "project" in document:
        _install(document["project"])
    elif "providers" in document:
        Path("placket.toml").write_text(example.parsed, "utf-8")
        _run("placket config check")


def _install(project: Mapping[str, Any]) -> None:
    name = project["name"].replace("-", "_")
    metadata = Path(f"{name}-{project['version']}.dist-info")
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [
        f"[{group}]\n{key} = {value}\n"
        for group, points in project["entry-points"].items()
        for key, value in points.items()
    ]
    (metadata / "entry_points.txt").write_text("".join(lines))


def run_console(example: Example) -> None:
    """Run each ``$ placket`` or ``$ pytest`` line and compare what it prints."""
    command, expected = "", ""
    for line in [*example.parsed.splitlines(), "$ "]:
        if line.startswith("$ "):
            if command.startswith("placket"):
                _compare(command, expected, _run(command))
            elif command.startswith("pytest"):
                _compare(command, expected, _run_pytest(command))
            command, expected = line.removeprefix("$ "), ""
        else:
            expected += f"{line}\n"


def _run(command: str) -> str:
    from click.testing import CliRunner

    from placket.cli.program import program

    command, _, target = command.partition(" > ")
    result = CliRunner().invoke(program, shlex.split(command)[1:], prog_name="placket")
    assert result.exit_code == 0, f"{command} ended with {result.exit_code}:\n{result.output}"
    if target:
        Path(target.strip()).write_text(result.stdout, "utf-8")
        return ""
    return result.stdout


def _run_pytest(command: str) -> str:
    plugins = ("no:cacheprovider", "pytest_asyncio.plugin", "placket.testing.plugin")
    arguments = [sys.executable, "-m", *shlex.split(command), *(part for name in plugins for part in ("-p", name))]
    # The other plugins that are installed here take longer to load than a page's tests to run.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = subprocess.run(arguments, env=alone, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)  # noqa: S603 - a command of ours
    assert result.returncode == 0, f"{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}"
    return result.stdout


def _compare(command: str, expected: str, printed: str) -> None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if expected and not doctest.OutputChecker().check_output(expected, printed, flags):
        raise AssertionError(f"{command} prints:\n{printed}\nand not:\n{expected}")


def begin_page(namespace: dict[str, Any]) -> None:
    """Give the page an empty folder with a picture in it."""
    folder = Path(tempfile.mkdtemp(prefix="placket-docs-"))
    namespace |= {"written": [], "before": (Path.cwd(), dict(os.environ), list(sys.path), folder)}
    os.environ.update(ENVIRONMENT, PLACKET_DATA=str(folder / "data"))
    for name in UNSET:
        os.environ.pop(name, None)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    _draw_photo(folder / "photo.jpg")


def _draw_photo(path: Path) -> None:
    """A navy top on a white ground."""
    from PIL import Image

    from placket.testing import garment_png

    Image.open(io.BytesIO(garment_png())).save(path, quality=92)


def end_page(namespace: dict[str, Any]) -> None:
    """Leave everything as it was."""
    working, environment, path, folder = namespace["before"]
    os.chdir(working)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = path
    for name in namespace["written"]:
        sys.modules.pop(name, None)
    shutil.rmtree(folder)


def _parsers() -> Iterator[Any]:
    yield SkipParser()
    yield CodeBlockParser("python", run_python)
    yield CodeBlockParser("toml", use_toml)
    yield CodeBlockParser("console", run_console)


pytest_collect_file = Sybil(parsers=list(_parsers()), patterns=PAGES, setup=begin_page, teardown=end_page).pytest()
