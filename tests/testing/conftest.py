"""An environment like a stranger's, in which Placket is installed; and the skeletons, with faults put into them."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from textwrap import indent as indent_by
from types import ModuleType
from typing import Any

import pytest
from attrs import frozen

from placket.cli.skeleton_files import skeleton_files

ROOT = Path(__file__).parents[2]


@frozen
class Stranger:
    """An environment in which a stranger works. Dependencies come from where the tests run; nothing is downloaded."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def install(self, project: Path) -> None:
        """Build and install a project as ``pip install`` does."""
        options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
        self._run(sys.executable, "-m", "pip", "--python", str(self.folder), "install", *options, str(project))

    def run(self, *command: str, folder: Path, exit_code: int = 0) -> str:
        """Run a program of the environment in a folder and give what it prints."""
        return self._run(str(self.bin / command[0]), *command[1:], folder=folder, exit_code=exit_code)

    def pytest(self, folder: Path, exit_code: int = 0) -> str:
        """Run the tests of a folder, with no plugin of pytest but Placket's."""
        options = ["-q", "-p", "placket.testing.plugin", "-p", "no:cacheprovider"]
        return self.run("python", "-m", "pytest", *options, folder=folder, exit_code=exit_code)

    def _run(self, *command: str, folder: Path | None = None, exit_code: int = 0) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PLACKET", "COV"))}
        done = subprocess.run(
            command,
            cwd=folder,
            env={**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=170,
            check=False,
        )
        assert done.returncode == exit_code, done.stdout
        return done.stdout


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """An environment with Placket installed from a wheel."""
    folder = tmp_path_factory.mktemp("stranger") / "environment"
    venv.create(folder)
    made = Stranger(folder)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    # Only the folder of the dependencies: what is installed there as editable is not followed from here.
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    made.install(ROOT)
    return made


@pytest.fixture
def new_plugin(stranger: Stranger, tmp_path: Path) -> Callable[..., Path]:
    """Have ``placket plugin new`` write a plugin, install it and give its folder."""

    def make(name: str, *options: str) -> Path:
        folder = tmp_path / f"placket-{name}"
        stranger.run("placket", "plugin", "new", name, "--folder", str(folder), *options, folder=tmp_path)
        stranger.install(folder)
        return folder

    return make


Changes = tuple[tuple[str, str], ...]


@pytest.fixture
def built() -> Iterator[Callable[..., Any]]:
    """Make the subject of a check from a skeleton, with some of its text replaced: pairs of old and new.

    New text is taken without what it is indented by here, and indented as the old one is.
    """

    def build(*changes: tuple[str, str], interface: str = "garment_tagger", server: Changes = ()) -> Any:
        files = skeleton_files("acme", interface)
        plugin = _module("placket_acme", files["placket_acme.py"], changes)
        tests = _module("acme_tests", files["test_placket_acme.py"], server)
        return type("Subject", (tests.TestAcme,), {"plugins": (plugin,)})()

    yield build
    for name in ("placket_acme", "acme_tests"):
        sys.modules.pop(name, None)


def _module(name: str, text: str, changes: Changes) -> ModuleType:
    for old, new in changes:
        assert old in text, f"the skeleton does not say {old!r}"
        indent = " " * (len(old) - len(old.lstrip()))
        if "\n" in new:
            new = indent_by(dedent(new).strip("\n"), indent) + ("\n" if old.endswith("\n") else "")
        text = text.replace(old, new)
    module = ModuleType(name)
    sys.modules[name] = module  # attrs looks annotations up there
    exec(compile(text, name, "exec"), vars(module))
    return module
